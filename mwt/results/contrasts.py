"""What one method's networks have beside another's: measures that no claim is about."""

from collections.abc import Callable

import pandas as pd

from .measured import Measured
from .measures import OTHER_MACHINES, Network, change, difference, of_subtask
from .tidy import mean_and_interval, select, value

GRID = "modular-grid"  # the method of networks that the study of alpha and beta trains
MISSING = Measured(float("nan"))
Measure = Callable[[Network], Measured]


def of(method: str, quantity: str, unit: float = 1) -> Measure:
    """Return the measure: a quantity of all classes at the operating point, in a unit."""
    return lambda network: Measured(unit * network.of(method, quantity))


def more(quantity: str, method: str = "modular", than: str = "standard") -> Measure:
    """Return the measure: by how much a quantity is larger with one method than with another."""
    return lambda network: Measured(network.of(method, quantity) - network.of(than, quantity))


def fewer(quantity: str, method: str = "modular", than: str = "standard") -> Measure:
    """Return the measure: by how many percent a quantity is smaller with one method."""
    return lambda network: Measured(
        100 * (1 - network.of(method, quantity) / network.of(than, quantity))
    )


def ratio(
    quantity: str, method: str = "modular", to: str = "standard", of_subtask: bool = False
) -> Measure:
    """Return the measure: a quantity of one method as a multiple of another's.

    Times of two machines are not divided.

    Parameters
    ----------
    quantity
        What is compared.
    method, to
        Of which two.
    of_subtask
        Whether of the study's sub-task, not of all classes.
    """

    def measure(network: Network) -> Measured:
        classes = network.subtask if of_subtask else "all"
        one, other = (network.at(m, quantity, classes) for m in (method, to))
        if one.empty or other.empty:
            return MISSING
        machines = pd.concat([one, other])["machine"]
        if machines.fillna("").nunique() > 1:
            return Measured(float("nan"), refused=OTHER_MACHINES)
        return Measured(float(one["value"].iloc[0]) / float(other["value"].iloc[0]))

    return measure


def by_subtask(
    network: Network, method: str, quantity: str = "accuracy", size: int | None = None
) -> pd.Series:
    """Return a quantity of the modules of random sub-tasks at the operating point, by sub-task.

    Parameters
    ----------
    network
        Of one training.
    method, quantity
        Which form of module, and what of it.
    size
        Of how many classes; None: any but all.
    """
    sizes = range(network.num_classes) if size is None else (size,)
    names = [name for name in network.drawn if len(name.split()) in sizes]
    rows = select(network.rows, method=method, quantity=quantity)
    rows = rows[rows["threshold"].isna() | (rows["threshold"] == network.threshold)]
    rows = rows[rows["classes"].isin(names)]
    return rows.drop_duplicates("classes").set_index("classes")["value"]


def on_random(method: str, quantity: str = "accuracy", size: int | None = None) -> Measure:
    """Return the measure: the mean of a quantity over random sub-tasks, as `by_subtask` has it."""
    return lambda network: over(by_subtask(network, method, quantity, size))


def lost(method: str, to: str, size: int | None = None) -> Measure:
    """Return the measure: points of accuracy that a form has less than another on random sub-tasks.

    The interval of one training is Student's t over the sub-tasks, each compared with itself.
    """

    def measure(network: Network) -> Measured:
        other, one = (by_subtask(network, form, size=size) for form in (to, method))
        return over(100 * (other - one).dropna())

    return measure


def over(values: pd.Series) -> Measured:
    """Return the mean over sub-tasks with its interval; without one for fewer than two."""
    if values.empty:
        return MISSING
    centre, low, high = mean_and_interval(list(values))
    return Measured(centre, (low, high) if len(values) > 1 else None)


def under_on_subtask(method: str, other: str) -> Measure:
    """Return the measure: points by which a form is below another on the study's sub-task."""
    return over_on_subtask(other, method)


def over_on_subtask(method: str, other: str) -> Measure:
    """Return the measure: points by which a form is above another on the study's sub-task."""

    def measure(network: Network) -> Measured:
        one, two = (network.of(form, "accuracy", network.subtask) for form in (method, other))
        images = network.of("standard", "test_images", network.subtask)
        return difference(one, two, images, images)

    return measure


def on_subtask(method: str, quantity: str = "accuracy") -> Measure:
    """Return the measure: a quantity of the study's sub-task."""
    return lambda network: Measured(network.of(method, quantity, network.subtask))


def change_of(form: str) -> Measure:
    """Return the measure: how the sub-task's accuracy changes over the threshold, in percent."""
    return lambda network: change(of_subtask(network, form, "accuracy"), 100)


def on_grid(quantity: str, alpha: float, beta: float, unit: float = 1) -> Measure:
    """Return the measure: what a pair of weights of the losses gave, in a unit."""

    def measure(network: Network) -> Measured:
        rows = select(network.rows, method=GRID, quantity=quantity, alpha=alpha, beta=beta)
        return Measured(unit * value(rows))

    return measure


def over_grid(
    quantity: str, start: tuple[float, float], end: tuple[float, float], unit: float = 1
) -> Measure:
    """Return the measure: how a quantity changes from one pair of alpha and beta to another."""

    def measure(network: Network) -> Measured:
        first, last = (on_grid(quantity, *pair, unit)(network).value for pair in (start, end))
        return Measured(last - first, ends=(first, last))

    return measure

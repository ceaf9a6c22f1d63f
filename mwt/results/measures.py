"""What claims are judged by: of one training of a network, one number from its results."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from ..study.parameters import Study
from ..study.subtasks import subtask_name
from .measured import Measured
from .tidy import by_network, curve, interval, select, value

FIRST, LAST = 0.1, 0.9  # the thresholds between which the paper reports changes
OTHER_MACHINES = "not comparable: times of different machines"


@dataclass(frozen=True)
class Network:
    """The results of one network on one data set, trained with one seed, and how to read them."""

    rows: pd.DataFrame  # names a sub-task by its classes in ascending order
    threshold: float
    subtask: str
    num_classes: int
    drawn: tuple[str, ...] = ()  # the random sub-tasks

    def at(self, method: str, quantity: str, classes: str = "all") -> pd.DataFrame:
        """Return the rows of a value at the operating point, or of one that has no threshold."""
        rows = select(self.rows, method=method, quantity=quantity, classes=classes)
        return rows[rows["threshold"].isna() | (rows["threshold"] == self.threshold)]

    def of(self, method: str, quantity: str, classes: str = "all") -> float:
        """Return such a value; NaN if it was not measured."""
        return value(self.at(method, quantity, classes))

    @property
    def every_class(self) -> str:
        """The sub-task of all classes."""
        return subtask_name(range(self.num_classes))


def ascending(classes: str) -> str:
    """Return a sub-task's name whatever the order of its classes: ``"3 7 9"`` of ``"7 3 9"``."""
    return classes if classes == "all" else " ".join(sorted(classes.split(), key=int))


def runs_by_network(results: pd.DataFrame, study: Study) -> dict[tuple[str, str], list[Network]]:
    """Return every network of the results by model and data set, once for each seed."""
    results = results.assign(classes=results["classes"].map(ascending))
    drawn = tuple(subtask_name(classes) for classes in study.random_subtasks)
    at = (study.threshold, ascending(study.subtask), study.num_classes, drawn)
    return {
        (rows["model"].iloc[0], rows["dataset"].iloc[0]): [
            Network(part, *at) for _, part in rows.groupby("seed")
        ]
        for _, rows in by_network(results)
    }


def accuracy_loss(network: Network) -> Measured:
    """Points of test accuracy that the modular network has less than the standard one."""
    standard, modular = (network.of(m, "accuracy") for m in ("standard", "modular"))
    images = network.of("standard", "test_images")
    return difference(standard, modular, images, images)


def accuracy_over_cnnsplitter(form: str) -> Callable[[Network], Measured]:
    """Return the measure: accuracy of a form of module minus that of CNNSplitter's, all classes.

    Parameters
    ----------
    form
        To what: ``modular``, the uncut network, or a form of its module of all classes.
    """

    def measure(network: Network) -> Measured:
        every = network.every_class
        splitter = network.of("cnnsplitter", "accuracy", every)
        images = network.of("standard", "test_images", every)
        return difference(network.of(form, "accuracy", every), splitter, images, images)

    return measure


def difference(larger: float, smaller: float, images: float, other_images: float) -> Measured:
    """Return the difference of two accuracies, on so many images each, in points.

    The interval is Newcombe's, from Wilson's intervals of both (Statistics in Medicine 17, 1998,
    method 10); it takes the two as independent, which is on the safe side.
    """
    points = 100 * (larger - smaller)
    if pd.isna(points):
        return Measured(points)
    low_1, high_1 = interval(larger, images)
    low_2, high_2 = interval(smaller, other_images)
    below = ((larger - low_1) ** 2 + (high_2 - smaller) ** 2) ** 0.5
    above = ((high_1 - larger) ** 2 + (smaller - low_2) ** 2) ** 0.5
    return Measured(points, (points - 100 * below, points + 100 * above))


def kernels_kept(network: Network) -> Measured:
    """Percent of the masked kernels that the module of a class keeps, on average."""
    return Measured(100 * network.of("modular", "kernel_retention_rate"))


def active_kernels(network: Network) -> Measured:
    """Percent of the kernels to mask that a class activates in the standard network, on average."""
    return Measured(100 * network.of("standard", "kernel_retention_rate"))


def kernels_below_cnnsplitter(network: Network) -> Measured:
    """Percent by which MwT's kernel retention rate is below CNNSplitter's."""
    ours, theirs = (network.of(m, "kernel_retention_rate") for m in ("modular", "cnnsplitter"))
    return Measured(100 * (1 - ours / theirs))


def time_of_cnnsplitters(network: Network) -> Measured:
    """Percent of CNNSplitter's time for training and modularizing that MwT takes.

    Refused where the four times were not all taken on one machine.
    """
    quantities = ("train_seconds", "modularize_seconds")
    ours, theirs = (
        pd.concat([network.at(method, quantity) for quantity in quantities])
        for method in ("modular", "cnnsplitter")
    )
    if len(ours) < 2 or len(theirs) < 2:
        return Measured(float("nan"))
    machines = pd.concat([ours, theirs])["machine"]
    if machines.isna().any() or machines.nunique() > 1:
        return Measured(float("nan"), refused=OTHER_MACHINES)
    percent = 100 * float(ours["value"].sum() / theirs["value"].sum())
    return Measured(percent, machines=(machines.iloc[0],))


def change(line: pd.Series, unit: float) -> Measured:
    """Return how a curve over the threshold changes between the paper's two ends."""
    line = unit * line[(line.index >= FIRST) & (line.index <= LAST)]
    if not {FIRST, LAST} <= set(line.index):
        return Measured(float("nan"))
    first, last = float(line[FIRST]), float(line[LAST])
    up = 1 if last >= first else -1
    against = max(0.0, float((-up * line.diff().dropna()).max()))
    return Measured(last - first, ends=(first, last), against=against)


def change_of_modules(quantity: str, unit: float) -> Callable[[Network], Measured]:
    """Return the measure that says how much the threshold changes the modules of all classes."""

    def measure(network: Network) -> Measured:
        rows = select(network.rows, classes="all", method="modular", quantity=quantity)
        return change(curve(rows, "threshold")["mean"], unit)

    return measure


def of_subtask(network: Network, method: str, quantity: str) -> pd.Series:
    """Return a curve of the sub-task's module over the threshold."""
    wanted = {"classes": network.subtask, "method": method, "quantity": quantity}
    return curve(network.rows, "threshold", **wanted)["mean"]


def change_of_subtask_krr(network: Network) -> Measured:
    """Change of the KRR of the sub-task's module, in percent, over the threshold."""
    return change(of_subtask(network, "modular", "kernel_retention_rate"), 100)


def change_of_subtask_accuracy(network: Network) -> Measured:
    """Change of the sub-task's fine-tuned test accuracy, in percent, over the threshold."""
    found = change(of_subtask(network, "module-finetuned", "accuracy"), 100)
    if found.ends is None:
        return found
    first, last = found.ends
    images = network.of("standard", "test_images", network.subtask)
    spread = difference(last / 100, first / 100, images, images).interval
    return replace(found, interval=spread)


def lost_to_best(form: str) -> Callable[[Network], Measured]:
    """Return the measure: points that a form of the sub-task's module loses to the sweep's best.

    The best threshold is picked on the same test images, so that it looks better than it is.
    """

    def measure(network: Network) -> Measured:
        line = of_subtask(network, form, "accuracy")
        if network.threshold not in line.index or len(line) == 1:
            return Measured(float("nan"))
        images = network.of("standard", "test_images", network.subtask)
        return difference(float(line.max()), float(line[network.threshold]), images, images)

    return measure


MEASURES: dict[str, Callable[[Network], Measured]] = {
    "accuracy_loss": accuracy_loss,
    "masked_over_cnnsplitter": accuracy_over_cnnsplitter("module-masked"),
    "uncut_over_cnnsplitter": accuracy_over_cnnsplitter("modular"),
    "finetuned_over_cnnsplitter": accuracy_over_cnnsplitter("module-finetuned"),
    "folded_over_cnnsplitter": accuracy_over_cnnsplitter("module-folded"),
    "plain_over_cnnsplitter": accuracy_over_cnnsplitter("module-plain"),
    "active_kernels": active_kernels,
    "kernels_kept": kernels_kept,
    "kernels_below_cnnsplitter": kernels_below_cnnsplitter,
    "time_of_cnnsplitters": time_of_cnnsplitters,
    "change_of_krr": change_of_modules("kernel_retention_rate", 100),
    "change_of_cohesion": change_of_modules("cohesion", 1),
    "change_of_coupling": change_of_modules("coupling", 1),
    "change_of_subtask_krr": change_of_subtask_krr,
    "change_of_subtask_accuracy": change_of_subtask_accuracy,
    "lost_to_best_threshold": lost_to_best("module-finetuned"),
}

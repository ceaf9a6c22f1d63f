"""What the weights of the two losses change."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import GRID, over_grid
from ...results.measured import Measured
from ...results.reported import reported
from ...results.tidy import curve, select
from ...study.profiles import load_profile
from ..figures.alpha_beta import LOOKS
from ..style import draw
from ..tables.base import QUANTITIES, cell
from .base import AGAINST, FOR, NEUTRAL, Case, Said, text
from .panels import Panel, small

HARDLY = 0.02  # a share that moves by less is hardly moved
QUANTITY = ("accuracy", "kernel_retention_rate", "cohesion", "coupling")


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say what alpha and beta do to the networks of a profile's grid."""
    some = [case for case in cases if grid(case) is not None]
    if not some:
        return []
    settings = load_profile(some[0].study.profile)["hyperparameters"]["settings"]
    smaller = ", ".join(f"{name} {value:g}" for name, value in settings.items())
    about = (
        "A grid needs many trainings, so its networks differ from those of the other pages: "
        f"{smaller}."
    )
    said = [said for case in some for said in of_network(case)]
    return [Said(about), *said] if settings else said


def grid(case: Case) -> pd.DataFrame | None:
    """Return the rows of a network's grid; None if it has none."""
    rows = select(case.results, method=GRID)
    return rows if len(rows) else None


def of_network(case: Case) -> list[Said]:
    """Say what the two weights do to one network."""
    rows = select(case.results, method=GRID)
    alphas, betas = (sorted(rows[name].unique()) for name in ("alpha", "beta"))
    alpha, beta = case.study.config.alpha, case.study.config.beta
    said = []
    if {alpha} <= set(alphas) and {0, beta} <= set(betas):
        said += of_beta(case, alpha, beta)
        if betas[-1] > beta:
            said += beyond(case, alpha, beta, betas[-1])
    if {0, alpha} <= set(alphas) and {beta} <= set(betas):
        said += of_alpha(case, alpha, beta)
    return said


def of_beta(case: Case, alpha: float, beta: float) -> list[Said]:
    """Say what the coupling loss does, from none to the paper's weight."""
    pairs = (alpha, 0), (alpha, beta)
    coupling, krr, accuracy = moved(case, pairs)
    dear = accuracy.value < -reported()["seed_readme"]["average_accuracy_loss_pp"]
    falls = NEUTRAL if dear else FOR  # what costs more than the paper's average is no success
    return [
        Said(
            f"{case.name}, the coupling loss: when β rises from 0 to {beta:g}, coupling goes "
            f"{way(coupling)} and the kernel retention rate {way(krr)}. Test accuracy changes by "
            f"{text(accuracy)} points.",
            falls if coupling.value < 0 else AGAINST,
        )
    ]


def beyond(case: Case, alpha: float, beta: float, most: float) -> list[Said]:
    """Say what a larger weight than the paper's gives."""
    coupling, krr, accuracy = moved(case, ((alpha, beta), (alpha, most)))
    return [
        Said(
            f"{case.name}, beyond the paper's β of {beta:g}: when β rises further to {most:g}, "
            f"coupling goes {way(coupling)} and the kernel retention rate {way(krr)}. Test "
            f"accuracy changes by another {text(accuracy)} points."
        )
    ]


def of_alpha(case: Case, alpha: float, beta: float) -> list[Said]:
    """Say what the cohesion loss does, from none to the paper's weight."""
    start, end = (0, beta), (alpha, beta)
    cohesion = case.number(over_grid("cohesion", start, end))
    _, krr, accuracy = moved(case, (start, end))
    told = (
        f"{case.name}, the cohesion loss: when α rises from 0 to {alpha:g}, cohesion goes "
        f"{way(cohesion)} and the kernel retention rate {way(krr)}. Test accuracy changes by "
        f"{text(accuracy)} points."
    )
    if abs(cohesion.value) < HARDLY:
        return [Said(f"{told} So the cohesion loss hardly changes cohesion here.", AGAINST)]
    return [Said(told, FOR if cohesion.value > 0 else AGAINST)]


def moved(case: Case, pairs: tuple[tuple[float, float], tuple[float, float]]) -> list[Measured]:
    """Return how coupling, KRR and accuracy (in points) change between two pairs of weights."""
    return [
        case.number(over_grid(quantity, *pairs, unit=unit))
        for quantity, unit in (("coupling", 1), ("kernel_retention_rate", 1), ("accuracy", 100))
    ]


def way(number: Measured) -> str:
    """Return what a change goes from and to."""
    first, last = number.ends or (float("nan"), float("nan"))
    return f"from {first:.3f} to {last:.3f}"


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network: a row for each pair of weights."""
    found = grid(case)
    if found is None:
        return []
    return [
        {"α": f"{alpha:g}", "β": f"{beta:g}"} | {QUANTITIES[q][0]: cell(part, q) for q in QUANTITY}
        for (alpha, beta), part in found.groupby(["alpha", "beta"])
    ]


ROWS = (
    "The weights of the cohesion loss (α) and of the coupling loss (β), and the results of "
    "training with them."
)

PANELS = (
    "A line for each α, over β. Every point is a network trained with these two weights; its "
    "modules are those at the operating point. Bands: 95 % intervals over seeds, where there are "
    "several. The scale of accuracy does not begin at 0."
)


def panels(case: Case, _others: Sequence[Case]) -> list[Panel]:
    """Draw accuracy, KRR, cohesion and coupling over beta, a line for each alpha."""
    found = grid(case)
    return [] if found is None else [panel(case, found, quantity) for quantity in QUANTITY]


def panel(case: Case, found: pd.DataFrame, quantity: str) -> Panel:
    """Draw one quantity."""
    word = QUANTITIES[quantity][0]
    figure, ax = small(case, "β", word)
    keys, lines = [], []
    for alpha, (colour, marker) in zip(sorted(found["alpha"].unique()), LOOKS * 3, strict=False):
        line = curve(found, "beta", alpha=alpha, quantity=quantity)
        draw(ax, line, color=colour, marker=marker)
        keys.append((colour, marker, f"α = {alpha:g}"))
        lines.append(line.rename_axis("beta").reset_index().assign(alpha=alpha))
    ax.set_xticks(sorted(found["beta"].unique()))
    if quantity != "accuracy":
        ax.set_ylim(0, 1.03)
    numbers = pd.concat(lines).assign(case=case.title, quantity=quantity)
    low, high = numbers["mean"].min(), numbers["mean"].max()
    alt = f"{case.title}: {word} over β, a line for each α, between {low:.3f} and {high:.3f}."
    return Panel(figure, alt, numbers, keys)

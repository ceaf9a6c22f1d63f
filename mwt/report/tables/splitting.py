"""CNNSplitter beside modular training, in numbers."""

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from ...results.reported import reported
from ...results.seeds import NOT_COMPARABLE, clocks, one_machine, plus_minus
from ...results.tidy import Estimate, estimate, select, short
from ...study.parameters import Study
from .base import QUANTITIES, Format, as_text, cell, html_table, three_decimals

ONE: Format = "{:.1f}".format
SECONDS = ("train_seconds", "modularize_seconds")
SYSTEMS = {"cnnsplitter": "CNNSplitter", "modular": "MwT"}


def systems(results: pd.DataFrame, study: Study) -> HTML:
    """Return what both systems' modules of all classes are like, and what they took to make."""
    whole = select(results, classes="all")
    lines = []
    for method, label in SYSTEMS.items():
        rows = select(whole, method=method)
        measured = rows[rows["threshold"].isna() | (rows["threshold"] == study.threshold)]
        line: dict[str, object] = {"system": label}
        for quantity in ("kernel_retention_rate", "cohesion", "coupling"):
            line[QUANTITIES[quantity][0]] = cell(measured, quantity)
        for quantity in SECONDS:
            line[QUANTITIES[quantity][0]] = as_text(estimate(measured, quantity=quantity), ONE)
        lines.append(line | {"both, s": both(measured)})
    frame = pd.DataFrame(lines).set_index("system")
    times = whole[whole["method"].isin(SYSTEMS) & whole["quantity"].isin(SECONDS)]
    caption = (
        "The modules of single classes: kernel retention rate (mean), cohesion on test images, and "
        f"coupling. MwT at threshold {study.threshold:g}. CNNSplitter trains the standard network "
        "and then searches; MwT trains the modular one and then counts. MwT's KRR counts all "
        "kernels except those of the first convolution, CNNSplitter's counts all. "
        f"{plus_minus(whole)} {clocks(times)}"
    )
    return html_table(frame, caption)


def both(rows: pd.DataFrame) -> str | float:
    """Return training and modularizing seconds together, seed by seed, if of one machine."""
    parts = rows[rows["quantity"].isin(SECONDS)].drop_duplicates(["seed", "quantity"])
    if not one_machine(parts):
        return NOT_COMPARABLE
    sums = parts.groupby("seed")["value"].agg(["sum", "size"])
    whole = sums.loc[sums["size"] == len(SECONDS), "sum"]  # a released network has no training
    return as_text(Estimate(tuple(whole)), ONE)


def side_by_side(results: pd.DataFrame) -> HTML:
    """Return the accuracy of both systems by sub-task."""
    methods = {
        "standard": "standard",
        "CNNSplitter": "cnnsplitter",
        "MwT, uncut": "modular",
        "MwT, with generators": "module-masked",
        "MwT, plain": "module-plain",
        "MwT, folded": "module-folded",
        "MwT, fine-tuned": "module-finetuned",
    }
    lines = []
    for classes, here in of_subtasks(results):
        line: dict[str, object] = {"classes": short(classes)}
        lines.append(line | {name: cell(here, "accuracy", method=m) for name, m in methods.items()})
    frame = pd.DataFrame(lines).set_index("classes")
    caption = (
        "Test accuracy. For MwT: of the uncut network, and of the module in each form. "
        f"{plus_minus(results)}"
    )
    return html_table(frame, caption)


def costs_side_by_side(results: pd.DataFrame, all_kernels: int, masked: int) -> HTML:
    """Return KRR and multiply-adds of both systems by sub-task.

    Parameters
    ----------
    results
        Rows of one network.
    all_kernels, masked
        How many kernels the network has, and how many of them MwT masks.
    """
    work, _ = QUANTITIES["flops"]
    lines = []
    for classes, here in of_subtasks(results):
        other = select(here, method="cnnsplitter")
        masked_module, folded = (
            cell(here, "flops", method=m) for m in ("module-masked", "module-folded")
        )
        by_sum = estimate(other, quantity="kernel_retention_rate_by_sum")
        lines.append(
            {
                "classes": short(classes),
                "KRR, CNNSplitter, sum": as_text(by_sum, three_decimals),
                "KRR, CNNSplitter, union": cell(other, "kernel_retention_rate"),
                "KRR, MwT": cell(here, "kernel_retention_rate", method="modular"),
                f"{work}, CNNSplitter": cell(other, "flops"),
                f"{work}, MwT": masked_module,
                f"{work}, MwT, folded": folded,
            }
        )
    frame = pd.DataFrame(lines).set_index("classes")
    caption = (
        "Share of the kernels kept, and multiply-adds for one image; MwT's module with generators "
        "and folded. Each system's KRR counts the kernels that it chooses from: for CNNSplitter "
        f"all {all_kernels:,} of the network, for MwT the {masked:,} that are not in the first "
        "convolution. CNNSplitter's own script divides by 4,228 for ResCNN, which has 4,288 "
        "kernels at width 1; here the real number of kernels is taken. "
        f"{plus_minus(results)}"
    )
    return html_table(frame, caption)


def of_subtasks(results: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each sub-task."""
    names = results.loc[results["classes"] != "all", "classes"].unique()
    return [(classes, select(results, classes=classes)) for classes in names]


def reported_splitting(study: Study) -> HTML:
    """Return what the paper and CNNSplitter's released configurations report."""
    readme, configs = reported()["seed_readme"], reported()["cnnsplitter_released_configs"]
    lines = []
    for model, data, accuracy, difference, generation in configs["rows"]:
        if model == study.config.model:
            what = f"CNNSplitter, best ensemble for {display_name(model)} on {display_name(data)}"
            lines.append((f"{what}: accuracy, %", f"{accuracy:.2f}"))
            lines.append((f"{what}: difference, %", f"{difference:.2f}"))
            lines.append((f"{what}: generation", f"{generation}"))
    for label, key in (
        (
            "MwT loses less accuracy than CNNSplitter: points less",
            "accuracy_loss_less_than_cnnsplitter_pp",
        ),
        ("MwT's accuracy loss, points", "average_accuracy_loss_pp"),
        ("MwT's kernel retention rate, %", "average_kernel_retention_rate_pct"),
        ("MwT's training and modularizing, minutes", "training_plus_modularizing_minutes"),
        ("MwT keeps fewer kernels than CNNSplitter: % fewer", "krr_reduction_over_cnnsplitter_pct"),
        (
            "MwT's time for training and modularizing, as a share of CNNSplitter's",
            "time_relative_to_cnnsplitter",
        ),
    ):
        lines.append((label, f"{readme[key]:g}"))
    frame = pd.DataFrame(lines, columns=["what", "reported"]).set_index("what")
    caption = (
        "What others report, on other data and larger networks. CNNSplitter's: "
        f"{configs['source']}. The paper's: {readme['source']}."
    )
    return html_table(frame, caption)

"""What trainings of several lengths came to, from `benchmarks/epochs.py`."""

import re

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from ...results.reported import reported
from ...study.config import Config
from .base import html_table
from .speed import duration

PAPERS_EPOCHS = Config().epochs  # its defaults are the paper's settings
MEASURES = {"kernel_retention_rate": "KRR", "cohesion": "cohesion", "coupling": "coupling"}


def at_threshold(rows: pd.DataFrame, threshold: str) -> pd.DataFrame:
    """Return what was measured after training: of modules, at one threshold."""
    measured = rows[rows["quantity"] != "validation_accuracy"]
    return measured[measured["threshold"].isna() | (measured["threshold"] == float(threshold))]


def networks(rows: pd.DataFrame) -> pd.Series:
    """Return each row's network by its name and width, as pages have it."""
    names = rows["model"].map(str).map(display_name)
    return (names + ", width " + rows["width"].map("{:g}".format)).rename("network")


def training_of(rows: pd.DataFrame) -> str | None:
    """Return how long a network was trained, with the GPU in brackets if there was one."""
    seconds = rows[rows["quantity"] == "train_seconds"]["value"]
    if seconds.empty:
        return None
    gpu = re.search(r"NVIDIA (\w+)", rows["machine"].iloc[0])
    return duration(seconds.iloc[0]) + (f" ({gpu[1]})" if gpu else "")


def line_of(rows: pd.DataFrame) -> dict[str, object]:
    """Return what is said of the trainings of one network and length, by the names of columns."""
    found = rows.set_index(["method", "quantity"])["value"]

    def value(method: str, quantity: str) -> float:
        return found.get((method, quantity), float("nan"))

    standard, modular = (value(method, "accuracy") for method in ("standard", "modular"))
    return {
        "standard": standard,
        "modular": modular,
        "loss": standard - modular,
        "all classes": value("modular", "module_accuracy"),
        **{name: value("modular", measure) for measure, name in MEASURES.items()},
        "training": value("modular", "train_accuracy"),
        "took": training_of(rows[rows["method"] == "modular"]),
    }


def in_the_paper(model: str, dataset: str) -> dict[str, object]:
    """Return what the paper says of a network, by the names of columns."""
    table = reported()["table_2"]
    (row,) = (row for row in table["rows"] if row[:2] == [model, dataset])
    said = dict(zip(table["columns"], row, strict=True))
    standard, modular, krr = (
        said[f"{name}_pct"] / 100 for name in ("standard_accuracy", "modular_accuracy", "krr")
    )
    return {
        **{"standard": standard, "modular": modular, "loss": standard - modular, "KRR": krr},
        **{"cohesion": said["cohesion"], "coupling": said["coupling"]},
    }


def at_full_width(rows: pd.DataFrame, threshold: str) -> list[str]:
    """Return a sentence for each modular network of the paper's width: it beside the paper's."""
    said = []
    whole = at_threshold(rows[rows["width"] == 1], threshold)
    for (model, dataset, epochs), some in whole.groupby(["model", "dataset", "epochs"]):
        ours, paper = line_of(some), in_the_paper(str(model), str(dataset))
        measures = {"modular": "accuracy", "KRR": "kernel retention rate"} | {
            name: name for name in ("cohesion", "coupling")
        }
        pairs = [f"{word} {ours[name]:.3f} ({paper[name]:.3f})" for name, word in measures.items()]
        said.append(
            f"The modular {display_name(str(model))} at the paper's width, after {epochs} epochs "
            f"at threshold {threshold} (in brackets the paper's, after {PAPERS_EPOCHS} epochs): "
            f"{', '.join(pairs)}."
        )
    return said


def lengths(rows: pd.DataFrame, threshold: str) -> HTML:
    """Return a line for each network and length: accuracies on test images, and modularity.

    Parameters
    ----------
    rows
        What `benchmarks/epochs.py` wrote.
    threshold
        At which modules were found.
    """
    lines = []
    for model, of_model in at_threshold(rows, threshold).groupby("model", sort=False):
        network = {"network": display_name(str(model))}
        for (width, epochs), some in of_model.groupby(["width", "epochs"], sort=False):
            length = {"width, epochs": f"{width:g}, {epochs}"}
            lines.append(network | length | line_of(some))
        paper = in_the_paper(str(model), str(of_model["dataset"].iloc[0]))
        lines.append(network | {"width, epochs": f"paper: 1, {PAPERS_EPOCHS}"} | paper)
    caption = (
        "Accuracy on the test images of the standard and of the modular network, one run each, and "
        "how much is lost; of the module of all classes that keeps its mask generators; of the "
        f"single classes' modules at threshold {threshold}; of the modular network on training "
        "images, in the last epoch, and the time that one core needed for its training, or the GPU "
        "that is named. A dash: no such training, or not said."
    )
    frame = pd.DataFrame(lines).set_index("width, epochs")
    numbers = frame.columns.drop(["network", "took"])
    return html_table(frame, caption, dict.fromkeys(numbers, "{:.3f}".format), groups="network")

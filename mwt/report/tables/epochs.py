"""What trainings of several lengths came to, from `benchmarks/epochs.py`."""

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table
from .speed import duration

MEASURES = {"kernel_retention_rate": "KRR", "cohesion": "cohesion", "coupling": "coupling"}


def networks(rows: pd.DataFrame) -> pd.Series:
    """Return each row's network by its name and width, as pages have it."""
    names = rows["model"].map(str).map(display_name)
    return (names + ", width " + rows["width"].map("{:g}".format)).rename("network")


def training_of(rows: pd.DataFrame) -> dict[str, object]:
    """Return how long a network was trained and on what, by the names of columns."""
    seconds = rows[rows["quantity"] == "train_seconds"]["value"]
    return {
        "trained for": duration(seconds.iloc[0]) if len(seconds) else None,
        "on": processor(rows["machine"].iloc[0]) if len(rows) else None,
    }


def processor(machine: str) -> str:
    """Return what computes of a machine's words: its GPU, or so many threads of its CPU."""
    parts = machine.split(", ")
    gpus = [part for part in parts if part.startswith("NVIDIA")]
    return gpus[0] if gpus else f"{parts[0]}, {parts[1]}"


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
    measured = rows[rows["quantity"] != "validation_accuracy"]
    for (network, epochs), some in measured.groupby([networks(measured), "epochs"], sort=False):
        found = some.set_index(["method", "quantity"])["value"]
        standard = found.get(("standard", "accuracy"), float("nan"))
        modular = found.get(("modular", "accuracy"), float("nan"))
        whole = found.get(("modular", "module_accuracy"), float("nan"))
        lines.append(
            {
                "network": network,
                "epochs": epochs,
                "standard": standard,
                "modular": modular,
                "loss": standard - modular,
                "all classes": whole,
                "training": found.get(("modular", "train_accuracy"), float("nan")),
                **training_of(some[some["method"] == "modular"]),
            }
            | {
                name: found.get(("modular", measure), float("nan"))
                for measure, name in MEASURES.items()
            }
        )
    caption = (
        "Accuracy on the test images of the standard and of the modular network, one run each, and "
        "how much is lost; of the module of all classes that keeps its mask generators; of the "
        "modular network on training images, in the last epoch; how long it was trained, by the "
        "clock, and on what; "
        f"and the modules of single classes at threshold {threshold}. A dash: no such training."
    )
    frame = pd.DataFrame(lines).set_index("network")
    numbers = [name for name in frame.columns if name not in ("epochs", "trained for", "on")]
    formats = dict.fromkeys(numbers, "{:.3f}".format)
    return html_table(frame, caption, {"epochs": "{:.0f}".format} | formats)

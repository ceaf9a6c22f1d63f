"""What trainings of several lengths came to, from `benchmarks/epochs.py`."""

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table

MEASURES = {"kernel_retention_rate": "KRR", "cohesion": "cohesion", "coupling": "coupling"}


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
    for (model, epochs), some in measured.groupby(["model", "epochs"], sort=False):
        found = some.set_index(["method", "quantity"])["value"]
        standard = found.get(("standard", "accuracy"), float("nan"))
        modular = found.get(("modular", "accuracy"), float("nan"))
        whole = found.get(("modular", "module_accuracy"), float("nan"))
        lines.append(
            {
                "network": display_name(str(model)),
                "epochs": epochs,
                "standard": standard,
                "modular": modular,
                "loss": standard - modular,
                "all classes": whole,
                "training": found.get(("modular", "train_accuracy"), float("nan")),
            }
            | {
                name: found.get(("modular", measure), float("nan"))
                for measure, name in MEASURES.items()
            }
        )
    caption = (
        "Accuracy on the test images of the standard and of the modular network, one run each, and "
        "how much is lost; of the module of all classes that keeps its mask generators; of the "
        "modular network on training images, in the last epoch; "
        f"and the modules of single classes at threshold {threshold}. A dash: no such training."
    )
    frame = pd.DataFrame(lines).set_index("network")
    formats = dict.fromkeys(frame.columns[1:], "{:.3f}".format)
    return html_table(frame, caption, {"epochs": "{:.0f}".format} | formats)

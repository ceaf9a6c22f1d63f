"""What each setting does to modularity: the table of the recipe."""

import pandas as pd
from IPython.display import HTML

from .base import html_table, percent, three_decimals

COLUMNS = {
    "setting": "setting",
    "value": "value",
    "accuracy": "accuracy",
    "kernel_retention_rate": "KRR",
    "cohesion": "cohesion",
    "coupling": "coupling",
    "shared": "shared by all",
}


def knobs(measured: pd.DataFrame) -> HTML:
    """Return what was measured at each value of each setting (`figures.knobs`)."""
    frame = measured[list(COLUMNS)].rename(columns=COLUMNS).set_index("value")
    shares = dict.fromkeys(("accuracy", "KRR", "cohesion", "coupling"), three_decimals)
    formats = shares | {"value": "{:g}".format, "shared by all": percent}
    caption = (
        "The numbers of the figure, with cohesion, and with the part of the kept kernels that is "
        "in the modules of all classes."
    )
    return html_table(frame, caption, formats, groups="setting")

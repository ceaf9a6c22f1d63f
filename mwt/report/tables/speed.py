"""How fast it is: from `benchmarks/speed.py`, and from `benchmarks/device.py`."""

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table

MINUTE = 60


def with_met(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a bound, and whether each is met: of its ratio, or its seconds."""
    some = rows[rows["most"].notna()]
    found = some["ratio"].where(some["ratio"].notna(), some["seconds"])
    return some.assign(found=found, met=found <= some["most"])


def sentences(rows: pd.DataFrame) -> list[str]:
    """Say how often bounds are met, kind by kind."""
    said = []
    for what, some in with_met(rows).groupby("what", sort=False):
        most = some["most"].iloc[0]
        bound = f"{most:.2f} times" if some["ratio"].notna().all() else duration(most)
        found = ratios(some["found"]) if some["ratio"].notna().all() else spans(some["found"])
        said.append(
            f"{str(what)[0].upper()}{str(what)[1:]}: at most {bound} is wanted, {found} is "
            f"measured, so met by {some['met'].sum()} of {len(some)}."
        )
    return said


def ratios(found: pd.Series) -> str:
    """Return the range of ratios as text."""
    low, high = f"{found.min():.2f}", f"{found.max():.2f}"
    return low if low == high else f"{low} to {high}"


def spans(found: pd.Series) -> str:
    """Return the range of seconds as text."""
    low, high = duration(found.min()), duration(found.max())
    return low if low == high else f"{low} to {high}"


def duration(seconds: float) -> str:
    """Return a time as text, such as ``7.8 s`` or ``3 min 20 s``."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 2 * MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"


def measured(rows: pd.DataFrame) -> HTML:
    """Return all rows: the time, what it stands beside, the ratio with its quarters, the bound."""
    met = with_met(rows)["met"].map({True: "met", False: "missed"}).reindex(rows.index)
    spread = [
        f"{row.ratio:.2f} ({row.low:.2f} to {row.high:.2f})" if row.ratio == row.ratio else "–"
        for row in rows.itertuples()
    ]
    frame = pd.DataFrame(
        {
            "of": [setting(text) for text in rows["setting"]],
            "what": rows["what"],
            "time": [duration(seconds) for seconds in rows["seconds"]],
            "beside": rows["baseline"],
            "its time": [duration(s) if s == s else float("nan") for s in rows["baseline_s"]],
            "ratio": spread,
            "bound": met,
        }
    ).set_index("of")
    caption = (
        "Each ratio is the median of several turns, with the quarters below and above: both times "
        "were measured in turn, in one process with one thread. Steps are of 128 images of 32 × 32."
    )
    return html_table(frame, caption, groups="what", kind="mwt-named")


def setting(text: str) -> str:
    """Return a setting with the network's name as pages have it."""
    first, comma, rest = text.partition(",")
    return f"{display_name(first)}{comma}{rest}"


def steps(rows: pd.DataFrame) -> HTML:
    """Return what training takes on a device, a line for each network, method and precision."""
    frame = pd.DataFrame(
        {
            "training": [
                f"{display_name(row.network)}, {row.method}, {row.precision}"
                + ", compiled" * bool(row.compiled)
                for row in rows.itertuples()
            ],
            "step": [duration(ms / 1000) for ms in rows["step_ms"]],
            "images a second": rows["images_a_second"],
            "share of peak": rows["share_of_peak"],
            "memory (MiB)": rows["memory_mib"],
            "200 epochs": [duration(MINUTE * minutes) for minutes in rows["epochs_200_min"]],
        }
    ).set_index("training")
    formats = {
        "images a second": "{:,.0f}".format,
        "share of peak": "{:.2f}".format,
        "memory (MiB)": "{:,.0f}".format,
    }
    width = ", ".join(f"{width:g}" for width in sorted(rows["width"].unique()))
    caption = (
        f"Networks of width {width}, batches of 128 images of 32 × 32. Share of peak: beside a "
        "product of two large matrices in the same precision. 200 epochs: 45,000 images each, "
        "counted up from one step."
    )
    return html_table(frame, caption, formats, kind="mwt-named")

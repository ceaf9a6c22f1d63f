"""How fast it is: from `benchmarks/speed.py`, and from `benchmarks/device.py`."""

from collections.abc import Callable

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table

MINUTE = 60
NARROW = "\N{NARROW NO-BREAK SPACE}"


def with_met(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a bound, and whether each is met: of its ratio, or its seconds."""
    some = rows[rows["most"].notna()]
    found = some["ratio"].where(some["ratio"].notna(), some["seconds"])
    return some.assign(found=found, met=found <= some["most"])


def sentences(rows: pd.DataFrame) -> list[str]:
    """Say how often bounds are met, kind by kind."""
    said = []
    for what, some in with_met(rows).groupby("what", sort=False):
        of_ratio = bool(some["ratio"].notna().all())
        text = "{:.2f}".format if of_ratio else duration
        bound = text(some["most"].iloc[0]) + " times" * of_ratio
        said.append(
            f"{str(what)[0].upper()}{str(what)[1:]}: at most {bound} is wanted, "
            f"{span(some['found'], text)} is measured, so met by {some['met'].sum()} of "
            f"{len(some)}.{floors(some)}"
        )
    return said


def floors(rows: pd.DataFrame) -> str:
    """Say of how many of the missed bounds a part alone takes more."""
    missed = rows[~rows["met"] & rows["floor"].notna()]
    if missed.empty:
        return ""
    above = (missed["floor"] > missed["most"]).sum()
    which = "" if above == len(missed) else f"In {above} of the {len(missed)} missed, "
    return f" {which}{'the' if which else 'The'} floor alone is above that."


def compiling(rows: pd.DataFrame) -> list[str]:
    """Say what compiling takes, and after how much work it is won back."""
    if "compile_s" not in rows:
        return []
    some = rows[rows["compile_s"].notna()]
    parts = [
        f"{setting(row.setting)}, {row.what.partition(' step')[0]}: {duration(row.compile_s)}, "
        + (
            f"won back after {row.repaid_at:.0e} multiply-adds"
            if row.repaid_at == row.repaid_at
            else "not won back, since the step is no faster"
        )
        for row in some.itertuples()
    ]
    return [f"Compiling takes, by the clock: {'; '.join(parts)}."] if parts else []


def span(found: pd.Series, text: Callable[[float], str]) -> str:
    """Return the range of numbers as text."""
    low, high = text(found.min()), text(found.max())
    return low if low == high else f"{low} to {high}"


def duration(seconds: float) -> str:
    """Return a time on one line: ``7.8 s``, ``3 min 20 s``, ``27 min``, ``91 h``."""
    if seconds < 0.0005:
        text = f"{1e6 * seconds:.0f} µs"
    elif seconds < 0.01:
        text = f"{1000 * seconds:.1f} ms"
    elif seconds < 1:
        text = f"{1000 * seconds:.0f} ms"
    elif seconds < 2 * MINUTE:
        text = f"{seconds:.1f} s"
    elif seconds < 10 * MINUTE and round(seconds) % MINUTE:
        text = "{} min {} s".format(*divmod(round(seconds), MINUTE))
    elif seconds < 120 * MINUTE:
        text = f"{seconds / MINUTE:.0f} min"
    else:
        text = f"{seconds / 60 / MINUTE:.0f} h"
    return text.replace(" ", NARROW)


def measured(rows: pd.DataFrame) -> HTML:
    """Return all rows: the ratio with its quarters, whether the bound is met, floor and time."""
    met = with_met(rows)["met"].map({True: "met", False: "missed"}).reindex(rows.index)
    beside = rows["baseline"].map(" beside {}".format, na_action="ignore").fillna("")
    quarters = [f"{a:.2f}–{b:.2f}" for a, b in zip(rows["low"], rows["high"], strict=True)]
    frame = pd.DataFrame(
        {
            "of": [setting(text) for text in rows["setting"]],
            "what": rows["what"] + beside,
            "ratio": rows["ratio"],
            "quarters": pd.Series(quarters, rows.index).where(rows["ratio"].notna()),
            "bound": met,
            "floor": [
                (f if f != f else f"{f:.2f}" if r == r else duration(f))
                for f, r in zip(rows["floor"], rows["ratio"], strict=True)
            ],
            "time": [duration(seconds) for seconds in rows["seconds"]],
        }
    )
    # Rows of a kind stand together, in the order in which the kinds were measured first.
    first = {what: place for place, what in enumerate(frame["what"].unique())}
    frame = frame.sort_values("what", key=lambda what: what.map(first), kind="stable")
    caption = (
        "Ratio: the median of several turns, with the quarters below and above. Both times were "
        "measured in turn, in one process with one thread. Steps are of 128 images of 32 × 32. "
        "Floor: what a part alone takes. Of a modular step, this is a step that averages and "
        "multiplies its maps, with neither mask generators nor losses of masks. Of the book, these "
        "are its trainings, its searches and the finding of masks, spread evenly over the cores."
    )
    formats = {"ratio": "{:.2f}".format}
    return html_table(frame.set_index("of"), caption, formats, groups="what")


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
    return html_table(frame, caption, formats)

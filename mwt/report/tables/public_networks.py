"""Which public networks modules can be cut out of, from what `benchmarks/networks.py` wrote."""

import re

import pandas as pd
from IPython.display import HTML

from .base import html_table, percent

EXACT, DOUBLE = "exact", "exact, double"
REFUSED, FAILED, INEXACT, UNTRIED = "refused", "failed", "inexact", "not tried"
NOT_EXACT = (INEXACT, REFUSED, FAILED, UNTRIED)


def with_collections(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their collection and network apart, and the two kinds of exact ones."""
    parts = rows["name"].str.rpartition("/")
    double = (rows["result"] == EXACT) & (rows["precision"] != "single")
    found = rows.assign(collection=parts[0], network=parts[2])
    return found.assign(result=rows["result"].mask(double, DOUBLE))


def share_of(rows: pd.DataFrame) -> tuple[int, int]:
    """Return how many networks are exact, in either precision, and how many there are."""
    return int(rows["result"].isin((EXACT, DOUBLE)).sum()), len(rows)


def by_collection(rows: pd.DataFrame) -> HTML:
    """Return how many networks of each collection are exact."""
    lines = {}
    for name, some in rows.groupby("collection", sort=False):
        exact, of = share_of(some)
        counts = some["result"].value_counts()
        lines[name] = {
            "networks": of,
            "share exact": percent(exact / of),
            EXACT: int(counts.get(EXACT, 0)),
            DOUBLE: int(counts.get(DOUBLE, 0)),
            **{word: int(counts.get(word, 0)) for word in NOT_EXACT},
        }
    frame = pd.DataFrame.from_dict(lines, orient="index").rename_axis("collection")
    frame = frame.loc[:, (frame != 0).any()]
    caption = (
        "Exact: modules of random masks differ from the masked network by at most 1e-4 of the "
        "largest logit. Exact, double: only when both compute in double precision, since the maps "
        "of an untrained network grow so much that rounding shows in single precision; of some "
        "networks, only after their batch norms have measured random images."
    )
    return html_table(frame, caption)


def reasons(rows: pd.DataFrame) -> HTML | None:
    """Return why networks are not exact, each reason with the networks that have it."""
    some = rows[rows["result"].isin(NOT_EXACT)]
    if some.empty:
        return None
    # The sentence names the layer, which differs from network to network: its class counts.
    why = some["why"].fillna("differs by more than rounding").map(without_layer)
    lines = [
        {"why": text, "networks": ", ".join(sorted(set(found["network"])))}
        for text, found in sorted(some.groupby(why), key=lambda pair: -len(pair[1]))
    ]
    frame = pd.DataFrame(lines).set_index("why")
    return html_table(frame, "Why networks are not exact.", kind="mwt-words")


def without_layer(text: str) -> str:
    """Return a sentence without the name of the layer that it is about."""
    return re.sub(r"layer '[^']*'( \(\w+\))?", "a layer", text)


def one_by_one(rows: pd.DataFrame) -> HTML:
    """Return a collection's networks by name."""
    masked = [
        f"{int(m)} of {int(c)}" if c == c else float("nan")
        for m, c in zip(rows["masked"], rows["convolutions"], strict=True)
    ]
    frame = pd.DataFrame(
        {
            "network": rows["network"],
            "result": rows["result"],
            "parameters, M": rows["parameters"] / 1e6,
            "image side": rows["size"],
            "masked convolutions": masked,
            "difference": rows["difference"],
        }
    ).set_index("network")
    styles = {
        "parameters, M": "{:.1f}".format,
        "image side": "{:.0f}".format,
        "difference": "{:.0e}".format,
    }
    caption = "Difference: the largest of a logit, beside the largest logit, of three modules."
    return html_table(frame, caption, formats=styles, kind="mwt-named")

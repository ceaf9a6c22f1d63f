"""Whether modules are as much faster as they are smaller, from `benchmarks/latency.py`."""

from typing import Any

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table

BOUND = 1.15  # times a module's share of the multiply-adds may its share of the time be
LEAST = 0.2  # share of the multiply-adds; below it, what is left is not computing


def with_ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with shares of time, and which of them the bound is for."""
    before = rows["module_ms"] / rows["model_ms"]
    after = rows["optimized_module_ms"] / rows["model_ms"]
    both = rows["optimized_module_ms"] / rows["optimized_model_ms"]
    found = rows.assign(before=before, after=after, both=both)
    return found.assign(
        over=found["after"] / found["share"],
        over_both=found["both"] / found["share"],
        bounded=found["share"] > LEAST,
    )


def sentences(rows: pd.DataFrame) -> list[str]:
    """Say how often the bound is met, and what the time goes into where it is not."""
    rows = with_ratios(rows)
    some = rows[rows["bounded"]]
    met, both = some["over"] <= BOUND, some["over_both"] <= BOUND
    said = (
        f"In {met.sum()} of {len(some)} rows the time shrinks as much as the multiply-adds, to "
        f"within a factor of {BOUND}: that of the optimized module beside the model as it is. "
        f"Where the model is optimized, too, this is so in {both.sum()}."
    )
    return [said, *map(profile, some[~met].to_dict("records"))]


def profile(row: dict[str, Any]) -> str:
    """Say of a module above the bound what its time goes into, where that was measured."""
    said = f"Above the bound: {named(row)}, {form_of(row)}, {row['over']:.2f} times its share."
    within = row.get("convolutions_ms", float("nan"))
    if within != within:
        return said
    whole, calls = row["optimized_module_ms"], row["calls"]
    alone = within / row["model_ms"] / row["share"]
    generators = ", pooling and what its generators compute" * (row["form"] == "generators")
    return (
        f"{said} Of its {whole:.1f} ms, {within:.1f} are in convolutions, which alone take "
        f"{alone:.2f} times the share; {whole - within:.1f} are in the others of its {calls:.0f} "
        f"calls, such as sums, activations{generators}."
    )


def times(rows: pd.DataFrame) -> HTML:
    """Return the shares of time beside the share of multiply-adds."""
    rows = with_ratios(rows)
    bound = (rows["over"] <= BOUND).map({True: "met", False: "not met"})
    frame = pd.DataFrame(
        {
            "module": [form_of(row) for row in rows.to_dict("records")],
            "of": [named(row) for row in rows.to_dict("records")],
            "multiply-adds": rows["share"],
            "time, as it is": rows["before"],
            "time, optimized": rows["after"],
            "time, both optimized": rows["both"],
            "optimized ÷ multiply-adds": rows["over"],
            f"at most {BOUND}": bound.where(rows["bounded"], "–"),
        }
    ).set_index("module")
    ratios = frame.columns.drop(["of", f"at most {BOUND}"])
    caption = (
        "Shares of the model: of its multiply-adds, and of the time that it takes for 1 or 64 "
        "images of 32 × 32 at full width. Modules keep as large a share of each layer as those of "
        f"CIFAR-10 at threshold 0.9. The bound is for shares above {LEAST}. Both optimized: the "
        "module's time beside the model's after both went through mwt.shipping.optimized."
    )
    return html_table(frame, caption, dict.fromkeys(ratios, "{:.2f}".format), groups="of")


def form_of(row: dict[str, Any]) -> str:
    """Return of how many classes a module is, and its form."""
    return f"{row['classes']} class{'' if row['classes'] == 1 else 'es'}, {row['form']}"


def named(row: dict[str, Any]) -> str:
    """Return the network and how many images it got at a time."""
    images = "1 image" if row["batch"] == 1 else f"{row['batch']} images"
    return f"{display_name(str(row['network']))}, {images}"

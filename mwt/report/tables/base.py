"""What all tables have in common: names, rounding, layout."""

import html
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from IPython.display import HTML

from ...results.tidy import Estimate, estimate

Format = Callable[[Any], str]
three_decimals: Format = "{:.3f}".format
QUANTITIES: dict[str, tuple[str, Format]] = {
    "accuracy": ("test accuracy", "{:.3f}".format),
    "kernel_retention_rate": ("KRR", "{:.3f}".format),
    "cohesion": ("cohesion", "{:.3f}".format),
    "coupling": ("coupling", "{:.3f}".format),
    "test_images": ("test images", "{:,.0f}".format),
    "flops": ("multiply-adds,\N{NO-BREAK SPACE}M", lambda v: f"{v / 1e6:.2f}"),
    "parameters": ("parameters,\N{NO-BREAK SPACE}k", lambda v: f"{v / 1e3:,.0f}"),
    "latency_ms": ("100 images,\N{NO-BREAK SPACE}ms", "{:.1f}".format),
    "train_seconds": ("training,\N{NO-BREAK SPACE}s", "{:.0f}".format),
    "modularize_seconds": ("modularizing,\N{NO-BREAK SPACE}s", "{:.2f}".format),
}
LONG = 40  # rows
LINE = "<tr>\n      <td>"  # as pandas begins one below the head
FORMS = {
    "standard": "standard model",
    "module-masked": "with generators",
    "module-plain": "plain",
    "module-folded": "folded",
    "module-finetuned": "fine-tuned",
}


def percent(share: float) -> str:
    """Return a share as text has it: ``19 %``."""
    return f"{100 * share:.0f} %"


def cell(results: pd.DataFrame, quantity: str, **wanted: Any) -> str | float:
    """Return a quantity as its table has it, ``0.983 ± 0.004``; not a number if not measured."""
    return as_text(estimate(results, quantity=quantity, **wanted), QUANTITIES[quantity][1])


def as_text(found: Estimate, style: Format) -> str | float:
    """Return an estimate as text; not a number, which a table shows as a dash, if there is none."""
    text = found.text(style)
    return float("nan") if text is None else text


def html_table(
    frame: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Format] | None = None,
    kind: str = "",
    escape: bool = True,
    groups: str = "",
) -> HTML:
    """Return a data frame as an HTML table, its named index first; a dash for what is missing.

    Parameters
    ----------
    frame
        The table.
    caption
        What it shows.
    formats
        How to write the values, by column.
    kind
        ``"mwt-words"`` for a table of text, which is aligned to the left; ``"mwt-named"`` for one
        whose second column is text.
    escape
        Whether texts are plain, not HTML.
    groups
        A column whose values stand in rows of their own, each above the lines that have it.
    """
    table = frame.reset_index()
    heads = table.pop(groups) if groups else pd.Series(dtype=str)
    formatters = {
        column: lambda v, text=text: "–" if pd.isna(v) else text(v)
        for column, text in (formats or {}).items()
    }
    body = table.to_html(
        border=0,
        classes=f"mwt-table {kind}".strip(),
        formatters=formatters,
        na_rep="–",
        index=False,
        escape=escape,
    )
    body = grouped(body, heads, len(table.columns))
    # Many rows scroll in a box of their own, below their head (tables.css).
    box = (
        'class="mwt-long" style="overflow: auto"'
        if len(table) > LONG
        else 'style="overflow-x: auto"'
    )
    return HTML(
        '<figure class="mwt-figure" style="margin: 1em 0">'
        f'<div tabindex="0" {box}>{body}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def grouped(table: str, heads: pd.Series, columns: int) -> str:
    """Return a table's HTML with a row above each run of lines that have the same head."""
    if heads.empty:
        return table
    before, *lines = table.split(LINE)
    new = heads.ne(heads.shift())
    for place, (head, first) in enumerate(zip(heads, new, strict=True)):
        text = f"<span>{html.escape(str(head))}</span>"
        over = f'<tr class="mwt-group"><th colspan="{columns}" scope="rowgroup">{text}</th></tr>'
        lines[place] = (over if first else "") + LINE + lines[place]
    return before + "".join(lines)

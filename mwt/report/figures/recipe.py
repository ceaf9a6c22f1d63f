"""What each setting does to modularity: the figure of the recipe."""

import pandas as pd

from ..style import BLUE, INK, PURPLE, RED, THREE, Drawn, axes, keys, show

LINES = {
    "accuracy": (PURPLE, "D", "accuracy"),
    "coupling": (RED, "s", "coupling"),
    "kernel_retention_rate": (BLUE, "o", "KRR"),
}


def knobs(measured: pd.DataFrame, standard: float) -> Drawn:
    """Draw accuracy, coupling and KRR against each setting that was varied alone.

    Parameters
    ----------
    measured
        Columns ``setting``, ``value``, ``accuracy``, ``coupling``, ``kernel_retention_rate`` and
        ``usual`` (bool: the value that a setting has while another is varied).
    standard
        Accuracy of the standard network.
    """
    panels = []
    for setting, rows in measured.groupby("setting", sort=False):
        figure, ax = axes(str(setting).capitalize(), "", "share", width=2.3, height=2)
        places, labels = range(len(rows)), [f"{value:g}" for value in rows["value"]]
        for column, (colour, marker, _) in LINES.items():
            joined = "none" if setting == "seed" else "-"
            ax.plot(places, rows[column], color=colour, marker=marker, ls=joined)
        ax.axhline(standard, color=INK, linewidth=0.9, linestyle=":", alpha=0.8)
        ax.set_xticks(places, labels)
        for tick, usual in zip(ax.get_xticklabels(), rows["usual"], strict=True):
            tick.set_fontweight("bold" if usual else "normal")
        ax.set_ylim(0, 1.03)
        first, last = rows.iloc[0], rows.iloc[-1]
        changes = (f"{said} {first[c]:.2f} to {last[c]:.2f}" for c, (_, _, said) in LINES.items())
        panels.append((figure, f"{setting} {labels[0]} to {labels[-1]}: {', '.join(changes)}."))
    caption = (
        "In each panel one setting is varied; the others have the values that are in bold in their "
        "panels. The dotted line is the accuracy of the standard network. Every point is a "
        "training of its own with one seed, except in the panel of the threshold, which needs no "
        "new training. The panel of the seeds shows how much chance alone changes. Accuracy is "
        "measured on validation images."
    )
    legends = [*LINES.values(), (INK, ":", "accuracy of the standard network")]
    return show(panels, caption, measured, least=THREE, above=keys(legends))

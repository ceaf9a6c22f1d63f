"""Modules: their masks, and how modular they are by class and by layer."""

import html
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from torch import Tensor

from ...masking.samples import KernelUse
from ...masking.selection import compose
from ...metrics import jaccard
from ...results.tidy import short
from ...study.findings import Modularized
from ...study.subtasks import subtask_name
from ..style import BLUE, GREEN, INK, ORANGE, RED, THREE, Drawn, axes, keys, legend, show

MEASURES = {
    "kernel_retention_rate": (BLUE, "o", "kernel retention rate"),
    "cohesion": (GREEN, "^", "cohesion"),
    "coupling": (RED, "s", "coupling"),
}


MANY = 25  # classes: with more, not all are named


def module_masks_picture(result: Modularized, subtask: Sequence[int]) -> Drawn:
    """Draw the module masks of a network of the study, and the union of a sub-task's."""
    whose = "The first seed's module masks"
    names = [str(label) for label in range(len(result.modules))]
    chosen = short(subtask_name(subtask))
    union = compose(result.modules, subtask)
    return drawn(result.modules, union, result.layers, result.threshold, names, chosen, whose)


def module_masks(
    modules: Tensor,
    samples: KernelUse,
    threshold: float,
    classes: Sequence[str],
    subtask: Sequence[int],
) -> Drawn:
    """Draw the module masks of a network of one's own, and the union of a sub-task's.

    Parameters
    ----------
    modules
        ``(classes, K)`` bool: what `mwt.module_masks` returns.
    samples
        What it was given, which knows the layers.
    threshold
        What it was given, too.
    classes
        Names of the classes.
    subtask
        Distinct rows of ``modules``.

    Returns
    -------
    Drawn
        What a notebook's cell shows.
    """
    union, chosen = compose(modules, subtask), ", ".join(classes[label] for label in subtask)
    return drawn(modules, union, samples.layers, threshold, classes, chosen, "Module masks")


def drawn(
    module_masks: Tensor,
    sub_task: Tensor,
    layers: Sequence[tuple[str, int]],
    threshold: float,
    names: Sequence[str],
    chosen: str,
    whose: str,
) -> Drawn:
    """Draw module masks: a row for each class, a column for each kernel, layers marked.

    The last row is the union of the modules of a sub-task. Of many classes only some are named, and
    the union is as high as a name.
    """
    modules, union = module_masks.cpu().numpy(), sub_task.cpu().numpy()
    classes, kernels = modules.shape
    many = classes > MANY
    step = -(-classes // MANY)
    last, height = (step, 4.5) if many else (1, 2.5)
    figure, ax = axes("", "masked kernels, layer by layer", "class", width=8.2, height=height)
    pixels = np.zeros((classes + last, kernels, 4))
    pixels[:classes][modules] = mpl.colors.to_rgba(BLUE)
    pixels[classes:, union] = mpl.colors.to_rgba(ORANGE)
    ax.imshow(pixels, aspect="auto", interpolation="none", extent=(0, kernels, len(pixels), 0))
    bounds = np.cumsum([0] + [size for _, size in layers])
    for bound in bounds[1:-1]:
        ax.axvline(bound, color=INK, linewidth=0.6, alpha=0.5)
    for row in [classes] if many else range(1, classes + 1):
        ax.axhline(row, color=INK, linewidth=0.3, alpha=0.3)
    places = [*(np.arange(0, classes, step) + 0.5), classes + last / 2]
    if many and classes - places[-2] < step:  # too near to the union's
        places.pop(-2)
    labels = [names[int(place)] for place in places[:-1]]
    ax.set_yticks(places, [*labels, "union"], parse_math=False)
    wide = [i for i, (_, size) in enumerate(layers) if size > kernels / 40]
    ax.set_xticks([(bounds[i] + bounds[i + 1]) / 2 for i in wide], [str(i + 1) for i in wide])
    ax.tick_params(length=0)
    ax.grid(False)
    mean = modules.mean()
    alt = (
        f"Module masks of {classes} classes over {kernels} kernels at threshold "
        f"{threshold:g}; a module keeps {100 * mean:.0f} % of the kernels on average."
    )
    caption = (
        f"{whose} at threshold {threshold:g}. Blue: a kernel that the class's module keeps. "
        f"Orange: the union of classes {html.escape(chosen)}, {100 * union.mean():.0f} % of the "
        "kernels. Vertical lines separate the layers, which are numbered where there is room. A "
        "column that is blue in all rows is a kernel that all classes use. One that is blue in a "
        "few rows belongs to these classes only. An empty one is in no module."
    )
    return show([(figure, alt)], caption, as_table(modules, layers, union))


def as_table(
    modules: np.ndarray, layers: Sequence[tuple[str, int]], union: np.ndarray
) -> pd.DataFrame:
    """Return module masks with a row for each kernel and a column of 0 and 1 for each class."""
    kernels = [{"layer": name, "kernel": kernel} for name, size in layers for kernel in range(size)]
    bits = pd.DataFrame(modules.T.astype(int)).add_prefix("class_")
    return pd.concat(
        [pd.DataFrame(kernels), bits, pd.Series(union.astype(int), name="union")], axis=1
    )


def modularity_by_class(result: Modularized, standard: Modularized) -> Drawn:
    """Draw KRR, cohesion and coupling of each class's module, those of the standard model beside.

    Parameters
    ----------
    result
        The modular network's.
    standard
        The standard network's, from which kernels fire.
    """
    panels = []
    numbers: dict[str, list[float]] = {}
    for name in MEASURES:
        colour, _, label = MEASURES[name]
        title = label.capitalize() if name != "coupling" else "Coupling to the others"
        values, before = class_values(result, name), class_values(standard, name)
        numbers |= {f"{name}_modular": values, f"{name}_standard": before}
        figure, ax = axes(title, "class", "share", width=2.3, height=2)
        places = range(len(values))
        ax.bar(places, values, color=colour, width=0.7)
        ax.axhline(float(np.mean(values)), color=INK, linewidth=1, linestyle="--", alpha=0.7)
        few = len(values) <= MANY
        ax.plot(places, before, "_", color=INK, markersize=7 if few else 1.5, mew=2 if few else 1)
        if len(values) <= 20:
            ax.set_xticks(places)
        ax.set_ylim(0, 1.02)
        ax.grid(axis="x", visible=False)
        means = f"modular {np.mean(values):.3f}, standard {np.mean(before):.3f}"
        panels.append((figure, f"{title} by class; means: {means}."))
    caption = (
        "The three measures of each class's module, for the first seed; the dashed line is their "
        "mean. The short strokes show the standard network, where a kernel counts as used if it "
        "fires. Cohesion is measured on test images, which had no part in choosing the kernels."
    )
    frame = pd.DataFrame(numbers).rename_axis("class").reset_index()
    legends = ((INK, "", "standard network"), (INK, ":", "mean of the modules"))
    return show(panels, caption, frame, least=THREE, above=keys(legends))


def class_values(result: Modularized, measure: str) -> list[float]:
    """Return a measure of each class; of coupling, its mean to the other classes."""
    return to_others(result.modules) if measure == "coupling" else getattr(result, measure)


def to_others(modules: Tensor) -> list[float]:
    """Return the mean Jaccard index of each module to all the others."""
    pairs = jaccard(modules, modules).double()
    return ((pairs.sum(dim=1) - 1) / (len(pairs) - 1)).tolist()


def modularity_by_layer(layers: pd.DataFrame) -> Drawn:
    """Draw KRR, cohesion and coupling of each masked layer (`tables.by_layer`)."""
    figure, ax = axes("", "masked layer, from image to logits", "share", width=7.4, height=2.6)
    for name, (colour, marker, label) in MEASURES.items():
        ax.plot(layers.index, layers[name], color=colour, marker=marker, label=label)
    ax.set_ylim(0, 1.02)
    ax.set_xticks(layers.index)
    legend(ax, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    caption = (
        "The three measures within each layer, for the first seed. Where coupling is high, all "
        "classes share the layer's kernels; where it is low, each class has kernels of its own."
    )
    said = (
        f"{label} {layers[name].iloc[0]:.3f} in the first, {layers[name].iloc[-1]:.3f} in the last"
        for name, (_, _, label) in MEASURES.items()
    )
    alt = f"Measures by masked layer: {'; '.join(said)}."
    return show([(figure, alt)], caption, layers.rename_axis("number").reset_index())

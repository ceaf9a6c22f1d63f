"""The figures of the notebooks; every function takes results and returns what a cell shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import HTML
from matplotlib.axes import Axes

from ..findings import Modularized, Trained
from ..modules import compose
from ..parameters import Study
from .results import curve, select, short, value
from .style import BELOW, BLUE, GREEN, INK, ORANGE, PURPLE, RED, axes, legend, show

METHODS = {"standard": (RED, "s"), "modular": (BLUE, "o")}
MODULES = {
    "module-plain": (ORANGE, "v", "plain cut"),
    "module-folded": (BLUE, "o", "folded"),
    "module-finetuned": (GREEN, "^", "fine-tuned"),
    "standard": (RED, "s", "standard model"),
}
MEASURES = {
    "kernel_retention_rate": (BLUE, "o", "kernel retention rate"),
    "cohesion": (GREEN, "^", "cohesion"),
    "coupling": (RED, "s", "coupling"),
}


@cache
def reported() -> dict[str, Any]:
    """Return the numbers that others published, each group with its source."""
    return json.loads((Path(__file__).parent / "reported.json").read_text())


def training_curves(networks: Mapping[str, Trained]) -> HTML:
    """Draw accuracy, losses and kernel rate over the epochs, standard beside modular."""
    histories = {method: pd.DataFrame(net.history) for method, net in networks.items()}
    panels = [
        ("validation_accuracy", "Validation accuracy", "accuracy"),
        ("cross_entropy", "Cross-entropy on training data", "nats"),
        ("cohesion", "Cohesion loss", "1 − mean cosine"),
        ("coupling", "Coupling loss", "mean cosine"),
        ("kernel_rate", "Kernels in use per image", "share of kernels"),
    ]
    drawn = []
    for quantity, title, ylabel in panels:
        figure, ax = axes(title, "epoch", ylabel, height=2.3)
        for method, history in histories.items():
            colour, marker = METHODS[method]
            ax.plot(
                history["epoch"],
                history[quantity],
                color=colour,
                marker=marker,
                markevery=max(1, len(history) // 8),
                label=method,
            )
        if quantity == "validation_accuracy":
            ax.set_ylim(
                max(0.0, min(h[quantity].quantile(0.2) for h in histories.values()) - 0.1), 1
            )
        if quantity in ("cohesion", "coupling", "kernel_rate"):
            ax.set_ylim(0, 1.02)
        legend(ax)
        ends = ", ".join(f"{m} {histories[m][quantity].iloc[-1]:.3f}" for m in histories)
        drawn.append((figure, f"{title} over the epochs; in the last one: {ends}."))
    caption = (
        "Training, epoch by epoch. The cohesion loss is small where the masks of one class are "
        "alike, the coupling loss where those of different classes differ. A standard network has "
        "neither masks nor these losses: its curves show the same of which kernels fire, on "
        "validation images, and are what modular training starts to change."
    )
    return show(drawn, caption)


def module_masks_picture(result: Modularized, subtask: Sequence[int]) -> HTML:
    """Draw the module masks: a row for each class, a column for each kernel, layers marked.

    The last row is the union of the modules of a sub-task.
    """
    modules = result.modules.cpu().numpy()
    union = compose(result.modules, subtask).cpu().numpy()
    classes, kernels = modules.shape
    figure, ax = axes("", "masked kernels, layer by layer", "class", width=8.2, height=2.5)
    pixels = np.zeros((classes + 1, kernels, 4))
    pixels[:-1][modules] = mpl.colors.to_rgba(BLUE)
    pixels[-1][union] = mpl.colors.to_rgba(ORANGE)
    ax.imshow(pixels, aspect="auto", interpolation="none", extent=(0, kernels, classes + 1, 0))
    bounds = np.cumsum([0] + [size for _, size in result.layers])
    for bound in bounds[1:-1]:
        ax.axvline(bound, color=INK, linewidth=0.6, alpha=0.5)
    for row in range(1, classes + 1):
        ax.axhline(row, color=INK, linewidth=0.3, alpha=0.3)
    names = [str(c) for c in range(classes)] + ["union"]
    ax.set_yticks(np.arange(classes + 1) + 0.5, names)
    wide = [i for i, (_, size) in enumerate(result.layers) if size > kernels / 40]
    ax.set_xticks([(bounds[i] + bounds[i + 1]) / 2 for i in wide], [str(i + 1) for i in wide])
    ax.tick_params(length=0)
    ax.grid(False)
    mean = np.mean(result.kernel_retention_rate)
    alt = (
        f"Module masks of {classes} classes over {kernels} kernels at threshold "
        f"{result.threshold:g}; a module keeps {mean:.0%} of the kernels on average."
    )
    chosen, share = short(" ".join(map(str, subtask))), union.mean()
    caption = (
        f"Module masks at threshold {result.threshold:g}. Blue: a kernel that the class's module "
        f"keeps. Orange: the union of classes {chosen}, {share:.0%} of the kernels. Vertical lines "
        "part the layers, numbered where there is room. Columns that are blue throughout serve "
        "every class; the others tell the classes apart."
    )
    return show([(figure, alt)], caption)


def modularity_by_class(result: Modularized) -> HTML:
    """Draw KRR and cohesion of each class's module, and its mean coupling to the others."""
    modules = result.modules.double()
    both = modules @ modules.T
    sizes = modules.sum(dim=1)
    jaccard = (both / (sizes[:, None] + sizes - both)).cpu().numpy()
    others = (jaccard.sum(axis=1) - 1) / (len(jaccard) - 1)
    drawn = []
    for name, values in (
        ("kernel_retention_rate", result.kernel_retention_rate),
        ("cohesion", result.cohesion),
        ("coupling", others.tolist()),
    ):
        colour, _, label = MEASURES[name]
        title = label.capitalize() if name != "coupling" else "Coupling to the other modules"
        figure, ax = axes(title, "class", "share", height=2.2)
        ax.bar(range(len(values)), values, color=colour, width=0.7)
        ax.axhline(float(np.mean(values)), color=INK, linewidth=1, linestyle="--", alpha=0.7)
        ax.set_xticks(range(len(values)))
        ax.set_ylim(0, 1)
        ax.grid(axis="x", visible=False)
        drawn.append((figure, f"{title} by class; mean {np.mean(values):.3f}."))
    caption = (
        "How modular each class's module is; the dashed line is the mean. Cohesion is measured on "
        "test images, which had no part in choosing the kernels."
    )
    return show(drawn, caption)


def modularity_by_layer(layers: pd.DataFrame) -> HTML:
    """Draw KRR, cohesion and coupling of each masked layer (`tables.by_layer`)."""
    figure, ax = axes("", "masked layer, from image to logits", "share", width=7.4, height=2.6)
    for name, (colour, marker, label) in MEASURES.items():
        ax.plot(layers.index, layers[name], color=colour, marker=marker, label=label)
    ax.set_ylim(0, 1.02)
    ax.set_xticks(layers.index)
    legend(ax, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    caption = (
        "The same measures within each layer: where coupling is high, all classes share the "
        "layer's kernels; where it is low, each class has its own."
    )
    return show([(figure, "Kernel retention rate, cohesion and coupling by layer.")], caption)


def reuse(results: pd.DataFrame) -> HTML:
    """Draw accuracy and cost of the modules over the size of the sub-task."""
    whole = select(results, method="standard", classes="all")
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    accuracy, ax = axes(
        "Accuracy on the sub-task", "classes in the sub-task", "test accuracy", height=3.1
    )
    lowest = 1.0
    for method, (colour, marker, label) in MODULES.items():
        line = curve(results, "size", method=method, quantity="accuracy")
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
        lowest = min(lowest, line.min())
    ax.set_ylim(lowest - 0.05, 1.01)
    legend(ax, **BELOW)
    cost, ax = axes(
        "Cost beside the standard model", "classes in the sub-task", "share", height=3.1
    )
    rate = curve(results, "size", quantity="kernel_retention_rate")
    ax.plot(rate.index, rate, color=BLUE, marker="o", label="kernels (KRR)")
    for quantity, colour, marker in (
        ("flops", PURPLE, "D"),
        ("parameters", ORANGE, "v"),
        ("latency_ms", GREEN, "^"),
    ):
        line = curve(results, "size", method="module-folded", quantity=quantity)
        if quantity == "latency_ms":
            line = line / curve(results, "size", method="standard", quantity=quantity)
        else:
            line = line / value(whole, quantity=quantity)
        label = {"flops": "FLOPs", "latency_ms": "latency"}.get(quantity, quantity)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    ax.set_ylim(bottom=0)
    ax.axhline(1, color=RED, linewidth=1, linestyle="--")
    legend(ax, **BELOW)
    alts = (
        "Test accuracy of the plain, folded and fine-tuned module and of the standard model by "
        "size of the sub-task.",
        "Kernels, multiply-adds, parameters and latency of the module by size of the sub-task, as "
        "a share of the standard model's.",
    )
    caption = (
        "Modules of growing sub-tasks. Left: the plain and the folded cut are not trained further, "
        "the fine-tuned one is. Right: what the module costs; the dashed line is the standard "
        "model."
    )
    return show([(accuracy, alts[0]), (cost, alts[1])], caption)


def threshold_study(results: pd.DataFrame, study: Study) -> HTML:
    """Draw the paper's RQ4: modularity and reuse over the threshold, the paper's curves behind.

    Parameters
    ----------
    results
        Rows of one network, with columns as in ``results.csv``.
    study
        Its threshold is the operating point to mark, its classes the sub-task of figure (b).
    """
    threshold, classes = study.threshold, study.subtask
    paper = reported()["seed_figures"]
    at = paper["threshold"]
    modularity, ax = axes("(a) Modules of all classes", "threshold", "share", height=3.1)
    names = {"kernel_retention_rate": "krr", "cohesion": "cohesion", "coupling": "coupling"}
    for name, (colour, marker, label) in MEASURES.items():
        line = curve(results, "threshold", classes="all", method="modular", quantity=name)
        ax.plot(at, paper["modularizing"][names[name]], color=colour, linestyle=":", alpha=0.55)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    finish(ax, threshold)
    reuse, ax = axes(f"(b) Module of classes {short(classes)}", "threshold", "share", height=3.1)
    rows = select(results, classes=classes)
    krr = curve(rows, "threshold", quantity="kernel_retention_rate")
    percent = paper["reuse_3_classes"]
    for name, colour in (("krr_pct", BLUE), ("module_accuracy_pct", GREEN)):
        ax.plot(at, np.array(percent[name]) / 100, color=colour, linestyle=":", alpha=0.55)
    ax.axhline(percent["standard_model_accuracy_pct"] / 100, color=RED, linestyle=":", alpha=0.55)
    ax.plot(krr.index, krr, color=BLUE, marker="o", label="kernel retention rate")
    for method, colour, marker, label in (
        ("module-finetuned", GREEN, "^", "accuracy, fine-tuned"),
        ("module-folded", PURPLE, "D", "accuracy, folded"),
        ("standard", RED, "s", "accuracy, standard model"),
    ):
        line = curve(rows, "threshold", method=method, quantity="accuracy")
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    finish(ax, threshold)
    alts = (
        "Kernel retention rate, cohesion and coupling over the threshold.",
        f"Kernel retention rate and accuracy of the module of {short(classes)}, by threshold.",
    )
    caption = (
        "What the threshold changes. Solid: this run. Dotted: the paper's ResNet18 on CIFAR-10 "
        "(the authors' README; points between 0.1 and 0.9 read off its figures), whose module in "
        "(b) is fine-tuned. The vertical line is the operating point."
    )
    return show([(modularity, alts[0]), (reuse, alts[1])], caption)


def finish(ax: Axes, threshold: float) -> None:
    """Set the common scale, mark the operating point, put the legend below the axes."""
    ax.axvline(threshold, color=INK, linewidth=1, alpha=0.6)
    ax.set_ylim(0, 1.03)
    ax.set_xlim(0.05, 1.0)
    ax.set_xticks(np.arange(1, 11) / 10)
    legend(ax, **BELOW)

"""The tables of the notebooks and pages, aligned and rounded for reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from IPython.display import HTML

from .. import metrics
from ..findings import Modularized
from ..modules import SampleMasks
from ..parameters import Study
from ..sources import SOURCES
from .results import interval, select, short, value

Format = Callable[[Any], str]
THREE: Format = "{:.3f}".format
QUANTITIES: dict[str, tuple[str, Format]] = {
    "accuracy": ("test accuracy", "{:.3f}".format),
    "kernel_retention_rate": ("KRR", "{:.3f}".format),
    "cohesion": ("cohesion", "{:.3f}".format),
    "coupling": ("coupling", "{:.3f}".format),
    "test_images": ("test images", "{:,.0f}".format),
    "flops": ("multiply-adds, M", lambda v: f"{v / 1e6:.2f}"),
    "parameters": ("parameters, k", lambda v: f"{v / 1e3:,.0f}"),
    "latency_ms": ("100 images, ms", "{:.1f}".format),
    "train_seconds": ("training, s", "{:.0f}".format),
    "modularize_seconds": ("modularizing, s", "{:.2f}".format),
}
FORMS = {
    "standard": "standard model",
    "module-plain": "plain",
    "module-folded": "folded",
    "module-finetuned": "fine-tuned",
}


def shown(frame: pd.DataFrame, caption: str, formats: Mapping[str, Format] | None = None) -> HTML:
    """Return a data frame as an HTML table, its named index first; a dash for what is missing."""
    formatters = {
        column: lambda v, text=text: "–" if pd.isna(v) else text(v)
        for column, text in (formats or {}).items()
    }
    body = frame.reset_index().to_html(
        border=0, classes="mwt-table", formatters=formatters, na_rep="–", index=False
    )
    return HTML(
        '<figure class="mwt-figure" style="margin: 1em 0">'
        f'<div style="overflow-x: auto">{body}</div><figcaption>{caption}</figcaption></figure>'
    )


def networks(results: pd.DataFrame) -> HTML:
    """Return what training found for the standard and the modular network."""
    rows = select(results, classes="all")
    rows = rows[rows["threshold"].isna()]
    frame = rows.pivot_table(index="method", columns="quantity", values="value", sort=False)
    frame = frame.loc[["standard", "modular"]]
    bounds = [interval(a, n) for a, n in zip(frame["accuracy"], frame["test_images"], strict=True)]
    names = {q: label for q, (label, _) in QUANTITIES.items() if q in frame and q != "test_images"}
    images = frame["test_images"].iloc[0]
    frame = frame[list(names)].rename(columns=names).rename_axis(index="network", columns=None)
    frame.insert(1, "95 % interval", [f"{low:.3f}–{high:.3f}" for low, high in bounds])
    formats = {label: text for label, text in QUANTITIES.values() if label in frame}
    caption = f"Both networks on {images:,.0f} test images; the modular one with its masks."
    return shown(frame, caption, formats)


def by_class(result: Modularized, study: Study) -> HTML:
    """Return the measures of each class's module."""
    frame = pd.DataFrame(
        {
            "kernels kept": result.modules.sum(dim=1).tolist(),
            "KRR": result.kernel_retention_rate,
            "cohesion": result.cohesion,
        },
        index=pd.Index(SOURCES[study.config.dataset].classes, name="class"),
    )
    caption = (
        f"Modules at threshold {result.threshold:g} of {result.modules.shape[1]:,} masked kernels; "
        f"coupling over all pairs {result.coupling:.3f}."
    )
    return shown(frame, caption, {"KRR": THREE, "cohesion": THREE})


def by_layer(result: Modularized, samples: SampleMasks) -> pd.DataFrame:
    """Return KRR, cohesion and coupling within each layer, numbered from 1.

    Parameters
    ----------
    result
        The modules.
    samples
        Sample masks of the test data.
    """
    sizes = [size for _, size in result.layers]
    rows = []
    for (name, size), modules, bits in zip(
        result.layers,
        result.modules.split(sizes, dim=1),
        samples.binary.split(sizes, dim=1),
        strict=True,
    ):
        cohesions = [
            metrics.mean_jaccard(bits[samples.labels == label][:, module])
            for label, module in enumerate(modules)
        ]
        rows.append(
            {
                "layer": name,
                "kernels": size,
                "kernel_retention_rate": metrics.kernel_retention_rate(modules),
                "cohesion": sum(cohesions) / len(cohesions),
                "coupling": metrics.coupling(modules),
            }
        )
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1))


def layers(frame: pd.DataFrame) -> HTML:
    """Show the measures by layer."""
    frame = frame.rename(columns={"kernel_retention_rate": "KRR"}).rename_axis("no.")
    formats = dict.fromkeys(("KRR", "cohesion", "coupling"), THREE)
    return shown(frame, "Masked layers, in the order of the network's modules.", formats)


def subtasks(results: pd.DataFrame) -> HTML:
    """Return accuracy and cost of the module of each sub-task of a study."""
    rows = []
    for classes in results.loc[results["classes"] != "all", "classes"].unique():
        here = select(results, classes=classes)
        line: dict[str, object] = {"classes": short(classes)}
        for method, label in FORMS.items():
            line[label] = value(here, method=method, quantity="accuracy")
        for quantity in ("kernel_retention_rate", "flops", "parameters", "latency_ms"):
            line[QUANTITIES[quantity][0]] = value(
                here[here["method"] != "standard"], quantity=quantity
            )
        rows.append(line)
    frame = pd.DataFrame(rows).set_index("classes")
    formats = dict.fromkeys(FORMS.values(), THREE)
    formats |= {label: text for label, text in QUANTITIES.values() if label in frame}
    caption = "Test accuracy of the standard model and of each form of the module; its cost."
    return shown(frame, caption, formats)


def thresholds(results: pd.DataFrame, study: Study) -> HTML:
    """Return the measures of all modules and of one sub-task's module for each threshold."""
    rows, classes = [], study.subtask
    for threshold in sorted(results["threshold"].dropna().unique()):
        here = select(results, threshold=threshold)
        whole, part = select(here, classes="all"), select(here, classes=classes)
        line: dict[str, object] = {"threshold": threshold}
        for quantity in ("kernel_retention_rate", "cohesion", "coupling"):
            line[QUANTITIES[quantity][0]] = value(whole, quantity=quantity)
        line["KRR, sub-task"] = value(part, quantity="kernel_retention_rate")
        for method, label in FORMS.items():
            line[label] = value(part, method=method, quantity="accuracy")
        rows.append(line)
    frame = pd.DataFrame(rows).set_index("threshold")
    caption = (
        f"All modules, then the module of {short(classes)}: KRR and test accuracy of the standard "
        "model and of each form of the module."
    )
    return shown(frame, caption, dict.fromkeys(frame, THREE))


def operating_point(results: pd.DataFrame, study: Study) -> HTML:
    """Return what one threshold gives, in detail, with the run that found it."""
    here = select(results, threshold=study.threshold)
    here = here[here["classes"].isin(["all", study.subtask])]
    names = {"all": "all, one by one", study.subtask: short(study.subtask)}
    frame = pd.DataFrame(
        {
            "classes": here["classes"].map(names),
            "method": here["method"],
            "quantity": [QUANTITIES[q][0] for q in here["quantity"]],
            "value": [
                QUANTITIES[q][1](v) for q, v in zip(here["quantity"], here["value"], strict=True)
            ],
        }
    ).set_index("classes")
    runs = ", ".join(f"<code>{run}</code>" for run in here["run"].unique())
    return shown(frame, f"Threshold {study.threshold:g}, value by value; found by the runs {runs}.")


def findings(results: pd.DataFrame, study: Study) -> HTML:
    """Say in words what came out for each network."""
    items = []
    for model in results["model"].unique():
        rows = select(results, model=model)
        whole = select(rows, classes="all")
        at = select(whole, threshold=study.threshold)
        part = select(rows, threshold=study.threshold, classes=study.subtask)
        items.append(
            f"<li><strong>{model}</strong>: modular training takes the test accuracy from "
            f"{percent(whole, 'standard')} to {percent(whole, 'modular')}. "
            f"A class's module keeps {value(at, quantity='kernel_retention_rate'):.0%} of the "
            f"kernels. Cut out without fine-tuning, the module of {short(study.subtask)} scores "
            f"{percent(part, 'module-folded')}, the whole standard model "
            f"{percent(part, 'standard')}.</li>"
        )
    return HTML(f"<ul>{''.join(items)}</ul><p>In brackets: 95 % intervals (Wilson).</p>")


def percent(rows: pd.DataFrame, method: str) -> str:
    """Return a method's accuracy and its interval in words."""
    accuracy = value(rows, method=method, quantity="accuracy")
    low, high = interval(accuracy, value(rows, quantity="test_images"))
    return f"{100 * accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def summary(results: pd.DataFrame, study: Study) -> HTML:
    """Return one line a network: what training, modularizing and reuse gave."""
    lines, threshold, classes = [], study.threshold, study.subtask
    for model in results["model"].unique():
        rows = select(results, model=model)
        whole = select(rows, classes="all")
        at = select(whole, threshold=threshold)
        part = select(rows, threshold=threshold, classes=classes)
        lines.append(
            {
                "network": model,
                "standard": value(whole, method="standard", quantity="accuracy"),
                "modular": value(whole, method="modular", quantity="accuracy"),
                "KRR": value(at, quantity="kernel_retention_rate"),
                "cohesion": value(at, quantity="cohesion"),
                "coupling": value(at, quantity="coupling"),
                "sub-task, standard": value(part, method="standard", quantity="accuracy"),
                "sub-task, module": value(part, method="module-folded", quantity="accuracy"),
            }
        )
    frame = pd.DataFrame(lines).set_index("network")
    caption = (
        f"Test accuracy of both networks; KRR, cohesion and coupling of the modules at threshold "
        f"{threshold:g}; test accuracy on the sub-task {short(classes)}, of the standard model "
        "and of the folded module, which is not fine-tuned."
    )
    return shown(frame, caption, dict.fromkeys(frame, THREE))

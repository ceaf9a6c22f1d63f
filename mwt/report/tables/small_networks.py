"""What modules cost at full width, beside small networks of the same size."""

import pandas as pd
from IPython.display import HTML

from ...results.seeds import clocks, plus_minus
from ...results.tidy import estimate, select, short
from .base import Format, as_text, cell, html_table

NETWORKS = {
    "standard": "standard model",
    "module-masked": "module with generators",
    "module-plain": "plain module",
    "module-finetuned": "plain module, fine-tuned",
    "small-standard": "small network",
}
COSTS: dict[str, tuple[str, Format]] = {
    "full_flops": ("multiply-adds, M", lambda v: f"{v / 1e6:.1f}"),
    "full_parameters": ("parameters, k", lambda v: f"{v / 1e3:,.0f}"),
    "full_bytes": ("MB", lambda v: f"{v / 1e6:.1f}"),
    "full_latency_1_ms": ("1 image, ms", "{:.1f}".format),
    "full_latency_64_ms": ("64 images, ms", "{:.0f}".format),
}


def worth(results: pd.DataFrame) -> HTML:
    """Return accuracies and costs of modules and small networks, by sub-task."""
    results = results[results["classes"] != "all"]
    lines = []
    for classes in results["classes"].unique():
        here = select(results, classes=classes)
        rate = cell(here, "kernel_retention_rate", method="modular")
        for method, name in NETWORKS.items():
            line: dict[str, object] = {"classes": short(classes), "network": name}
            line["test accuracy"] = cell(here, "accuracy", method=method)
            line["KRR"] = rate if method.startswith("module") else float("nan")
            if method == "module-finetuned" and pd.isna(line["test accuracy"]):
                continue
            # Fine-tuning changes weights, not costs, but for a small new head.
            priced = method.replace("finetuned", "plain")
            for quantity, (label, style) in COSTS.items():
                line[label] = as_text(estimate(here, quantity=quantity, method=priced), style)
            lines.append(line)
    frame = pd.DataFrame(lines).set_index("classes")
    frame = frame[frame.drop(columns="network").notna().any(axis="columns")]
    times = results[results["quantity"].isin(COSTS)]  # of one machine, whoever trained
    caption = (
        "Test accuracy at the width that was trained here; costs at the networks' full width, "
        "where MB are those of the weights. A small network has the plain module's multiply-adds. "
        f"{plus_minus(results)} {clocks(times)}"
    )
    return html_table(frame, caption, kind="mwt-named")

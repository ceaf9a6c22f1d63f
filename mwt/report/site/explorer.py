"""``{mwt-explorer}``: module masks and measures over the threshold, without a server."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ...results.tidy import select
from ...study.parameters import Study
from ...study.profiles import load_profile
from ...study.subtasks import subtask_name
from ..style import display_name
from .chooser import SCRIPT as CHOOSER
from .chooser import chooser
from .origin import link
from .results import ResultsDirective
from .shown import Shown

SCRIPT = Path(__file__).with_name("explorer.js")
COLUMNS = {
    "KRR, mean": "share of the kernels that the module of a class keeps; mean over the chosen "
    "classes",
    "cohesion": "how alike the masks of a class are, on test images; mean over the chosen classes",
    "coupling": "how much two modules overlap; mean over the pairs of chosen classes",
    "KRR, union": "share of the kernels in the union of the chosen modules",
    "accuracy: with generators": "test accuracy of the sub-task's module that keeps its mask "
    "generators, cut as well; not trained further",
    "folded": "test accuracy of the module whose masks are folded into its weights; not trained "
    "further",
    "fine-tuned": "test accuracy of the module without generators, not folded, fine-tuned",
    "standard": "test accuracy of the standard model on the sub-task",
}


class Explorer(ResultsDirective):
    """A slider for the threshold, choices of data, classes and networks, and what they give."""

    def run(self) -> list[nodes.Node]:
        """Return an explorer for each data set of each profile, of which one is shown at a time."""
        for script in (SCRIPT, CHOOSER):
            self.env.note_dependency(str(script))
        found = [page for one in self.profiles() for page in explorers(one)]
        return [nodes.raw("", chooser(found), format="html")] if found else []


def explorers(one: Shown) -> list[tuple[str, str]]:
    """Return the explorer of each data set of a profile, with what to call it.

    There is none where the workflow wrote no data for it.
    """
    found = [
        json.loads(path.read_text()) | {"files": files(path)}
        for path in one.folder.glob("explorer-*.json")
    ]
    profile = load_profile(one.name)
    found.sort(key=lambda network: list(profile["models"]).index(network["model"]))
    pages = []
    for dataset in profile["datasets"]:
        networks = [network for network in found if network["dataset"] == dataset]
        if networks:
            page = explorer(networks, one.results, one.study)
            pages.append((f"{display_name(dataset)} (profile {one.name})", page))
    return pages


def explorer(networks: list[dict[str, Any]], results: pd.DataFrame, study: Study) -> str:
    """Return the HTML of a data set's explorer, with its data and its script.

    Beside the masks of a network stand the accuracies of the same run: those of its seed.
    """
    for network in networks:
        rows = select(results, **{key: network[key] for key in ("model", "dataset", "seed")})
        rows = rows[(rows["quantity"] == "accuracy") & (rows["classes"] != "all")]
        tuned = select(rows, method="module-finetuned").dropna(subset="threshold")
        names = tuned["classes"] + " @ " + tuned["threshold"].map("{:g}".format)
        standard = select(rows, method="standard")
        network["finetuned"] = dict(zip(names, tuned["value"], strict=True))
        network["standard"] = dict(zip(standard["classes"], standard["value"], strict=True))
    known = {"profile": study.profile, "operating": study.threshold, "networks": networks}
    data = json.dumps(known).replace("</", "<\\/")
    thresholds = networks[0]["thresholds"]
    start = thresholds.index(study.threshold) + 1 if study.threshold in thresholds else 1
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    meanings = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in COLUMNS.items())
    return PAGE.format(
        about=html.escape(
            f"{display_name(networks[0]['dataset'])}, profile {study.profile}. {study.about}"
        ),
        seed=networks[0]["seed"],
        steps=len(thresholds),
        start=start,
        classes=boxes("mwt-class", networks[0]["classes"], study.classes),
        networks=boxes("mwt-network", [n["model"] for n in networks], [0]),
        subtasks="".join(
            button(classes, networks[0]["classes"]) for classes in networks[0]["subtasks"]
        ),
        heads=heads,
        meanings=meanings,
        scale=scale(thresholds, study.threshold),
        origins="".join(origin_of_network(network, study.profile) for network in networks),
        data=data,
        script=SCRIPT.read_text(),
    )


def scale(thresholds: list[float], chosen: float) -> str:
    """Return the numbers below the slider, and the mark of the operating point."""
    last = len(thresholds) - 1
    numbers = "".join(
        f'<span style="--at: {step / last:.4f}">{threshold:g}</span>'
        for step, threshold in enumerate(thresholds)
        if step == 0 or (step > 1 and step % 2)
    )
    if chosen not in thresholds:
        return numbers
    at = f"--at: {thresholds.index(chosen) / last:.4f}"
    return f'{numbers}<span class="mwt-mark" style="{at}">▲ operating point</span>'


def origin_of_network(network: dict[str, Any], profile: str) -> str:
    """Return the line that says where a network's data come from."""
    model, dataset, made = network["model"], network["dataset"], network["made"]
    command = f"python -m mwt.report.explore {profile} {model} {dataset} explorer.json"
    return (
        f'<p class="mwt-origin" data-origin="{model}">{model}: '
        f'<span class="mwt-files">{network["files"]} · </span>'
        f"commit <code>{made['commit']}</code> · <code>{command}</code></p>"
    )


def files(path: Path) -> str:
    """Return links to a network's data: the measures, and all that the explorer knows."""
    return f"{link(path.with_suffix('.csv'), 'Measures (CSV)')} · {link(path, 'Data (JSON)')}"


def boxes(name: str, texts: list[str], chosen: list[int]) -> str:
    """Return a check box for each text."""
    return "".join(
        f'<label><input type="checkbox" name="{name}" value="{number}"'
        f"{' checked' if number in chosen else ''}> {html.escape(text)}</label>"
        for number, text in enumerate(texts)
    )


def button(classes: list[int], names: list[str]) -> str:
    """Return a button that chooses a sub-task."""
    chosen = [html.escape(names[label]) for label in classes]
    text = ", ".join(chosen)
    if len(classes) == len(names):
        text = f"all {len(names)}"
    elif len(classes) > 3 and classes == list(range(classes[0], classes[-1] + 1)):
        text = f"{chosen[0]} to {chosen[-1]}"
    return f'<button type="button" data-classes="{subtask_name(classes)}">{text}</button>'


PAGE = """<div class="mwt-explorer">
<p class="mwt-banner">{about} Shown is one run of each network, that with seed {seed}; other pages
may show means over several seeds.</p>
<form class="mwt-controls" onsubmit="return false">
<label class="mwt-slider">Threshold <strong data-part="at"></strong>
<input type="range" data-part="threshold" min="1" max="{steps}" step="1" value="{start}"></label>
<div class="mwt-scale" aria-hidden="true">{scale}</div>
<fieldset><legend>Classes</legend>{classes}</fieldset>
<fieldset><legend>Sub-tasks whose accuracy was measured</legend>{subtasks}</fieldset>
<fieldset><legend>Networks</legend>{networks}</fieldset>
</form>
<noscript><p>The explorer needs JavaScript, which this browser does not run.</p></noscript>
<p data-part="hint" hidden>Choose at least one class and one network.</p>
<div data-part="results">
<p data-part="of"></p>
<div class="mwt-figure mwt-scroll" tabindex="0" role="region" aria-label="Measures">
<table class="mwt-table"><thead><tr><th scope="col">network</th>{heads}</tr></thead>
<tbody data-part="rows"></tbody></table></div>
<details><summary>What the columns mean</summary><dl class="mwt-meanings">{meanings}</dl></details>
<div data-part="pictures"></div>
<p>The same from the command line, fine-tuning included:</p>
<div class="highlight"><pre tabindex="0" data-part="command"></pre></div>
</div>
{origins}
<p class="mwt-hidden" aria-live="polite" data-part="said"></p>
<script type="application/json">{data}</script>
<script>{script}</script>
</div>"""


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-explorer", Explorer)

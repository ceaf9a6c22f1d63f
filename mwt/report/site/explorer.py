"""``{mwt-explorer}``: module masks and measures over the threshold, without a server."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ...results.names import display_name
from ...results.tidy import interval, select
from ...study.parameters import Study
from ...study.profiles import load_profile
from ...study.subtasks import subtask_name
from .directives import ResultsDirective
from .explored import Score, small_scores
from .origin import file_link
from .shown import Shown

HERE = Path(__file__).parent
SCRIPTS = [
    HERE / f"{name}.js"  # one after the other, as one script
    for name in ("explorer-measures", "explorer-masks", "explorer-address", "explorer", "explorers")
]
FILES = [*SCRIPTS, HERE / "explorer.html", HERE / "explorers.html"]
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
FORMS = {
    "masked": "module-masked",
    "folded": "module-folded",
    "finetuned": "module-finetuned",
    "standard": "standard",
}
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
    "test images": "how many test images of the chosen classes the accuracies are of; below each "
    "accuracy stands Wilson's 95 % interval for so many images",
}


class Explorer(ResultsDirective):
    """A slider for the threshold, choices of data, classes and networks, and what they give."""

    def run(self) -> list[nodes.Node]:
        """Return an explorer for each data set of each profile, of which one is shown at a time."""
        for file in FILES:
            self.env.note_dependency(str(file))
        found = {name: html for one in self.profiles() for name, html in explorers(one)}
        return [nodes.raw("", together(found), format="html")] if found else []


def together(pages: dict[str, str]) -> str:
    """Return the HTML of the explorers of several data sets, by their names, with the script."""
    scripts = [path.read_text() for path in SCRIPTS]
    return TEMPLATES.get_template("explorers.html").render(pages=pages, scripts=scripts)


def explorers(one: Shown) -> list[tuple[str, str]]:
    """Return the explorer of each data set of a profile, with what to call it.

    There is none where the workflow wrote no data for it.
    """
    found = [
        json.loads(path.read_text()) | {"files": data_links(path)}
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
    """Return the HTML of a data set's explorer, with its data.

    Beside the masks of a network stand the accuracies that were measured of the same run, that of
    its seed: by the book's notebooks, on all test images, else of all pairs and triples of classes.
    """
    for network in networks:
        rows = select(results, **{key: network[key] for key in ("model", "dataset", "seed")})
        scores = [*small_scores(network), *notebook_scores(rows)]  # the last one counts
        network["accuracy"] = {form: by_subtask(scores, method) for form, method in FORMS.items()}
        network["small"] = bool(network.pop("small_subtasks", {}).get("classes"))
        network["title"] = display_name(network["model"])
        network["data"] = display_name(network["dataset"])
        network.pop("used", None)
    known = {"profile": study.profile, "operating": study.threshold, "networks": networks}
    first = networks[0]
    thresholds, operating = first["thresholds"], study.threshold
    return TEMPLATES.get_template("explorer.html").render(
        about=f"{display_name(first['dataset'])}, profile {study.profile}. {study.about}",
        networks=networks,
        names=first["classes"],
        classes=study.classes,
        subtasks={
            subtask_name(some): subtask_text(some, first["classes"]) for some in study.subtasks
        },
        thresholds=thresholds,
        operating=operating,
        start=thresholds.index(operating) + 1 if operating in thresholds else 1,
        at=lambda threshold: f"{thresholds.index(threshold) / (len(thresholds) - 1):.4f}",
        columns=COLUMNS,
        profile=study.profile,
        data=json.dumps(known).replace("</", "<\\/"),
    )


def notebook_scores(rows: pd.DataFrame) -> Iterator[Score]:
    """Yield what the notebooks measured of a network's sub-tasks, as `small_scores` does."""
    rows = rows[rows["classes"] != "all"]
    counts = select(rows, quantity="test_images")
    images = dict(zip(counts["classes"], counts["value"].astype(int), strict=True))
    for row in select(rows, quantity="accuracy").itertuples():
        threshold = None if row.method == "standard" else row.threshold
        yield row.method, row.classes, threshold, row.value, images.get(row.classes, 0)


def by_subtask(scores: Sequence[Score], method: str) -> dict[str, list[float | None]]:
    """Return what a method scores by sub-task and threshold: ``0 1 @ 0.9``, or ``0 1``.

    A score is the accuracy, its interval, and the number of images, as far as that is known.
    """
    found = {}
    for by, classes, threshold, value, images in scores:
        if by == method:
            at = "" if threshold is None else f" @ {threshold:g}"
            low, high = interval(value, images) if images else (None, None)
            found[classes + at] = [value, low, high, images or None]
    return found


def data_links(path: Path) -> str:
    """Return links to a network's data: the measures, and all that the explorer knows."""
    measures = file_link(path.with_suffix(".csv"), "Measures (CSV)")
    return f"{measures} · {file_link(path, 'Data (JSON)')}"


def subtask_text(classes: list[int], names: list[str]) -> str:
    """Return what the button of a sub-task says."""
    if len(classes) == len(names):
        return f"all {len(names)}"
    if len(classes) > 3 and classes == list(range(classes[0], classes[-1] + 1)):
        return f"{names[classes[0]]} to {names[classes[-1]]}"
    return ", ".join(names[label] for label in classes)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-explorer", Explorer)

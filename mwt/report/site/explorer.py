"""``{mwt-explorer}``: module masks and measures over the threshold, without a server."""

import json
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ...results.names import display_name
from ...results.tidy import select
from ...study.parameters import Study
from ...study.profiles import load_profile
from ...study.subtasks import subtask_name
from .directives import ResultsDirective
from .origin import file_link
from .shown import Shown

HERE = Path(__file__).parent
FILES = [HERE / f"{name}.{kind}" for name in ("explorer", "explorers") for kind in ("html", "js")]
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
FORMS = {"masked": "module-masked", "folded": "module-folded", "finetuned": "module-finetuned"}
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
        for file in FILES:
            self.env.note_dependency(str(file))
        pages = {name: page for one in self.profiles() for name, page in explorers(one)}
        if len(pages) > 1:
            return [nodes.raw("", rendered("explorers", pages=pages), format="html")]
        return [nodes.raw("", page, format="html") for page in pages.values()]


def rendered(name: str, **values: Any) -> str:
    """Return the HTML of a template, with the script of the same name."""
    script = (HERE / f"{name}.js").read_text()
    return TEMPLATES.get_template(f"{name}.html").render(script=script, **values)


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
    """Return the HTML of a data set's explorer, with its data and its script.

    Beside the masks of a network stand the accuracies that the book's notebooks measured of the
    same run, that of its seed.
    """
    for network in networks:
        rows = select(results, **{key: network[key] for key in ("model", "dataset", "seed")})
        rows = rows[(rows["quantity"] == "accuracy") & (rows["classes"] != "all")]
        standard = select(rows, method="standard")
        network["standard"] = dict(zip(standard["classes"], standard["value"], strict=True))
        network["accuracy"] = {form: accuracies(rows, method) for form, method in FORMS.items()}
    known = {"profile": study.profile, "operating": study.threshold, "networks": networks}
    first = networks[0]
    thresholds, operating = first["thresholds"], study.threshold
    return rendered(
        "explorer",
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


def accuracies(rows: pd.DataFrame, method: str) -> dict[str, float]:
    """Return the accuracy of a form of modules by sub-task and threshold: ``0 1 @ 0.9``."""
    of = select(rows, method=method).dropna(subset="threshold")
    names = of["classes"] + " @ " + of["threshold"].map("{:g}".format)
    return dict(zip(names, of["value"], strict=True))


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

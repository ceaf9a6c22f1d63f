"""``{mwt-live}``: a reader draws a digit, and a network answers in the browser."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import jinja2
from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

from ...results.names import display_name
from .directives import ResultsDirective
from .origin import FOLDER
from .shown import Shown

HERE = Path(__file__).parent
PARTS = ("live_engine", "live_drawing", "live_kernels", "live_answers", "live")
FILES = [HERE / "live.html", *(HERE / f"{name}.js" for name in PARTS)]
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
CARDS = [
    {
        "key": "whole",
        "title": "The whole network",
        "caption": "Probability of each class, by the whole network",
    },
    {
        "key": "module",
        "title": "The module",
        "caption": "Probability of each of its classes, by the module",
    },
    {
        "key": "alone",
        "title": "Modules one by one",
        "caption": "Score of each class, by the module of this class alone",
    },
]
LEGEND = {
    "used inside": "used, and in the module",
    "used outside": "used, but not in the module",
    "unused inside": "in the module, not used",
    "unused outside": "neither",
}


class Live(ResultsDirective):
    """A drawing area, the networks' answers, and their kernels."""

    def run(self) -> list[nodes.Node]:
        """Return the page's part for each network that the workflow wrote for it."""
        for file in FILES:
            self.env.note_dependency(str(file))
        pages = [
            page(one, path)
            for one in self.profiles()
            for path in sorted(one.folder.glob("live-*.json"))
        ]
        if not pages:
            return [nodes.paragraph("", "The results in this book have no network for this page.")]
        return [nodes.raw("", html, format="html") for html in pages]


def page(one: Shown, path: Path) -> str:
    """Return the HTML of one network's part of the page; the network itself is not in it."""
    network = json.loads(path.read_text())
    model, dataset = network["model"], network["dataset"]
    return TEMPLATES.get_template("live.html").render(
        name=script_name(path),
        file=f"{FOLDER}/{script_name(path)}.js",
        megabytes=path.stat().st_size / 1e6,
        about=f"{display_name(dataset)}, profile {one.name}. {one.study.about}",
        model=display_name(model),
        network=network,
        accuracy=network["accuracy"],
        classes=one.study.classes,
        ready=ready_digits(network),
        percent=lambda share: f"{100 * share:.1f}\N{NO-BREAK SPACE}%",
        cards=CARDS,
        legend=LEGEND,
        command=f"python -m mwt.report.live {one.name} {model} {dataset} live.json",
        script="\n".join((HERE / f"{part}.js").read_text() for part in PARTS),
    )


def ready_digits(network: dict[str, Any]) -> list[dict[str, Any]]:
    """Return position, class and picture of the first test image of each class."""
    digits = network["digits"]
    return [
        {
            "index": digits["labels"].index(label),
            "name": name,
            "picture": picture(digits["images"][digits["labels"].index(label)], digits["size"]),
        }
        for label, name in enumerate(network["classes"])
    ]


def picture(pixels: str, size: int) -> str:
    """Return an image, given by base64 of its pixels, as a PNG within an address."""
    file = io.BytesIO()
    Image.frombytes("L", (size, size), base64.b64decode(pixels)).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def script_name(path: Path) -> str:
    """Return what the built site calls a network: ``quick-live-resnet18-mnist5k``."""
    return f"{path.parent.name}-{path.stem}"


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the networks as scripts beside the pages: a page opened as a file may read no other."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for path in (Path(app.srcdir) / "results").glob("*/live-*.json"):
        value = json.dumps(json.loads(path.read_text()), separators=(",", ":"))
        name = script_name(path)
        script = f'(globalThis.mwtNetworks ??= {{}})["{name}"] = {value};\n'
        (folder / f"{name}.js").write_text(script)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-live", Live)
    app.connect("build-finished", write)

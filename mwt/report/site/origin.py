"""Where every figure comes from: its numbers, its notebook, its commit, its command."""

import html
import shutil
from collections import Counter
from pathlib import Path

from docutils import nodes
from IPython.display import HTML
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from ..style import Drawn
from .execution import Execution, execution
from .explored import as_csv

FIGURE = '<figure class="mwt-figure"'
FOLDER = "_data"  # of the built site: the figures' numbers


def figure_node(shown: HTML, made: Execution | None = None) -> nodes.raw:
    """Return what a directive shows as a node; of a figure, with a line on its origin."""
    node = nodes.raw("", shown.data, format="html")
    if isinstance(shown, Drawn):
        node["numbers"], node["made"] = shown.csv, made
    return node


def add_origins(app: Sphinx, doctree: nodes.document) -> None:
    """Give figures and tables ids that claims can point at; figures a line on their origin."""
    docname = app.env.docname
    path = Path(app.env.doc2path(docname))
    made = execution(path) if path.suffix == ".ipynb" else None
    numbers = iter(made.numbers if made else [])
    files: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for node in [one for one in doctree.findall(nodes.raw) if FIGURE in one.astext()]:
        text = node.astext()
        kind = "figure" if "<svg" in text else "table"
        counts[kind] += 1
        anchor = label(docname, kind, counts[kind])
        if kind == "figure":
            files[f"{anchor}.csv"] = node["numbers"] if "numbers" in node else next(numbers)
            way = origin_of_figure(docname, f"{anchor}.csv", node.get("made") or made)
            text = text.replace("</figure>", f"{way}</figure>", 1)
        text = text.replace(FIGURE, f'<figure id="{anchor}" class="mwt-figure"', 1)
        node.replace_self(nodes.raw("", text, format="html"))
        make_target(app.env, anchor, kind)
    data(app.env)[docname] = files


def make_target(env: BuildEnvironment, anchor: str, title: str) -> None:
    """Make an id of the page that is read a target for links of other pages."""
    standard = env.get_domain("std")
    standard.data["anonlabels"][anchor] = env.docname, anchor
    standard.data["labels"][anchor] = env.docname, anchor, title


def link_to(target: str, text: str) -> pending_xref:
    """Return a link to such a target."""
    inner = nodes.inline("", text, classes=["std", "std-ref"])
    where = {"refdomain": "std", "reftype": "ref", "reftarget": target}
    return pending_xref("", inner, refexplicit=True, refwarn=True, **where)


def label(docname: str, kind: str, count: int) -> str:
    """Return the id of a page's figure or table: unique in the whole book."""
    return f"{docname.removeprefix('results/').replace('/', '-')}-{kind}-{count}"


def origin_of_figure(docname: str, file: str, made: Execution | None) -> str:
    """Return the line under a figure."""
    root = "../" * docname.count("/")
    files = f'<a href="{root}{FOLDER}/{file}" download>Data (CSV)</a>'
    made_by = ""
    if made:
        source = f"{made.folder}/{made.path.name}"
        files += f' · <a href="{root}_sources/{source}" download>Notebook</a> · '
        made_by = (
            f"commit <code>{html.escape(made.record['commit'])}</code> · "
            f"<code>{html.escape(made.command)}</code>"
        )
    return f'<p class="mwt-origin"><span class="mwt-files">{files}</span>{made_by}</p>'


def data(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Return the figures' numbers by page and file; Sphinx keeps them between builds."""
    return vars(env).setdefault("mwt_data", {})


def file_link(path: Path, text: str) -> str:
    """Return a link, on a page at the top, to a file of results beside the pages."""
    return f'<a href="{FOLDER}/{path.parent.name}-{path.name}" download>{text}</a>'


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the figures' numbers and the files of results beside the pages."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for files in data(app.env).values():
        for name, csv in files.items():
            (folder / name).write_text(csv)
    for pattern in ("*/results.csv", "*/explorer-*.json"):
        for path in (Path(app.srcdir) / "results").glob(pattern):
            name = f"{path.parent.name}-{path.name}"
            shutil.copy2(path, folder / name)
            if path.suffix == ".json":
                (folder / name).with_suffix(".csv").write_text(as_csv(path))
    for path in (Path(app.srcdir) / "benchmarks").glob("*.csv"):
        shutil.copy2(path, folder / f"benchmarks-{path.name}")


def purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the figures of a page that is read again or gone."""
    data(env).pop(docname, None)


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, before it collects the contents of a page."""
    app.connect("doctree-read", add_origins, priority=400)
    app.connect("env-purge-doc", purge)
    app.connect("build-finished", write)

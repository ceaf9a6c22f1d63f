"""``python -m mwt.report.publish RESULTS``: make a run's results the published ones."""

import shutil
from pathlib import Path

import nbformat
import yaml

from ..results.executed import notebooks
from ..study.profiles import load_profile
from ..support.command import run
from ..support.errors import UsageError
from ..support.files import project_root, read_yaml
from .order import ordered, profile_folders
from .pdf import NAME
from .published import copy_runs, copy_weights, runs_behind
from .stage import WALKS, copy_pages, walks, with_notebooks
from .swapping import swapping


def publish(results: Path) -> None:
    """Replace the published results of a profile, and list its notebooks in the contents.

    Where the profile says so, the small results of all runs behind them are published as well, and
    the weights of some networks. The README shows the modules of the profile that the book shows
    first. All of it is replaced, or none: one that was interrupted in between is gone on with by
    the next call, and before a book is staged.
    """
    if not (results / "results.csv").exists():
        raise UsageError(f"{results} has no results.csv: run `make book` first.")
    root, profile = project_root(), load_profile(results.name)
    book, name = root / "book", results.name
    with swapping(root) as swap:
        folder = swap.add(book / "results" / name)
        copy_pages(results, folder)
        if profile["publish"]:  # a run may be one that was published before
            copy_weights(profile, swap.add(root / "weights" / name))
            copy_runs(runs_behind(results), folder / "runs")
        for path in walks(results):
            shutil.copy2(path, swap.add(book / WALKS / path.name))
        toc = with_notebooks(read_yaml(book / "_toc.yml"), results)
        swap.add(book / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False))
        if name == first_profile(book / "results", name):
            masks = [path for path in notebooks(results) if path.stem.startswith("modularize-")]
            drawn = picture(nbformat.read(masks[0], as_version=4)) if masks else None
            if drawn:
                swap.add(book / "_static" / "masks.svg").write_text(drawn)
    (book / "_static" / NAME).unlink(missing_ok=True)  # a PDF of other results


def first_profile(folder: Path, name: str) -> str:
    """Return the profile that the book shows first, once this one is published, too."""
    return ordered({name, *(path.name for path in profile_folders(folder))})[0]


def picture(notebook: nbformat.NotebookNode) -> str | None:
    """Return a notebook's first figure as a file of its own, dark on white, for the README."""
    pages = (
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    )
    page = next((page for page in pages if "<svg" in page), None)
    if page is None:
        return None
    svg = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
    opening = svg[: svg.index(">") + 1]
    background = '<rect width="100%" height="100%" fill="white"/>'
    return svg.replace(opening, opening + background, 1).replace("currentColor", "#222222") + "\n"


if __name__ == "__main__":
    run(publish)

"""``python -m mwt.report.publish RESULTS``: make a run's results the published ones."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import yaml

from ..results.executed import notebooks
from ..study.profiles import load_profile
from ..support.command import run
from ..support.errors import UsageError
from ..support.files import project_root, read_yaml
from .order import profile_folders
from .published import copy_runs, copy_weights, runs_behind
from .stage import copy_results, with_notebooks


def publish(results: Path) -> None:
    """Replace the published results of a profile, and list its notebooks in the contents.

    Where the profile says so, the small results of all runs behind them are published as well, and
    the weights of some networks. The README shows the modules of the profile that the book shows
    first.
    """
    if not (results / "results.csv").exists():
        raise UsageError(f"{results} has no results.csv: run `make book` first.")
    book, profile = project_root() / "book", load_profile(results.name)
    # Beside what is there before any of it goes: a run may be one that was published before.
    with TemporaryDirectory(dir=project_root(), prefix=".publish-") as temporary:
        runs, weights = (Path(temporary) / name for name in ("runs", "weights"))
        if profile["publish"]:
            copy_weights(profile, weights)
            copy_runs(runs_behind(results), runs)
        copy_results(results, book)
        if profile["publish"]:
            runs.rename(book / "results" / results.name / "runs")
            replace(project_root() / "weights" / results.name, weights)
    contents = book / "_toc.yml"
    toc = with_notebooks(read_yaml(contents), results)
    contents.write_text(yaml.safe_dump(toc, sort_keys=False))
    if profile_folders(book / "results")[0].name == results.name:
        masks = [path for path in notebooks(results) if path.stem.startswith("modularize-")]
        drawn = picture(nbformat.read(masks[0], as_version=4)) if masks else None
        if drawn:
            (book / "_static" / "masks.svg").write_text(drawn)


def replace(folder: Path, new: Path) -> None:
    """Put a folder in the place of another."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    new.rename(folder)


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

"""``python -m mwt.report.stage RESULTS TARGET``: the book's pages with a fresh run's results.

The book in ``book/`` shows the published results; a copy of it with the fresh ones in their place
is what the workflow builds, so that no tracked file changes.
"""

import shutil
import sys
from pathlib import Path

import yaml

from ..files import home

NOTEBOOKS = {
    "train": "Training",
    "modularize": "Modularizing",
    "reuse": "Reuse",
    "rq4": "RQ4: the threshold",
}


def contents(results: Path) -> list[dict[str, object]]:
    """Return the parts of the table of contents that list the notebooks of a profile."""
    profile = yaml.safe_load((home() / "profiles" / f"{results.name}.yaml").read_text())
    return [
        {
            "caption": f"{model} on {profile['dataset']} ({results.name})",
            "chapters": [
                {"file": f"results/{results.name}/{notebook}-{model}", "title": title}
                for notebook, title in NOTEBOOKS.items()
            ],
        }
        for model in profile["models"]
    ]


def with_notebooks(toc: dict[str, list], results: Path) -> dict[str, list]:
    """Return a table of contents whose notebooks are those of ``results``."""
    pages = [part for part in toc["parts"] if "results/" not in part["chapters"][0]["file"]]
    return toc | {"parts": [pages[0], *contents(results), *pages[1:]]}


def copy_results(results: Path, book: Path) -> None:
    """Copy the executed notebooks and ``results.csv`` of a profile into a book."""
    folder = book / "results" / results.name
    folder.mkdir(parents=True)
    for path in [*sorted(results.glob("*.ipynb")), results / "results.csv"]:
        shutil.copy2(path, folder)


def stage(results: Path, target: Path) -> None:
    """Copy the book to ``target`` with the results of ``results`` in place of the published."""
    book = home() / "book"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(book, target, ignore=shutil.ignore_patterns("results"))
    copy_results(results, target)
    toc = yaml.safe_load((book / "_toc.yml").read_text())
    text = yaml.safe_dump(with_notebooks(toc, results), sort_keys=False)
    (target / "_toc.yml").write_text(text)


if __name__ == "__main__":
    stage(Path(sys.argv[1]), Path(sys.argv[2]))

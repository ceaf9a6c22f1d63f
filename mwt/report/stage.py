"""``python -m mwt.report.stage RESULTS TARGET``: the book's pages with a fresh run's results.

The book in ``book/`` shows the published results; a copy of it with the fresh ones in their place
is what the workflow builds, so that no tracked file changes.
"""

import shutil
from itertools import chain
from pathlib import Path

import yaml

from ..results.executed import notebooks, pages, titles
from ..study.profiles import load_profile
from ..support.command import run
from ..support.files import project_root
from .order import ordered
from .pdf import NAME

STAGED = "_build/book"  # of the project: where the workflow stages its book


def with_notebooks(toc: dict[str, list], results: Path) -> dict[str, list]:
    """Return a table of contents whose notebooks of this profile are those of ``results``.

    The parts of all profiles follow the first part, in the order of their profiles.
    """
    prefix = f"results/{results.name}/"
    of_profiles: dict[str, list] = {}
    others: list = []
    for part in toc["parts"]:
        folder, *names = part["chapters"][0]["file"].split("/")
        held = of_profiles.setdefault(names[0], []) if folder == "results" else others
        held.append(part)
    of_profiles[results.name] = [
        {
            "caption": f"{model} on {dataset} ({results.name})",
            "chapters": [
                {"file": prefix + path.stem, "title": titles()[path.stem.split("-")[0]]}
                for path in paths
            ],
        }
        for (model, dataset), paths in pages(results).items()
    ]
    first, *rest = others
    in_order = chain(*(of_profiles[name] for name in ordered(of_profiles)))
    return toc | {"parts": [first, *in_order, *rest]}


def copy_results(results: Path, book: Path) -> None:
    """Replace a profile's executed notebooks, ``results.csv`` and explorer's data in a book."""
    (book / "_static" / NAME).unlink(missing_ok=True)  # a PDF of other results
    folder = book / "results" / results.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in [*notebooks(results), results / "results.csv", *results.glob("explorer-*.json")]:
        shutil.copy2(path, folder)


def stage_book(results: Path, target: Path) -> None:
    """Copy the book to a folder, with other results in the place of the published ones."""
    load_profile(results.name)  # a mistake is said before anything is copied
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(project_root() / "book", target, ignore=shutil.ignore_patterns("runs"))
    copy_results(results, target)
    contents = target / "_toc.yml"
    toc = with_notebooks(yaml.safe_load(contents.read_text()), results)
    contents.write_text(yaml.safe_dump(toc, sort_keys=False))


if __name__ == "__main__":
    run(stage_book)

"""``python -m mwt.report.stage RESULTS TARGET``: the book's pages with a fresh run's results.

The book in ``book/`` shows the published results; a copy of it with the fresh ones in their place
is what the workflow builds, so that no tracked file changes.
"""

import shutil
from pathlib import Path
from typing import Any

import yaml

from ..results.executed import notebooks, pages, titles
from ..study.profiles import load_profile
from ..support.command import run
from ..support.files import project_root
from .order import ordered
from .pdf import NAME
from .style import display_name

STAGED = "_build/book"  # of the project: where the workflow stages its book


def with_notebooks(toc: dict[str, list], results: Path) -> dict[str, list]:
    """Return a table of contents whose notebooks of this profile are those of ``results``.

    A profile is a part, with a chapter for each network that unfolds its pages. These parts follow
    the first one, in the order of their profiles.
    """
    prefix = f"results/{results.name}/"
    of_profiles: dict[str, dict[str, Any]] = {}
    others: list[dict[str, Any]] = []
    for part in toc["parts"]:
        folder, *names = part["chapters"][0]["file"].split("/")
        if folder == "results":
            of_profiles[names[0]] = part
        else:
            others.append(part)
    found = pages(results)
    datasets = list(dict.fromkeys(dataset for _, dataset in found))
    of_profiles[results.name] = {
        "caption": f"{' and '.join(map(display_name, datasets))} (profile {results.name})",
        "chapters": [
            chapter(prefix, paths, model, dataset if len(datasets) > 1 else None)
            for (model, dataset), paths in found.items()
        ],
    }
    first, *rest = others
    in_order = [of_profiles[name] for name in ordered(of_profiles)]
    return toc | {"parts": [first, *in_order, *rest]}


def chapter(prefix: str, paths: list[Path], model: str, dataset: str | None) -> dict[str, Any]:
    """Return a network's entry in the contents: its first page, and the others below it."""
    on = f" on {display_name(dataset)}" if dataset else ""
    first, *others = [
        {"file": prefix + path.stem, "title": titles()[path.stem.split("-")[0]]} for path in paths
    ]
    first["title"] = f"{display_name(model)}{on}: {first['title']}"
    return first | ({"sections": others} if others else {})


def copy_results(results: Path, book: Path) -> None:
    """Replace a profile's executed notebooks, ``results.csv`` and what pages load in a book."""
    (book / "_static" / NAME).unlink(missing_ok=True)  # a PDF of other results
    folder = book / "results" / results.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    loaded = [path for kind in ("explorer", "live") for path in results.glob(f"{kind}-*.json")]
    for path in [*notebooks(results), results / "results.csv", *loaded]:
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

"""``python -m mwt.report.stage RESULTS TARGET``: the book's pages with a fresh run's results.

The book in ``book/`` shows the published results; a copy of it with the fresh ones in their place
is what the workflow builds, so that no tracked file changes.
"""

import shutil
from copy import deepcopy
from pathlib import Path

import yaml

from ..results.executed import notebooks, pages, titles
from ..results.names import display_name
from ..study.profiles import load_profile
from ..support.command import run
from ..support.files import project_root, read_yaml
from .order import ordered
from .pdf import NAME
from .questions.listed import QUESTIONS, Question
from .swapping import finish

WALKS = "walks"  # of a book, and of the results beside which they were executed
STAGED = "_build/book"  # of the project: where the workflow stages its book


def with_notebooks(toc: dict[str, list], results: Path) -> dict[str, list]:
    """Return a table of contents whose notebooks of this profile are those of ``results``.

    They lie below the page of the question that they serve, in the order of their profiles.
    """
    own, toc = f"results/{results.name}/", deepcopy(toc)
    for chapter in (chapter for part in toc["parts"] for chapter in part["chapters"]):
        question = next((one for one in QUESTIONS if one.page == chapter["file"]), None)
        if question is None:
            continue
        others = [one for one in chapter.get("sections", []) if not one["file"].startswith(own)]
        listed = [*others, *sections(question, results)]
        names = ordered({one["file"].split("/")[1] for one in listed})
        listed.sort(key=lambda one: names.index(one["file"].split("/")[1]))
        chapter.pop("sections", None)
        chapter |= {"sections": listed} if listed else {}
    return toc


def sections(question: Question, results: Path) -> list[dict[str, str]]:
    """Return the entries of a profile's notebooks that serve a question."""
    return [
        {
            "file": f"results/{results.name}/{path.stem}",
            "title": f"{kind(path, question)}{display_name(model)}, {display_name(dataset)}",
        }
        for (model, dataset), paths in pages(results).items()
        for path in paths
        if path.stem.split("-")[0] in question.notebooks
    ]


def kind(path: Path, question: Question) -> str:
    """Return which notebook it is, where several serve a question."""
    title = titles()[path.stem.split("-")[0]]
    return f"{title}: " if len(question.notebooks) > 1 else ""


def copy_results(results: Path, book: Path) -> None:
    """Replace a profile's executed notebooks, ``results.csv`` and what pages load in a book.

    The walks, too, where they were executed beside the profile.
    """
    (book / "_static" / NAME).unlink(missing_ok=True)  # a PDF of other results
    folder = book / "results" / results.name
    shutil.rmtree(folder, ignore_errors=True)
    copy_pages(results, folder)
    for path in walks(results):
        (book / WALKS).mkdir(exist_ok=True)
        shutil.copy2(path, book / WALKS)


def copy_pages(results: Path, folder: Path) -> None:
    """Copy a profile's executed notebooks, ``results.csv`` and what pages load to a new folder."""
    folder.mkdir(parents=True)
    loaded = [path for kind in ("explorer", "live") for path in results.glob(f"{kind}-*.json")]
    for path in [*notebooks(results), results / "results.csv", *loaded]:
        shutil.copy2(path, folder)


def walks(results: Path) -> list[Path]:
    """Return the walks that were executed beside a profile."""
    return sorted((results / WALKS).glob("*.ipynb"))


def stage_book(results: Path, target: Path) -> None:
    """Copy the book to a folder, with other results in the place of the published ones."""
    load_profile(results.name)  # a mistake is said before anything is copied
    finish(project_root())
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(project_root() / "book", target, ignore=shutil.ignore_patterns("runs"))
    copy_results(results, target)
    contents = target / "_toc.yml"
    toc = with_notebooks(read_yaml(contents), results)
    contents.write_text(yaml.safe_dump(toc, sort_keys=False))


if __name__ == "__main__":
    run(stage_book)

"""Which of several profiles comes first on pages: the one that is nearest to the paper."""

from collections.abc import Iterable
from pathlib import Path

from ..study import parameters
from ..study.profiles import DEFAULT, PAPER, load_profile


def ordered(names: Iterable[str]) -> list[str]:
    """Return profiles, those nearest to the paper first.

    Those whose data sets are all the paper's come before the others, the default one comes last;
    among the rest wider networks come first, then those that were trained for longer.
    """
    papers = set(load_profile(PAPER)["datasets"])

    def distance(name: str) -> tuple[bool, bool, float, int, str]:
        config = parameters.read({"profile": name}).config
        other_data = not papers.issuperset(load_profile(name)["datasets"])
        return other_data, name == DEFAULT, -config.width, -config.epochs, name

    return sorted(names, key=distance)


def profile_folders(results: Path) -> list[Path]:
    """Return the folders of the profiles whose results a book holds, in their order."""
    names = ordered(path.parent.name for path in results.glob("*/results.csv"))
    return [results / name for name in names]

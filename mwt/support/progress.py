"""One progress line per piece of work, in a terminal and in a notebook."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")


class NotebookLine:
    """A file for tqdm that keeps rewriting one output of a notebook cell; an empty line empties it.

    Written to a notebook's standard error, every refresh would stay in the saved file.
    """

    def __init__(self) -> None:
        self.handle: Any = None

    def write(self, text: str) -> None:
        """Show the newest line; after an empty one, nothing."""
        from IPython.display import display

        line = text.strip()
        content = {"text/plain": line} if line else {}
        if self.handle:
            self.handle.update(content, raw=True)
        elif line:
            self.handle = display(content, raw=True, display_id=True)

    def flush(self) -> None:
        """Nothing is held back."""


def in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def progress_bar(label: str | None, total: int, done: int = 0) -> tqdm:
    """Return a tqdm bar for ``total`` steps, of which ``done`` were done before.

    Work that ends within a second shows none; neither does work without a label. In a notebook,
    which is kept and published, none is left when the work is done.
    """
    notebook = in_notebook()
    file: Any = NotebookLine() if notebook else sys.stderr
    patient = not notebook and not sys.stderr.isatty()  # a log file keeps every refresh
    return tqdm(
        total=total,
        initial=done,
        desc=label,
        disable=label is None,
        file=file,
        leave=not notebook,
        delay=1.0,
        mininterval=30.0 if patient else 1.0,
        ncols=88,
        ascii=False,
        bar_format="{desc}: {percentage:3.0f}% |{bar:24}| {elapsed}<{remaining} {postfix}",
    )


def progress(label: str, items: Sequence[T]) -> Iterator[T]:
    """Yield the items, showing how many are done."""
    with progress_bar(label, total=len(items)) as bar:
        for item in items:
            yield item
            bar.update()

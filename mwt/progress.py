"""One progress line per piece of work, in a terminal and in a notebook."""

import sys
from typing import Any

from tqdm import tqdm


class NotebookLine:
    """A file for tqdm that keeps rewriting one output of a notebook cell.

    Written to a notebook's standard error, every refresh would stay in the saved file.
    """

    def __init__(self) -> None:
        self.handle: Any = None

    def write(self, text: str) -> None:
        """Show the newest line."""
        from IPython.display import display

        line = text.strip("\r\n")
        if not line:
            return
        content = {"text/plain": line}
        if self.handle is None:
            self.handle = display(content, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self.handle.update(content, raw=True)

    def flush(self) -> None:
        """Nothing is held back."""


def in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def progress_bar(label: str, total: int, done: int = 0) -> tqdm:
    """Return a tqdm bar for ``total`` steps, of which ``done`` were done before."""
    file: Any = NotebookLine() if in_notebook() else sys.stderr
    return tqdm(
        total=total,
        initial=done,
        desc=label,
        file=file,
        mininterval=1.0,
        ncols=88,
        bar_format="{desc}: {percentage:3.0f}% |{bar:24}| {elapsed}<{remaining} {postfix}",
    )

"""What papermill injects into a notebook."""

import ast
from collections.abc import Mapping
from typing import Any

from ..support.errors import choose


def refuse_unknown(namespace: Mapping[str, Any]) -> None:
    """Refuse parameters that papermill injected but the notebook does not have.

    Papermill only warns, so a misspelt parameter would be ignored. It injects its values in a cell
    of its own after the parameters cell, which is the notebook's first.
    """
    cells = [cell for cell in namespace.get("In", []) if cell]
    injected = [cell for cell in cells if cell.startswith("# Parameters")]
    if injected:
        known = assigned(cells[0])
        for name in assigned(injected[0]):
            choose("parameter", name, known)


def assigned(source: str) -> list[str]:
    """Return the names that a piece of code assigns at its top level."""
    return [
        target.id
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]

"""What the paper's authors and others published, each number with its source."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def reported() -> dict[str, Any]:
    """Return the numbers that others published, each group with its source."""
    return json.loads(Path(__file__).with_name("reported.json").read_text())

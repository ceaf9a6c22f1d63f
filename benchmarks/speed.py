"""How fast it is: one table of ratios, each measured side by side in one process.

    python benchmarks/speed.py OUT.csv [--device auto] [--compile NETWORK ...] [--book]

Modular steps beside standard ones, of four networks at full and at half width in two precisions,
those of ``--compile`` at half width also compiled; the measures of modularity; CNNSplitter's
search; and with ``--book``, half an hour, the whole book in a fresh clone: from an empty store, and
again from what that left. Each row has the median ratio and the quarters below and above; ``most``
is what it should be at most, and ``floor`` what a part of it alone takes: the passes over feature
maps, or the book's trainings, searches and masks. OUT.csv is written row by row. The book shows it.
"""

import argparse
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import torch
from cnnsplitter import search_rows
from jaccard import jaccard_rows
from ratios import Row, said
from step import step_rows

from mwt.results import benchmarks
from mwt.support.checks import resolve_device

ROOT = Path(__file__).parents[1]
MOST = 8 * 60  # seconds that the book should take


def book_rows() -> Iterator[Row]:
    """Yield what the book takes, in a clone of what is committed."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), folder], check=True)
        (Path(folder) / ".venv").symlink_to(ROOT / ".venv")
        homes = {"MWT_HOME": f"{folder}/home", "PYTHONPATH": folder}
        for setting in ("from an empty store", "from the store that this left"):
            start = time.perf_counter()
            # The environment is there: it is not to be installed again, from this clone.
            command = ["make", "--assume-old=.venv/.done", "book", "FLAGS=--forceall"]
            subprocess.run(command, cwd=folder, env=os.environ | homes, check=True)
            took = time.perf_counter() - start
            cores = os.cpu_count() or 1
            row = {"what": "make book", "setting": f"{setting}, {cores} cores", "seconds": took}
            alone = {"most": MOST, "floor": trained_for(Path(folder) / "home") / cores}
            yield row | alone if "empty" in setting else row


def trained_for(home: Path) -> float:
    """Return the seconds of a core that a store's trainings, searches and masks took."""
    total = 0.0
    for file in home.glob("runs/*/result.json"):
        found = json.loads(file.read_text())["result"]
        trained = found["history"][-1] if "history" in found else found
        total += trained.get("seconds", 0.0)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", nargs="*", default=[])
    parser.add_argument("--book", action="store_true")
    asked = parser.parse_args()
    device = resolve_device(asked.device)
    steps = [step_rows(device, width=1.0), step_rows(device, width=0.5, also=asked.compile)]
    parts = [*steps, jaccard_rows(), search_rows(20, 300), *([book_rows()] if asked.book else [])]
    how = benchmarks.made(device)
    rows = []
    for row in itertools.chain(*parts):
        print(said(row), flush=True)
        rows.append(row)
        benchmarks.write(asked.out, pd.DataFrame(rows), how)


if __name__ == "__main__":
    torch.set_num_threads(1 if not torch.cuda.is_available() else torch.get_num_threads())
    main()

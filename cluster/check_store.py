"""Try on a cluster what the store of runs relies on: locks between nodes, and whole files.

    srun --nodes=2 --ntasks=4 python cluster/check_store.py FOLDER

Each process counts to 100 in one file of a FOLDER that all nodes share: it takes the lock, reads,
and writes the file anew under another name that then becomes the file's. A lock that does not hold
loses counts; a file that is seen half written cannot be read. It ends with an error then.
"""

import json
import os
import platform
import sys
from pathlib import Path

from mwt.support.files import locked, save_json

TIMES = 100


def main() -> None:
    """Count to 100 beside others."""
    folder = Path(sys.argv[1]) / "check-store"
    file, me = folder / "counts.json", f"{platform.node()} {os.getpid()}"
    for _ in range(TIMES):
        with locked(folder):
            counts = json.loads(file.read_text()) if file.exists() else {}
            save_json(file, counts | {me: counts.get(me, 0) + 1})
    found = json.loads(file.read_text())[me]
    if found != TIMES:
        raise SystemExit(
            f"{me}: {found} of {TIMES} counts are left: locks do not hold in {folder}."
        )
    print(f"{me}: all {TIMES} counts are there.")


if __name__ == "__main__":
    main()

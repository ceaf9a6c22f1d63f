"""A `make book` that is killed again and again ends as one that was left alone.

    python benchmarks/killed_book.py [--kills 6] [--seed 0]

What is committed is cloned twice, with a small profile and a store of its own. In one clone the
book is made at once. In the other it is killed at random moments with all that it started, by turns
as when the power fails (SIGKILL), as a cluster ends a job (SIGTERM) and as Ctrl-C does (SIGINT),
and begun again each time. Then both results are compared, all but times, and the names of the
pages of both sites. Exits with 1 if they differ. Some minutes of both cores.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mwt.results.tidy import read_results

ROOT = Path(__file__).parents[1]
PROFILE = """
profile: killed
about: Too small to learn much.
datasets: [digits]
seeds: [0]
defaults: {width: 0.0625, schedule: one-cycle, channels_last: true, finetune_epochs: 1}
models: {resnet18: {image_size: 8, epochs: 20, lr: 0.1, batch_size: 64}}
threshold: 0.9
thresholds: [0.5, 0.9]
target_classes: [0, 1, 2]
subtask_sizes: [2, 3]
random_subtasks: {sizes: [2], per_size: 2, finetune: false}
hyperparameters: {models: [], alphas: [0.5], betas: [1.5], settings: {}}
cnnsplitter: {models: [], settings: {}}
worth: {sizes: [1, 2], small: []}
"""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TIMES = "seconds|latency"  # quantities that no two runs have in common


def clone(folder: Path) -> Path:
    """Clone what is committed, with the small profile and this environment."""
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    (folder / "profiles/killed.yaml").write_text(PROFILE)
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    return folder


def begun(folder: Path) -> "subprocess.Popen[bytes]":
    """Start to make the book, in a group of processes of its own."""
    command = ["make", "--assume-old=.venv/.done", "book", "PROFILE=killed"]
    homes = {"MWT_HOME": str(folder), "PYTHONPATH": str(folder)}
    log = (folder / "log").open("ab")
    return subprocess.Popen(
        command, cwd=folder, env=os.environ | homes, stdout=log, stderr=log, start_new_session=True
    )


def finish(folder: Path) -> float:
    """Make the book to its end; return the seconds."""
    start = time.monotonic()
    if begun(folder).wait():
        sys.exit(f"the book was not made:\n{(folder / 'log').read_text()[-3000:]}")
    return time.monotonic() - start


def kill(folder: Path, after: float, number: signal.Signals) -> bool:
    """Kill all of it after some seconds; tell whether it was still at work."""
    making = begun(folder)
    try:
        making.wait(after)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(making.pid, number)
        making.wait(60)
        return True


def made(folder: Path) -> tuple[list[str], list[str]]:
    """Return the results without times, and the names of the site's pages."""
    rows = read_results(folder / "results/killed/results.csv")
    rows = rows[~rows["quantity"].str.contains(TIMES)].drop(columns=["run", "machine"])
    site = folder / "_build/html"
    return sorted(map(str, rows.values.tolist())), sorted(
        str(page.relative_to(site)) for page in site.rglob("*.html")
    )


def main() -> None:
    """Make the book twice, once with interruptions, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as there:
        whole, killed = clone(Path(there) / "whole"), clone(Path(there) / "killed")
        took = finish(whole)
        print(f"left alone: {took:.0f} s", flush=True)
        for count in range(asked.kills):
            number, after = SIGNALS[count % len(SIGNALS)], chance.uniform(5, took / 2)
            said = "killed" if kill(killed, after, number) else "was done before"
            print(f"{count + 1}. {number.name} after {after:.0f} s: {said}", flush=True)
        print(f"begun again, to the end: {finish(killed):.0f} s")
        (rows, pages), again = made(whole), made(killed)
    same = (rows, pages) == again
    print(f"{len(rows)} results and {len(pages)} pages {'are the same' if same else 'DIFFER'}")
    sys.exit(not same)


if __name__ == "__main__":
    main()

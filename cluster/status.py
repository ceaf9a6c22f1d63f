"""What of a study is done, in SLURM's queue, and failed; each failure with its log.

    python cluster/status.py [PROFILE]

Run it beside the workflow, in the same folder. What is done says Snakemake, what is running and
waiting `squeue`; failed is what has a log with an error, is not in the queue, and is not done.
"""

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

LOGS = Path(".snakemake/slurm_logs")
STATES = {"RUNNING": "running", "COMPLETING": "running"}  # all others are waiting


def main() -> None:
    """Print how many files of each rule are done, running, waiting and failed."""
    profile = sys.argv[1] if len(sys.argv) > 1 else "quick"
    files = summary(profile)
    jobs = queue()
    queued = by_rule(jobs, {row["rule"] for row in files})
    missing = {row["output_file"] for row in files if not done(row)}
    failed = failures(missing, {job[0] for job in jobs})
    print(f"{'':16}{'done':>8}{'running':>8}{'waiting':>8}{'failed':>8}{'of':>8}")
    for rule in dict.fromkeys(row["rule"] for row in files):
        mine = [row for row in files if row["rule"] == rule]
        counts = [sum(map(done, mine)), queued[rule, "running"], queued[rule, "waiting"]]
        counts += [sum(row["output_file"] in failed for row in mine), len(mine)]
        print(f"{rule:16}" + "".join(f"{count:8}" for count in counts))
    for file, log in failed.items():
        print(f"failed: {file}, see {log}")


def summary(profile: str) -> list[dict[str, str]]:
    """Return Snakemake's table of all files that the study makes."""
    command = [sys.executable, "-m", "snakemake", "--summary", "--quiet", "all"]
    command += ["--configfile", f"profiles/{profile}.yaml"]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode:
        raise SystemExit(said.stderr.strip() or "Snakemake knows no such study.")
    return list(csv.DictReader(said.stdout.splitlines(), delimiter="\t"))


def done(row: dict[str, str]) -> bool:
    """Tell whether a file is there and up to date."""
    return row["plan"] == "no update"


def queue() -> list[list[str]]:
    """Return number, state and comment of each job, and task of an array, in SLURM's queue."""
    if not shutil.which("squeue"):
        return []
    command = ["squeue", "--me", "--array", "--noheader", "--format=%i %T %k"]
    said = subprocess.run(command, capture_output=True, text=True)
    print(said.stderr, end="", file=sys.stderr)  # it may not be reached; the rest is told anyway
    return [line.split(maxsplit=2) for line in said.stdout.splitlines()]


def by_rule(jobs: list[list[str]], rules: set[str]) -> Counter[tuple[str, str]]:
    """Return how many jobs of each rule, with which their comments begin, run or wait."""
    known = {f"rule_{rule}": rule for rule in rules}
    named = [(state, re.sub(r"_wildcards_.*", "", comment)) for _, state, comment in jobs]
    return Counter((known[n], STATES.get(state, "waiting")) for state, n in named if n in known)


def failures(files: set[str], queued: set[str]) -> dict[str, Path]:
    """Return which of these files a job failed to make, and the log of the last one that did."""
    failed = {}
    for log in sorted(LOGS.rglob("*.log"), key=lambda path: path.stat().st_mtime):
        text = log.read_text(errors="replace")
        file = next(iter(re.findall(r"^ +output: (.+)$", text, re.MULTILINE)), "")
        failed.pop(file, None)  # what a later try says is what counts
        if file in files and log.stem not in queued and "Error in rule" in text:
            failed[file] = log
    return failed


if __name__ == "__main__":
    main()

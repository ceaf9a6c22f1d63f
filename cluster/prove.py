"""Prove on a real SLURM of one node that the workflow gives there what it gives on one machine.

    python cluster/prove.py

In clones of what is committed, which write checkpoints more often, a small study runs twice: on
this machine's cores, and through SLURM, where the process of one training is killed, and then all
that runs is preempted, each after a checkpoint. Both must complete with the same numbers; only
times may differ. Needs root and Debian's packages `slurm-wlm` and `munge`; takes some minutes on
two cores.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil

from mwt.results.agree import TIMES

ROOT = Path(__file__).parents[1]
STUDY = ["--configfile", "profiles/small.yaml", "--quiet", "rules"]
RESULTS = "results/small/results.csv"
PATIENCE = 20 * 60  # seconds
OFTEN = 1  # seconds between two checkpoints: a fast processor trains for less than the usual minute
# The node is this machine, so that nothing needs to be waited for.
SOON = ["--slurm-init-seconds-before-status-checks=5", "--seconds-between-status-checks=5"]
SOON += ["--latency-wait=10"]
SOON += ["--slurm-status-command=squeue"]  # this SLURM keeps no accounts for sacct to read


def main() -> None:
    """Run the study on this machine and on SLURM, and compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        local = clone(folder / "local")
        if snakemake(local, "--cores", "all").wait(PATIENCE):
            raise SystemExit("The workflow did not complete on this machine's cores.")
        slurm = clone(folder / "slurm")
        node = [ROOT / "cluster" / "one_node.sh"]
        try:
            subprocess.run([*node, "start", folder / "node"], check=True)
            disturbed(slurm)
        finally:
            subprocess.run([*node, "stop", folder / "node"], check=True)
        compare(local / RESULTS, slurm / RESULTS)


def clone(folder: Path) -> Path:
    """Clone what is committed, with the small study among its profiles and more checkpoints."""
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    code = folder / "mwt" / "training" / "checkpoint.py"
    usual = re.compile(r"^CHECKPOINT_SECONDS = \d+", re.MULTILINE)
    code.write_text(usual.sub(f"CHECKPOINT_SECONDS = {OFTEN}", code.read_text()))
    study = (folder / "cluster" / "small.yaml").read_text()
    (folder / "profiles" / "small.yaml").write_text(study)
    return folder


def snakemake(folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start the workflow in a clone, with a store of its own."""
    homes = {"MWT_HOME": str(folder), "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "snakemake", RESULTS, *STUDY, *options]
    return subprocess.Popen(command, cwd=folder, env=os.environ | homes)


def disturbed(folder: Path) -> None:
    """Run the workflow through SLURM; kill one training, then preempt what runs."""
    running = snakemake(folder, "--profile", "cluster/slurm", *SOON)
    until(lambda: checkpoint(folder, "standard"), running)
    waits = training(folder, "standard")
    waits.suspend()  # so that it is not done, however fast the processor is, when all is preempted
    try:
        until(lambda: checkpoint(folder, "modular"), running)
        training(folder, "modular").kill()
        print("The process of the modular training was killed.", flush=True)
        until(lambda: len(jobs("JobId")) == 3, running)  # it is tried again
    finally:
        waits.resume()
    taking = ["--partition=high", "--exclusive", "--output=/dev/null", "--wrap=true"]
    subprocess.run(["sbatch", "--wait", *taking], check=True)  # it has the node after all others
    until(lambda: any(jobs("Restarts")), running)
    print("What was running was preempted and is queued again.", flush=True)
    for job in jobs("JobId"):  # SLURM would wait for two minutes
        subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now"], capture_output=True)
    if running.wait(PATIENCE):
        raise SystemExit("The workflow did not complete on SLURM.")
    logs = list((folder / ".snakemake" / "slurm_logs" / "rule_fit").rglob("*.log"))
    print(f"The workflow completed; {len(logs)} logs of trainings.", flush=True)


def until(happened: Callable[[], bool], running: "subprocess.Popen[bytes]") -> None:
    """Wait for something to happen while the workflow is running."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if running.poll() is not None or time.monotonic() > end:
            running.kill()
            raise SystemExit("The workflow ended, or took too long, before it could be disturbed.")
        time.sleep(0.2)


def checkpoint(folder: Path, method: str) -> bool:
    """Tell whether a training has left a checkpoint."""
    return any((folder / "runs").glob(f"trained-{method}-*/checkpoint.pt"))


def training(folder: Path, method: str) -> psutil.Process:
    """Return the process that trains in a clone, and in no other folder."""
    asked = {"mwt.study", method}
    return next(
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if process.info["cwd"] == str(folder) and asked <= set(process.info["cmdline"] or [])
    )


def jobs(field: str) -> list[int]:
    """Return a number of each of SLURM's jobs, ended ones among them."""
    said = subprocess.run(["scontrol", "-o", "show", "jobs"], capture_output=True, text=True)
    return [int(number) for number in re.findall(rf"\b{field}=(\d+)", said.stdout)]


def compare(local: Path, slurm: Path) -> None:
    """Compare the two tables of results, all but times; say so or end with an error."""
    tables = [pd.read_csv(path).drop(columns="machine") for path in (local, slurm)]
    here, there = (t[~t["quantity"].isin(TIMES)].reset_index(drop=True) for t in tables)
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    print(f"{len(here):,} results are the same on SLURM as on this machine's cores.")


if __name__ == "__main__":
    main()

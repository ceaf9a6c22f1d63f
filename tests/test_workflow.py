"""The workflow's plan: which jobs a study has, and which of them run again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("Snakefile", "_config.yml", "CITATION.cff", "LICENSE")
FOLDERS = ("mwt", "notebooks", "profiles", "cluster")


@pytest.fixture
def project(tmp_path):
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def planned(project, *options):
    """How many jobs of each rule a dry run lists."""
    command = [sys.executable, "-m", "snakemake", "-n", "--rerun-triggers", "mtime", *options]
    env = os.environ | {"MWT_HOME": str(project)}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    table = done.stdout.rpartition("Job stats:")[2].partition("\n\n")[0]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def test_the_paper_with_five_seeds(project):
    options = ["--cores", "1", "--configfile", "profiles/paper.yaml"]
    jobs = planned(project, *options, "--config", "seeds=0,1,2,3,4")
    networks = 4 * 2  # on two data sets
    assert jobs == {
        "all": 1,
        "fit": networks * 2 * 5,
        "notebook": 5 * networks,
        "long_notebook": networks + 2 * 2,  # CNNSplitter's two networks
        "hyperparameters": 1,
        "explore": networks,
        "results": 1,
        "site": 1,
        "total": networks * 17 + 8,
    }


def test_a_failed_job_is_counted_and_its_log_named(project):
    file = "results/quick/.trained/resnet18-mnist5k-modular-0"
    log = project / ".snakemake/slurm_logs/rule_fit/resnet18_mnist5k_modular_0/7.log"
    log.parent.mkdir(parents=True)
    status = [sys.executable, "cluster/status.py", "quick"]

    def said(text):
        log.write_text(text)
        done = subprocess.run(status, cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    running = said(f"rule fit:\n    output: {file}\n")
    assert re.search(r"^fit +0 +0 +0 +0 +8$", running, re.MULTILINE)
    failed = said(f"rule fit:\n    output: {file}\nError in rule fit:\n    output: {file}\n")
    assert re.search(r"^fit +0 +0 +0 +1 +8$", failed, re.MULTILINE)
    assert f"failed: {file}, see {log.relative_to(project)}" in failed


def test_a_notebook_that_changes_runs_again_with_what_depends_on_it(project):
    options = ["--cores", "1", "all"]
    summary = [sys.executable, "-m", "snakemake", "--summary", *options]
    listed = subprocess.run(summary, cwd=project, capture_output=True, text=True, check=True)
    made = [project / line.partition("\t")[0] for line in listed.stdout.splitlines()[1:]]
    assert len(made) > 30
    for file in made:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    now = max(file.stat().st_mtime for file in made)
    for file in made:  # one time for all: what is made from another is not older
        os.utime(file, (now, now))
    assert planned(project, *options) == {}
    os.utime(project / "notebooks" / "rq4.ipynb", (now + 1, now + 1))
    jobs = planned(project, *options)
    assert jobs == {"all": 1, "notebook": 4, "results": 1, "site": 1, "total": 7}

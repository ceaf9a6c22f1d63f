# The whole grid: which notebooks run with which parameters, and the site made of them.
#
#   snakemake --cores 2                                         the profile `quick`
#   snakemake --cores 1 --configfile profiles/paper.yaml        the paper's settings

import os
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

if workflow.configfiles and "profile" not in config:
    raise WorkflowError("the --configfile names no profile: begin it with `profile: NAME`.")
PROFILE = config.get("profile", "quick")
MODELS = list(yaml.safe_load(Path(f"profiles/{PROFILE}.yaml").read_text())["models"])
RESULTS = f"results/{PROFILE}"
NOTEBOOKS = ["train", "modularize", "reuse", "rq4"]
SHOWN = [f"mwt/report/{name}.py" for name in ("figures", "record", "results", "style", "tables")]
SITE = "_build/html"

# Tools of the environment that runs this file, whether or not it is activated.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]


wildcard_constraints:
    model="|".join(MODELS),
    notebook="|".join(NOTEBOOKS),
    method="standard|modular",


rule all:
    input:
        f"{SITE}/.fresh",


# Training is most of the work: each network by itself, so that they share the cores.
# Two jobs of one thread use two cores better than one job of two.
rule fit:
    output:
        touch(f"{RESULTS}/.trained/{{model}}-{{method}}"),
    input:
        f"profiles/{PROFILE}.yaml",
        Path("mwt").glob("*.py"),
        Path("mwt/models").glob("*.py"),
    priority: 10
    threads: 1
    shell:
        "OMP_NUM_THREADS={threads} python -m mwt {PROFILE} {wildcards.model} {wildcards.method}"


rule notebook:
    output:
        f"{RESULTS}/{{notebook}}-{{model}}.ipynb",
    input:
        "notebooks/{notebook}.ipynb",
        expand(f"{RESULTS}/.trained/{{{{model}}}}-{{method}}", method=["standard", "modular"]),
        SHOWN,
    threads: 1
    shell:
        # A failed run leaves a notebook with red cells; Snakemake deletes the output of a failure.
        "OMP_NUM_THREADS={threads} papermill {input[0]} {output} "
        "-p model {wildcards.model} -p profile {PROFILE} --no-progress-bar --log-level ERROR"


rule results:
    output:
        f"{RESULTS}/results.csv",
    input:
        expand(f"{RESULTS}/{{notebook}}-{{model}}.ipynb", notebook=NOTEBOOKS, model=MODELS),
    shell:
        "python -m mwt.report.collect {RESULTS}"


rule site:
    output:
        touch(f"{SITE}/.fresh"),
    input:
        f"{RESULTS}/results.csv",
        "_config.yml",
        [p for p in Path("book").rglob("*") if p.is_file() and "results" not in p.parts],
    shell:
        "python -m mwt.report.stage {RESULTS} _build/book "
        "&& jupyter-book build _build/book --path-output . --config _config.yml "
        "-W --keep-going -n -q"

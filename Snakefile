# The whole grid: which notebooks run with which parameters, and the site made of them.
#
#   snakemake --cores 2                                         the profile `quick`
#   snakemake --cores 1 --configfile profiles/paper.yaml        the paper's settings
#   snakemake --cores 2 --config seeds=all                      every seed, not only the first
#   snakemake --profile cluster/slurm                           on a cluster, see cluster/slurm/config.yaml

import os
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

if workflow.configfiles and "profile" not in config:
    raise WorkflowError("the --configfile names no profile: begin it with `profile: NAME`.")
PROFILE = config.get("profile", "quick")
STUDY = yaml.safe_load(Path(f"profiles/{PROFILE}.yaml").read_text())
RESULTS = f"results/{PROFILE}"
# `--configfile` brings the profile's list, `--config seeds=` all, one or some as text.
asked = config.get("seeds", STUDY["seeds"])
if asked == STUDY["seeds"]:
    asked = STUDY["seeds"][0]
try:
    SEEDS = STUDY["seeds"] if asked == "all" else [int(s) for s in str(asked).replace(",", " ").split()]
except ValueError:
    raise WorkflowError(f"seeds {asked!r}: give numbers, such as seeds=0,1, or seeds=all.") from None
NOTEBOOKS = yaml.safe_load(Path("notebooks/notebooks.yaml").read_text())
GRID = [
    f"{RESULTS}/{name}-{model}-{dataset}.ipynb"
    for name, of in NOTEBOOKS.items()
    for model in (STUDY if of["networks"] == "all" else STUDY[name])["models"]
    for dataset in STUDY["datasets"][: of.get("datasets")]
]
LONG = ("cnnsplitter", "worth")  # they train or search for minutes
# Walks ask for no profile: they run with the default one, beside its notebooks.
WALKS = [path.stem for path in Path("notebooks/walks").glob("*.ipynb") if PROFILE == "quick"]
# One needs CIFAR-10: without it nothing is downloaded, and the book keeps the page as published.
if not any(Path(os.environ.get("MWT_HOME", "."), "data").glob("cifar-10-batches-*")):
    WALKS = [walk for walk in WALKS if walk != "pretrained"]
EXPLORER = expand(
    f"{RESULTS}/explorer-{{model}}-{{dataset}}.json",
    model=STUDY["models"],
    dataset=STUDY["datasets"],
)
LIVE = expand(
    f"{RESULTS}/live-{{model}}-{{dataset}}.json",
    model=STUDY.get("live", []),
    dataset=STUDY["datasets"][:1],
)
# What changes results, and what changes only how they are shown.
PACKAGE = [str(path) for path in Path("mwt").rglob("*.py") if not {"results", "report"} & {*path.parts}]
SHOWN = [str(path) for part in ("figures", "tables") for path in Path("mwt/report", part).glob("*.py")]
SHOWN += [f"mwt/report/{name}.py" for name in ("banners", "style")]
SHOWN += [f"mwt/results/{name}" for name in ("names.py", "record.py", "reported.json", "rows.py", "seeds.py", "tidy.py")]
SITE = "_build/html"
# GPUs that a job asks for which computes: so many start at once as `--resources gpu=` allows, or a cluster has.
GPU = int(config.get("gpu", 0))

# They take seconds: on a cluster, too, they run where the workflow was started.
localrules: all, results, site

# Tools of the environment that runs this file, whether or not it is activated.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
# What is measured on a GPU says how many jobs may have shared it; on a cluster each has its own.
os.environ.setdefault("MWT_JOBS", str(workflow.resource_settings.cores or 1))


wildcard_constraints:
    model="|".join(STUDY["models"]),
    dataset="|".join(STUDY["datasets"]),
    notebook="|".join(name for name in NOTEBOOKS if name not in ("hyperparameters", *LONG)),
    method="standard|modular",
    seed=r"\d+",


rule all:
    input:
        f"{SITE}/.fresh",


# Training is most of the work: each network by itself, so that they share the cores.
# Two jobs of one thread use two cores better than one job of two.
rule fit:
    output:
        touch(f"{RESULTS}/.trained/{{model}}-{{dataset}}-{{method}}-{{seed}}"),
    input:
        f"profiles/{PROFILE}.yaml",
        PACKAGE,
    priority: 10
    threads: 1
    resources:
        gpu=GPU,
    shell:
        "OMP_NUM_THREADS={threads} python -m mwt.study {PROFILE} {wildcards.model} {wildcards.method} "
        "{wildcards.dataset} seed={wildcards.seed}"


# A failed run leaves a notebook with red cells; Snakemake deletes the output of a failure.
PAPERMILL = (
    "OMP_NUM_THREADS={threads} papermill {input[0]} {output} -p model {wildcards.model} "
    f"-p dataset {{wildcards.dataset}} -p profile {PROFILE} "
    "-p seeds '{params.seeds}' --no-progress-bar --log-level ERROR"
)


rule notebook:
    output:
        f"{RESULTS}/{{notebook}}-{{model}}-{{dataset}}.ipynb",
    input:
        "notebooks/{notebook}.ipynb",
        expand(
            f"{RESULTS}/.trained/{{{{model}}}}-{{{{dataset}}}}-{{method}}-{{seed}}",
            method=["standard", "modular"],
            seed=SEEDS,
        ),
        SHOWN,
    params:
        seeds=",".join(map(str, SEEDS)),
    threads: 1
    resources:
        gpu=GPU,
    shell:
        PAPERMILL


# The long ones begin before the others: one that is left for the end has a single core.
use rule notebook as long_notebook with:
    wildcard_constraints:
        notebook="|".join(LONG),
    priority: 5


# The longest job trains a network for each pair of alpha and beta: it begins first.
rule hyperparameters:
    output:
        f"{RESULTS}/hyperparameters-{{model}}-{{dataset}}.ipynb",
    input:
        "notebooks/hyperparameters.ipynb",
        f"profiles/{PROFILE}.yaml",
        PACKAGE,
        SHOWN,
    params:
        seeds=",".join(map(str, SEEDS)),
    priority: 20
    threads: 1
    resources:
        gpu=GPU,
    shell:
        PAPERMILL


# A walk writes files, such as the module that it ships: into a folder that goes when it ends.
rule walk:
    output:
        f"{RESULTS}/walks/{{walk}}.ipynb",
    input:
        "notebooks/walks/{walk}.ipynb",
        PACKAGE,
        SHOWN,
    priority: 15
    threads: 1
    resources:
        gpu=GPU,
    shell:
        "folder=$(mktemp -d); trap 'rm -rf $folder' EXIT; OMP_NUM_THREADS={threads} papermill "
        "{input[0]} {output} --cwd $folder --no-progress-bar --log-level ERROR"


# What the explorer shows: module masks and measures over a fine grid of thresholds, and accuracies
# of all pairs and triples of classes.
rule explore:
    output:
        f"{RESULTS}/explorer-{{model}}-{{dataset}}.json",
    input:
        expand(
            f"{RESULTS}/.trained/{{{{model}}}}-{{{{dataset}}}}-{{method}}-{STUDY['seeds'][0]}",
            method=["standard", "modular"],
        ),
        "mwt/report/explore.py",
    threads: 1
    resources:
        gpu=GPU,
    shell:
        "OMP_NUM_THREADS={threads} python -m mwt.report.explore {PROFILE} {wildcards.model} "
        "{wildcards.dataset} {output}"


# What the page runs on which a digit is drawn: a network, and some test images.
rule live:
    output:
        f"{RESULTS}/live-{{model}}-{{dataset}}.json",
    input:
        f"{RESULTS}/.trained/{{model}}-{{dataset}}-modular-{STUDY['seeds'][0]}",
        "mwt/report/live.py",
    threads: 1
    resources:
        gpu=GPU,
    shell:
        "OMP_NUM_THREADS={threads} python -m mwt.report.live {PROFILE} {wildcards.model} "
        "{wildcards.dataset} {output}"


rule results:
    output:
        f"{RESULTS}/results.csv",
    input:
        GRID,
    shell:
        "python -m mwt.results.collect {RESULTS}"


rule site:
    output:
        touch(f"{SITE}/.fresh"),
    input:
        f"{RESULTS}/results.csv",
        EXPLORER,
        LIVE,
        [f"{RESULTS}/walks/{walk}.ipynb" for walk in WALKS],
        ["_config.yml", "CITATION.cff", "LICENSE"],
        [str(p) for room in ("results", "report") for p in Path("mwt", room).rglob("*.*") if p.suffix != ".pyc"],
        [p for p in Path("book").rglob("*") if p.is_file() and not {"results", "walks"} & {*p.parts}],
    shell:
        "python -m mwt.report.stage {RESULTS} _build/book "
        "&& jupyter-book build _build/book --path-output . --config _config.yml "
        "-W --keep-going -n -q"

"""Wrong inputs, as readers type them: each ends with one sentence, soon, and writes nothing.

    python benchmarks/mistakes.py

Runs 60 commands with a mistake each, in an empty store, and prints a line for each: seconds, exit
status and the last line that it says. Exits with 1 if a command succeeds, takes ten seconds or
more, does not name what was given, or leaves anything but papermill's notebook.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 10  # seconds

# Of a notebook: parameters, and what the sentence names.
NOTEBOOKS = {
    "rq4": {
        "threshold 1.7": "1.7",
        "threshold 0": "threshold 0",
        "threshold high": "high",
        "thresold 0.7": "did you mean 'threshold'",
        "thresholds 'a b'": "a b",
        "thresholds 0.5,2": "2",
        "model resnet81": "did you mean 'resnet18'",
        "model vgg": "did you mean 'vgg16'",
        "dataset cifra10": "did you mean 'cifar10'",
        "dataset no/such/folder": "no/such/folder",
        "profile quik": "did you mean 'quick'",
        "target_classes 0,11": "'11'",
        "target_classes 1,1": "twice",
        "target_classes cat": "'cat'",
        "seeds 0,x": "x",
        "seeds -1": "-1",
        "device gpu": "'gpu'",
        "device cuda:": "'cuda:'",
        "device cuda:99": "'cuda:99'",
        "epochs 0": "epochs 0",
        "epochs 1.5": "1.5",
        "lr 0": "lr 0",
        "lr fast": "'fast'",
        "batch_size 0": "batch_size 0",
        "width -1": "width -1",
        "width 1e9": "width",
        "alpha -0.5": "alpha -0.5",
        "beta many": "'many'",
        "image_size 3": "3",
        "finetune_epochs -1": "finetune_epochs -1",
        "finetune_lr -1": "finetune_lr -1",
        "released nowhere.pth": "nowhere.pth",
    },
    "subtasks": {"per_size 0": "per_size 0", "finetune yes": "'yes'", "subtask_sizes 11": "11"},
    "hyperparameters": {"alphas -1": "-1", "betas x": "'x'"},
    "cnnsplitter": {
        "generations 0": "generations 0",
        "population 1": "population 1",
        "precision float8": "'float8'",
        "published maybe": "'maybe'",
        "model vgg16": "vgg16",
    },
    "worth": {"small 99": "99"},
    "train": {"tensorboard README.md": "README.md"},
}
COMMANDS = {
    "python -m mwt.study quik resnet18 modular": "did you mean 'quick'",
    "python -m mwt.study quick resnet18 moduler": "did you mean 'modular'",
    "python -m mwt.study quick resnet18 modular digits cifar10": "one data set",
    "python -m mwt.study quick resnet18 modular epoch=3": "did you mean 'epochs'",
    "python -m mwt.study quick resnet18 modular epochs=-3": "epochs -3",
    "python -m mwt.study quick resnet18 modular schedule=linear": "linear",
    "python -m mwt modularize nowhere.py:Net digits": "nowhere.py",
    "python -m mwt modularize json:Net digits": "Net",
    "python -m mwt modularize torchvision.models:resnet18 no/such/folder": "no/such/folder",
    "python -m mwt.report.publish no/such/results": "no/such/results",
    "python -m mwt.report.pdf no/such/book": "no/such/book",
    "python -m mwt.report.explore quick resnet81 digits {out}": "resnet81",
    "python -m mwt.results.agree none.csv book/results/quick/results.csv": "none.csv",
    "python -m mwt.results.collect no/such/results": "'results'",
    "snakemake -n --quiet --cores 1 --config seeds=x": "seeds 'x'",
    "make --assume-old=.venv/.done book PROFILE=quik": "quik",
}


def all_commands() -> dict[str, str]:
    """Return every command with what it must name; ``{out}`` is a file that it may write."""
    papermill = "papermill --no-progress-bar --log-level ERROR notebooks/{}.ipynb {{out}} -p {}"
    lines = {
        papermill.format(name, given): named
        for name, mistakes in NOTEBOOKS.items()
        for given, named in mistakes.items()
    }
    return lines | COMMANDS


def last_line(text: str) -> str:
    """Return the last line that says something: not the frame of a box, nor a place in a file."""
    lines = [line.strip(" │╭╰─╮╯") for line in text.splitlines()]
    return next((x for x in reversed(lines) if x and not x.startswith("File ")), "")


def wrong(command: str, named: str) -> bool:
    """Run a command, print a line, and tell whether it was not as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        store = {"MWT_HOME": f"{folder}/store", "PATH": path, "COLUMNS": "300"}
        began = time.monotonic()
        done = subprocess.run(
            shlex.split(command.format(out=out)),
            cwd=ROOT,
            env=os.environ | store,
            capture_output=True,
            text=True,
        )
        seconds, said = time.monotonic() - began, last_line(done.stdout + done.stderr)
        left = [path.name for path in Path(folder).rglob("*") if path != out]
    good = done.returncode and named in said and seconds < MOST and not left
    short = command.split("notebooks/")[-1].replace(" {out}", "")
    print(f"{'' if good else 'WRONG '}{seconds:4.1f} s, exit {done.returncode}: {short}")
    print(f"    {said} {left or ''}", flush=True)
    return not good


def main() -> None:
    """Run all commands."""
    every = all_commands()
    count = sum(wrong(command, named) for command, named in every.items())
    print(f"{len(every) - count} of {len(every)} are as they should be")
    sys.exit(bool(count))


if __name__ == "__main__":
    main()

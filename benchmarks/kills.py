"""Work that is killed and begun again ends as if nothing had happened.

    python benchmarks/kills.py [--kills 25] [--seed 0]

Each kind of work runs once without interruption, in a folder of its own. Then, again and again, it
is killed (SIGKILL) at a random moment, begun again until it ends, and its digest is compared: of
weights, module masks and all measures but times. Checkpoints are written after each epoch here,
since the trainings are short. Prints a line a kill; exits with 1 if a digest differs.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

import mwt
from mwt import cnnsplitter
from mwt.report.swapping import swapping
from mwt.study import stages
from mwt.study.config import Config
from mwt.training import checkpoint

CPU = torch.device("cpu")
SMALL = Config(dataset="digits", image_size=8, width=0.0625, epochs=6, finetune_epochs=2)


def digest_of(*parts: object) -> str:
    """Return a digest of tensors, and of all else as text."""
    found = hashlib.sha256()
    for part in parts:
        is_tensor = isinstance(part, torch.Tensor)
        found.update(part.contiguous().numpy().tobytes() if is_tensor else repr(part).encode())
    return found.hexdigest()[:12]


def fitted(folder: Path, **how: object) -> str:
    """Train a modular network with a checkpoint."""
    train, validation, _ = mwt.data.load("digits")
    torch.manual_seed(0)
    net = mwt.to_modular(mwt.models.resnet18(10, 1, 1 / 16))
    settings = {"epochs": 6, "lr": 0.1, "checkpoint": folder / "run.pt", "label": None} | how
    history = mwt.fit(net, train, validation, **settings)
    figures = [{k: v for k, v in row.items() if "seconds" not in k} for row in history]
    return digest_of(*net.state_dict().values(), figures)


def searched(folder: Path) -> str:
    """Search CNNSplitter's modules."""
    validation = mwt.data.load("digits", size=32)[1]
    torch.manual_seed(0)
    net = mwt.models.simcnn(10, 1, 1 / 16)
    settings = cnnsplitter.settings_for("simcnn", "cifar10", population=6, generations=6)
    found = cnnsplitter.search(net, validation, settings.resolved(CPU), 0, folder, None)
    return digest_of(found.masks, found.accuracy, found.difference)


def studied(folder: Path) -> str:
    """Train two networks, find modules, cut and fine-tune one, all through the store."""
    os.environ["MWT_HOME"] = str(folder)
    found = stages.modularized(SMALL, 0.9, CPU)
    reused = stages.reused(SMALL, 0.9, [1, 2, 3], CPU, finetune=True, costs=False)
    weights = [stages.trained(SMALL, method, CPU).weights for method in ("standard", "modular")]
    return digest_of(found.modules, found.cohesion, found.coupling, reused.accuracy, weights)


def published(folder: Path) -> str:
    """Replace a folder of many files, as publishing does: its content is all old or all new."""
    marks = {path.read_text() for path in (folder / "pages").glob("*")}
    if len(marks) > 1:
        return "a mixture"
    with swapping(folder) as swap:
        new = swap.add(folder / "pages")
        new.mkdir()
        for number in range(3000):
            (new / str(number)).write_text("new")
    return digest_of(sorted(path.name for path in (folder / "pages").glob("*")))


WORK: dict[str, Callable[[Path], str]] = {
    "training, cosine, last": fitted,
    "training, one-cycle, best, bfloat16": lambda folder: fitted(
        folder, schedule="one-cycle", keep="best", amp=True
    ),
    "the search": searched,
    "the study with fine-tuning": studied,
    "publishing": published,
}


def begun(name: str, folder: Path) -> subprocess.Popen:
    """Start a kind of work in a process of its own."""
    command = [sys.executable, __file__, "--work", name, "--folder", str(folder)]
    quiet = {"stderr": subprocess.DEVNULL, "env": os.environ | {"OMP_NUM_THREADS": "1"}}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **quiet)


def ended(process: subprocess.Popen) -> str:
    """Return the digest that a process prints in the end."""
    return process.communicate()[0].strip() or f"nothing (exit status {process.returncode})"


def killed_once(name: str, after: float) -> str:
    """Kill work after some seconds, begin it again, and return its digest."""
    with tempfile.TemporaryDirectory() as folder:
        process = begun(name, Path(folder))
        time.sleep(after)
        process.kill()
        process.communicate()
        return ended(begun(name, Path(folder)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", choices=WORK)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.work:
        checkpoint.CHECKPOINT_SECONDS = 0
        print(WORK[asked.work](asked.folder))
        return
    chance, wrong = random.Random(asked.seed), 0
    whole = {}
    for name in WORK:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            whole[name] = ended(begun(name, Path(folder))), time.perf_counter() - start
        print(f"{name}: {whole[name][0]} in {whole[name][1]:.1f} s", flush=True)
    for number in range(asked.kills):
        name = list(WORK)[number % len(WORK)]
        wanted, took = whole[name]
        after = chance.uniform(0, took)
        found = killed_once(name, after)
        wrong += found != wanted
        said = "the same" if found == wanted else f"{found}, not {wanted}"
        print(f"{number + 1}. {name}, killed after {after:.1f} s: {said}", flush=True)
    print(f"{asked.kills - wrong} of {asked.kills} are the same")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

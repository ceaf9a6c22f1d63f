"""Files from strangers: each kind with a whole example, and what reads it.

``test_strangers_files.py`` damages them for seconds; ``python tests/strangers.py MINUTES``, longer.
"""

import io
import json
import os
import pickle
import random
import re
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import small_pictures
import torch

import mwt
from mwt import released, shipping
from mwt.results.tidy import read_results
from mwt.study.profiles import load_profile
from mwt.study.store import Run
from mwt.support import files, pickles

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
ODD = [
    b"0",
    b"-1",
    b"1e308",
    b"NaN",
    b"99999999999999999999",
    b"3000000000",
    b"null",
    b'"x"',
    b"[]",
]


def module(folder):
    """A small module as two files."""
    torch.manual_seed(0)
    net = mwt.to_modular(mwt.models.resnet18(4, 1, 1 / 16))
    modules = torch.rand(4, 4800 // 16) < 0.5
    union = modules[:, : sum(b.kernels for _, b in mwt.masked_blocks(net))].any(dim=0)
    cut = mwt.extract(net, union, classes=[0, 1])
    card = shipping.Card(("a", "b"), (1, 8, 8), (0.5,), (0.25,))
    shipping.save(cut, folder, card)


def pictures(folder):
    small_pictures.pictures(folder, a=12, b=12)


def result(folder):
    record = {
        "asked": {"stage": "cut", "seed": 0},
        "made": {"machine": "x"},
        "result": {"a": [0.5]},
    }
    (folder / "result.json").write_text(json.dumps(record))


def pickled(folder):
    content = {"labels": [1, 2], "data": np.arange(12, dtype=np.uint8).reshape(2, 6)}
    (folder / "batch").write_bytes(pickle.dumps(content, protocol=2))


def weights(folder):
    torch.save(mwt.models.simcnn(4, 1, 1 / 16).state_dict(), folder / "net.pth")


def profile(folder):
    (folder / "profiles").mkdir()
    (folder / "mwt/support").mkdir(parents=True)
    shutil.copy(ROOT / "profiles/quick.yaml", folder / "profiles/quick.yaml")


def read_profile(folder):
    before, files.__file__ = files.__file__, str(folder / "mwt/support/files.py")
    try:
        return load_profile("quick")
    finally:
        files.__file__ = before


def results(folder):
    lines = (ROOT / "book/results/quick/results.csv").read_text().splitlines()[:40]
    (folder / "results.csv").write_text("\n".join(lines))


def sealed(folder):
    files.save_sealed(folder / "data.safetensors", {"a": torch.arange(20.0), "b": torch.ones(3)})


# How each kind is written, the file that is damaged, and how its folder is read.
KINDS = {
    "a module's plan": (module, "module.json", shipping.load),
    "a module's weights": (module, "module.safetensors", shipping.load),
    "a picture": (pictures, "a/a003.png", lambda folder: mwt.data.load(folder)),
    "a run": (result, "result.json", lambda folder: Run(folder).finished()),
    "a pickle": (pickled, "batch", lambda folder: pickles.read_pickle(folder / "batch")),
    "the authors' weights": (
        weights,
        "net.pth",
        lambda folder: released.load(folder / "net.pth", "simcnn", 1 / 16, torch.device("cpu")),
    ),
    "a profile": (profile, "profiles/quick.yaml", read_profile),
    "results": (results, "results.csv", lambda folder: read_results(folder / "results.csv")),
    "a copy of data": (
        sealed,
        "data.safetensors",
        lambda f: files.load_sealed(f / "data.safetensors"),
    ),
}


def damaged(content, steps):
    """Return bytes after some steps of damage, each a kind, a place and a value from 0 to 1."""
    for kind, where, what in steps:
        at = int(where * len(content))
        if kind == "flip" and content:
            at = min(at, len(content) - 1)
            content = (
                content[:at] + bytes([content[at] ^ (1 << int(what * 7.99))]) + content[at + 1 :]
            )
        elif kind == "cut":
            content = content[:at]
        elif kind == "drop":
            content = content[:at] + content[at + 1 + int(what * 50) :]
        elif kind == "double":
            content = content[:at] + content[at : at + int(what * 200)] + content[at:]
        elif kind == "insert":
            content = content[:at] + bytes([int(what * 255)]) * 8 + content[at:]
        elif kind == "number":
            found = NUMBER.search(content, at)
            if found:
                odd = ODD[int(what * 0.999 * len(ODD))]
                content = content[: found.start()] + odd + content[found.end() :]
    return content


STEPS = ("flip", "cut", "drop", "double", "insert", "number")


def read_or_refused(kind, folder):
    """Read a folder; tell whether it was refused. Anything but a `UsageError` goes on."""
    try:
        KINDS[kind][2](folder)
    except mwt.UsageError as error:
        if "\n" in str(error):
            raise ValueError(f"more than a line: {error}") from error
        return True
    return False


def main(minutes):
    """Damage each kind for so many minutes, and print what else than a refusal came of it."""
    os.environ["MWT_HOME"] = "/nonexistent"
    sys.stderr = io.StringIO()
    for kind, (write, name, _) in KINDS.items():
        folder = Path(files.tempfile.mkdtemp())
        write(folder)
        whole, chance, counts = (folder / name).read_bytes(), random.Random(0), Counter()
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            draw = chance.random
            steps = [(chance.choice(STEPS), draw(), draw()) for _ in range(chance.randint(1, 4))]
            (folder / name).write_bytes(damaged(whole, steps))
            try:
                counts["refused" if read_or_refused(kind, folder) else "read"] += 1
            except Exception as error:
                counts[type(error).__name__] += 1
                if counts[type(error).__name__] == 1:
                    print(kind, steps, *traceback.format_exc().splitlines()[-3:], flush=True)
        print(kind, dict(counts), flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(float(sys.argv[1]))

"""The modular training of a plan: found in its folder, gone on with, or begun."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_model
from torch import nn

from ...support.errors import UsageError
from ...support.files import digest, locked, read_json, save_json, save_tensors, set_aside
from ...training.checkpoint import History
from ...training.loop import fit
from ..provenance import commit, machine, now, versions
from ..seals import RESULT, damage, sealed
from .plan import Plan

HIDDEN = (
    "weights and layers",
    "training data",
    "validation data",
)  # digests say nothing to readers


@dataclass(frozen=True)
class Training:
    """A finished training.

    Attributes
    ----------
    modular
        The trained network, in evaluation mode.
    history
        What `mwt.fit` returned.
    made
        Date, commit, machine and versions of the training.
    found
        Whether it was finished before.
    """

    modular: nn.Module
    history: History
    made: dict[str, Any]
    found: bool


def trained(plan: Plan) -> Training:
    """Return the trained network of a plan.

    It lies in the folder ``training``: while it is trained a checkpoint, from which the same
    request goes on, and in the end its weights and history.

    Raises
    ------
    UsageError
        If the folder has a training of other settings, or its files do not belong together.
    """
    folder = plan.folder / "training"
    with locked(folder):  # another process may want the same: it waits here and then finds it
        asked = folder / "asked.json"
        if asked.exists() and (before := read_json(asked)):
            check_same(plan, before)
        save_json(asked, plan.asked)
        result, weights = folder / RESULT, folder / "network.safetensors"
        found = result.exists() and not damage(folder)
        if not found:
            if result.exists():
                set_aside(folder, damage(folder))
                save_json(asked, plan.asked)
            train(plan, folder)
        record = json.loads(result.read_text())
        modular = copy.deepcopy(plan.modular)
        load_model(modular, weights)
    return Training(modular.eval(), record["history"], record["made"], found)


def train(plan: Plan, folder: Path) -> None:
    """Train, and write weights and history; the history comes last and marks a finished one."""
    modular, request = copy.deepcopy(plan.modular), plan.request
    made = {"commit": commit(), "machine": machine(plan.device), "versions": versions()}
    checkpoint = folder / "checkpoint.pt"
    history = fit(
        modular,
        plan.train,
        plan.validation,
        epochs=request.epochs,
        lr=request.lr,
        batch_size=request.batch_size,
        schedule=request.schedule,
        alpha=request.alpha,
        beta=request.beta,
        seed=request.seed,
        channels_last=True,
        checkpoint=checkpoint,
    )
    weights = folder / "network.safetensors"
    save_tensors(weights, modular.state_dict())
    made["date"] = now()
    content = {"made": made, "weights": digest(weights), "history": history}
    save_json(folder / RESULT, sealed(folder, content))
    checkpoint.unlink()


def check_same(plan: Plan, found: dict[str, Any]) -> None:
    """Refuse a folder of another training, and say what is another."""
    others = [name for name, value in plan.asked.items() if found.get(name) != value]
    if not others:
        return
    told = [
        f"other {name}" if name in HIDDEN else f"{name} {found.get(name)}, not {plan.asked[name]}"
        for name in others
    ]
    raise UsageError(
        f"{plan.folder} has a training of its own ({'; '.join(told)}): give --output another "
        "folder, or delete this one."
    )

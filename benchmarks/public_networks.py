"""Public networks by name, each with what makes it: of torchvision, timm, or a folder of code."""

import functools
import importlib
import importlib.metadata
import inspect
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

Makers = dict[str, Callable[[], Any]]


def of_torchvision() -> Makers:
    """Return torchvision's classifiers, of which two have heads only for training."""
    from torchvision import models

    def made(name: str) -> Callable[[], nn.Module]:
        plain = {"aux_logits": False} if name in ("googlenet", "inception_v3") else {}
        start = {"init_weights": False} if plain else {}
        return lambda: models.get_model(name, weights=None, **plain, **start)

    version = importlib.metadata.version("torchvision")
    return {f"torchvision {version}/{n}": made(n) for n in models.list_models(module=models)}


def of_timm() -> Makers:
    """Return timm's networks; none without timm, which this project needs for nothing else."""
    try:
        import timm
    except ImportError:
        return {}

    def made(name: str) -> Callable[[], nn.Module]:
        return lambda: timm.create_model(name, pretrained=False)

    return {f"timm {timm.__version__}/{name}": made(name) for name in timm.list_models()}


def of_package(asked: str) -> Makers:
    """Return the networks of a package of code that is not installed.

    Parameters
    ----------
    asked
        ``NAME=FOLDER:PACKAGE``: what to call the collection, where its code lies, and what to
        import. All of the package's functions and classes that need no argument are tried; a
        network is what gives a module.
    """
    name, _, place = asked.partition("=")
    folder, _, package = place.rpartition(":")
    sys.path.insert(0, str(Path(folder).resolve()))
    root = importlib.import_module(package)
    parts = [
        importlib.import_module(f"{package}.{m.name}") for m in pkgutil.iter_modules(root.__path__)
    ]
    return {
        f"{name}/{label}": maker
        for part in parts
        for label, maker in vars(part).items()
        if needs_nothing(maker, part) and not label.startswith(("test", "_"))
    }


def needs_nothing(thing: Any, home: ModuleType) -> bool:
    """Tell whether something of a module makes something when it is called without arguments."""
    own = getattr(thing, "__module__", None) == home.__name__
    if not callable(thing) or not (own or isinstance(thing, functools.partial)):
        return False
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(
        one.default is not one.empty or one.kind in kinds
        for one in inspect.signature(thing).parameters.values()
    )


def network_of(make: Callable[[], Any]) -> nn.Module | None:
    """Return the network that something makes, if it can without weights; None if it makes none."""
    for device in ("meta", "cpu"):
        try:
            with torch.device(device):
                made = make()
        except Exception:  # the code of others, which may also compute from weights
            continue
        return made if isinstance(made, nn.Module) else None
    return None


def is_convolutional(net: nn.Module) -> bool:
    """Tell whether a network is a convolutional one with batch norm, without attention.

    Attention is told by the names of classes, attention between channels or over a map aside.
    """
    layers = list(net.modules())
    norms = any(isinstance(layer, nn.BatchNorm2d | nn.SyncBatchNorm) for layer in layers)
    if not norms or not any(isinstance(layer, nn.Conv2d) for layer in layers):
        return False
    words = ("Attention", "Attn", "MHSA", "Mhsa", "MultiQuery", "Transformer")
    others = ("Channel", "Spatial", "Efficient", "Eca", "Cbam", "SplitAttn", "Radix", "Selective")
    names = {type(layer).__name__ for layer in layers}
    between = [n for n in names if any(w in n for w in words) and not any(w in n for w in others)]
    return not between

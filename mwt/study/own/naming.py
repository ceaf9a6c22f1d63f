"""What a text on the command line names: a network of the project, or one's own code."""

import difflib
import importlib
import importlib.util
import inspect
import sys
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from ...models import MODELS
from ...support.errors import UsageError
from ...surgery.tracing import first_sentence

ALLOWED = (
    f"give {', '.join(sorted(MODELS))}, or your own as package.module:Name or path/to/file.py:Name"
)
CLASSES, CHANNELS = ("num_classes",), ("in_channels", "in_chans")  # what sizes are called


def named(text: str) -> Any:
    """Return what a text names: a class, a function or a network.

    Parameters
    ----------
    text
        One of `mwt.models`, ``package.module:Name``, or ``path/to/file.py:Name``. A file is run, as
        ``import`` does; its folder is on the path, so that it may import its neighbours.

    Raises
    ------
    UsageError
        If nothing has this name, or its code cannot be imported.
    """
    if text in MODELS:
        return MODELS[text]
    source, colon, name = text.rpartition(":")
    if not colon or not source or not name:
        near = difflib.get_close_matches(text, MODELS, n=1)
        hint = f"did you mean {near[0]!r}? Otherwise " if near else ""
        raise UsageError(f"{text!r} names no network: {hint}{ALLOWED}.")
    module = module_of_file(Path(source)) if source.endswith(".py") else imported(source)
    try:
        return attrgetter(name)(module)
    except AttributeError:
        there = candidates(module)
        near = difflib.get_close_matches(name, there, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        listed = ", ".join(there[:20]) or "none"
        raise UsageError(
            f"{source} has no {name!r}: {hint}The classes and networks in it: {listed}."
        ) from None


def module_of_file(path: Path) -> ModuleType:
    """Run a Python file and return it as a module."""
    path = path.expanduser()
    if not path.is_file():
        raise UsageError(f"there is no file {path}: give the Python file that has your network.")
    name = f"own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and the like look for it
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a file fails in as many ways as there are programs
        del sys.modules[name]
        raise UsageError(
            f"{path} cannot be run ({type(error).__name__}: {first_sentence(error)}): it must do "
            "no more than define the network when it is imported."
        ) from error
    return module


def imported(name: str) -> ModuleType:
    """Import a module by its name."""
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{name} cannot be imported ({type(error).__name__}: {first_sentence(error)}): "
            f"{ALLOWED}."
        ) from error


def candidates(module: ModuleType) -> list[str]:
    """Return the public names in a module that may stand for a network."""
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            isinstance(value, nn.Module)
            or (inspect.isclass(value) and issubclass(value, nn.Module))
            or (inspect.isfunction(value) and value.__module__ == module.__name__)
        )
    )


def check_makes_network(text: str, value: Any) -> None:
    """Refuse, before any data are read, what can be no network."""
    if isinstance(value, nn.Module):
        return
    other_class = inspect.isclass(value) and not issubclass(value, nn.Module)
    if other_class or not callable(value):
        kind = "a class that is no torch.nn.Module" if other_class else f"a {type(value).__name__}"
        raise UsageError(
            f"{text} is {kind}, not a network: name a torch.nn.Module, its class, or a function "
            "that returns one."
        )


def made(text: str, value: Any, classes: int, channels: int, given: dict[str, Any]) -> nn.Module:
    """Return the network that a name stands for, for data of so many classes and channels.

    Parameters
    ----------
    text
        The name, for messages.
    value
        What `named` returned. A class or function is called with ``num_classes`` and
        ``in_channels`` (or ``in_chans``), if it takes them; an instance is taken as it is.
    classes, channels
        Of the data.
    given
        More arguments by name; they go before the data's.

    Raises
    ------
    UsageError
        If the call fails, or what comes back is no network.
    """
    if isinstance(value, nn.Module):
        if given:
            raise UsageError(f"{text} is a network already: it takes no --arg {next(iter(given))}.")
        return value
    arguments = sizes(value, classes, channels) | given
    try:
        try:
            net = value(**arguments)
        except TypeError:
            # Whether **kwargs take the number of classes is known only by trying.
            if "num_classes" in given or not takes_any(value):
                raise
            net = value(**{k: v for k, v in arguments.items() if k not in CLASSES})
    except Exception as error:
        call = ", ".join(f"{name}={one!r}" for name, one in arguments.items())
        raise UsageError(
            f"{text} fails when it is called with ({call}): {first_sentence(error)}; say "
            "--arg NAME=VALUE for what it needs."
        ) from error
    if not isinstance(net, nn.Module):
        raise UsageError(
            f"{text} returns a {type(net).__name__}, not a network: name a torch.nn.Module, its "
            "class, or a function that returns one."
        )
    return net


def sizes(value: Any, classes: int, channels: int) -> dict[str, int]:
    """Return the arguments that a callable takes for the numbers of classes and channels."""
    try:
        taken = set(inspect.signature(value).parameters)
    except (TypeError, ValueError):  # of some compiled functions
        return {}
    found = {name: classes for name in CLASSES if name in taken or takes_any(value)}
    return found | {name: channels for name in CHANNELS if name in taken}


def takes_any(value: Any) -> bool:
    """Tell whether a callable has ``**kwargs``."""
    kinds = (one.kind for one in inspect.signature(value).parameters.values())
    return inspect.Parameter.VAR_KEYWORD in kinds

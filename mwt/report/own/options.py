"""The options of the command, as data; their defaults are those of a `Request`."""

import argparse
import ast
import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

from ...data.sources import SOURCES
from ...study.own import FORMS, Request
from ...training.loop import SCHEDULES


class Option(NamedTuple):
    """An option: its name, what its value is called and becomes, and what it is for."""

    name: str
    help: str
    metavar: str | None = None
    type: Any = str
    choices: tuple[str, ...] | None = None


WORDS = (
    Option(
        "network",
        "package.module:Name, path/to/file.py:Name, or resnet18, vgg16, simcnn, rescnn: a network, "
        "its class, or a function that returns it",
    ),
    Option(
        "data",
        f"a folder that holds a folder of pictures for each class, or {', '.join(SOURCES)}",
    ),
)
GROUPS = {
    "the modules": (
        Option("threshold", "keep the kernels that this share of a class's images use", "T", float),
        Option(
            "form",
            "generators: as accurate as the whole network; folded: smaller, so measure it; plain: "
            "the paper's, to be fine-tuned",
            choices=FORMS,
        ),
        Option("finetune", "train each module on, for so many epochs", "EPOCHS", int),
        Option("finetune_lr", "the learning rate of that", "LR", float),
        Option("output", "where all files go (default: modules-NETWORK-DATA)", "FOLDER", Path),
    ),
    "the network and the pictures": (
        Option(
            "weights",
            "trained weights to start from: .safetensors, or a state dict of torch.save; a last "
            "linear layer for other classes begins anew",
            "FILE",
            Path,
        ),
        Option(
            "image_size",
            "side of the square that each picture becomes (default: their own, if all are squares "
            "of one size)",
            "PIXELS",
            int,
        ),
    ),
    "the training": (
        Option("epochs", "passes over the training images", "N", int),
        Option("lr", "learning rate", "LR", float),
        Option("batch_size", "images a step", "N", int),
        Option("schedule", "of the learning rate", choices=SCHEDULES),
        Option("alpha", "weight of the cohesion loss", "A", float),
        Option("beta", "weight of the coupling loss", "B", float),
        Option("seed", "of all that is random", "N", int),
        Option("device", "auto, cpu, cuda or cuda:N", "NAME"),
    ),
}
USUAL = {field.name: field.default for field in dataclasses.fields(Request)}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser all words and options; what is not given is left to `Request`."""
    for word in WORDS:
        parser.add_argument(word.name, help=word.help)
    groups = {title: parser.add_argument_group(title) for title in GROUPS}
    modules, sides, _ = groups.values()
    modules.add_argument(
        "--classes",
        action="append",
        default=[],
        metavar="NAME,NAME",
        help="the classes of a module; say it once for each module (default: one of all classes)",
    )
    for title, options in GROUPS.items():
        for option in options:
            usual = USUAL[option.name]
            groups[title].add_argument(
                f"--{option.name.replace('_', '-')}",
                help=option.help + ("" if usual is None else f" (default: {usual})"),
                metavar=option.metavar,
                type=option.type,
                choices=option.choices,
                default=argparse.SUPPRESS,
            )
    modules.add_argument(
        *("--no-onnx",),
        dest="onnx",
        action="store_false",
        default=argparse.SUPPRESS,
        help="write no ONNX file",
    )
    sides.add_argument(
        *("--flip",),
        action="store_true",
        default=argparse.SUPPRESS,
        help="a mirrored picture shows the same class, so train on both (folders only)",
    )
    sides.add_argument(
        *("--arg",),
        dest="arguments",
        action="append",
        type=argument,
        default=[],
        metavar="NAME=VALUE",
        help="an argument for the network's class or function, such as width=0.5",
    )


def argument(text: str) -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``; what is no Python value is text."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"give {text!r} as NAME=VALUE, such as width=0.5")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value

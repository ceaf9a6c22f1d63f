"""The command line of ``python -m mwt``."""

import argparse
import ast
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from ...data import class_names
from ...study.own import FORMS, Request, cut, planned, trained
from ...study.own.cutting import as_json
from ...study.own.request import class_sets
from ...support.errors import UsageError
from ...support.files import save_json
from ...training.loop import SCHEDULES
from .page import write_page
from .summary import summary

PROGRAM = "python -m mwt"
ABOUT = """\
Train a network in modules, cut out the modules that you want, and write each as files:
module.safetensors and module.json (for mwt.shipping.load), module.onnx (for ONNX Runtime), and a
page, report.html, with what they score and cost."""
EXAMPLES = """\
examples:
  python -m mwt modularize mypackage:MyNet path/to/pictures --classes cat,dog
  python -m mwt modularize path/to/file.py:MyNet path/to/pictures --classes cat,dog --classes bird
  python -m mwt modularize torchvision.models:resnet18 pictures --image-size 64 --weights own.pth
  python -m mwt modularize resnet18 mnist5k --arg width=0.25 --image-size 16 --classes 0,1,2

Stopped? The same command goes on where it was. Asked again with other --classes, --threshold or
--form, it takes the trained network that is there. The book: "Use it on your own CNN"."""


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        self.exit(2, f"{message}: `{self.prog} --help` says what there is.\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = Parser(prog=PROGRAM, description="Modularizing while training.", allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser(
        "modularize",
        help="from a network and pictures to modules as files, and a report",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # What is not given is left to `Request`, the one place of the defaults.
    usual: Any = argparse.SUPPRESS
    add = one.add_argument
    add(
        "network",
        help="package.module:Name, path/to/file.py:Name, or resnet18, vgg16, ...: a "
        "network, its class, or a function that returns it",
    )
    add(
        "data",
        help="a folder that holds a folder of pictures for each class, or mnist5k, digits, "
        "cifar10, svhn",
    )
    group = one.add_argument_group("the modules")
    add = group.add_argument
    add(
        "--classes",
        action="append",
        default=[],
        metavar="NAME,NAME",
        help="the classes of a module; once for each module (one of all classes)",
    )
    add(
        "--threshold",
        type=float,
        default=usual,
        metavar="T",
        help="a class's module keeps the kernels that this share of its images use (0.9)",
    )
    add(
        "--form",
        choices=FORMS,
        default=usual,
        help="generators: as accurate as the whole network; "
        "folded: smaller, measure it; plain: the paper's, to be fine-tuned (generators)",
    )
    add(
        "--finetune",
        type=int,
        default=usual,
        metavar="EPOCHS",
        help="train each module on, so many epochs; the best one on validation images is kept (0)",
    )
    add("--finetune-lr", type=float, default=usual, metavar="LR", help="its learning rate (0.01)")
    add(
        "--output",
        type=Path,
        default=usual,
        metavar="FOLDER",
        help="where all files go (modules-NETWORK-DATA)",
    )
    add("--no-onnx", dest="onnx", action="store_false", default=usual, help="write no ONNX file")
    group = one.add_argument_group("the network and the pictures")
    add = group.add_argument
    add(
        "--weights",
        type=Path,
        default=usual,
        metavar="FILE",
        help="trained weights to start from: "
        ".safetensors, or a state dict of torch.save; for other classes, the last linear layer begins "
        "anew",
    )
    add(
        "--arg",
        action="append",
        default=[],
        dest="arguments",
        metavar="NAME=VALUE",
        help="an argument for the network's class or function, such as width=0.5",
    )
    add(
        "--image-size",
        type=int,
        default=usual,
        metavar="PIXELS",
        help="side of the square that all "
        "pictures become (their own, if they are squares of one size)",
    )
    add(
        "--flip",
        action="store_true",
        default=usual,
        help="a mirrored picture shows the same class (folders only)",
    )
    group = one.add_argument_group("the training")
    add = group.add_argument
    add(
        "--epochs",
        type=int,
        default=usual,
        metavar="N",
        help="passes over the training images (30)",
    )
    add("--lr", type=float, default=usual, help="learning rate (0.2)")
    add("--batch-size", type=int, default=usual, metavar="N", help="images a step (64)")
    add("--schedule", choices=SCHEDULES, default=usual, help="of the learning rate (one-cycle)")
    add("--alpha", type=float, default=usual, help="weight of the cohesion loss (0.5)")
    add("--beta", type=float, default=usual, help="weight of the coupling loss (1.5)")
    add("--seed", type=int, default=usual, metavar="N", help="of all that is random (0)")
    add("--device", default=usual, help="auto, cpu, cuda or cuda:N (auto)")
    return top


def request_of(words: Sequence[str]) -> Request:
    """Return what the words of the command line ask for.

    Raises
    ------
    UsageError
        If a value is impossible, or a class is not one of the data's.
    SystemExit
        If the words are no such command, or ask for help.
    """
    given = vars(parser().parse_args(words))
    del given["command"]
    arguments = tuple(argument(text) for text in given.pop("arguments"))
    texts = given.pop("classes")
    Request(**given)  # the numbers first: the folder may be large
    classes = class_sets(texts, class_names(given["data"]))
    return Request(**given, classes=classes, arguments=arguments)


def argument(text: str) -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``; what is no Python value is text."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise UsageError(f"--arg {text!r}: give it as NAME=VALUE, such as width=0.5.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; a mistake is one sentence, and nothing has been done."""
    words = sys.argv[1:] if words is None else words
    try:
        plan = planned(request_of(words))
        training = trained(plan)
        if training.found:
            print(f"Found in {plan.folder}: trained {training.made['date']}.")
        outcome = cut(plan, training)
        save_json(plan.folder / "report.json", as_json(outcome))
        report = write_page(outcome, f"{PROGRAM} {shlex.join(words)}")
        print(f"{summary(outcome)}\n\nThe report: {report}")
    except UsageError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on from the last minute or epoch it has kept.")

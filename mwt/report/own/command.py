"""The command line of ``python -m mwt``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from ...data import class_names
from ...study.own import Request, cut, planned, trained
from ...study.own.cutting import as_json
from ...study.own.request import class_sets
from ...support.errors import UsageError
from ...support.files import save_json
from .options import add_options
from .page import write_page
from .summary import summary

PROGRAM = "python -m mwt"
ABOUT = """\
Train a network in modules, cut out the modules that you want, and write
each as files: module.safetensors and module.json (for mwt.shipping.load)
and module.onnx (for ONNX Runtime). A page, report.html, says what they
score and cost."""
EXAMPLES = f"""\
examples (each on one line):
  {PROGRAM} modularize mypackage:MyNet path/to/pictures
    --classes cat,dog
  {PROGRAM} modularize path/to/file.py:MyNet pictures
    --classes cat,dog --classes bird
  {PROGRAM} modularize torchvision.models:resnet18 pictures
    --image-size 64 --weights own.pth
  {PROGRAM} modularize resnet18 mnist5k --arg width=0.25
    --image-size 16 --classes 0,1,2

Stopped? The same command goes on where it was. Asked again with other
--classes, --threshold or --form, it takes the trained network that is
there."""


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        self.exit(2, f"{message}: `{self.prog} --help` says what there is.\n")


def parsers() -> tuple[Parser, Parser]:
    """Return the parser of the command line, and that of ``modularize`` within it."""
    top = Parser(prog=PROGRAM, description="Modularizing while training.", allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser(
        "modularize",
        help="from a network and pictures to modules as files, and a report",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=74),
        allow_abbrev=False,
    )
    add_options(one)
    return top, one


def help_text() -> str:
    """Return what ``modularize --help`` says."""
    return parsers()[1].format_help()


def request_of(words: Sequence[str]) -> Request:
    """Return what the words of the command line ask for.

    Raises
    ------
    UsageError
        If a value is impossible, or a class is not one of the data's.
    SystemExit
        If the words are no such command, or ask for help.
    """
    given = vars(parsers()[0].parse_args(words))
    del given["command"]
    given["arguments"] = tuple(given["arguments"])
    texts = given.pop("classes")
    Request(**given)  # its numbers first: the folder may be large
    return Request(**given, classes=class_sets(texts, class_names(given["data"])))


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; a mistake is one sentence, and nothing has been done."""
    words = sys.argv[1:] if words is None else words
    try:
        plan = planned(request_of(words))
        print(plan, flush=True)
        training = trained(plan)
        if training.found:
            print(f"The trained network is in {plan.folder}, of {training.made['date']}.")
        outcome = cut(plan, training)
        save_json(plan.folder / "report.json", as_json(outcome))
        report = write_page(outcome, f"{PROGRAM} {shlex.join(words)}")
        print(f"{summary(outcome)}\n\nThe report: {report}")
    except (UsageError, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on from what was saved a minute ago at most.")

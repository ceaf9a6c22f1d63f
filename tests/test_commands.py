"""The lines that stand for the authors' commands are what the notebooks and the package take."""

import ast
import re
import shlex
from pathlib import Path

import jupytext
import pytest
import small_files

from mwt.study import parameters
from mwt.study.injected import assigned

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "book/commands.md").read_text()
LINES = [line for line in PAGE.splitlines() if line.startswith("papermill ")]


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("line", LINES)
def test_papermill_lines_are_taken(line):
    _, notebook, _, *words = shlex.split(line)
    given = dict(zip(words[1::3], words[2::3], strict=True))
    assert words[::3] == ["-p"] * len(given)
    cells = jupytext.read(ROOT / notebook).cells
    known = next(c.source for c in cells if "parameters" in c.metadata.get("tags", []))
    assert set(given) <= set(assigned(known))
    given.pop("released", None)
    values = {
        k: ast.literal_eval(v) if v[0].isdigit() and " " not in v else v for k, v in given.items()
    }
    assert parameters.read(values).profile == "paper"


def test_every_command_of_the_authors_is_there():
    theirs = "\n".join(blocks("text"))
    for script in (
        *("modular_trainer", "modularizer", "standard_trainer", "reuse_modules"),
        "calculate_cohesion",
    ):
        assert f"python {script}.py" in theirs


def test_the_python_lines_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MWT_HOME", str(tmp_path))
    small_files.cifar10(tmp_path / "data", monkeypatch, per_batch=60)
    program = "\n".join(blocks("python"))
    assert program.count("epochs=200") == 3
    for long, short in (
        ("epochs=200", "epochs=1"),
        ("vgg16()", "vgg16(width=0.0625)"),
        ("simcnn()", "simcnn(width=0.0625)"),
        ('"simcnn", "cifar10"', '"simcnn", "cifar10", population=4, generations=1'),
    ):
        assert long in program
        program = program.replace(long, short)
    exec(compile(program, "commands.md", "exec"), {})
    out = capsys.readouterr().out
    assert re.findall(r"^(KRR|accuracy|cohesion|on the sub-task)", out, flags=re.MULTILINE) == [
        *("KRR", "accuracy", "on the sub-task", "accuracy", "KRR", "cohesion")
    ]

"""Programs of the command line: a mistake is one sentence, and nothing has been done."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["mwt.study", "quick"], "Missing argument 'model'"),
        (["mwt.study", "quick", "resnet18", "modulr"], "did you mean 'modular'?"),
        (
            ["mwt.study", "quick", "resnet18", "modular", "lr=-1"],
            "lr -1: give a number above 0.",
        ),
        (["mwt.report.explore", "quik", "a", "b", "c"], "did you mean 'quick'?"),
        (["mwt.results.collect", "results/nowhere"], "unknown profile 'nowhere'"),
        (["mwt.report.publish", "no/quick"], "run `make book` first."),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    said = capsys.readouterr()
    assert ended.value.code  # a text is what the program says last
    assert sentence in f"{said.err}{ended.value.code}"
    assert said.out == ""


def test_a_mistake_ends_a_program_without_a_traceback():
    command = [sys.executable, "-m", "mwt.study", "quick", "resnet18", "modulr"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "did you mean 'modular'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""

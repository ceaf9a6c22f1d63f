"""Programs of the command line: a mistake is one sentence, and nothing has been done."""

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
def test_a_mistake_is_one_sentence(words, sentence):
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""

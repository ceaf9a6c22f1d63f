"""The worked example of how a module is cut runs as it stands."""

import doctest
from pathlib import Path

import torch

import mwt.surgery

PAGE = Path(mwt.surgery.__file__).with_name("README.md")


def test_the_worked_example():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = doctest.testfile(str(PAGE), module_relative=False, raise_on_error=False)
    assert found.attempted > 15
    assert not found.failed

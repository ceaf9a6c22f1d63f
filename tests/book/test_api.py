"""The page of the API names everything public, and its examples run as they stand."""

import doctest
import re
from pathlib import Path

import mwt

PAGE = (Path(__file__).parents[2] / "book/api.md").read_text()
# Not for users: what the published notebooks import.
OF_NOTEBOOKS = {"experiments", "parameters"}


def test_the_examples_run_one_after_the_other():
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(blocks, {}, "api.md", "book/api.md", 0)
    found = doctest.DocTestRunner().run(examples)
    assert found.attempted > 10
    assert not found.failed


def test_every_public_name_is_on_the_page():
    named = set(re.findall(r":: mwt\.(\w+)", PAGE))
    assert set(mwt.__all__) - OF_NOTEBOOKS <= named

"""Within a command each option stands together with its values, and the text stays what it was."""

import pytest
from bs4 import BeautifulSoup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import BashLexer, TextLexer

from mwt.report.site.shell import CODE, unbroken

COMMANDS = {
    'papermill notebooks/reuse.ipynb out.ipynb -p model vgg16 -p target_classes "3, 7"': [
        "papermill",
        "notebooks/reuse.ipynb",
        "out.ipynb",
        "-p model vgg16",
        '-p target_classes "3, 7"',
    ],
    "snakemake --cores 8 --config seeds=all && make publish": [
        "snakemake",
        "--cores 8",
        "--config seeds=all",
        "&&",
        "make",
        "publish",
    ],
    "python x.py --target_classes 0 1 2 --model vgg16": [
        "python",
        "x.py",
        "--target_classes 0 1 2",
        "--model vgg16",
    ],
    "papermill a.ipynb -p threshold 0.7 > out.ipynb": [
        "papermill",
        "a.ipynb",
        "-p threshold 0.7",
        "> out.ipynb",
    ],
}


@pytest.mark.parametrize("lexer", [BashLexer, TextLexer])
@pytest.mark.parametrize("command", COMMANDS)
def test_options_stay_with_their_values(command, lexer):
    code = highlight(f"{command}\n{command}   # a remark", lexer(), HtmlFormatter(nowrap=True))
    soup = BeautifulSoup(f"<pre>{unbroken(code)}</pre>", "lxml")
    assert soup.text == BeautifulSoup(f"<pre>{code}</pre>", "lxml").text
    units = [unit.text for unit in soup.select(".mwt-unit")]
    assert units[: len(COMMANDS[command])] == COMMANDS[command]


def test_code_of_other_languages_is_left_alone():
    assert not CODE.search('<div class="highlight-python notranslate"><div class="highlight"><pre>')

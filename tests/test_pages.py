"""The program in the README runs as it stands; the walks have `test_walks.py`."""

import re
from pathlib import Path

import jupytext
import torch

ROOT = Path(__file__).parents[1]


def test_the_program_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    program = "\n".join(block for block in blocks if "mwt.pretrained" not in block)
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    exec(compile(program, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert float(re.search(r"^module: +([\d.]+)$", out, flags=re.MULTILINE)[1]) >= 0.9


def test_the_readme_shows_how_the_walk_from_a_published_network_begins():
    cells = jupytext.read(ROOT / "notebooks/walks/pretrained.py").cells
    first = next(cell.source for cell in cells if cell.source.startswith("import mwt\n"))
    assert f"```python\n{first}\n```" in (ROOT / "README.md").read_text()

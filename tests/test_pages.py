"""The programs in the book and the README run as they stand."""

import re
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]


def program(page):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), flags=re.DOTALL)
    return "\n".join(block for block in blocks if "mwt.pretrained" not in block)


@pytest.mark.parametrize("page", ["book/own-cnn.md", "book/own-data.md", "README.md"])
def test_program_on_a_page_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    namespace = {}
    exec(compile(program(page), page, "exec"), namespace)
    out = capsys.readouterr().out
    accuracy = float(re.search(r"^module: +([\d.]+)$", out, flags=re.MULTILINE)[1])
    assert accuracy >= 0.9
    if page == "book/own-cnn.md":
        assert "channel_shuffle" in out
    if page == "book/own-data.md":
        hits = re.findall(r"(\d+) of (\d+) pictures recognized by the ONNX file", out)
        assert len(hits) == 3
        assert all(int(right) >= 0.9 * int(all_of_them) for right, all_of_them in hits)


def test_the_walk_from_a_folder_takes_grey_images_and_a_folder_that_is_there(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    first, *others = re.findall(
        r"```python\n(.*?)```", (ROOT / "book/own-data.md").read_text(), flags=re.DOTALL
    )
    exec(compile(first.replace('.convert("RGB")', ""), "the folder", "exec"), {})
    walk = "\n".join(others).replace("epochs=8", "epochs=1")
    exec(compile(walk, "the walk without its folder", "exec"), {})
    assert capsys.readouterr().out.count("recognized by the ONNX file") == 3

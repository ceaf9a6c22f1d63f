"""A full disk or a folder that is not to be written in is one sentence, and nothing is lost."""

import subprocess
import sys

import pytest
import torch

import mwt
from mwt.support.files import locked, save_json, save_tensors, writing

FULL = """
import resource, signal, sys
from pathlib import Path
import torch, mwt
from mwt.support.files import save_json, save_tensors
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
path = Path(sys.argv[2])
def checkpoint():
    data, net = mwt.data.load("digits")[1], mwt.models.resnet18(10, 1, 1 / 16)
    mwt.fit(net, data, data, epochs=1, checkpoint=path, label=None)
try:
    {
        "json": lambda: save_json(path, ["x" * 100_000]),
        "tensors": lambda: save_tensors(path, {"a": torch.zeros(100_000)}),
        "checkpoint": checkpoint,
    }[sys.argv[1]]()
except mwt.UsageError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["json", "tensors", "checkpoint"])
def test_where_there_is_no_room_the_old_file_stays(kind, tmp_path):
    path = tmp_path / "file"
    if kind != "checkpoint":
        path.write_text("before")
    done = subprocess.run(
        [sys.executable, "-c", FULL, kind, path], capture_output=True, text=True, check=True
    )
    (said,) = done.stdout.splitlines()
    assert said.startswith(f"{path} cannot be written (")
    assert said.endswith("what is there already is kept.")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["before"] * path.exists()


def test_a_file_in_the_place_of_a_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("mine")
    for write in (
        lambda path: save_json(path / "a.json", {}),
        lambda path: save_tensors(path / "a.safetensors", {"a": torch.zeros(1)}),
        lambda path: locked(path / "folder").__enter__(),
    ):
        with pytest.raises(mwt.UsageError, match=r"cannot be written \(.*set MWT_HOME"):
            write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_other_mistakes_are_not_hidden(tmp_path):
    with pytest.raises(TypeError):
        save_json(tmp_path / "a.json", {1, 2})
    with pytest.raises(RuntimeError, match="my own"), locked(tmp_path):
        raise RuntimeError("my own")


def test_an_interrupt_while_torch_writes_is_no_full_disk(tmp_path):
    def write():
        try:
            raise KeyboardInterrupt
        finally:  # as torch's writer fails when it is closed half-way
            raise RuntimeError("unexpected pos 64 vs 0")

    with pytest.raises(KeyboardInterrupt), writing(tmp_path / "file"):
        write()

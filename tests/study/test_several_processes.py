"""Several processes that want the same run: one makes it, the others wait, say so, and find it."""

import os
import signal
import subprocess
import sys
import time

import pytest

EIGHT = 8
ASKING = """
import sys, time
import torch
from pathlib import Path
from mwt.study.config import Config
from mwt.study.store import found_or_made

folder = Path(sys.argv[1])

def make(run):
    with (folder / "made").open("a") as file:
        file.write("once\\n")
    while not (folder / "go on").exists():
        time.sleep(0.05)
    return {"value": 7}

print(found_or_made("cut", Config(), torch.device("cpu"), make).result()["value"])
"""


def asking(folder, number, before=(), home="home"):
    command = [*before, sys.executable, "-c", ASKING, str(folder)]
    home = os.environ | {"MWT_HOME": str(folder / home)}
    with (folder / f"said-{number}").open("w") as said:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=home)


def until(true):
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def waiting(folder):
    return sum("waiting for another" in path.read_text() for path in folder.glob("said-*"))


def test_of_eight_one_makes_it_the_others_say_that_they_wait_and_all_have_it(tmp_path):
    processes = [asking(tmp_path, number) for number in range(EIGHT)]
    until(lambda: waiting(tmp_path) == EIGHT - 1)
    (tmp_path / "go on").touch()
    assert [process.communicate(timeout=60)[0] for process in processes] == ["7\n"] * EIGHT
    assert (tmp_path / "made").read_text() == "once\n"


def test_one_that_was_killed_blocks_nobody(tmp_path):
    first = asking(tmp_path, 0)
    until((tmp_path / "made").exists)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    (tmp_path / "go on").touch()
    assert asking(tmp_path, 1).communicate(timeout=60)[0] == "7\n"
    assert waiting(tmp_path) == 0


def test_the_lock_holds_through_another_mount_point(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "mounted").mkdir()
    mount = f"mount --bind {tmp_path}/home {tmp_path}/mounted"
    elsewhere = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*elsewhere, mount], capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    first = asking(tmp_path, 0)
    until((tmp_path / "made").exists)
    second = asking(tmp_path, 1, [*elsewhere, f'{mount} && exec "$@"', "sh"], "mounted")
    until(lambda: waiting(tmp_path) == 1)
    assert "mounted" in (tmp_path / "said-1").read_text()
    (tmp_path / "go on").touch()
    for process in (first, second):
        assert process.communicate(timeout=60)[0] == "7\n"
    assert (tmp_path / "made").read_text() == "once\n"

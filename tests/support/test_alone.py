"""A command that must not run twice at once: refused while it runs, not once it was killed."""

import os
import signal
import subprocess
import sys

ALONE = [sys.executable, "-m", "mwt.support.alone"]


def started(lock, seconds):
    command = [
        sys.executable,
        "-c",
        f"print('runs', flush=True); import time; time.sleep({seconds})",
    ]
    one = subprocess.Popen([*ALONE, lock, *command], stdout=subprocess.PIPE, text=True)
    assert one.stdout.readline() == "runs\n"
    return one


def test_a_second_one_is_refused_until_the_first_was_killed(tmp_path):
    lock = tmp_path / "folder/lock"
    first = started(lock, 60)
    second = subprocess.run([*ALONE, lock, "true"], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith("another process runs this already")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert subprocess.run([*ALONE, lock, "true"], check=False).returncode == 0


def test_what_the_command_started_does_not_hold_the_lock(tmp_path):
    lock = tmp_path / "lock"
    child = "import subprocess as s; print(s.Popen(['sleep', '60'], stdout=-3, stderr=-3).pid)"
    command = [*ALONE, lock, sys.executable, "-c", child]
    sleeps = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    try:
        assert subprocess.run([*ALONE, lock, "true"], check=False).returncode == 0
    finally:
        os.kill(sleeps, signal.SIGKILL)


def test_its_status_is_the_commands(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit(7)"]
    assert subprocess.run([*ALONE, tmp_path / "lock", *command], check=False).returncode == 7

"""Which code, packages and machine a number comes from."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import torch

from ..support.files import project_root

PACKAGES = ("torch", "torchvision", "numpy", "fvcore")


def now() -> str:
    """Return the date and time to the minute, in UTC."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")


def commit() -> str:
    """Return the commit of the code, with a mark where files differ from it."""
    command = [
        "git",
        "-C",
        str(project_root()),
        "describe",
        "--always",
        "--dirty=+changes",
        "--abbrev=10",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # git is not installed
        return "unknown, without git"
    return done.stdout.strip() or "not in a git checkout"


def machine(device: torch.device) -> str:
    """Return the processor, the threads torch uses, the GPU if it is used, and the system.

    Jobs that share a GPU slow each other down, so how many there may be belongs to its name: the
    workflow says it in ``MWT_JOBS``. On a CPU, times are the process's own.
    """
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    parts = [names[0] if names else platform.processor() or platform.machine()]
    parts.append(f"{torch.get_num_threads()} thread(s)")
    if device.type == "cuda":
        parts.append(torch.cuda.get_device_name(device))
        jobs = os.environ.get("MWT_JOBS", "1")
        parts += [f"{jobs} jobs at once"] if jobs != "1" else []
    parts.append(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}")
    return ", ".join(parts)


def versions() -> dict[str, str]:
    """Return the versions of the packages that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}

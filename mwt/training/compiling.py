"""Whether a training is to be compiled or recorded: only where it is long enough to repay that."""

import os
import shutil

import torch

from ..support.errors import UsageError

# Multiply-adds of all forward passes on training images from which on compiling on a CPU, which
# takes a minute or so, is repaid. By the amount of work, not by a clock: the same training is
# compiled, or not, on a busy machine as on an idle one. `benchmarks/step.py --compile` measures it:
# on one core of an AMD EPYC 1e13 to 8e13 for modular networks (ResNet18).
BREAK_EVEN = 8e13
# Steps from which on it is repaid to record one on CUDA: that takes less than a second, and saves
# at least 3 ms a step (ResNet18, `benchmarks/device.py --compile` on an H200).
STEPS = 200


def repays(multiply_adds: float, steps: int, modular: bool, device: torch.device) -> bool:
    """Tell whether a training gains more than it takes to compile it (CPU) or record it (CUDA).

    Parameters
    ----------
    multiply_adds
        Of the forward passes on training images: those of one image, times images, times epochs.
    steps
        Of the training.
    modular
        Whether masks are computed and multiplied: on a CPU only that becomes faster.
    device
        Where it is trained.
    """
    if device.type == "cuda":
        return steps >= STEPS
    return device.type == "cpu" and modular and multiply_adds >= BREAK_EVEN and can_compile(device)


def can_compile(device: torch.device) -> bool:
    """Tell whether torch finds what it compiles with: on a CPU, a C++ compiler."""
    return device.type != "cpu" or shutil.which(os.environ.get("CXX", "g++")) is not None


def check_compiler(device: torch.device) -> None:
    """Refuse to compile where there is nothing to compile with.

    Raises
    ------
    UsageError
        On a CPU without a C++ compiler.
    """
    if not can_compile(device):
        raise UsageError(
            f"compile=True needs a C++ compiler, and {os.environ.get('CXX', 'g++')} is not there: "
            "install g++, or train without compile."
        )

"""In which precision a device is to compute, decided in this one place.

- What is measured is measured in float32, multiplied in full: `full_float32`.
- A training is in float32 or in bfloat16 (by torch's autocast), as its settings say. In float32,
  convolutions on CUDA may round to TF32, which is torch's default and was the authors'; in
  bfloat16, all that stays float32 is multiplied as TF32 there.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PRECISIONS = ("auto", *DTYPES)


def resolved(precision: str, device: torch.device) -> str:
    """Return the precision that ``auto`` is on a device; any other is what it is.

    Parameters
    ----------
    precision
        One of `PRECISIONS`.
    device
        Where to compute: ``auto`` is bfloat16 where it computes with that itself, else float32.
    """
    if precision != "auto":
        return precision
    return "bfloat16" if made_for_bfloat16(device) else "float32"


def made_for_bfloat16(device: torch.device) -> bool:
    """Tell whether a device computes with bfloat16 itself.

    One that only imitates it is several times slower with it.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )


def full_float32() -> AbstractContextManager[None]:
    """Multiply float32 numbers in full inside the block, where CUDA could round them to TF32."""
    return multiplied_as("ieee")


def training_in(amp: bool) -> AbstractContextManager[None]:
    """Let CUDA round the float32 numbers of a training in bfloat16 to TF32 inside the block."""
    return multiplied_as("tf32") if amp else nullcontext()


@contextmanager
def multiplied_as(precision: str) -> Iterator[None]:
    """Multiply float32 numbers on CUDA as ``"ieee"`` or as ``"tf32"`` inside the block."""
    cudnn: Any = torch.backends.cudnn  # its parts are made when it is imported
    kinds: tuple[Any, ...] = (cudnn.conv, cudnn.rnn, torch.backends.cuda.matmul)
    before = [kind.fp32_precision for kind in kinds]
    try:
        for kind in kinds:
            kind.fp32_precision = precision
        yield
    finally:
        for kind, usual in zip(kinds, before, strict=True):
            kind.fp32_precision = usual


@contextmanager
def fastest_convolutions() -> Iterator[None]:
    """Let CUDA try its ways of convolving, and keep the fastest: for inputs of always one size."""
    before = torch.backends.cudnn.benchmark
    try:
        torch.backends.cudnn.benchmark = True
        yield
    finally:
        torch.backends.cudnn.benchmark = before

"""In which precision a device is to compute, decided in this one place.

- What is measured is measured in float32, multiplied in full: `full_float32`. Only the validation
  after each epoch on CUDA is in the precision of the training, of which it would be a fifth.
- A training is in float32 or in bfloat16 (by torch's autocast), as its settings say. In float32,
  convolutions on CUDA may round to TF32, which is torch's default and was the authors'.
"""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def full_float32() -> Iterator[None]:
    """Multiply float32 numbers in full inside the block, where CUDA could round them to TF32."""
    cudnn: Any = torch.backends.cudnn  # its parts are made when it is imported
    kinds: tuple[Any, ...] = (cudnn.conv, cudnn.rnn, torch.backends.cuda.matmul)
    before = [kind.fp32_precision for kind in kinds]
    try:
        for kind in kinds:
            kind.fp32_precision = "ieee"
        yield
    finally:
        for kind, precision in zip(kinds, before, strict=True):
            kind.fp32_precision = precision


@contextmanager
def fastest_convolutions() -> Iterator[None]:
    """Let CUDA try its ways of convolving, and keep the fastest: for inputs of always one size."""
    before = torch.backends.cudnn.benchmark
    try:
        torch.backends.cudnn.benchmark = True
        yield
    finally:
        torch.backends.cudnn.benchmark = before

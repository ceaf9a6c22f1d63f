"""Evaluation mode and full precision, for as long as something is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from torch import nn

from .precision import full_float32


@contextmanager
def evaluating(*models: nn.Module, in_full: bool = True) -> Iterator[None]:
    """Put networks into evaluation mode inside the block; each layer gets its mode back.

    Float32 numbers are multiplied in full, unless ``in_full`` says otherwise.
    """
    modes = [(layer, layer.training) for model in models for layer in model.modules()]
    for model in models:
        model.eval()
    try:
        with full_float32() if in_full else nullcontext():
            yield
    finally:
        for layer, mode in modes:
            layer.training = mode

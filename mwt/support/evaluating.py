"""Evaluation mode and full precision, for as long as something is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from .precision import full_float32


@contextmanager
def evaluating(*models: nn.Module) -> Iterator[None]:
    """Put networks into evaluation mode inside the block; each layer gets its mode back.

    Float32 numbers are multiplied in full.
    """
    modes = [(layer, layer.training) for model in models for layer in model.modules()]
    for model in models:
        model.eval()
    try:
        with full_float32():
            yield
    finally:
        for layer, mode in modes:
            layer.training = mode

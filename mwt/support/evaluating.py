"""Evaluation mode, for as long as something is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def evaluating(*models: nn.Module) -> Iterator[None]:
    """Put networks into evaluation mode inside the block; each layer gets its mode back."""
    modes = [(layer, layer.training) for model in models for layer in model.modules()]
    for model in models:
        model.eval()
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode

"""Modularizing while training: train a CNN in modules, cut them out, reuse them."""

from . import cnnsplitter, data, metrics, models, released, shipping
from .errors import UnsupportedLayer, UsageError
from .extraction import extract, with_head
from .losses import modularity_loss
from .modular import MaskedConvBN, MaskGenerator, masked_blocks, masks, to_modular
from .modules import SampleMasks, compose, module_masks, sample_masks
from .predicting import accuracy, predict
from .training import fit
from .weights import pretrained

__all__ = [
    "MaskGenerator",
    "MaskedConvBN",
    "SampleMasks",
    "UnsupportedLayer",
    "UsageError",
    "accuracy",
    "cnnsplitter",
    "compose",
    "data",
    "extract",
    "fit",
    "masked_blocks",
    "masks",
    "metrics",
    "models",
    "modularity_loss",
    "module_masks",
    "predict",
    "pretrained",
    "released",
    "sample_masks",
    "shipping",
    "to_modular",
    "with_head",
]

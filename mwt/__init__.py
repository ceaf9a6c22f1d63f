"""Modularizing while training: train a CNN in modules, cut them out, reuse them."""

from . import cnnsplitter, data, metrics, models, released, shipping
from .masking.blocks import MaskedConvBN, MaskGenerator, masked_blocks, masks
from .masking.losses import modularity_loss
from .masking.samples import KernelUse, SampleMasks, sample_masks
from .masking.selection import compose, module_masks
from .study.report_card import ReportCard, report_card
from .study.weights import pretrained
from .support.errors import UnsupportedLayer, UsageError
from .surgery.extraction import extract, with_head
from .surgery.transform import to_modular
from .training.loop import fit
from .training.predicting import accuracy, predict

__all__ = [
    "KernelUse",
    "MaskGenerator",
    "MaskedConvBN",
    "ReportCard",
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
    "report_card",
    "sample_masks",
    "shipping",
    "to_modular",
    "with_head",
]

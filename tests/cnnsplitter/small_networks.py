"""What the tests of CNNSplitter share: small networks, few images, short searches."""

import torch

import mwt
from mwt.cnnsplitter import PUBLISHED, settings_for

MODELS = ("simcnn", "rescnn")
CIFAR = PUBLISHED["simcnn", "cifar10"]


def network(model, width=0.0625, seed=0):
    torch.manual_seed(seed)
    return mwt.models.MODELS[model](in_channels=1, width=width)


def random_importance(layout, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(kernels, generator=generator) for kernels in layout.kernels]


def small(**changes):
    mild = {"ratios_sensitive": (0.8, 0.9, 1.0), "ratios_other": (0.8, 0.9)}
    return settings_for("simcnn", "digits", **{"population": 6, "generations": 4} | mild | changes)

"""The networks are the paper's: shapes and kernel counts."""

import pytest
import torch
from torch import nn

import mwt


@pytest.mark.parametrize(
    ("name", "kernels"), [("resnet18", 4800), ("vgg16", 4224), ("simcnn", 4224), ("rescnn", 4288)]
)
def test_kernels_at_width_1(name, kernels):
    with torch.device("meta"):
        net = getattr(mwt.models, name)()
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    assert sum(c.out_channels for c in convolutions) == kernels


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_classes_channels_and_width(name):
    net = getattr(mwt.models, name)(num_classes=7, in_channels=1, width=0.25).eval()
    assert net(torch.zeros(2, 1, 32, 32)).shape == (2, 7)


def test_resnet18_takes_smaller_images():
    assert mwt.models.resnet18(width=0.125).eval()(torch.zeros(1, 3, 8, 8)).shape == (1, 10)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
@pytest.mark.parametrize(
    "sizes",
    [
        *({"width": 0}, {"width": -1}, {"width": float("nan")}, {"width": "1"}),
        *({"num_classes": 0}, {"num_classes": 2.5}, {"in_channels": 0}),
    ],
    ids=str,
)
def test_impossible_sizes_are_refused(name, sizes):
    with pytest.raises(mwt.UsageError, match="give two whole numbers of at least 1, and a width"):
        getattr(mwt.models, name)(**sizes)

"""What a standard model's firing kernels say of its modularity."""

import pytest
import torch
from torch import nn

import mwt
from mwt.firing import firing_figures, recorded


def test_a_kernel_fires_where_its_output_is_above_zero_somewhere():
    net = nn.Sequential(
        nn.Conv2d(1, 1, 1, bias=False),
        nn.BatchNorm2d(1),
        nn.Conv2d(1, 2, 1, bias=False),
        nn.BatchNorm2d(2),
    ).eval()
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        net[2].weight.copy_(torch.tensor([1.0, -1.0]).view(2, 1, 1, 1))
    images = torch.ones(2, 1, 3, 3)
    images[1] *= -1
    with recorded(net) as found:
        net(images)
    assert [layer.tolist() for layer in found] == [[[True, False], [False, True]]]


def test_figures_of_a_plain_network(digits):
    figures = firing_figures(mwt.models.resnet18(in_channels=1, width=0.125), digits[1])
    assert set(figures) == {"kernel_rate", "cohesion", "coupling"}
    assert all(0 <= value <= 1 for value in figures.values())
    # Untrained, classes do not differ: pairs of one class are as alike as pairs of two.
    assert 1 - figures["cohesion"] == pytest.approx(figures["coupling"], abs=0.05)

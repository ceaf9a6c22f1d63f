"""What a standard model's active kernels say of its modularity."""

import pytest
import torch
from torch import nn

import mwt
from mwt.surgery.activation import (
    activation_figures,
    activation_masks,
    convolutions_to_mask,
    recording,
)


def test_a_kernel_is_active_where_its_output_is_above_zero_somewhere():
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
    with recording(convolutions_to_mask(net)) as found:
        net(images)
        assert [layer.tolist() for layer in found.values()] == [[[True, False], [False, True]]]


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_masks_of_a_standard_model_have_the_layers_of_the_modular_one(name, digits):
    net = getattr(mwt.models, name)(in_channels=1, width=0.0625)
    data = digits[1] if name == "resnet18" else mwt.data.load("digits", size=32)[1]
    active = activation_masks(net, data)
    masks = mwt.sample_masks(mwt.to_modular(net), data)
    assert active.layers == masks.layers
    assert active.binary.shape == masks.binary.shape
    modules = mwt.module_masks(active, 0.9)
    used = active.binary[active.labels == 3].double().mean(dim=0)
    assert torch.allclose(active.frequency[3].double(), used)
    assert mwt.metrics.cohesion(active, modules) > 0.5


def test_a_modular_model_is_refused(digits):
    with pytest.raises(mwt.UsageError, match="sample_masks"):
        activation_masks(
            mwt.to_modular(mwt.models.resnet18(in_channels=1, width=0.0625)), digits[1]
        )


def test_figures_of_a_plain_network(digits):
    net = mwt.models.resnet18(in_channels=1, width=0.125)
    figures = activation_figures(net, digits[1])
    active = activation_masks(net, digits[1]).binary.double().mean().item()
    assert figures["kernel_rate"] == pytest.approx(active)
    # Untrained, classes do not differ: pairs of one class are as alike as pairs of two.
    assert 1 - figures["cohesion"] == pytest.approx(figures["coupling"], abs=0.05)

"""Any CNN of the allowed parts: its modules compute what it would with the same kernels masked."""

import pytest
import torch
import torchvision
from exactness import difference, kernel_count, masked, randomized
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cnn import RANDOM_NETWORKS, Scale, networks
from torch import nn

import mwt

TORCHVISION = (
    *("resnet18", "resnet50", "vgg11_bn", "densenet121", "shufflenet_v2_x0_5", "squeezenet1_1"),
    *("googlenet", "mobilenet_v2", "mnasnet1_0", "efficientnet_b0"),
)
LARGER = ("resnet34", "wide_resnet50_2", "vgg13_bn", "vgg16_bn", "vgg19_bn")  # of the same parts


@given(net=networks(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
@settings(RANDOM_NETWORKS, max_examples=120)
def test_random_networks(net, seed, share):
    modular = mwt.to_modular(randomized(net, seed)).eval()
    union = torch.rand(kernel_count(modular)) < share
    images = torch.randn(2, 3, 12, 12)
    assert difference(modular, union, images) <= 1e-4
    with torch.inference_mode():  # masks that are all 1 leave the network as it was
        expected, found = net.eval()(images), masked(modular, torch.ones_like(union))(images)
    assert (found - expected).abs().max() <= 1e-6 * expected.abs().max()


@pytest.mark.parametrize("name", [*TORCHVISION, *LARGER])
def test_torchvision(name):
    options = {"aux_logits": False} if name == "googlenet" else {}
    if name.startswith(("googlenet", "vgg")):
        options["init_weights"] = False  # takes seconds, on top of that of the layers
    net = getattr(torchvision.models, name)(weights=None, **options)
    modular = mwt.to_modular(randomized(net)).eval()
    images = torch.randn(1, 3, 224, 224)
    for share in (0.5,) if name in LARGER else (0.1, 0.5, 0.9):
        union = torch.rand(kernel_count(modular)) < share
        assert difference(modular, union, images) <= 1e-4


class Net(nn.Module):
    """A stem and a masked block, then whatever a test puts after them."""

    def __init__(self, after, channels=8):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.conv = nn.Conv2d(8, channels, 3, padding=1)
        self.bn = nn.BatchNorm2d(channels)
        self.after = after
        self.fc = nn.Linear(channels, 5)

    def forward(self, x):
        x = self.bn(self.conv(torch.relu(self.stem(x))))
        return self.fc(self.after(x).mean((2, 3)))


class Call(nn.Module):
    """A function as a module that is traced through."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def shuffled(x):
    n, c, h, w = x.size()
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def test_groups_keep_their_channels_as_zeros():
    net = nn.Sequential(
        *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, groups=4), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(8 * 36, 5)),
    )
    modular = mwt.to_modular(randomized(net)).eval()
    union = torch.arange(16) % 2 == 0
    module = mwt.extract(modular, union)
    assert module.get_submodule("3").conv.out_channels == 4
    assert module.get_submodule("6").conv.out_channels == 8
    assert difference(modular, union, torch.randn(2, 3, 12, 12)) <= 1e-4


def test_a_depthwise_convolution_loses_its_channels():
    net = torchvision.models.mobilenet_v2(num_classes=5)
    modular = mwt.to_modular(randomized(net)).eval()
    module = mwt.extract(modular, torch.arange(kernel_count(modular)) % 4 == 0)
    depthwise = [m for m in module.modules() if isinstance(m, nn.Conv2d) and m.groups > 1]
    before = [m for m in net.modules() if isinstance(m, nn.Conv2d) and m.groups > 1]
    assert sum(m.out_channels for m in depthwise) == sum(m.out_channels for m in before) // 4


def test_stochastic_depth_and_dropout_follow_the_modules_mode():
    net = torchvision.models.efficientnet_b0(num_classes=5, stochastic_depth_prob=0.5)
    modular = mwt.to_modular(net).train()
    module = mwt.extract(modular, torch.ones(kernel_count(modular), dtype=torch.bool))
    assert modular.training
    images = torch.randn(4, 3, 32, 32)
    assert torch.equal(module(images), module(images))
    module.train()
    assert not torch.equal(module(images), module(images))


def test_parameters_of_the_forward_method_are_copied():
    net = Net(Scale(8, 1))
    modular = mwt.to_modular(net)
    module = mwt.extract(modular, torch.arange(8) < 4)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    assert modular.after.gamma.abs().sum() > 0

"""Blocks that are not a convolution and a batch norm to the letter are masked where they can be."""

import math

import pytest
import torch
from exactness import difference, kernel_count, masked, randomized
from torch import nn
from torch.nn import functional as F

import mwt
from mwt.surgery.activation import convolutions_to_mask
from mwt.surgery.own_convs import cuts


class NormAct(nn.BatchNorm2d):
    """As timm's: written out, with a check of its own and layers behind it."""

    def __init__(self, channels, act):
        super().__init__(channels)
        self.drop, self.act = nn.Identity(), act

    def forward(self, x):
        torch._assert(x.ndim == 4, f"expected 4D input (got {x.ndim}D input)")
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        batch = self.training or (self.running_mean is None and self.running_var is None)
        tracked = not self.training or self.track_running_stats
        x = F.batch_norm(
            x,
            self.running_mean if tracked else None,
            self.running_var if tracked else None,
            self.weight,
            self.bias,
            batch,
            momentum,
            self.eps,
        )
        return self.act(self.drop(x))


class Leaky(nn.BatchNorm2d):
    """Its activation is a function, its batch norm the parent's."""

    def forward(self, x):
        return F.leaky_relu(super().forward(x), 0.2, inplace=True)


class SyncLeaky(nn.SyncBatchNorm):
    def forward(self, x):
        return F.leaky_relu(super().forward(x), 0.2)


class Plain(nn.BatchNorm2d):
    """Adds nothing to how it computes."""


class Same(nn.Conv2d):
    """Pads as TensorFlow does, by the size of what it is given."""

    def forward(self, x):
        height, width = (
            max((math.ceil(side / s) - 1) * s + k - side, 0)
            for side, s, k in zip(x.shape[2:], self.stride, self.kernel_size, strict=True)
        )
        x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class Standardized(nn.Conv2d):
    """Its weights are standardized over their inputs, which therefore cannot be cut."""

    def _conv_forward(self, x, weight, bias):
        weight = weight - weight.mean((1, 2, 3), keepdim=True)
        weight = weight / (weight.std((1, 2, 3), keepdim=True, unbiased=False) + 1e-5)
        return super()._conv_forward(x, weight, bias)


class Gain(nn.Conv2d):
    """It has a parameter by kernel that nothing is known of, so that no kernel can be cut."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.gain = nn.Parameter(torch.rand(self.out_channels, 1, 1, 1) + 0.5)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.gain, self.bias, self.stride, self.padding)


class Blocks(nn.Module):
    """A stem and two blocks of some kind, and a depthwise one."""

    def __init__(self, norm=nn.BatchNorm2d, conv=nn.Conv2d, between=None):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3)
        self.conv1, self.norm1 = conv(8, 6, 3, padding=1, stride=2), norm(6)
        self.deep, self.norm2 = nn.Conv2d(6, 6, 3, padding=1, groups=6), norm(6)
        self.conv3, self.norm3 = conv(6, 8, 1), norm(8)
        self.act, self.drop, self.pool = nn.ReLU(inplace=True), nn.Dropout(0.3), nn.MaxPool2d(2)
        self.fc = nn.Linear(8, 5)
        self.between = between or (lambda _, x: x)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = self.norm1(self.between(self, self.conv1(x)))
        x = torch.relu(self.norm2(self.deep(x))) + x
        x = self.norm3(self.between(self, self.conv3(x)))
        return self.fc(x.mean((2, 3)))


KINDS = {
    "batch norm and activation": {"norm": lambda c: NormAct(c, nn.SiLU(inplace=True))},
    "batch norm and sigmoid": {"norm": lambda c: NormAct(c, nn.Sigmoid())},
    "batch norm and function": {"norm": Leaky},
    "own batch norm": {"norm": Plain},
    "synchronized": {"norm": nn.SyncBatchNorm},
    "synchronized and function": {"norm": SyncLeaky},
    "without statistics": {"norm": lambda c: nn.BatchNorm2d(c, track_running_stats=False)},
    "activation before": {"between": lambda net, x: net.act(x)},
    "function before": {"between": lambda _, x: F.gelu(x)},
    "method before": {"between": lambda _, x: x.relu_()},
    "dropout before": {"between": lambda net, x: net.drop(F.leaky_relu(x, 0.1))},
    "functional dropout before": {"between": lambda net, x: F.dropout(x, 0.3, net.training)},
    "pooling before": {"between": lambda net, x: net.pool(torch.tanh(x))},
    "own padding": {"conv": Same},
    "standardized weights": {"conv": Standardized},
    "weights of two parameters": {"conv": Gain},
    "own of both": {"conv": Same, "norm": Leaky, "between": lambda net, x: net.act(x)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_block_is_masked_and_modules_are_exact(kind):
    net = randomized(Blocks(**KINDS[kind]))
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    modular = mwt.to_modular(net).eval()
    assert [name for name, _ in mwt.masked_blocks(modular)] == ["conv1", "deep", "conv3"]
    assert [name for name, _ in convolutions_to_mask(net)] == ["conv1", "deep", "conv3"]
    images = torch.randn(3, 3, 14, 14)
    torch.manual_seed(1)
    for share in (0, 0.2, 0.5, 0.8, 1):
        assert difference(modular, torch.rand(20) < share, images) <= 1e-4
    every = masked(modular, torch.ones(20))
    assert torch.allclose(every(images), net.eval()(images), atol=1e-5)
    module = mwt.extract(modular, torch.rand(20) < 0.6, generators=True).train()
    module(images).sum().backward()
    assert all(torch.equal(state[name], tensor) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("kind", KINDS)
def test_masks_of_one_leave_training_as_it_was(kind):
    net = randomized(Blocks(**KINDS[kind])).train()
    every = masked(mwt.to_modular(net), torch.ones(20)).train()
    images = torch.randn(4, 3, 14, 14)
    found = []
    for model in (net, every):
        torch.manual_seed(2)
        found.append(model(images))
    assert torch.allclose(*found, atol=1e-4)


def test_what_is_between_keeps_the_savings():
    modular = mwt.to_modular(Blocks(between=lambda _, x: torch.relu(x)))
    module = mwt.extract(modular, torch.arange(20) % 2 == 0)
    assert module.conv1.conv.weight.shape == (3, 8, 3, 3)
    assert module.conv1.bn.num_features == 3
    assert module.conv3.conv.weight.shape == (4, 3, 1, 1)
    assert not any("zero_fill" in name for name, _ in module.named_modules())


@pytest.mark.parametrize(
    ("conv", "expected"),
    [
        (nn.Conv2d, (True, True)),
        (Same, (True, True)),
        (Standardized, (True, False)),
        (Gain, (False, True)),
    ],
)
def test_what_can_be_cut_of_a_convolution_is_tried(conv, expected):
    assert cuts(conv(6, 8, 3)) == expected
    with torch.device("meta"):
        assert cuts(conv(6, 9, 3)) == expected


class TwoInputs(nn.Conv2d):
    def forward(self, x, y):
        return super().forward(x) + y


def test_a_convolution_of_two_inputs_is_none():
    assert cuts(TwoInputs(4, 4, 1)) is None


class Trained(nn.BatchNorm2d):
    """Another thing in training, which a graph of evaluation would lose."""

    def forward(self, x):
        return super().forward(x + 1 if self.training else x)


def hooked(channels):
    norm = Leaky(channels)
    norm.register_forward_hook(lambda *_: None)
    return norm


class Reading(nn.BatchNorm2d):
    def forward(self, x):
        return super().forward(x) * self.weight[:, None, None]


@pytest.mark.parametrize(
    ("norm", "name"),
    [
        (Trained, "Trained"),
        (hooked, "Leaky"),
        (Reading, "Reading"),
        (lambda c: nn.GroupNorm(1, c), "GroupNorm"),
    ],
)
def test_what_stands_in_the_way_is_named(norm, name):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 8, 3), norm(8), nn.BatchNorm2d(8))
    with pytest.raises(mwt.UsageError, match=rf"convolution to mask \(they are read by {name}\)"):
        mwt.to_modular(net)


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_scripted_layers_are_refused_by_name():
    scripted = torch.jit.script(nn.Sequential(nn.ReLU()))
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), scripted)
    with pytest.raises(mwt.UnsupportedLayer, match=r"^layer '3' is scripted by torch\.jit"):
        mwt.to_modular(net)
    with pytest.raises(mwt.UnsupportedLayer, match=r"^the network is scripted by torch\.jit"):
        mwt.to_modular(torch.jit.script(net[:2]))


class Named(nn.Module):
    """Layers whose names are words of Python or of torch.fx."""

    def __init__(self):
        super().__init__()
        self.code, self.graph = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)
        self.layers = nn.ModuleDict({"if": nn.Conv2d(8, 6, 3), "graph": nn.BatchNorm2d(6)})
        self.add_module("class", nn.BatchNorm2d(8))
        self.add_module("relu(1)", nn.ReLU())
        self.print_readable = nn.Linear(6, 5)

    def forward(self, x):
        x = getattr(self, "class")(self.graph(self.code(x)))
        x = self.layers["graph"](self.layers["if"](getattr(self, "relu(1)")(x)))
        return self.print_readable(x.mean((2, 3)))


def test_layers_may_have_any_name():
    modular = mwt.to_modular(randomized(Named())).eval()
    assert [name for name, _ in mwt.masked_blocks(modular)] == ["graph", "layers.if"]
    for share in (0, 0.5, 1):
        union = torch.rand(kernel_count(modular)) < share
        assert difference(modular, union, torch.randn(2, 3, 10, 10)) <= 1e-4
    chosen = mwt.extract(modular, union, [3, 1], generators=True)
    assert chosen(torch.randn(2, 3, 10, 10)).shape == (2, 2)


def test_what_is_made_within_inference_mode_can_be_trained():
    images = torch.randn(3, 3, 14, 14)
    with torch.inference_mode():
        modular = mwt.to_modular(Blocks())
        module = mwt.with_head(mwt.extract(modular, torch.arange(20) > 4), 5, 2)
    for model in (modular, module):
        model.train()(images).sum().backward()
        assert all(p.grad is not None for p in model.parameters())

"""Where channels cannot be followed modules are exact all the same, for every mask."""

import pytest
import torch
from exactness import difference, kernel_count, randomized
from test_any_cnn import Call, shuffled
from test_written_cnns import Written, head
from torch import nn
from torch.nn import functional as F

import mwt


def masked_maps(net, x):
    """Maps of a block that loses kernels."""
    return net.a(net.stem(x))


BROADCAST = {
    "less, mean first": lambda y, m: y * (m < y),
    "greater, mean second": lambda y, m: y * (y > m),
    "method": lambda y, m: y * m.ge(y),
    "function": lambda y, m: torch.where(torch.lt(m, y), y, m),
    "equal": lambda y, m: y + (m == y) + torch.ne(m, y),
    "power": lambda y, m: (m.abs() + 1).pow(y) + (m.abs() + 1) ** y + 2**y,
    "clamp by tensors": lambda y, m: m.clamp(-y.abs(), y.abs()) + y.clamp(min=m),
    "maximum": lambda y, m: torch.maximum(m, y) - m.minimum(y),
    "lerp": lambda y, m: torch.lerp(m, y, 0.3) + m.lerp(y, y),
    "addcmul": lambda y, m: torch.addcmul(m, y, m) + m.addcmul(m, y, value=2),
    "sum and difference": lambda y, m: m + y - (m - y) * 2,
    "quotient": lambda y, m: m / (y.abs() + 1) + y / (m.abs() + 1),
    "remainder": lambda y, m: torch.fmod(m, y.abs() + 1) + torch.hypot(m, y),
    "logic": lambda y, m: y * ((m < y) & (y > 0) | (m > 0)),
    "types": lambda y, m: m.type_as(y) * y + m.expand_as(y),
}


@pytest.mark.parametrize("name", BROADCAST)
@pytest.mark.parametrize("least", [False, True])
def test_tensors_that_are_broadcast(name, least):
    def forward(net, x):
        y = masked_maps(net, x)
        mean = net.gate(y) if least else y.mean(1, keepdim=True)
        return head(net, net.b(BROADCAST[name](y, mean)))

    check(forward)


UNKNOWN = {
    "channel shuffle": nn.ChannelShuffle(2),
    "shuffle by hand": shuffled,
    "functional shuffle": lambda x: F.channel_shuffle(x, 2),
    "group norm": nn.GroupNorm(2, 8),
    "layer norm": nn.LayerNorm([8, 12, 12]),
    "transposed convolution": nn.ConvTranspose2d(8, 8, 3, padding=1),
    "grouped transposed convolution": nn.ConvTranspose2d(8, 8, 3, padding=1, groups=4),
    "pixel shuffle": lambda x: F.pixel_shuffle(x, 2).repeat(1, 4, 1, 1),
    "pixel unshuffle": lambda x: F.pixel_unshuffle(x, 2)[:, ::4],
    "glu": lambda x: torch.cat([F.glu(x, 1), nn.functional.glu(x, dim=1)], 1),
    "roll": lambda x: torch.roll(x, 1, 1),
    "same view": lambda x: x.view(x.size()),
    "sort": lambda x: x.sort(1).values,
    "cumulative": lambda x: x.cumsum(1),
    "index": lambda x: x[:, [3, 1, 0, 2, 7, 6, 5, 4]],
    "layer norm behind a permutation": lambda x: F.layer_norm(x.permute(0, 2, 3, 1), (8,)).permute(
        0, 3, 1, 2
    ),
    "fold": lambda x: F.fold(F.unfold(x, 3, padding=1), x.shape[-2:], 3, padding=1),
    "batch and channels": lambda x: (
        F.instance_norm(x.flatten(0, 1)[None]).unflatten(1, (-1, 8)).squeeze(0)
    ),
    "images and channels swapped": lambda x: x.view(x.transpose(0, 1).size(0), -1).view(x.shape),
    "mean over channels of vectors": lambda x: (
        x * x.flatten(2).mean(1, True).mean(2)[..., None, None]
    ),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_unknown_operations(kind):
    layer = UNKNOWN[kind]

    def direct(net, x):
        y = net.unknown(masked_maps(net, x))
        return head(net, net.b(y) + y)

    def grouped(net, x):
        return head(net, net.deep(net.unknown(net.c(masked_maps(net, x)))))

    for forward in (direct, grouped):
        net = Written(forward)
        net.unknown = layer if isinstance(layer, nn.Module) else Call(layer)
        check_network(net)


def reshaped_by_another(net, x):
    y, z = net.a(net.stem(x)), net.b(net.stem(x))
    n, c, h, w = y.shape
    return head(net, z.view(n, c, h, w) + z.reshape(n, c, -1).view(n, c, h, w) * y)


def test_sizes_of_a_tensor_that_keeps_its_kernels():
    modular = mwt.to_modular(randomized(Written(reshaped_by_another))).double().eval()
    for a in (0, 1, 4, 8):
        for b in (0, 1, 4, 8):
            union = torch.cat([torch.arange(8) < a, torch.arange(8) >= 8 - b])
            union = torch.cat([union, torch.zeros(kernel_count(modular) - 16) > 0])
            assert difference(modular, union, images()) <= 1e-9


def images(count=3):
    return torch.randn(count, 3, 12, 12, dtype=torch.float64)


def check(forward):
    check_network(Written(forward))


def check_network(net):
    net.example_input_array = torch.zeros(1, 3, 12, 12)
    modular = mwt.to_modular(randomized(net)).double().eval()
    size = kernel_count(modular)
    for share in (0, 0.1, 0.3, 0.6, 0.9, 1):
        assert difference(modular, torch.rand(size) < share, images()) <= 1e-9

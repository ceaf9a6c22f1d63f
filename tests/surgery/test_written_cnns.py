"""The ways in which people write forward methods: modules are exact for each of them."""

import copy

import pytest
import torch
from exactness import difference, kernel_count, randomized
from torch import nn
from torch.nn import functional as F

import mwt


class Written(nn.Module):
    """Layers for all of the forward methods below."""

    def __init__(self, forward, channels=8, length=None):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.a = nn.Sequential(nn.Conv2d(8, channels, 3, padding=1), nn.BatchNorm2d(channels))
        self.b = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels))
        self.c = nn.Sequential(nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.deep = nn.Sequential(nn.Conv2d(8, 8, 3, groups=8), nn.BatchNorm2d(8))
        self.shared = nn.Sequential(nn.Linear(channels, 4), nn.ReLU(), nn.Linear(4, channels))
        self.gate = nn.Sequential(nn.Conv2d(channels, 1, 1), nn.BatchNorm2d(1))
        self.slide = nn.Conv1d(1, 1, 3, padding=1)
        self.scale = nn.Parameter(torch.rand(channels, 1, 1) + 0.5)
        self.places = nn.MaxPool2d(2, return_indices=True)
        self.hard = nn.Hardtanh(0.1, 6, inplace=True)
        self.fc = nn.Linear(length or channels, 5)
        self.method = forward

    def forward(self, x, labels=None, extra=False):
        if extra or labels is not None:
            return labels
        return self.method(self, x)


def head(net, x):
    return net.fc(x.mean((2, 3)))


def iadd_with_an_alias(net, x):
    y = net.a(net.stem(x))
    skip = y
    y += net.b(y)
    return head(net, torch.tanh(y) + skip)


def layers_made_on_the_way(net, x):
    """As a well-known collection of residual networks activates its sums."""
    y = net.a(net.stem(x))
    y = nn.ReLU(inplace=True)(y + net.b(y))
    return head(net, nn.Sequential(nn.MaxPool2d(2), nn.Tanh())(y))


def imul_kept_in_a_list(net, x):
    y = net.a(net.stem(x))
    kept = [y]
    y *= net.scale
    return head(net, y + kept[0])


def in_place_statements(net, x):
    y = net.a(net.stem(x))
    z = net.b(y)
    z.add_(y)
    F.relu_(z)
    F.hardsigmoid(z, inplace=True)
    net.hard(y)
    return head(net, y + z)


def pooled_over_three_axes(net, x):
    y = F.max_pool2d(net.a(net.stem(x)).flatten(2), 3, 1, 1)
    return net.fc(y.mean(2))


def channel_attention_with_shared_layers(net, x):
    y = net.a(net.stem(x))
    mean, top = y.mean([-1, -2]), F.adaptive_max_pool2d(y, 1).flatten(1)
    y = y * torch.sigmoid(net.shared(mean) + net.shared(top))[:, :, None, None]
    places = torch.cat([y.mean(1, True), y.max(1, True).values], 1)
    return head(net, y * torch.sigmoid(places.sum(1, keepdim=True)))


def gate_of_one_kernel(net, x):
    y = net.a(net.stem(x))
    return head(net, y * torch.sigmoid(net.gate(y)))


def convolution_over_channels(net, x):
    y = net.a(net.stem(x))
    weights = net.slide(F.adaptive_avg_pool2d(y, 1).squeeze(-1).transpose(-1, -2))
    return head(net, y * weights.transpose(-1, -2).unsqueeze(-1).sigmoid())


def channels_taken_apart(net, x):
    y = net.a(net.stem(x))
    left, right = y.chunk(2, dim=1)
    first, second = torch.split(y, 4, dim=1)
    return head(net, torch.cat([left * first, y[:, 4:] + right - second], 1))


def depthwise_of_an_unknown_number(net, x):
    y = F.pad(net.stem(x)[:, :4, ::2, ::2], (0, 0, 0, 0, 2, 2))
    return head(net, net.deep(y) + net.a(y)[:, :, 1:-1, 1:-1])


def squeezed_without_a_dimension(net, x):
    return net.fc(F.adaptive_avg_pool2d(net.a(net.stem(x)), 1).squeeze())


def view_as_the_tutorials_do(net, x):
    y = F.adaptive_avg_pool2d(net.a(net.stem(x)), 1)
    return net.fc(y.view(-1, 8))


def view_with_shapes(net, x):
    y = net.a(net.stem(x))
    b, c = y.shape[:2]
    n, channels, h, w = y.size()
    z = y.view(b, c, -1).mean(2).view(n, channels, 1, 1)
    pooled = F.adaptive_avg_pool2d(y, 1).view(n, channels, 1, 1)
    return head(net, z * y + pooled + torch.zeros_like(y) + h / w)


def ellipsis_and_reductions(net, x):
    y = net.a(net.stem(x))
    weights = torch.softmax(y.amax((2, 3)), 1)[..., None, None]
    return head(net, torch.where(y > 0, y, -y) * weights + torch.maximum(y, net.b(y)))


def numbers_and_parameters(net, x):
    y = net.a(net.stem(x))
    y = torch.div(y, 2) - 0.5 * y / y.size(1) + net.scale * y + y.size(2) * y / 9
    y = net.b(y.size(0) * y)
    return head(net, (1 - y) * y + y**2 - torch.clamp(y, 0.1, 1.0))


def weight_read_by_the_forward_method(net, x):
    y = net.a(net.stem(x)).mean((2, 3))
    return net.fc(y) - net.fc.weight.norm(dim=1)


def padded_vectors(net, x):
    y = net.a(net.stem(x)).mean((2, 3))
    return net.fc(F.pad(y, (0, 2))[:, 1:-1])


def linear_over_positions(net, x):
    y = net.a(net.stem(x))[:, :, :, :8]
    return net.shared(y).mean((1, 2))[:, :5] + head(net, y)


def dropouts_and_upsampling(net, x):
    y = F.dropout2d(F.dropout(net.a(net.stem(x)), 0.2, net.training), 0.1, net.training)
    y = F.interpolate(F.max_pool2d(y, 2), scale_factor=2, mode="bilinear")
    return head(net, net.c(F.pad(y, (1, 1))).to(x.dtype))


def flattened_and_joined(net, x):
    y = net.a(net.stem(x))
    parts = [F.adaptive_avg_pool2d(y, 1).flatten(1), torch.flatten(F.adaptive_max_pool2d(y, 1), 1)]
    return net.fc(torch.cat(parts, dim=1)[:, 4:12])


def squeezed_where_nothing_is_one(net, x):
    y = net.a(net.stem(x))[:, :, :, :8].squeeze(2).squeeze(3)
    return net.fc(y).mean((1, 2)) + net.fc(F.avg_pool2d(net.b(y), (12, 8)).squeeze(-1).squeeze(2))


def places_of_the_greatest(net, x):
    y = net.a(net.stem(x))
    low, places = net.places(y)
    z = F.max_unpool2d(low, places, 2) + net.b(y)
    z, _ = F.max_pool2d(z, 2, return_indices=True)
    return net.fc(F.adaptive_max_pool2d(z, 1, return_indices=True)[0].flatten(1))


def dimensions_that_are_computed(net, x):
    y = net.a(net.stem(x))
    z = F.pad(y, [0, 1] * (y.dim() - 2)) * y.size(y.dim() - 3)
    z = torch.cat([z, F.pad(net.b(y), [0, 1] * (x.dim() - 2))], dim=y.dim() - 1)
    return net.fc(z.unsqueeze(y.ndim).flatten(2).mean(y.dim() - 2))


def dimensions_from_the_end(net, x):
    y = F.adaptive_avg_pool2d(net.a(net.stem(x)), 1)
    return net.fc(torch.flatten(y, -3)) + net.fc(net.b(y).flatten(-2).flatten(-2, -1))


WAYS = [
    *(squeezed_where_nothing_is_one, places_of_the_greatest, dimensions_that_are_computed),
    *(dimensions_from_the_end, layers_made_on_the_way),
    *(iadd_with_an_alias, imul_kept_in_a_list, in_place_statements, pooled_over_three_axes),
    *(channel_attention_with_shared_layers, gate_of_one_kernel, convolution_over_channels),
    *(channels_taken_apart, depthwise_of_an_unknown_number, squeezed_without_a_dimension),
    *(view_as_the_tutorials_do, view_with_shapes, ellipsis_and_reductions),
    *(numbers_and_parameters, weight_read_by_the_forward_method, padded_vectors),
    *(linear_over_positions, dropouts_and_upsampling, flattened_and_joined),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_way_of_writing(way):
    net = randomized(Written(way)).double()
    before = copy.deepcopy(net.state_dict())
    modular = mwt.to_modular(net).eval()
    weights = copy.deepcopy(modular.state_dict())
    images = torch.randn(3, 3, 12, 12, dtype=torch.float64)
    torch.manual_seed(1)
    size = kernel_count(modular)
    masks = [torch.rand(size) < share for share in (0.2, 0.5, 0.8)]
    one = torch.arange(size) == 3
    for union in (*masks, one, torch.zeros(size, dtype=torch.bool), torch.ones_like(one)):
        assert difference(modular, union, images) <= 1e-9
    module = mwt.extract(modular, masks[0]).train()
    module(images).sum().backward()
    for model, state in ((net, before), (modular, weights)):
        assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
        assert model.state_dict().keys() == state.keys()
    assert net.training
    assert not modular.training


class TwoNames(nn.Module):
    """Layers that are also part of a container."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.features = nn.Sequential(self.conv1, nn.ReLU(), self.conv2)
        self.post = nn.Sequential(self.norm, nn.ReLU())
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(self.post(self.features(x)).mean((2, 3)))


def test_a_layer_of_two_names_is_masked_under_both():
    modular = mwt.to_modular(randomized(TwoNames())).eval()
    images = torch.randn(2, 3, 10, 10)
    modular(images)
    assert [mask.shape for mask in mwt.masks(modular)] == [(2, 8)]
    assert difference(modular, torch.arange(8) % 3 == 0, images) <= 1e-4


class OwnConv(nn.Conv2d):
    """A class of the user's that computes as its parent does."""


def test_layers_of_the_users_own_classes():
    net = nn.Sequential(
        *(OwnConv(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), OwnConv(8, 6, 3), nn.BatchNorm2d(6)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5)),
    )
    modular = mwt.to_modular(randomized(net)).eval()
    assert kernel_count(modular) == 6
    assert difference(modular, torch.arange(6) < 2, torch.randn(2, 3, 10, 10)) <= 1e-4


def test_weights_that_are_computed_are_refused_by_name():
    net = Written(gate_of_one_kernel)
    torch.nn.utils.parametrizations.weight_norm(net.a[0])
    with pytest.raises(mwt.UnsupportedLayer, match=r"'a\.0'.*remove_parametrizations"):
        mwt.to_modular(net)


def test_frozen_layers_stay_frozen_and_hooks_stay_apart():
    net = Written(gate_of_one_kernel)
    net.fc.weight.requires_grad_(False)
    module = mwt.extract(mwt.to_modular(net), torch.arange(9) % 2 == 0)
    assert not module.fc.weight.requires_grad
    calls = []
    module.fc.register_forward_hook(lambda *_: calls.append(1))
    mwt.to_modular(net)(torch.randn(2, 3, 12, 12))
    assert not calls


def test_a_layer_without_weights_is_refused_by_name():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.LazyConv2d(8, 3), nn.Flatten())
    with pytest.raises(mwt.UnsupportedLayer, match=r"'2' \(LazyConv2d\) has no weights yet"):
        mwt.to_modular(net)
    net(torch.randn(2, 3, 8, 8))
    assert kernel_count(mwt.to_modular(net)) == 8

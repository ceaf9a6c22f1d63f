"""A change in place is seen wherever the network sees it, or refused by name."""

import operator

import pytest
import torch
from exactness import difference, kernel_count, randomized
from hypothesis import given, settings
from hypothesis import strategies as st
from test_written_cnns import Written, head
from torch import nn
from torch.nn import functional as F
from torchvision.ops import StochasticDepth

import mwt
from mwt.surgery.tracing import traced


class WithLayers(Written):
    """Layers that may give the very tensor they are given, and buffers."""

    def __init__(self, forward):
        super().__init__(forward)
        self.same, self.relu = nn.Sequential(nn.Identity(), nn.Identity()), nn.ReLU(inplace=True)
        self.drop, self.depth = nn.Dropout(0.2), StochasticDepth(0.2, "row")
        self.register_buffer("seen", torch.zeros(()))


def identity_of_the_original(net, x):
    y = net.a(net.stem(x))
    skip = net.same(y)
    return head(net, net.b(net.relu(y)) + skip)


def identity_that_is_changed(net, x):
    y = net.a(net.stem(x))
    z = net.same(y)
    z *= 2
    y = net.relu(y)
    return head(net, net.b(y) + z)


def powers(net, x):
    y = net.a(net.stem(x))
    kept = y
    y **= 2
    return head(net, net.b(y) + kept)


def original_that_is_not_read_again(net, x):
    y = net.relu(net.drop(net.a(net.stem(x))).flatten(2))
    y += 1
    z = F.relu(net.b(net.stem(x))[:, :, 2:-2], True)
    return net.fc(y.mean(2) + z.sub_(0.1).mean((2, 3)))


def one_part_of_a_split(net, x):
    left, right = net.a(net.stem(x)).chunk(2, dim=1)
    left.relu_()
    return head(net, torch.cat([left, right], 1))


def numbers_are_not_tensors(net, x):
    y = net.a(net.stem(x))
    channels = y.size(1)
    half = channels
    half //= 2
    return net.fc(y.view(y.size(0), channels, -1).mean(2) * half)


@pytest.mark.parametrize(
    "way",
    [
        *(identity_of_the_original, identity_that_is_changed, powers, one_part_of_a_split),
        *(original_that_is_not_read_again, numbers_are_not_tensors),
    ],
    ids=lambda way: way.__name__,
)
def test_a_change_is_seen_as_in_the_network(way):
    modular = mwt.to_modular(randomized(WithLayers(way))).double().eval()
    images = torch.randn(3, 3, 12, 12, dtype=torch.float64)
    for share in (0, 0.3, 0.7, 1):
        union = torch.rand(kernel_count(modular)) < share
        assert difference(modular, union, images) <= 1e-9


def changed(view, change):
    """Change what shares memory with a tensor that is read again."""

    def forward(net, x):
        y = net.a(net.stem(x))
        change(net, view(net, y))
        return head(net, net.b(y))

    return forward


VIEWS = {
    "contiguous": lambda _, y: y.contiguous(),
    "float": lambda _, y: y.float(),
    "detach": lambda _, y: y.detach(),
    "data": lambda _, y: y.data,
    "view": lambda _, y: y.view(y.size(0), 8, -1),
    "flatten": lambda _, y: torch.flatten(y, 2),
    "slice": lambda _, y: y[:, :, ::2],
    "chunk": lambda _, y: y.chunk(2, 1)[0],
    "split": lambda _, y: torch.split(y, 4, 1)[1],
    "dropout": lambda net, y: net.drop(y),
    "functional dropout": lambda net, y: F.dropout(y, 0.2, net.training),
    "stochastic depth": lambda net, y: net.depth(y),
}
CHANGES = {
    "relu": lambda net, y: net.relu(y),
    "functional": lambda _, y: F.celu(y, 1.0, True),
    "method": lambda _, y: y.add_(1),
    "operator": lambda _, y: y.__imul__(2),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_change_through_another_name_is_refused(view, change):
    net = WithLayers(changed(VIEWS[view], CHANGES[change]))
    with pytest.raises(mwt.UnsupportedLayer, match=r"changes a tensor in place that layer 'a\.1'"):
        mwt.to_modular(net)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _, y: y.__setitem__((slice(None), 0), 0), "'setitem'.*writes into a tensor"),
        (lambda _, y: y.zero_(), "'zero_'.*writes into a tensor"),
        (lambda _, y: torch.add(y, 1, out=y), "'add'.*writes into a tensor"),
        (lambda net, y: net.seen.add_(y.mean()), "changes 'seen' of the network in place"),
    ],
)
def test_what_writes_into_a_tensor_is_refused(change, message):
    with pytest.raises(mwt.UnsupportedLayer, match=message):
        mwt.to_modular(WithLayers(changed(lambda _, y: y, change)))


def step(first, then=lambda _, y: y):
    return lambda net, y, _: then(net, first(net, y))


WHOLE = ("contiguous", "detach", "data", "dropout", "functional dropout", "stochastic depth")
STEPS = {
    **{name: step(VIEWS[name]) for name in WHOLE},
    **{name: step(change) for name, change in CHANGES.items()},
    **{f"part by {name}": step(VIEWS["chunk"], change) for name, change in CHANGES.items()},
    "part of a view": step(VIEWS["slice"], CHANGES["method"]),
    "same": step(lambda net, y: net.same(y)),
    "clone": step(lambda _, y: y.clone()),
    "transpose": step(lambda _, y: y.transpose(2, 3)),
    "power": step(lambda _, y: operator.ipow(y, 2)),
    "in-place sum": lambda _, y, z: y.add_(z.mean()),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), *[st.integers(0, 6)] * 2), max_size=6))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_program_is_computed_as_it_is_or_refused(steps):
    def forward(net, x):
        tensors = [x * 1, x + 1]
        for name, first, second in steps:
            y, z = (tensors[place % len(tensors)] for place in (first, second))
            tensors.append(STEPS[name](net, y, z))
        return sum((place + 1) * y.mean() for place, y in enumerate(tensors))

    net = WithLayers(forward).eval()
    images = torch.rand(2, 6, 6, 6, dtype=torch.float64) + 0.2
    expected = net(images.clone())
    try:
        graph = traced(net)
    except mwt.UnsupportedLayer as error:
        refused = str(error)
    else:
        refused = ""
        graph.apply(lambda layer: vars(layer).update(inplace=False))  # as a cut makes them
        assert torch.allclose(graph(images), expected)
    changing = {name for name, *_ in steps} - {*WHOLE, "same", "clone"}
    assert not refused or ("in place that" in refused and changing)

"""Forward methods in which Python counts, compares and loops over sizes, and what a trial finds."""

import math

import pytest
import torch
from exactness import difference, kernel_count, randomized
from test_written_cnns import Written, head
from torch import nn
from torch.nn import functional as F

import mwt


def num_flat_features(x):
    count = 1
    for size in x.size()[1:]:
        count *= size
    return count


def flattened_as_the_tutorials_do(net, x):
    y = F.adaptive_avg_pool2d(net.a(net.stem(x)), 1)
    return net.fc(y.view(-1, num_flat_features(y)))


def length_of_a_batch(net, x):
    return net.fc(F.adaptive_avg_pool2d(net.a(net.stem(x)), 1).view(len(x), -1))


def list_of_chunks(net, x):
    parts = list(net.a(net.stem(x)).chunk(2, 1))
    return head(net, net.b(torch.cat(parts[::-1], 1)))


def starred_sizes(net, x):
    y = net.a(net.stem(x))
    z = y.view(y.shape[0], 2, -1, *y.shape[2:]).sum(1)
    return head(net, torch.cat([z, z], 1))


def decision_by_channels(net, x):
    x = net.stem(x)
    y = net.a(x)
    if x.size(1) != y.size(1):
        x = net.b(x)
    assert x.shape == y.shape, "shapes"
    torch._assert(y.dim() == 4, "four dimensions")
    return head(net, x + y)


def padding_by_sizes(net, x):
    y = net.a(net.stem(x))
    height, width = y.shape[-2:]
    rows = max((math.ceil(height / 3) - 1) * 3 + 5 - height, 0)
    if rows > 0:
        y = F.pad(y, [0, 0, rows // 2, rows - rows // 2])
    return head(net, net.b(y) * (width / 16))


def zeros_of_sizes(net, x):
    y = net.a(net.stem(x))
    n, c, h, w = y.shape
    for _ in range(len(y.shape)):
        y = y * 1.5
    missing = torch.zeros(n, c // 4, h, w, dtype=y.dtype)
    return head(net, net.b(torch.cat([y[:, c // 4 :], missing], 1)))


def sizes_written_as_numbers(net, x):
    y = F.adaptive_avg_pool2d(net.a(net.stem(x)), 2)
    return net.fc(y.view(-1, 8 * 2 * 2)[:, ::4]) * len(list(y.shape))


@pytest.mark.parametrize(
    "way",
    [
        *(flattened_as_the_tutorials_do, length_of_a_batch, list_of_chunks, starred_sizes),
        *(decision_by_channels, padding_by_sizes, zeros_of_sizes, sizes_written_as_numbers),
    ],
    ids=lambda way: way.__name__,
)
def test_sizes_in_python(way):
    modular = mwt.to_modular(randomized(Written(way)).double()).eval()
    for count, share in ((1, 0), (2, 0.2), (3, 0.5), (5, 0.8), (4, 1)):
        images = torch.randn(count, 3, 16, 20, dtype=torch.float64)
        assert difference(modular, torch.rand(kernel_count(modular)) < share, images) <= 1e-9


def number_of_rows(net, x):
    y = net.a(net.stem(x))
    rows = torch.zeros(y.size(0), y.size(1), int(y.size(2)), y.size(3))
    return head(net, torch.cat([y, rows], 2).chunk(2, 2)[0] * len(list(y.shape)))


def decision_by_height(net, x):
    y = net.a(net.stem(x))
    return head(net, y if y.size(2) > 40 else y * 2)


@pytest.mark.parametrize("way", [number_of_rows, decision_by_height], ids=lambda way: way.__name__)
def test_what_holds_for_one_size_of_image_is_refused(way):
    message = "a module cut out of Written .*random images of shape .*without int"
    with pytest.raises(mwt.UnsupportedLayer, match=message) as error:
        mwt.to_modular(Written(way))
    assert "\n" not in str(error.value)


def decision_by_values(net, x):
    y = net.a(net.stem(x))
    return head(net, y if y.mean() > 0 else -y)


def decision_by_an_item(net, x):
    y = net.a(net.stem(x))
    return head(net, y if y.size(1) > 0 and y.mean().item() > 0 else -y)


@pytest.mark.parametrize("way", [decision_by_values, decision_by_an_item])
def test_decisions_by_values_are_refused(way):
    with pytest.raises(mwt.UnsupportedLayer, match=r"cannot be traced.*values of tensors"):
        mwt.to_modular(Written(way))


class Unusual(nn.Module):
    """Takes images of one unusual size, and arguments that it does not read."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3)
        self.body = nn.Sequential()
        self.body.add_module("conv (1)", nn.Conv2d(4, 6, 3))
        self.body.add_module("bn(1)", nn.BatchNorm2d(6))
        self.fc = nn.Linear(6 * 7 * 8, 5)

    def forward(self, x, *_args, **_options):
        return self.fc(self.body(self.stem(x)).view(len(x), -1))


def test_an_example_of_the_users():
    net = randomized(Unusual())
    with pytest.raises(mwt.UnsupportedLayer, match="set its attribute example_input_array"):
        mwt.to_modular(net)
    net.example_input_array = torch.zeros(1, 2, 11, 12)
    modular = mwt.to_modular(net).eval()
    assert difference(modular, torch.arange(6) % 2 == 0, torch.randn(3, 2, 11, 12)) <= 1e-4


def test_without_an_input_it_is_said_that_nothing_was_compared():
    net = nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6)),
        *(nn.Flatten(), nn.Linear(6 * 7 * 8, 5)),
    )
    with pytest.warns(UserWarning, match="could be cut out but not be compared"):
        mwt.to_modular(net)


class Swapped(nn.Module):
    """Computes something else when it is traced."""

    def forward(self, x):
        return x.flip(1) if isinstance(x, torch.Tensor) else x


def test_a_module_that_computes_something_else_is_refused():
    net = nn.Sequential(
        *(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), Swapped()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)),
    )
    with pytest.raises(mwt.UnsupportedLayer, match=r"differs by .* of the largest output"):
        mwt.to_modular(net)


def test_the_trial_leaves_everything_as_it_was():
    net = Written(list_of_chunks).train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    torch.manual_seed(3)
    expected = mwt.to_modular(net).state_dict()
    after = torch.rand(1)
    torch.manual_seed(3)
    modular = mwt.to_modular(net)
    assert torch.equal(torch.rand(1), after)
    assert all(torch.equal(expected[name], t) for name, t in modular.state_dict().items())
    assert all(torch.equal(before[name], t) for name, t in net.state_dict().items())
    assert net.training
    assert modular.training
    with pytest.raises(mwt.UsageError, match="call the model"):
        mwt.masks(modular)

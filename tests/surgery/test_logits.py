"""Classes are chosen where the logits come from, whatever stands behind that."""

import pytest
import torch
from exactness import difference, kernel_count, masked, randomized
from torch import nn
from torch.nn import functional as F

import mwt

CHOSEN = [4, 0, 2]


class Headed(nn.Module):
    """A stem and two masked blocks, then a head."""

    def __init__(self, end, *layers):
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
            *(nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU()),
            *(nn.Conv2d(8, 6, 3), nn.BatchNorm2d(6), nn.ReLU()),
        )
        self.layers = nn.Sequential(*layers)
        self.scale = nn.Parameter(torch.tensor([3.0]))
        self.by_class = nn.Parameter(torch.rand(5))
        self.fc, self.square = nn.Linear(6, 5), nn.Linear(5, 5)
        self.end = end

    def forward(self, x):
        return self.end(self, self.body(x))


class OwnLinear(nn.Linear):
    """As timm's: the same, written out."""

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class Cosine(nn.Linear):
    """Its weights are normalized over their inputs, which therefore cannot be cut."""

    def forward(self, x):
        return F.linear(F.normalize(x), F.normalize(self.weight))


def vector(net, x):
    return net.fc(x.mean((2, 3)))


def in_order(net, x):
    return net.layers(x)


POOLED = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
BEHIND_LINEAR = [
    *(
        [nn.Identity()],
        [nn.Dropout(0.3)],
        [nn.Flatten()],
        [nn.Identity(), nn.Sigmoid()],
        [nn.ReLU()],
    ),
]
LOGITS = {  # whose outputs are those of the whole network, chosen
    **{
        f"linear and {layers}": (in_order, *POOLED, nn.Linear(6, 5), *layers)
        for layers in BEHIND_LINEAR
    },
    "own linear": (in_order, *POOLED, OwnLinear(6, 5)),
    "convolution, pooled": (in_order, nn.Conv2d(6, 5, 1), *POOLED),
    "convolution, activated": (in_order, nn.Conv2d(6, 5, 1), nn.ReLU(), *POOLED),
    "masked convolution": (in_order, nn.Conv2d(6, 5, 1), nn.BatchNorm2d(5), *POOLED),
    "pooled first": (in_order, nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 5, 1), nn.Flatten(1)),
    "mean of a convolution": (lambda net, x: net.layers(x).mean([2, 3]), nn.Conv2d(6, 5, 1)),
    "view of a convolution": (
        lambda net, x: F.adaptive_avg_pool2d(net.layers(x), 1).view(x.size(0), -1),
        nn.Conv2d(6, 5, 1),
    ),
    "squeezed": (
        lambda net, x: F.adaptive_avg_pool2d(net.layers(x), 1).squeeze(-1).squeeze(2),
        nn.Conv2d(6, 5, 1),
    ),
    "scale": (lambda net, x: vector(net, x) * net.scale / 2 + 1,),
    "sigmoid": (lambda net, x: torch.sigmoid(vector(net, x)),),
    "called twice": (lambda net, x: net.square(torch.relu(net.square(vector(net, x)))),),
}


@pytest.mark.parametrize("generators", [False, True])
@pytest.mark.parametrize("name", LOGITS)
def test_chosen_outputs_are_those_of_the_whole_network(name, generators):
    modular = mwt.to_modular(randomized(Headed(*LOGITS[name]))).eval()
    union = torch.rand(kernel_count(modular)) < 0.6
    images = torch.randn(2, 3, 10, 10)
    whole = masked(modular, union, generators)(images)
    found = mwt.extract(modular, union, CHOSEN, generators=generators)(images)
    assert torch.allclose(found, whole[:, CHOSEN], atol=1e-5)
    assert difference(modular, union, images) <= 1e-4


SOFTMAX = {
    "softmax": (in_order, *POOLED, nn.Linear(6, 5), nn.Softmax(dim=1)),
    "log_softmax": (lambda net, x: F.log_softmax(vector(net, x), dim=-1),),
    "of a convolution": (in_order, nn.Conv2d(6, 5, 1), *POOLED, nn.Softmax(1)),
}


@pytest.mark.parametrize("name", SOFTMAX)
def test_a_softmax_is_over_the_chosen_classes(name):
    modular = mwt.to_modular(randomized(Headed(*SOFTMAX[name]))).eval()
    union = torch.rand(kernel_count(modular)) < 0.6
    images = torch.randn(2, 3, 10, 10)
    whole = masked(modular, union)(images)
    found = mwt.extract(modular, union, CHOSEN)(images)
    if name != "log_softmax":
        whole, found = whole.log(), found.log()
    assert torch.allclose(found, whole[:, CHOSEN].log_softmax(dim=1), atol=1e-5)
    one = mwt.extract(modular, union, [3])(images)
    assert torch.allclose(one, torch.full_like(one, name != "log_softmax"), atol=1e-6)


@pytest.mark.parametrize(
    "end",
    [
        lambda net, x: {"logits": vector(net, x)},
        lambda net, x: (vector(net, x), x),
        lambda net, x: vector(net, x) * net.by_class,
        lambda net, x: vector(net, x) + net.square(vector(net, x)),
        lambda net, x: F.linear(F.normalize(x.mean((2, 3))), net.fc.weight),
        lambda net, x: vector(net, x)[:, :3],
        lambda net, x: vector(net, x).flip(1),
        lambda net, x: vector(net, x).sum(1, keepdim=True),
    ],
)
def test_where_the_logits_are_not_known_classes_are_refused_in_a_sentence(end):
    modular = mwt.to_modular(randomized(Headed(end)))
    union = torch.ones(kernel_count(modular), dtype=torch.bool)
    with pytest.raises(
        mwt.UnsupportedLayer, match=r"does not end in .*: pass classes=None"
    ) as error:
        mwt.extract(modular, union, [0, 1])
    assert ". " not in str(error.value)


def test_a_linear_layer_that_computes_in_another_way_is_exact_and_has_no_known_classes():
    modular = mwt.to_modular(randomized(Headed(in_order, *POOLED, Cosine(6, 5)))).eval()
    union = torch.rand(kernel_count(modular)) < 0.6
    assert difference(modular, union, torch.randn(2, 3, 10, 10)) <= 1e-4
    with pytest.raises(mwt.UnsupportedLayer, match=r"pass classes=None"):
        mwt.extract(modular, union, [0, 1])


def test_classes_that_do_not_exist():
    modular = mwt.to_modular(Headed(*LOGITS["convolution, pooled"]))
    union = torch.ones(kernel_count(modular), dtype=torch.bool)
    with pytest.raises(mwt.UsageError, match="classes are 0 to 4"):
        mwt.extract(modular, union, [5])


def test_a_convolutional_head_of_a_plain_network():
    """Its convolution is in the mask as well, so that its kernels may be gone."""
    net = randomized(Headed(*LOGITS["convolution, pooled"])).eval()
    union = torch.ones(8 + 8 + 6 + 5, dtype=torch.bool)
    union[-5:] = torch.tensor([1, 0, 1, 1, 1])
    images = torch.randn(2, 3, 10, 10)
    found = mwt.extract(net, union, [1, 4])(images)
    assert torch.allclose(found[:, 1], net(images)[:, 4], atol=1e-5)
    assert not found[:, 0].any()

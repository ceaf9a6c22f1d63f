"""An optimized module computes what the module does."""

import copy

import pytest
import torch
from exactness import kernel_count, randomized
from handmade import Handmade
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cnn import RANDOM_NETWORKS, networks
from shipped_modules import Calls, card_for, cut, images
from torch import nn
from torch.nn import functional as F

import mwt
from mwt.shipping import optimized
from mwt.surgery.slicing import ZeroFill

FORMS = ("plain", "folded", "generators")
NETWORKS = ("resnet18", "vgg16", "simcnn", "rescnn")


def in_form(modular, union, form):
    """A module; of a folded one, kernels that count less than in full."""
    use = mwt.KernelUse(
        torch.rand(5, len(union)).double(),
        torch.rand(5, len(union)),
        tuple((name, block.kernels) for name, block in mwt.masked_blocks(modular)),
    )
    fold = use if form == "folded" else None
    return mwt.extract(modular, union, fold=fold, generators=form == "generators")


@torch.inference_mode()
def assert_same_outputs(module, faster, inputs):
    wanted, found = module(inputs), faster(inputs)
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() <= 1e-5 * max(1e-3, wanted.abs().max().item())


def layers(net, *kinds):
    return [layer for layer in net.modules() if isinstance(layer, kinds)]


@given(net=networks(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
@settings(RANDOM_NETWORKS, max_examples=40)
def test_random_networks(net, seed, share):
    modular = mwt.to_modular(randomized(net, seed)).eval()
    union = torch.rand(kernel_count(modular)) < share
    inputs = torch.randn(2, 3, 12, 12)
    for form in FORMS:
        module = in_form(modular, union, form)
        assert_same_outputs(module, optimized(module), inputs)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.03, 0.4, 0.9])
def test_the_four_networks(name, form, share):
    net = randomized(getattr(mwt.models, name)(num_classes=5, width=0.25))
    modular = mwt.to_modular(net).eval()
    union = torch.rand(kernel_count(modular)) < share
    module = in_form(modular, union, form)
    inputs = torch.randn(3, 3, 32, 32)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    wanted = module(inputs)
    faster = optimized(module)
    assert_same_outputs(module, faster, inputs)
    assert not layers(faster, nn.BatchNorm2d, ZeroFill)
    after = module.state_dict()  # the module is as it was
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(module(inputs), wanted)


def test_kernels_of_zeros_round_channels_up_to_blocks():
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(3, 29, 3), nn.BatchNorm2d(29), nn.ReLU()),
        *(nn.Conv2d(29, 5, 3), nn.BatchNorm2d(5), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2)),
    )
    module = randomized(net).eval()
    first, second = layers(optimized(module), nn.Conv2d)
    assert (first.out_channels, second.in_channels) == (32, 32)
    assert second.out_channels == 5  # 8 would be more than a quarter more
    assert (first.weight[29:] == 0).all()
    assert (first.bias[29:] == 0).all()
    assert_same_outputs(module, optimized(module), images(2))


def test_what_is_cut_at_a_sum_is_padded_in_one_piece():
    net = randomized(mwt.models.resnet18(width=0.5))
    module = cut(net)
    faster = optimized(module)
    assert layers(module, ZeroFill)
    assert not layers(faster, ZeroFill)
    assert any(node.target is F.pad for node in faster.graph.nodes)


@pytest.mark.parametrize("name", ["resnet18", "handmade"])
def test_again_changes_nothing(name):
    module = cut(Handmade() if name == "handmade" else mwt.models.resnet18(width=0.25))
    once = optimized(module)
    again = optimized(once)
    inputs = images(2)
    assert torch.equal(once(inputs), again(inputs))
    here, there = once.state_dict(), again.state_dict()
    assert here.keys() == there.keys()
    assert all(torch.equal(here[name], there[name]) for name in here)


def test_a_module_with_a_head_in_training_mode():
    module = mwt.with_head(cut(mwt.models.simcnn(width=0.1)), 10, 3).train()
    faster = optimized(module)
    assert module.training
    assert not faster.training
    assert_same_outputs(module.eval(), faster, images(2, 32))


def test_a_network_that_cannot_be_traced_stays_as_it_is():
    conv = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    net = nn.Sequential(conv, Calls(lambda x: x if x.sum() > 0 else -x)).eval()
    faster = optimized(net)
    assert faster is not net
    inputs = images(2)
    assert torch.equal(faster(inputs), net(inputs))


class Shared(nn.Module):
    """One convolution in two places, a weight that two share, and one that the network reads."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.one, self.other = (nn.Conv2d(3, 28, 3, padding=1, bias=False) for _ in range(2))
        self.other.weight = self.one.weight
        self.norms = nn.ModuleList(nn.BatchNorm2d(28) for _ in range(2))
        self.last = nn.Conv2d(28, 28, 1)
        self.fc = nn.Linear(28, 5)

    def forward(self, x):
        x = self.bn(self.conv(x)) + self.conv(x)
        x = self.norms[0](self.one(x)) - self.norms[1](self.other(x))
        x = torch.relu(self.last(x)) * self.last.weight.mean()
        return self.fc(x.amax((2, 3)))


class Sizes(nn.Module):
    """Sizes in Python, and a channel that is picked."""

    def __init__(self, how):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 29, 3, padding=1), nn.BatchNorm2d(29)
        self.fc = nn.Linear(29 * 36, 5)
        self.how = how

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.bn(self.conv(x)), 2))
        if self.how == 0:
            return self.fc(x.view(x.size(0), -1))
        if self.how == 1:
            return self.fc(x.view(-1, x.shape[1] * 36))
        if self.how == 2:
            return self.fc(x.flatten(1)) / x.size(1)
        return x[:, 3] + x.mean((1, 2, 3), keepdim=True)[:, 0]


@pytest.mark.parametrize("net", [Shared(), *(Sizes(how) for how in range(4))])
def test_what_is_read_in_other_ways(net):
    net = randomized(net).eval()
    assert_same_outputs(net, optimized(net), images(2))


def test_double_precision_stays():
    module = cut(mwt.models.rescnn(width=0.1)).double()
    inputs = images(2, 32).double()
    faster = optimized(module)
    assert faster(inputs).dtype == torch.float64
    with torch.inference_mode():
        difference = (faster(inputs) - module(inputs)).abs().max()
    assert difference <= 1e-12 * module(inputs).abs().max()


def test_a_modular_network_is_refused():
    modular = mwt.to_modular(mwt.models.rescnn(width=0.1))
    with pytest.raises(mwt.UsageError, match=r"still modular: optimize what mwt\.extract"):
        optimized(modular)
    with pytest.raises(mwt.UsageError, match="no network"):
        optimized(mwt.models.rescnn)


def test_an_optimized_module_can_be_shipped_and_loaded(tmp_path):
    module = optimized(cut(mwt.models.resnet18(width=0.2), [1, 5], generators=True))
    before = copy.deepcopy(module)
    mwt.shipping.save(module, tmp_path, card_for(2, 32))
    loaded, _ = mwt.shipping.load(tmp_path)
    inputs = images(2, 32)
    assert_same_outputs(before, loaded, inputs)

"""Any CNN of Conv-BN blocks becomes modular; the network given is left as it was."""

import copy

import pytest
import torch
from exactness import Bits
from torch import nn

import mwt
from mwt.masking.blocks import masked_blocks


@pytest.mark.parametrize(
    ("name", "kernels"), [("resnet18", 4736), ("vgg16", 4160), ("simcnn", 4160), ("rescnn", 4224)]
)
def test_masked_kernels_at_width_1(name, kernels):
    with torch.device("meta"):
        modular = mwt.to_modular(getattr(mwt.models, name)())
    assert sum(block.kernels for _, block in masked_blocks(modular)) == kernels


def test_shortcut_convolution_comes_after_the_second():
    modular = mwt.to_modular(mwt.models.resnet18(width=0.125))
    names = [name for name, _ in masked_blocks(modular) if name.startswith("layer2.0")]
    assert names == ["layer2.0.conv1", "layer2.0.conv2", "layer2.0.downsample.0"]


@pytest.mark.parametrize("model", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_forward_is_masked_batch_norm_of_the_convolution(model):
    net = getattr(mwt.models, model)(width=0.125).eval()
    modular = mwt.to_modular(net)
    name, block = next(masked_blocks(modular))
    x = torch.randn(2, block.conv.in_channels, 8, 8)
    block.generator = Bits(torch.arange(block.kernels) % 2 == 0)
    whole = block.bn(net.get_submodule(name)(x))
    assert torch.equal(block(x)[:, ::2], whole[:, ::2])
    assert not block(x)[:, 1::2].any()


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_masks_of_the_last_forward_pass(name):
    modular = mwt.to_modular(getattr(mwt.models, name)(width=0.125))
    with pytest.raises(mwt.UsageError, match="call the model"):
        mwt.masks(modular)
    modular(torch.randn(3, 3, 32, 32))
    masks = mwt.masks(modular)
    assert [tuple(m.shape) for m in masks] == [(3, b.kernels) for _, b in masked_blocks(modular)]
    assert all(m.min() >= 0 and m.max() < 1 for m in masks)
    copy.deepcopy(modular)  # masks that belong to a graph must not stand in the way


def test_hidden_width_halves_from_128_kernels_on():
    generators = [mwt.MaskGenerator(8, kernels) for kernels in (127, 128)]
    assert [g.squeeze.out_features for g in generators] == [127, 64]
    assert all((g.excite.bias == 1).all() and g.squeeze.bias is None for g in generators)


def test_network_is_left_as_it_was():
    net = mwt.models.resnet18(width=0.125)
    modular = mwt.to_modular(net)
    with torch.no_grad():
        modular.fc.weight.zero_()
    assert isinstance(net.layer1[0].bn1, nn.BatchNorm2d)
    assert net.fc.weight.abs().sum() > 0
    assert type(modular) is type(net)


def test_network_without_batch_norm_gets_one_for_each_masked_convolution():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.ReLU())
    blocks = [block for _, block in masked_blocks(mwt.to_modular(net))]
    assert [b.bn.num_features for b in blocks] == [5]


def test_modular_twice_is_refused():
    with pytest.raises(mwt.UsageError, match="modular already"):
        mwt.to_modular(mwt.to_modular(mwt.models.vgg16(width=0.125)))


def test_nothing_to_mask_is_refused():
    with pytest.raises(mwt.UsageError, match="no convolution to mask"):
        mwt.to_modular(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))


class Branching(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


def test_what_cannot_be_traced_is_refused_with_its_place():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), Branching())
    message = r"Sequential cannot be traced by torch\.fx in layer '1' \(Branching\)"
    with pytest.raises(mwt.UnsupportedLayer, match=message) as error:
        mwt.to_modular(net)
    assert ". " not in str(error.value)


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)

    def forward(self, x):
        x = self.stem(x)
        return self.bn(self.conv(self.bn(self.conv(x))))


def test_a_layer_called_twice_is_refused_by_name():
    with pytest.raises(mwt.UnsupportedLayer, match=r"'(conv|bn)' is called 2 times"):
        mwt.to_modular(Twice())


class Asking(nn.Module):
    """A forward method that asks its layers for what a masked one answers differently."""

    def __init__(self, forward):
        super().__init__()
        self.layers = nn.ModuleList()
        for channels in (3, 4):
            self.layers += [nn.Conv2d(channels, 4, 3), nn.BatchNorm2d(4)]
        self.method = forward

    def forward(self, x):
        for layer in self.layers:
            x = self.method(layer, layer(x))
        return x


@pytest.mark.parametrize(
    ("forward", "why"),
    [
        (lambda m, x: x.relu() if isinstance(m, nn.BatchNorm2d) else x, "other operations"),
        (lambda m, x: x if type(m) is nn.Conv2d else x.relu(), "other operations"),
        (lambda m, x: x if type(m) is nn.Conv2d else x * m.eps, "no attribute 'eps'"),
    ],
)
def test_a_network_that_asks_what_its_layers_are_is_refused(forward, why):
    with pytest.raises(mwt.UnsupportedLayer, match=f"Asking asks what its conv.*{why}") as error:
        mwt.to_modular(Asking(forward))
    assert ". " not in str(error.value)


def test_calling_layers_in_a_loop_is_fine():
    modular = mwt.to_modular(Asking(lambda m, x: x.relu() if m.training is None else x))
    assert len(list(masked_blocks(modular))) == 1


@pytest.mark.parametrize("net", [None, "resnet18", mwt.models.resnet18, nn.ReLU], ids=str)
def test_what_is_no_network_is_refused(net):
    with pytest.raises(mwt.UsageError, match=r"is no network: give an nn\.Module"):
        mwt.to_modular(net)
    with pytest.raises(mwt.UsageError, match=r"is no network: give an nn\.Module"):
        mwt.extract(net, torch.ones(3, dtype=torch.bool))

"""A module comes back from its two files as it was; what cannot is refused."""

import copy
import math

import pytest
import torch
from handmade import Handmade
from safetensors.torch import save_file
from shipped_modules import Calls, assert_same, card_for, cut, handmade, images, shipped
from torch import nn

import mwt
from mwt import shipping
from mwt.shipping import Card

SIDES = {"resnet18": 16, "vgg16": 32, "simcnn": 32, "rescnn": 32}


@pytest.mark.parametrize("generators", [False, True])
@pytest.mark.parametrize("name", SIDES)
def test_a_module_comes_back_as_it_was(name, generators, tmp_path):
    module = cut(getattr(mwt.models, name)(in_channels=3, width=0.1), [4, 2, 7], generators)
    card = card_for(3, SIDES[name])
    loaded, read = shipped(module, tmp_path, card)
    assert read == card
    assert_same(module, loaded, images(4, SIDES[name]))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["module.json", "module.safetensors"]


@pytest.mark.parametrize("generators", [False, True])
def test_a_handmade_network_with_zero_fills_and_functional_calls(generators, tmp_path):
    module = handmade(generators)
    assert any("zero_fill" in name for name, _ in module.named_modules())
    loaded, _ = shipped(module, tmp_path, card_for(5))
    assert_same(module, loaded, images(4))


def test_a_module_that_lies_channels_last_in_memory(tmp_path):
    module = cut(mwt.models.resnet18(in_channels=3, width=0.2)).to(
        memory_format=torch.channels_last
    )
    loaded, _ = shipped(module, tmp_path, card_for(10, 16))
    assert_same(module, loaded, images(4, 16))
    there, here = loaded.state_dict(), module.state_dict()
    assert all(there[name].stride() == here[name].stride() for name in here)


def test_what_is_written_is_what_is_compared(tmp_path, monkeypatch):
    def blank(path, weights):
        save_file({name: torch.zeros_like(t) for name, t in weights.items()}, path)

    monkeypatch.setattr("mwt.shipping.save_tensors", blank)
    with pytest.raises(mwt.UsageError, match="something else when it is loaded again"):
        shipping.save(handmade(), tmp_path, card_for(5))
    assert not list(tmp_path.iterdir())


def test_with_a_head(tmp_path):
    module = mwt.with_head(handmade(), 5, 2)
    assert_same(module, shipped(module, tmp_path, card_for(2))[0], images(4))


def test_in_training_mode_and_shipped_again(tmp_path):
    module = cut(mwt.models.vgg16(in_channels=3, width=0.1))
    once, _ = shipped(module.train(), tmp_path / "once", card_for(10, 32))
    assert module.training
    twice, _ = shipped(once, tmp_path / "twice", card_for(10, 32))
    assert_same(module, twice, images(4, 32))


def test_layers_of_unusual_names(tmp_path):
    net = nn.Sequential()
    for name, layer in {
        "pool-1": nn.MaxPool2d(3),
        "a b": nn.Identity(),
        "layer(1, 2)": nn.Flatten(),
        "3": nn.Linear(48, 2),
    }.items():
        net.add_module(name, layer)
    assert_same(net, shipped(net, tmp_path, card_for(2))[0], images(4))


class Named(nn.Module):
    """Names that a graph of torch.fx cannot have."""

    def __init__(self):
        super().__init__()
        self.code, self.graph = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.add_module("class", nn.Linear(8, 5))

    def forward(self, x):
        return getattr(self, "class")(self.graph(self.code(x)).mean((2, 3)))


def test_names_that_python_or_torch_takes(tmp_path):
    module = Named().eval()
    loaded, _ = shipped(module, tmp_path, card_for(5))
    inputs = images(4)
    assert torch.equal(loaded(inputs), module(inputs))


class OwnNorm(nn.BatchNorm2d):
    """Adds nothing to how it computes."""


class OwnConv(nn.Conv2d):
    """Nor does this one."""


class Doubled(nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, 2 * weight, bias)


def own(conv):
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3), OwnNorm(8), nn.ReLU(), conv(8, 6, 3), OwnNorm(6)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5)),
    )


def test_own_classes_that_add_nothing_are_their_parents(tmp_path):
    module = cut(own(OwnConv))
    loaded, _ = shipped(module, tmp_path, card_for(5))
    assert type(loaded.get_submodule("3.bn")) is nn.BatchNorm2d
    assert_same(module, loaded, images(4))


def test_own_classes_that_compute_in_another_way_are_written_call_by_call(tmp_path):
    module = cut(own(Doubled))
    loaded, _ = shipped(module, tmp_path, card_for(5))
    inputs = images(4)
    assert torch.allclose(loaded(inputs), module(inputs), atol=1e-6)


class Sized(nn.Conv2d):
    def forward(self, x):
        return super().forward(nn.functional.pad(x, (max(x.shape[2] - 9, 0), 1)))


def test_own_classes_that_cannot_be_written_are_named(tmp_path):
    with pytest.raises(mwt.UsageError, match=r"in layer '3\.conv' \(Sized\)") as error:
        shipping.save(cut(own(Sized)), tmp_path, card_for(5))
    assert ". " not in str(error.value)


class Asserting(nn.Module):
    def forward(self, x, **unused):
        torch._assert(x.ndim == 4, "feature maps")
        return x.flatten(2).max(2, True).values.flatten(1)


def test_assertions_unused_options_and_values_of_a_maximum(tmp_path):
    module = nn.Sequential(Asserting(), nn.Linear(3, 2))
    loaded, _ = shipped(module, tmp_path, card_for(2))
    assert_same(module, loaded, images(4))


def test_weights_lie_as_if_made_here_wherever_they_stand_in_the_file(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 5, 1), nn.Conv2d(5, 7, 1), nn.Flatten(), nn.Linear(7 * 144, 2))
    loaded, _ = shipped(net, tmp_path, card_for(2))
    assert all(tensor.data_ptr() % 64 == 0 for tensor in loaded.state_dict().values())


def test_rounding_is_no_other_module_but_other_weights_are(tmp_path, monkeypatch):
    module, right = handmade(), shipping.logits
    calls = iter([1.0, 1.0 + 1e-6, 1.0, 1.0 + 1e-4])
    monkeypatch.setattr(shipping, "logits", lambda *given: right(*given) * next(calls))
    shipping.save(module, tmp_path, card_for(5))
    with pytest.raises(mwt.UsageError, match="something else when it is loaded again"):
        shipping.save(module, tmp_path, card_for(5))


def test_what_is_loaded_within_inference_mode_can_be_trained(tmp_path):
    shipping.save(handmade(), tmp_path, card_for(5))
    with torch.inference_mode():
        loaded, _ = shipping.load(tmp_path)
    loaded.train()(images(2)).sum().backward()


class Every(nn.Module):
    """Arguments of every kind, a parameter and a buffer without a layer, and a constant."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(3, 1, 1))
        self.register_buffer("shift", torch.rand(3, 1, 1))
        self.constant = torch.tensor([2, 1, 0])
        self.conv = nn.Conv2d(3, 4, 3, padding="same", padding_mode="reflect", bias=False)
        self.layers = nn.ModuleList([nn.PReLU(4), nn.GroupNorm(2, 4), nn.Softplus(beta=2.0)])
        self.fc = nn.Linear(4, 3)

    def forward(self, x, *, factor=2.0):
        x = (x * self.scale + self.shift)[:, self.constant, ::2, ...]
        x = x.to(torch.float64).float().contiguous(memory_format=torch.channels_last)
        for layer in [self.conv, *self.layers]:
            x = layer(x)
        x = x.clamp(min=-math.inf, max=3).reshape(torch.Size([-1, 4, 72]))
        x = nn.functional.interpolate(x, size=None, scale_factor=2.0, mode="linear")
        x = torch.stack(x.mean(dim=-1, keepdim=False).split([1, 3], dim=1)[::-1][:1], dim=0)[0]
        x = torch.cat([x, x[:, :1]], 1)
        return nn.functional.linear(x, self.fc.weight, None) * factor + math.sqrt(4)


def test_arguments_of_every_kind(tmp_path):
    module = Every()
    loaded, _ = shipped(module, tmp_path, card_for(3))
    inputs = images(4)
    assert torch.equal(loaded(inputs), module.eval()(inputs))
    assert {"scale", "fc.weight"} <= dict(loaded.named_parameters()).keys()
    assert {"shift", "constant"} <= dict(loaded.named_buffers()).keys()


def test_what_was_loaded_can_be_fine_tuned(trained, samples, digits, tmp_path):
    train, validation, test = (part.subset([3, 8]) for part in digits)
    union = mwt.compose(mwt.module_masks(samples, 0.9), [3, 8])
    module = mwt.extract(trained, union, [3, 8])
    loaded, card = shipped(module, tmp_path, Card.of(test, threshold=0.9))
    assert card.classes == ("3", "8")
    assert torch.allclose(card.normalized(test.images), test.normalized(test.images), atol=1e-5)
    before = copy.deepcopy(loaded.state_dict())
    mwt.fit(loaded, train, validation, epochs=3, lr=0.01, batch_size=32, label=None)
    assert mwt.accuracy(loaded, test) > 0.9
    assert not torch.equal(before["fc.weight"], loaded.state_dict()["fc.weight"])
    assert_same(loaded, shipped(loaded, tmp_path, card)[0], test.normalized(test.images))


def test_saving_leaves_module_and_random_state_as_they_were(tmp_path):
    module = handmade().train()
    before, state = copy.deepcopy(module.state_dict()), torch.get_rng_state()
    shipped(module, tmp_path, card_for(5))
    assert module.training
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], t) for name, t in module.state_dict().items())


def refused(module, card):
    with pytest.raises(mwt.UsageError) as error:
        shipping.save(module, "nowhere", card)
    return str(error.value)


def test_what_is_no_module_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "still modular" in refused(mwt.to_modular(Handmade()), card_for(5))
    assert "names 3 classes" in refused(handmade(), card_for(3))
    grey = Card(("a",) * 5, (1, 12, 12), (0.5,), (0.5,))
    assert "does not take images of (1, 12, 12)" in refused(handmade(), grey)
    assert "give what mwt.extract returns, and its Card" in refused(card_for(5), handmade())
    assert "pass module.float()" in refused(handmade().double(), card_for(5))
    assert not list(tmp_path.iterdir())
    (tmp_path / "nowhere").touch()
    assert "nowhere is a file" in refused(handmade(), card_for(5))


def test_layers_and_calls_that_cannot_be_written_are_named():
    card = Card(("a", "b"), (1, 1, 2), (0.5,), (0.5,))
    assert "'asinh'" in refused(Calls(lambda x: torch.asinh(x).flatten(1)), card)
    assert "'arctan2'" in refused(Calls(lambda x: x.arctan2(x).flatten(1)), card)
    assert "device" in refused(Calls(lambda x: x.to(torch.device("cpu")).flatten(1)), card)
    net = nn.Sequential(nn.Flatten(2), nn.LSTM(2, 2), Calls(lambda x: x[0].flatten(1)))
    assert "'1'" in refused(net, card)
    assert "traced" in refused(Calls(lambda x: (x if x.sum() > 0 else 2 * x).flatten(1)), card)


@pytest.mark.parametrize(
    "change",
    [
        *({"classes": ()}, {"classes": "ab"}, {"classes": (1, 2)}, {"classes": 3}),
        *({"input_shape": 8}, {"mean": 0.5}, {"std": None}),
        {"input_shape": (3, 12)},
        {"mean": (0.5,)},
        {"std": (0.5, 0.5, 0.0)},
        {"threshold": 1.5},
    ],
)
def test_impossible_cards(change):
    values = {"classes": ("a",), "input_shape": (3, 8, 8), "mean": (0.5,) * 3, "std": (0.5,) * 3}
    with pytest.raises(mwt.UsageError, match=r": (give|it must)"):
        Card(**values | change)

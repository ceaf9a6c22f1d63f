"""A module comes back from its two files as it was, and from a stranger's files nothing runs."""

import copy
import json
import math

import pytest
import torch
from exactness import randomized
from safetensors.torch import load_file, save_file
from test_extraction import Handmade, kernel_count
from torch import nn

import mwt
from mwt import shipping
from mwt.shipping import Card

SIDES = {"resnet18": 16, "vgg16": 32, "simcnn": 32, "rescnn": 32}


def card_for(classes, side=12):
    names = tuple("abcdefghij"[:classes])
    return Card(names, (3, side, side), (0.4, 0.5, 0.6), (0.2, 0.3, 0.25), 0.9, "run-1")


def cut(net, classes=None):
    """A module that has lost about half of its kernels."""
    modular = mwt.to_modular(randomized(net)).eval()
    return mwt.extract(modular, torch.rand(kernel_count(modular)) < 0.5, classes)


def handmade():
    return cut(Handmade())


def images(count, side=12):
    return torch.randn(count, 3, side, side)


def shipped(module, folder, card):
    shipping.save(module, folder, card)
    return shipping.load(folder)


def assert_same(module, loaded, inputs):
    assert not loaded.training
    assert torch.equal(loaded(inputs), module.eval()(inputs))
    there, here = loaded.state_dict(), module.state_dict()
    assert there.keys() == here.keys()
    assert all(torch.equal(there[name], here[name]) for name in here)
    assert all(parameter.requires_grad for parameter in loaded.parameters())


@pytest.mark.parametrize("name", SIDES)
def test_a_module_comes_back_as_it_was(name, tmp_path):
    module = cut(getattr(mwt.models, name)(in_channels=3, width=0.1), [4, 2, 7])
    card = card_for(3, SIDES[name])
    loaded, read = shipped(module, tmp_path, card)
    assert read == card
    assert_same(module, loaded, images(4, SIDES[name]))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["module.json", "module.safetensors"]


def test_a_handmade_network_with_zero_fills_and_functional_calls(tmp_path):
    module = handmade()
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
        "a b": nn.Flatten(),
        "3": nn.Linear(48, 2),
    }.items():
        net.add_module(name, layer)
    assert_same(net, shipped(net, tmp_path, card_for(2))[0], images(4))


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


# What a stranger might write.


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sent")
    shipping.save(mwt.with_head(handmade(), 5, 2), folder, card_for(2))
    return folder


@pytest.fixture
def received(sent, tmp_path):
    """A copy of the folder, and a function that changes its JSON and loads it."""
    weights = load_file(sent / "module.safetensors")

    def refusal(change):
        content = json.loads((sent / "module.json").read_text())
        change(content)
        (tmp_path / "module.json").write_text(json.dumps(content))
        save_file(weights, tmp_path / "module.safetensors")
        with pytest.raises(mwt.UsageError) as error:
            shipping.load(tmp_path)
        assert not (tmp_path / "ran").exists()
        return str(error.value)

    return refusal


def call(content, op, target=None):
    nodes = content["architecture"]["nodes"]
    return next(n for n in nodes if n["op"] == op and target in (None, n["target"]))


@pytest.mark.parametrize(
    "target",
    [
        *("os.system", "builtins.eval", "torch.load", "torch.from_file", "torch.hub.load"),
        *("torch.nn.functional.importlib.import_module", "operator.attrgetter"),
    ],
)
def test_a_function_that_is_not_allowed_is_refused_by_name(received, target):
    assert target in received(lambda c: call(c, "call_function").update(target=target))


@pytest.mark.parametrize("target", ["__reduce_ex__", "numpy", "apply_", "share_memory_", "_make"])
def test_a_method_that_is_not_allowed_is_refused_by_name(received, target):
    assert target in received(lambda c: call(c, "call_method").update(target=target))


@pytest.mark.parametrize("name", ["torch.nn.Module", "subprocess.Popen", "torch.nn.DataParallel"])
def test_a_layer_that_is_not_allowed_is_refused_by_name(received, name):
    def change(content):
        next(iter(content["architecture"]["layers"].values()))["class"] = name

    assert name in received(change)


def test_an_attribute_that_is_not_allowed_is_refused_by_name(received):
    change = {"target": "builtins.getattr", "args": [{"node": "input_1"}, "__class__"]}
    assert "__class__" in received(lambda c: call(c, "call_function").update(change))


CODE = "__import__('pathlib').Path('ran').touch()"


@pytest.mark.parametrize(
    ("op", "change"),
    [
        ("placeholder", {"target": f"x, y={CODE}"}),
        ("placeholder", {"name": f"x={CODE}"}),
        ("placeholder", {"target": "lambda"}),
        ("placeholder", {"args": [{"node": "x"}]}),
        ("call_function", {"kwargs": {f"dim={CODE}, a": 1}}),
        ("call_function", {"name": f"x = {CODE}; y"}),
        ("call_method", {"target": f"relu(); {CODE}; x.relu"}),
        ("call_module", {"target": f'0", {CODE}, "'}),
        ("call_module", {"target": "0.__class__"}),
        ("get_attr", {"target": f'0"); {CODE}; ("'}),
        ("call_module", {"op": f"call_module; {CODE}"}),
        ("call_function", {"args": [{"node": CODE}]}),
        ("call_function", {"args": [{"constant": CODE}]}),
        ("call_function", {"args": [{"eval": CODE}]}),
        ("output", {"args": [{"float": CODE}]}),
    ],
)
def test_no_name_or_argument_becomes_code(received, tmp_path, monkeypatch, op, change):
    monkeypatch.chdir(tmp_path)

    def put(content):
        call(content, "call_module" if op == "get_attr" else op).update({"op": op} | change)

    assert received(put)


def test_words_that_look_like_code_stay_words(sent, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = json.loads((sent / "module.json").read_text())
    call(content, "call_method", "view")["args"].append(f"'); {CODE}; ('")
    (tmp_path / "module.json").write_text(json.dumps(content))
    (tmp_path / "module.safetensors").write_bytes((sent / "module.safetensors").read_bytes())
    module, _ = shipping.load(tmp_path)
    with pytest.raises(TypeError):
        module(images(1))
    assert not (tmp_path / "ran").exists()


def test_names_of_layers_and_tensors_are_checked(received):
    def layer(content):
        layers = content["architecture"]["layers"]
        layers["__class__"] = layers["2"]

    def tensor(content):
        content["architecture"]["tensors"]["2.forward"] = {}

    assert "__class__" in received(layer)
    assert "'2.forward' is a method" in received(tensor)


def test_a_zero_fill_takes_no_attribute_that_is_not_its_own(received):
    def change(content):
        layers = content["architecture"]["layers"].values()
        fill = next(layer for layer in layers if layer["class"].endswith("ZeroFill"))
        fill["arguments"]["forward"] = 1

    assert "'forward' is not free" in received(change)


def test_weights_that_do_not_fit(received):
    def change(**arguments):
        def put(content):
            content["architecture"]["layers"]["2"]["arguments"].update(arguments)

        return received(put)

    assert "do not fit the architecture in module.json, first at '2.weight'" in change(
        in_features=6
    )
    assert "do not fit the architecture in module.json, first at '2.bias'" in change(bias=False)
    assert "device" in change(device="cpu")


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_another_format(received, version):
    assert "this version of mwt reads 1" in received(lambda c: c.update(format=version))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("card"),
        lambda c: c["card"].update(color="red"),
        lambda c: c["card"].update(std=[0, 1, 1]),
        lambda c: c["card"].update(classes=[1, 2]),
        lambda c: c["architecture"].update(nodes={}),
        lambda c: c["architecture"]["nodes"].pop(),
        lambda c: c["architecture"].update(layers=[]),
        lambda c: c["architecture"]["layers"].pop("2"),
    ],
)
def test_a_damaged_description(received, change):
    assert "module.json is" in received(change)


@pytest.mark.parametrize("name", ["module.json", "module.safetensors"])
@pytest.mark.parametrize("keep", [0, 0.5, None])
def test_a_file_that_is_missing_or_cut_off(sent, tmp_path, name, keep):
    for file in sent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    content = (tmp_path / name).read_bytes()
    if keep is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content[: int(keep * len(content))])
    with pytest.raises(mwt.UsageError, match="there is no" if keep is None else "is damaged") as e:
        shipping.load(tmp_path)
    assert name in str(e.value)


# What cannot be shipped.


def refused(module, card):
    with pytest.raises(mwt.UsageError) as error:
        shipping.save(module, "nowhere", card)
    return str(error.value)


def test_what_is_no_module_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "mask generators" in refused(mwt.to_modular(Handmade()), card_for(5))
    assert "names 3 classes" in refused(handmade(), card_for(3))
    grey = Card(("a",) * 5, (1, 12, 12), (0.5,), (0.5,))
    assert "does not take images of (1, 12, 12)" in refused(handmade(), grey)
    assert "give what mwt.extract returns, and its Card" in refused(card_for(5), handmade())
    assert "pass module.float()" in refused(handmade().double(), card_for(5))
    assert not list(tmp_path.iterdir())
    (tmp_path / "nowhere").touch()
    assert "nowhere is a file" in refused(handmade(), card_for(5))


class Calls(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


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


# Exports, which take seconds each.


@pytest.fixture(scope="module", params=["handmade", "resnet18"])
def export(request, tmp_path_factory):
    """A module, its card and its files in both formats."""
    if request.param == "handmade":
        module, card = mwt.with_head(handmade(), 5, 2), card_for(2)
    else:
        module, card = cut(mwt.models.resnet18(in_channels=3, width=0.1), [1, 5]), card_for(2, 16)
    folder = tmp_path_factory.mktemp("export")
    shipping.export_program(module, folder / "module.pt2", card)
    shipping.export_onnx(module, folder / "module.onnx", card)
    assert sorted(p.name for p in folder.iterdir()) == ["module.onnx", "module.pt2"]
    return module, card, folder


def assert_close(logits, wanted):
    assert logits.shape == wanted.shape
    assert (logits - wanted).abs().max() <= 1e-4 * wanted.abs().max()


def test_an_exported_program_takes_any_number_of_images(export):
    module, card, folder = export
    files = {"card.json": ""}
    program = torch.export.load(folder / "module.pt2", extra_files=files).module()
    for count in (1, 5):
        inputs = images(count, card.input_shape[1])
        assert_close(program(inputs), module(inputs))
    assert json.loads(files["card.json"])["classes"] == ["a", "b"]


def test_onnx_runtime_agrees_and_the_file_says_what_it_needs(export):
    onnxruntime = pytest.importorskip("onnxruntime")
    module, card, folder = export
    session = onnxruntime.InferenceSession(folder / "module.onnx")
    for count in (1, 5):
        inputs = images(count, card.input_shape[1])
        (logits,) = session.run(["logits"], {"images": inputs.numpy()})
        assert_close(torch.from_numpy(logits), module(inputs))
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["classes"]) == ["a", "b"]
    assert json.loads(facts["mean"]) == [0.4, 0.5, 0.6]
    assert "minus mean" in json.loads(facts["images"])


def test_an_onnx_file_that_computes_something_else_does_not_appear(tmp_path, monkeypatch):
    monkeypatch.setattr("mwt.shipping.exporting.TOLERANCE", -1.0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(3, 2))
    card = Card(("a", "b"), (3, 1, 1), (0.0,) * 3, (1.0,) * 3)
    with pytest.raises(RuntimeError, match="differ from the module's"):
        shipping.export_onnx(net, tmp_path / "module.onnx", card)
    assert not list(tmp_path.iterdir())


def test_an_operation_that_onnx_lacks_is_named_in_one_sentence(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), Calls(lambda x: torch.lgamma(x).mean((2, 3))))
    with pytest.raises(mwt.UsageError, match=r"cannot write this module.*lgamma.*use mwt") as error:
        shipping.export_onnx(net, tmp_path / "module.onnx", card_for(4))
    assert "\n" not in str(error.value)
    assert ". " not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_branch_cannot_be_exported(tmp_path):
    net = nn.Sequential(nn.Flatten(), Calls(lambda x: x[:, :4] if x.sum() > 0 else x[:, 1:5]))
    with pytest.raises(mwt.UsageError, match=r"torch\.export cannot follow Sequential"):
        shipping.export_program(net, tmp_path / "module.pt2", card_for(4))


def test_without_the_packages_of_onnx(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(mwt.UsageError, match=r"pip install onnx onnxruntime onnxscript"):
        shipping.export_onnx(handmade(), tmp_path / "module.onnx", card_for(5))

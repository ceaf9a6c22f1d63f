"""The authors' files are read as they are meant: checked against a forward pass by their names."""

import math
import os

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import mwt
from mwt import released
from mwt.modular import masked_blocks

WIDTH = 0.125
NETWORKS = ["vgg16", "resnet18", "simcnn", "rescnn"]
FORMS = ["standard", "modular"]
VGG = [8, 8, 16, 16, 32, 32, 32, 64, 64, 64, 64, 64, 64]
RESCNN = [8, 16, 16, 16, 32, 64, 64, 64, 64, 64, 64, 64]
# Where the convolutions of VGG16 stand in its two files, counted by hand.
PLACES = {
    "standard": [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40],
    "modular": [0, 3, 6, 8, 11, 13, 15, 18, 20, 22, 25, 27, 29],
}


class Weights(dict):
    """A state dict in the making, of random numbers that keep signals and masks alive."""

    def linear(self, name, inputs, outputs, bias=True, size=()):
        self[f"{name}.weight"] = torch.randn(outputs, inputs, *size) * math.sqrt(
            2 / (inputs * math.prod(size))
        )
        if bias:
            self[f"{name}.bias"] = torch.rand(outputs) - 0.3

    def norm(self, name, channels):
        self[f"{name}.weight"] = torch.rand(channels) + 0.5
        self[f"{name}.bias"] = torch.rand(channels) - 0.5
        self[f"{name}.running_mean"] = torch.rand(channels) - 0.5
        self[f"{name}.running_var"] = torch.rand(channels) + 0.5
        self[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def unit(self, form, name, bn, inputs, outputs, size=3, bias=True):
        """Add a convolution: masked, with its own norm, or plain, with or without one."""
        if form == "standard":
            self.linear(name, inputs, outputs, bias, (size, size))
            if bn:
                self.norm(bn, outputs)
            return
        self.linear(f"{name}.conv", inputs, outputs, bias, (size, size))
        self.norm(f"{name}.bn", outputs)
        hidden = outputs if outputs < 128 else outputs // 2
        self.linear(f"{name}.mask_generator.mask_generator.0", inputs, hidden, bias=False)
        self.linear(f"{name}.mask_generator.mask_generator.2", hidden, outputs)


def chain(form, names, channels, inputs, norms=None):
    """Return the weights of a chain of convolutions, of which the first is never masked."""
    state = Weights()
    for number, (name, outputs) in enumerate(zip(names, channels, strict=True)):
        bn = norms[number] if norms else None
        state.unit(form if number else "standard", name, bn, inputs, outputs)
        inputs = outputs
    return state


def written(model, form, classes=10, channels=3):
    """Return a state dict with the names of the authors' files, an eighth as wide."""
    torch.manual_seed(0)
    if model == "resnet18":
        return written_resnet(form, classes, channels)
    if model == "vgg16":
        names, norms = ([f"features.{i + j}" for i in PLACES[form]] for j in (0, 1))
        state = chain(form, names, VGG, channels, norms)
        head = ["classifier.0", "classifier.3", "classifier.6"]
    elif model == "simcnn":
        state = chain(form, [f"conv_{i}" for i in range(13)], VGG, channels)
        head = ["fc_13", "fc_14", "fc_15"]
    else:
        state = chain(form, [f"conv_{i}.0" for i in range(12)], RESCNN, channels)
        head = ["classifier.2"]
    for name in head:
        state.linear(name, 64, classes if name == head[-1] else 64)
    return dict(state)


def written_resnet(form, classes, channels):
    state = Weights()
    state.unit("standard", "conv1", "bn1", channels, 8, bias=False)
    inputs = 8
    for stage, outputs in enumerate((8, 16, 32, 64), start=1):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            state.unit(form, f"{at}.conv1", f"{at}.bn1", inputs, outputs, bias=False)
            state.unit(form, f"{at}.conv2", f"{at}.bn2", outputs, outputs, bias=False)
            if inputs != outputs:
                names = f"{at}.downsample.0", f"{at}.downsample.1"
                state.unit(form, *names, inputs, outputs, size=1, bias=False)
            inputs = outputs
    state.linear("fc", 64, classes)
    return dict(state)


class Meant:
    """The forward pass that a file means, straight from the names in it, in double precision."""

    def __init__(self, state):
        self.state = {name: tensor.double() for name, tensor in state.items()}
        self.masks = []

    def linear(self, name, x):
        return F.linear(x, self.state[f"{name}.weight"], self.state.get(f"{name}.bias"))

    def conv(self, name, x, stride):
        weight, bias = self.state[f"{name}.weight"], self.state.get(f"{name}.bias")
        return F.conv2d(x, weight, bias, stride, padding=weight.shape[-1] // 2)

    def norm(self, name, x):
        parts = ("running_mean", "running_var", "weight", "bias")
        mean, variance, scale, shift = (
            self.state[f"{name}.{part}"][:, None, None] for part in parts
        )
        return (x - mean) / (variance + 1e-5).sqrt() * scale + shift

    def unit(self, name, bn, x, stride=1):
        if f"{name}.weight" in self.state:
            out = self.conv(name, x, stride)
            return self.norm(bn, out) if f"{bn}.weight" in self.state else out
        generator = f"{name}.mask_generator.mask_generator"
        pooled = F.adaptive_avg_pool2d(x, 1).flatten(1)
        hidden = F.relu(self.linear(f"{generator}.0", pooled))
        self.masks.append(F.relu(torch.tanh(self.linear(f"{generator}.2", hidden))))
        out = self.norm(f"{name}.bn", self.conv(f"{name}.conv", x, stride))
        return out * self.masks[-1][:, :, None, None]

    def vgg16(self, x):
        # The gaps between the numbers are what has no weights: a ReLU, and after some a pooling.
        numbers = sorted({int(name.split(".")[1]) for name in self.state if "features" in name})
        standard = "features.4.weight" in self.state
        convs = numbers[::2] if standard else [numbers[0], *numbers[2:]]
        for place, after in zip(convs, [*convs[1:], 10**6], strict=True):
            x = F.relu(self.unit(f"features.{place}", f"features.{place + 1}", x))
            taken = 3 if standard or place == 0 else 2
            x = F.max_pool2d(x, 2) if after > place + taken else x
        x = F.relu(self.linear("classifier.0", x.flatten(1)))
        return self.linear("classifier.6", F.relu(self.linear("classifier.3", x)))

    def simcnn(self, x):
        for number in range(13):
            x = F.relu(self.unit(f"conv_{number}", None, x))
            x = F.max_pool2d(x, 2) if number in (1, 3, 6, 9, 12) else x
        x = F.relu(self.linear("fc_13", x.flatten(1)))
        return self.linear("fc_15", F.relu(self.linear("fc_14", x)))

    def rescnn(self, x):
        start = x
        for number in range(12):
            start = x if number in (2, 6, 10) else start
            x = F.relu(self.unit(f"conv_{number}.0", None, x))
            x = F.max_pool2d(x, 2) if number in (1, 4, 5, 8, 9) else x
            x = x + start if number in (3, 7, 11) else x
        return self.linear("classifier.2", x.flatten(1))

    def resnet18(self, x):
        x = F.relu(self.unit("conv1", "bn1", x))
        for at in (f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)):
            stride = 2 if at in ("layer2.0", "layer3.0", "layer4.0") else 1
            out = F.relu(self.unit(f"{at}.conv1", f"{at}.bn1", x, stride))
            out = self.unit(f"{at}.conv2", f"{at}.bn2", out)
            if any(name.startswith(f"{at}.downsample") for name in self.state):
                x = self.unit(f"{at}.downsample.0", f"{at}.downsample.1", x, stride)
            x = F.relu(out + x)
        return self.linear("fc", x.mean(dim=(2, 3)))


@pytest.fixture
def save(tmp_path):
    def to_file(content, name="released.pth"):
        torch.save(content, tmp_path / name)
        return tmp_path / name

    return to_file


def refusal(path, **settings):
    with pytest.raises(mwt.UsageError) as caught:
        released.load(path, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", NETWORKS)
def test_a_file_computes_what_its_names_mean(model, form, save):
    """Equal to 1e-12 in double precision: nothing is left that rounding could not explain."""
    state = written(model, form)
    path = save(state)
    assert released.method(path) == form
    net = released.load(path, model, WIDTH)
    assert not any(module.training for module in net.modules())
    x, meant = torch.randn(3, 3, 32, 32).double(), Meant(state)
    with torch.no_grad():
        expected = getattr(meant, model)(x)
        assert expected.std(dim=0).min() > 1e-6  # the images make a difference
        torch.testing.assert_close(net.double()(x), expected, rtol=0, atol=1e-12)
    if form == "modular":
        masks = torch.cat(mwt.masks(net), dim=1)
        torch.testing.assert_close(masks, torch.cat(meant.masks, dim=1), rtol=0, atol=1e-12)
        assert 0.05 < (masks > 0).double().mean() < 0.95


@pytest.mark.parametrize("model", NETWORKS)
def test_classes_and_channels_are_read_off(model, save):
    path = save(written(model, "modular", classes=7, channels=1))
    assert released.load(path, model, WIDTH)(torch.zeros(2, 1, 32, 32)).shape == (2, 7)


def test_names_are_the_authors_at_width_1():
    with torch.device("meta"):
        plain = mwt.models.vgg16()
        names = released.released_names(mwt.to_modular(plain), "vgg16")
    assert set(names) == set(written("vgg16", "modular"))
    assert set(released.released_names(plain, "vgg16")) == set(written("vgg16", "standard"))


def test_masks_become_bool(save):
    bits = torch.randint(2, (10, 4736), dtype=torch.int32)
    path = save(bits, "mask_thres_0.9.pth")
    assert released.method(path) == "masks"
    assert torch.equal(released.load(path, "resnet18"), bits.bool())
    assert "pass resnet18" in refusal(path, model="vgg16")
    assert "another width" in refusal(path, model="resnet18", width=0.5)


@pytest.mark.parametrize("tensor", [torch.arange(8).view(2, 4), torch.ones(5), torch.ones(0, 5)])
def test_other_tensors_are_no_masks(tensor, save):
    assert "no module masks" in refusal(save(tensor))


def test_a_module_is_cut_by_the_masks_of_a_file(save):
    net = released.load(save(written("resnet18", "modular")), "resnet18", WIDTH)
    kernels = sum(block.kernels for _, block in masked_blocks(net))
    masks = released.load(save(torch.ones(10, kernels).int()), "resnet18", WIDTH)
    module = mwt.extract(net, mwt.compose(masks, [0, 1]), classes=[0, 1])
    assert module(torch.zeros(2, 3, 32, 32)).shape == (2, 2)


def test_file_of_a_data_parallel_network_from_a_cuda_machine(save, monkeypatch):
    state = written("simcnn", "modular")
    with monkeypatch.context() as patch:
        patch.setattr(torch.serialization, "location_tag", lambda _storage: "cuda:0")
        path = save({f"module.{name}": tensor for name, tensor in state.items()})
    net = released.load(path, "simcnn", WIDTH)
    assert torch.equal(net.fc_15.weight, state["fc_15.weight"])
    assert net.fc_15.weight.requires_grad


@pytest.mark.parametrize("form", FORMS)
def test_the_wrong_network_is_named(form, save):
    for model in NETWORKS:
        path = save(written(model, form))
        other = NETWORKS[NETWORKS.index(model) - 1]
        assert f"pass model={model!r}" in refusal(path, model=other, width=WIDTH)


@pytest.mark.parametrize("form", FORMS)
def test_another_width_is_named(form, save):
    assert "pass width=0.125" in refusal(save(written("vgg16", form)))


def test_unknown_model_and_width_are_refused(save):
    path = save(written("rescnn", "standard"))
    assert "did you mean 'rescnn'" in refusal(path, model="recnn")
    for width in (0, -1, float("nan"), float("inf"), "1", True):
        assert "positive number" in refusal(path, model="rescnn", width=width)


def cut(state, names):
    """Halve what a module of half the kernels would halve."""
    return state | {name: state[name][: len(state[name]) // 2] for name in names}


def test_cut_modules_are_refused(save):
    state = written("resnet18", "standard")
    half = cut(state, ["layer1.0.conv1.weight"])
    message = refusal(save(half), model="resnet18", width=WIDTH)
    assert "expected [8, 8, 3, 3] for layer1.0.conv1.weight, but found [4, 8, 3, 3]" in message
    assert "mwt.extract" in message
    modular = written("resnet18", "modular")
    bare = {name: modular[name] for name in modular if "mask_generator" not in name}
    paths = save(bare), save(half, "module_tc_0_1_thres_0.9.pth")
    for path in paths:
        assert "cut already" in refusal(path, model="resnet18", width=WIDTH)
        with pytest.raises(mwt.UsageError, match="cut already"):
            released.method(path)


def test_tensors_too_many_or_too_few_are_named(save):
    state = written("vgg16", "standard")
    more = refusal(save(state | {"head.weight": torch.ones(3, 10)}), width=WIDTH)
    assert "expected nothing for head.weight, but found [3, 10]" in more
    del state["features.1.running_var"]
    less = refusal(save(state), width=WIDTH)
    assert "expected [8] for features.1.running_var, but found nothing" in less


class Hostile:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_does_not_run(zipped, tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "hostile.pth"
    content = written("vgg16", "standard") | {"more": Hostile(trace)}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert "asks for code, which is never run" in refusal(path, width=WIDTH)
    with pytest.raises(mwt.UsageError, match="never run"):
        released.method(path)
    assert not trace.exists()
    torch.load(path, weights_only=False)
    assert trace.exists()  # the file is as hostile as it claims


def test_a_pickled_network_is_refused(save):
    assert "save a state_dict()" in refusal(save(mwt.models.vgg16(width=WIDTH)))


@pytest.mark.parametrize("zipped", [True, False])
def test_truncated_files_are_refused(zipped, tmp_path):
    path = tmp_path / "short.pth"
    torch.save(written("simcnn", "standard"), path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "no file of plain tensors" in refusal(path, model="simcnn")


def test_text_folders_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "page.pth"
    for text in ("hello, no weights\n", "<!DOCTYPE html>", "version https://git-lfs.github.com\n"):
        path.write_text(text)
        assert "no file of plain tensors (it cannot be opened)" in refusal(path)
    assert "is no file" in refusal(tmp_path)
    assert "is no file" in refusal(tmp_path / "missing.pth")


@pytest.mark.filterwarnings("ignore:Validating sparse")
@pytest.mark.parametrize(
    "content",
    [
        {},
        [torch.ones(2)],
        3,
        {0: torch.ones(2)},
        {"state_dict": {"a": torch.ones(2)}},
        {"a": torch.ones(2, device="meta")},
        {"a": torch.eye(2).to_sparse()},
        {"a": torch.ones(2, dtype=torch.complex64)},
    ],
)
def test_other_content_is_refused(content, save):
    assert "no file of plain tensors" in refusal(save(content))


def test_other_networks_are_refused(save):
    message = refusal(save(nn.Linear(2, 3).state_dict()))
    assert "none of the networks" in message
    assert "weight, bias" in message
    assert "none of the networks" in refusal(
        save({"conv1.weight": torch.ones(3), "fc.weight": torch.ones(1)})
    )


SETTING = {"lr": 0.05, "batch_size": 128, "alpha": 0.5, "beta": 1.5}
MODULAR = "lr_model_mask_0.05_0.05_a_0.5_b_1.5_bz_128.pth"
STANDARD = "standard_model_lr_0.05_bz_128.pth"


def test_files_are_found_in_the_data_folder_and_in_the_networks(tmp_path, monkeypatch):
    folder = tmp_path / "vgg16_cifar10"
    folder.mkdir()
    (folder / MODULAR).touch()
    assert released.files(tmp_path, "vgg16", "cifar10", **SETTING) == {"modular": folder / MODULAR}
    (folder / STANDARD).touch()
    both = {"modular": folder / MODULAR, "standard": folder / STANDARD}
    assert released.files(str(tmp_path), "vgg16", "cifar10", **SETTING) == both
    assert released.files(folder, "vgg16", "cifar10", **SETTING) == both
    monkeypatch.chdir(folder)
    assert released.files(".", "vgg16", "cifar10", **SETTING).keys() == both.keys()
    ones = {"lr": 0.05, "batch_size": 128, "alpha": 1, "beta": 2}
    (folder / "lr_model_mask_0.05_0.05_a_1.0_b_2.0_bz_128.pth").touch()
    assert "a_1.0_b_2.0" in released.files(folder, "vgg16", "cifar10", **ones)["modular"].name


def test_files_that_do_not_exist_are_named(tmp_path):
    folder = tmp_path / "vgg16_cifar10"
    folder.mkdir()
    (folder / STANDARD).touch()
    with pytest.raises(mwt.UsageError, match="is not there") as caught:
        released.files(folder, "vgg16", "svhn", **SETTING)  # not the files of another data set
    assert all(part in str(caught.value) for part in (MODULAR, STANDARD, "vgg16_svhn"))
    with pytest.raises(mwt.UsageError, match=f"holds {STANDARD}:"):
        released.files(tmp_path, "vgg16", "cifar10", **SETTING | {"lr": 0.01})
    with pytest.raises(mwt.UsageError, match="did you mean 'vgg16'"):
        released.files(tmp_path, "vgg", "cifar10", **SETTING)

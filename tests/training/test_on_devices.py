"""From training to fine-tuned modules on a CPU, and on CUDA where there is one."""

import copy
import shutil

import pytest
import torch
from devices import DEVICES
from exactness import difference
from torch import nn

import mwt
from mwt.data import Dataset
from mwt.training import compiling
from mwt.training import loop as training

SETTINGS = {"epochs": 2, "lr": 0.1, "batch_size": 32, "schedule": "one-cycle"}
COMPILER = pytest.mark.skipif(not compiling.can_compile(torch.device("cpu")), reason="needs g++")


def network(device, width=0.125):
    torch.manual_seed(0)
    return mwt.to_modular(mwt.models.resnet18(in_channels=1, width=width)).to(device)


@pytest.fixture(params=DEVICES, scope="module")
def device(request):
    return request.param


@pytest.fixture(scope="module")
def few(device, digits):
    return [part.subset([0, 1, 2]).to(device) for part in digits]


@pytest.fixture(scope="module")
def modular(device, few):
    net = network(device)
    mwt.fit(net, *few[:2], **SETTINGS | {"epochs": 8}, channels_last=True)
    return net


@pytest.mark.parametrize("settings", [{}, {"amp": True}, {"amp": True, "channels_last": True}])
def test_a_training_learns_in_every_precision(device, few, settings):
    history = mwt.fit(network(device), *few[:2], **SETTINGS | {"epochs": 4}, **settings)
    assert history[-1]["validation_accuracy"] > 0.8
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["wall_seconds"] > history[0]["wall_seconds"] > 0


def test_an_interrupted_training_goes_on(device, few, tmp_path, monkeypatch):
    whole, part = network(device), network(device)
    settings = SETTINGS | {"checkpoint": tmp_path / "checkpoint.pt"}
    expected = mwt.fit(whole, *few[:2], **SETTINGS)
    score, calls = training.validation_accuracy, []

    def power_cut(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return score(*args)

    monkeypatch.setattr("mwt.training.checkpoint.CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(training, "validation_accuracy", power_cut)
    with pytest.raises(KeyboardInterrupt):
        mwt.fit(part, *few[:2], **settings)
    monkeypatch.setattr(training, "validation_accuracy", score)
    found = mwt.fit(network(device), *few[:2], **settings)
    # Exact on a CPU (`test_training.py`); CUDA adds in no fixed order.
    assert [row["loss"] for row in found] == pytest.approx(
        [row["loss"] for row in expected], rel=0 if device == "cpu" else 0.05
    )


def test_modules_are_exact(device, few, modular):
    samples = mwt.sample_masks(modular, few[0])
    union = mwt.compose(mwt.module_masks(samples, 0.9), [0, 2])
    assert difference(modular.eval(), union, few[2].normalized(few[2].images[:32])) < 1e-4
    folded = mwt.extract(modular, union, [0, 2], fold=samples)
    kept = mwt.extract(modular, union, [0, 2], generators=True)
    test = few[2].subset([0, 2])
    for module in (folded, kept):
        assert next(module.parameters()).device.type == device
        assert mwt.accuracy(module, test) > 0.8
    optimized = mwt.shipping.optimized(kept)
    images = test.normalized(test.images[:8])
    with torch.inference_mode():
        torch.testing.assert_close(optimized(images), kept.eval()(images), rtol=1e-4, atol=1e-4)


def test_a_module_is_fine_tuned(device, few, modular):
    samples = mwt.sample_masks(modular, few[0])
    union = mwt.compose(mwt.module_masks(samples, 0.9), [0, 1])
    head = mwt.with_head(mwt.extract(modular, union), 10, 2)
    parts = [part.subset([0, 1]) for part in few]
    mwt.fit(head, *parts[:2], **SETTINGS | {"epochs": 4}, keep="best", amp=True)
    assert mwt.accuracy(head, parts[2]) > 0.8


@COMPILER
def test_a_compiled_step_trains_the_same_network(device, few):  # recorded on CUDA
    close = 1e-3 if device == "cpu" else 0.02  # CUDA adds in no fixed order
    torch.manual_seed(0)
    blocks = [nn.Sequential(nn.Conv2d(c, 8, 3), nn.BatchNorm2d(8), nn.ReLU()) for c in (1, 8)]
    net = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
    net = mwt.to_modular(net).to(device)
    plain, compiled = copy.deepcopy(net), copy.deepcopy(net)
    expected = mwt.fit(plain, *few[:2], **SETTINGS)
    found = mwt.fit(compiled, *few[:2], **SETTINGS, compile=True)
    for row, other in zip(found, expected, strict=True):
        assert row["loss"] == pytest.approx(other["loss"], rel=close)
        assert row["coupling"] == pytest.approx(other["coupling"], abs=close)
    assert [*compiled.state_dict()] == [*plain.state_dict()]
    copy.deepcopy(compiled)


def test_without_a_compiler_compiling_is_refused_before_training(digits, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(mwt.UsageError, match=r"needs a C\+\+ compiler, .* install g\+\+"):
        mwt.fit(network("cpu"), *digits[:2], **SETTINGS, compile=True)
    assert not compiling.repays(1e20, 10**6, True, torch.device("cpu"))


@COMPILER
def test_only_a_long_modular_training_is_compiled_on_a_cpu():
    cpu = torch.device("cpu")
    assert not compiling.repays(1e12, 10**6, True, cpu)
    assert compiling.repays(1e16, 10**6, True, cpu)
    assert not compiling.repays(1e20, 10**6, False, cpu)
    assert not compiling.repays(1e20, 10**6, True, torch.device("meta"))


def test_only_a_training_of_many_steps_is_recorded_on_cuda():
    cuda = torch.device("cuda")
    assert not compiling.repays(1e20, 10, True, cuda)
    assert compiling.repays(1e9, 10**6, False, cuda)


@pytest.mark.parametrize("kind", ["ieee", "tf32"])
def test_what_is_measured_is_multiplied_in_full(kind, digits):
    kinds = (torch.backends.cudnn.conv, torch.backends.cuda.matmul)
    before = [one.fp32_precision for one in kinds]
    seen = []

    class Net(nn.Linear):
        def forward(self, x):
            seen.append([one.fp32_precision for one in kinds])
            return super().forward(x.flatten(1))

    try:
        for one in kinds:
            one.fp32_precision = kind
        mwt.accuracy(Net(64, 10), digits[2])
        assert set(map(tuple, seen)) == {("ieee", "ieee")}
        assert [one.fp32_precision for one in kinds] == [kind, kind]
    finally:
        for one, precision in zip(kinds, before, strict=True):
            one.fp32_precision = precision


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_steps_never_wait_for_the_device(digits, compiled, monkeypatch):
    train, validation, _ = (part.subset([0, 1, 2]).to("cuda") for part in digits)
    batches = Dataset.shuffled_batches
    epochs = []

    def strict(data, size):
        """After the first epoch, which may compile: raise where the host waits."""
        epochs.append(1)
        torch.cuda.set_sync_debug_mode("error" if len(epochs) > 1 else "default")
        try:
            yield from batches(data, size)
        finally:
            torch.cuda.set_sync_debug_mode("default")

    monkeypatch.setattr(Dataset, "shuffled_batches", strict)
    history = mwt.fit(
        network("cuda"),
        train,
        validation,
        **SETTINGS,
        amp=True,
        channels_last=True,
        compile=compiled,
    )
    assert len(history) == len(epochs) == 2


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_a_network_that_waits_for_the_device_is_not_recorded(digits):
    class Waiting(nn.Sequential):
        def forward(self, x):
            return super().forward(x) * x.abs().max().item()

    train, validation, _ = (part.subset([0, 1, 2]).to("cuda") for part in digits)
    net = Waiting(nn.Flatten(), nn.Linear(64, 3)).cuda()
    with pytest.raises(mwt.UsageError, match="train it without compile"):
        mwt.fit(net, train, validation, **SETTINGS, compile=True)
    mwt.fit(net, train, validation, **SETTINGS)  # and nothing is spoilt
    assert mwt.accuracy(net, validation) > 0.5


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("settings", [{}, {"amp": True, "channels_last": True}])
@pytest.mark.parametrize("model", ["resnet18", "vgg16", "simcnn"])
def test_a_recorded_step_trains_like_one_after_the_other(settings, model):
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (320, 3, 32, 32), dtype=torch.uint8, generator=generator)
    data = Dataset(images, torch.arange(320) % 4, tuple("abcd"), (0.5,) * 3, (0.25,) * 3)
    data = data.to("cuda")
    torch.manual_seed(0)
    net = mwt.to_modular(mwt.models.MODELS[model](4, 3, 0.25)).to("cuda")
    plain, recorded = copy.deepcopy(net), copy.deepcopy(net)
    usual = SETTINGS | {"schedule": "cosine", "lr": 0.01} | settings
    expected = mwt.fit(plain, data, data, **usual)
    found = mwt.fit(recorded, data, data, **usual, compile=True)
    # CUDA adds in no fixed order, and a recording draws other random numbers for dropout.
    close = 0.05 if any(isinstance(layer, nn.Dropout) for layer in net.modules()) else 0.02
    for row, other in zip(found, expected, strict=True):
        for name in ("loss", "cohesion", "coupling", "kernel_rate"):
            assert row[name] == pytest.approx(other[name], rel=close, abs=0.01), (name, row, other)

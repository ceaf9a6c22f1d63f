"""The authors' files are read as they are meant: checked against a forward pass by their names."""

import os

import pytest
import torch
from authors_files import FORMS, NETWORKS, WIDTH, Meant, written
from torch import nn

import mwt
from mwt import released
from mwt.masking.blocks import masked_blocks


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
    assert released.find_files(tmp_path, "vgg16", "cifar10", **SETTING) == {
        "modular": folder / MODULAR
    }
    (folder / STANDARD).touch()
    both = {"modular": folder / MODULAR, "standard": folder / STANDARD}
    assert released.find_files(str(tmp_path), "vgg16", "cifar10", **SETTING) == both
    assert released.find_files(folder, "vgg16", "cifar10", **SETTING) == both
    monkeypatch.chdir(folder)
    assert released.find_files(".", "vgg16", "cifar10", **SETTING).keys() == both.keys()
    ones = {"lr": 0.05, "batch_size": 128, "alpha": 1, "beta": 2}
    (folder / "lr_model_mask_0.05_0.05_a_1.0_b_2.0_bz_128.pth").touch()
    assert "a_1.0_b_2.0" in released.find_files(folder, "vgg16", "cifar10", **ones)["modular"].name


def test_files_that_do_not_exist_are_named(tmp_path):
    folder = tmp_path / "vgg16_cifar10"
    folder.mkdir()
    (folder / STANDARD).touch()
    with pytest.raises(mwt.UsageError, match="is not there") as caught:
        released.find_files(folder, "vgg16", "svhn", **SETTING)  # not the files of another data set
    assert all(part in str(caught.value) for part in (MODULAR, STANDARD, "vgg16_svhn"))
    with pytest.raises(mwt.UsageError, match=f"holds {STANDARD}:"):
        released.find_files(tmp_path, "vgg16", "cifar10", **SETTING | {"lr": 0.01})
    with pytest.raises(mwt.UsageError, match="did you mean 'vgg16'"):
        released.find_files(tmp_path, "vgg", "cifar10", **SETTING)

"""Exported programs and ONNX files compute what the module does."""

import copy
import json

import pytest
import torch
from shipped_modules import Calls, card_for, cut, handmade, images
from torch import nn

import mwt
from mwt import shipping
from mwt.shipping import Card, exporting


@pytest.fixture(scope="module", params=["handmade", "resnet18", "handmade with generators"])
def export(request, tmp_path_factory):
    """A module, its card and its files in both formats."""
    if request.param == "resnet18":
        module, card = cut(mwt.models.resnet18(in_channels=3, width=0.1), [1, 5]), card_for(2, 16)
    else:
        module = handmade(generators=request.param == "handmade with generators")
        module, card = mwt.with_head(module, 5, 2), card_for(2)
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
    net = nn.Sequential(nn.Flatten(), nn.Linear(3, 2))
    other = copy.deepcopy(net)
    other[1].weight.data.mul_(1.01)
    right = exporting.exported
    monkeypatch.setattr(exporting, "exported", lambda _net, *rest: right(other, *rest))
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

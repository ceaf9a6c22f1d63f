"""What is wrong in a call of the package is one sentence, before any work, and writes nothing."""

import re

import pytest
import torch

import mwt
from mwt import shipping

NAN = float("nan")


@pytest.fixture(scope="module")
def have():
    """A network, its data, masks and modules, by the names that the calls below use."""
    train, validation, test = mwt.data.load("digits")
    torch.manual_seed(0)
    net = mwt.models.resnet18(10, 1, 1 / 16)
    modular = mwt.to_modular(net)
    samples = mwt.sample_masks(modular, validation)
    modules = mwt.module_masks(samples, threshold=0.5)
    union = mwt.compose(modules, [1, 2])
    return locals()


# Each a call, and what its sentence names.
CALLS = {
    "mwt.data.load('digit')": "digit",
    "mwt.data.load(3)": "3",
    "mwt.data.load('digits', size=3)": "3",
    "mwt.data.load('digits', size=10**7)": "10,000,000",
    "mwt.data.load('digits', size='8')": "'8'",
    "mwt.data.load('digits', flip=True)": "flip",
    "mwt.data.load('mnist5k', root=3)": "root",
    "mwt.data.load('mnist5k', root='/dev/null')": "/dev/null",
    "mwt.data.load('digits', device='cuda:')": "'cuda:'",
    "mwt.data.load('digits', device='auto:0')": "'auto:0'",
    "mwt.data.load('digits', device='cuda:99')": "'cuda:99'",
    "mwt.data.load('digits', device=None)": "None",
    "mwt.pretrained('resnet18')": "resnet18",
    "mwt.pretrained('resnet18-cifar10', 'modul')": "modul",
    "mwt.pretrained('resnet18-cifar10', device='cuda:')": "'cuda:'",
    "mwt.pretrained('resnet18-cifar10', device='cuda:99')": "'cuda:99'",
    "shipping.load('none', device='auto:0')": "'auto:0'",
    "shipping.load('none', device='cuda:99')": "'cuda:99'",
    "shipping.load('none')": "none",
    "shipping.Card.of(3)": "3",
    "shipping.Card.of(test, threshold='a')": "'a'",
    "shipping.Card.of(test, threshold=2)": "2",
    "shipping.save(3, 'there', shipping.Card.of(test))": "int",
    "mwt.models.resnet18(0)": "0",
    "mwt.models.resnet18('a')": "'a'",
    "mwt.models.resnet18(10, -1)": "-1",
    "mwt.models.resnet18(10, 3, 0)": "0",
    "mwt.models.resnet18(10, 3, NAN)": "nan",
    "mwt.to_modular(3)": "3",
    "mwt.to_modular(type(net))": "ResNet",
    "mwt.to_modular(modular)": "modular",
    "mwt.masks(3)": "3",
    "mwt.masks(net)": "to_modular",
    "mwt.modularity_loss([], test.labels)": "0 masks",
    "mwt.modularity_loss([torch.rand(3, 4)], test.labels)": "1 masks",
    "mwt.fit(3, train, validation)": "3",
    "mwt.fit(modular, 3, validation)": "3",
    "mwt.fit(modular, train, 4)": "4",
    "mwt.fit(modular, train, validation, epochs=0)": "epochs 0",
    "mwt.fit(modular, train, validation, epochs=1.5)": "1.5",
    "mwt.fit(modular, train, validation, epochs=True)": "True",
    "mwt.fit(modular, train, validation, lr='a')": "lr 'a'",
    "mwt.fit(modular, train, validation, lr=NAN)": "lr nan",
    "mwt.fit(modular, train, validation, alpha=-1)": "alpha -1",
    "mwt.fit(modular, train, validation, batch_size=0)": "batch_size 0",
    "mwt.fit(modular, train, validation, seed=-1)": "seed -1",
    "mwt.fit(modular, train, validation, schedule='cos')": "cosine",
    "mwt.fit(modular, train, validation, keep='first')": "first",
    "mwt.fit(modular, train, validation, amp=3)": "amp 3",
    "mwt.fit(modular, train, validation, channels_last='yes')": "channels_last",
    "mwt.fit(modular, train, validation, checkpoint='/')": "folder",
    "mwt.fit(modular, train, validation, checkpoint=3)": "checkpoint",
    "mwt.fit(modular, train, validation, on_epoch=3)": "on_epoch",
    "mwt.fit(mwt.models.resnet18(3, 1, 1 / 16), train, validation)": "3 outputs",
    "mwt.fit(mwt.models.resnet18(10, 3, 1 / 16), train, validation)": "shape",
    "mwt.sample_masks(3, train)": "3",
    "mwt.sample_masks(net, train)": "to_modular",
    "mwt.sample_masks(modular, 3)": "3",
    "mwt.sample_masks(modular, train, 0)": "batch_size 0",
    "mwt.module_masks(3)": "sample_masks",
    "mwt.module_masks(samples, threshold=0)": "0",
    "mwt.module_masks(samples, threshold=NAN)": "nan",
    "mwt.module_masks(samples, threshold='x')": "'x'",
    "mwt.compose(3, [1])": "3",
    "mwt.compose(modules.float(), [1])": "float32",
    "mwt.compose(modules, [12])": "12",
    "mwt.compose(modules, [-1])": "-1",
    "mwt.compose(modules, [])": "empty",
    "mwt.compose(modules, [1, 1])": "twice",
    "mwt.extract(modular, union[:-1], classes=[1, 2])": str,
    "mwt.extract(modular, union.float(), classes=[1, 2])": str,
    "mwt.extract(net, union, classes=[1, 2])": str,
    "mwt.extract(modular, union, classes=[20])": "20",
    "mwt.extract(modular, union, classes=[1, 2], fold=3)": str,
    "mwt.extract(modular, union, classes=[1, 2], fold=samples, generators=True)": "generators",
    "mwt.metrics.kernel_retention_rate(3)": "3",
    "mwt.metrics.kernel_retention_rate(modules.float())": "float32",
    "mwt.metrics.coupling(modules[:1])": "1 masks",
    "mwt.metrics.coupling(modules[0])": "(K,)|tensor of shape",
    "mwt.metrics.cohesion(samples, modules[:, :-1])": "shape",
    "mwt.metrics.cohesion(samples, modules[:3])": "shape",
    "mwt.metrics.mean_jaccard(3)": "3",
    "mwt.metrics.flops(net, (1, 8))": "8",
    "mwt.report_card(3, train, validation, threshold=0.9)": "3",
    "test.subset('a')": "'a'",
    "test.to('gpu')": "gpu",
    "test.first(0)": "0",
    "test.first('a')": "'a'",
    "next(test.batches(0))": "batch_size 0",
    "next(test.shuffled_batches(-1))": "batch_size -1",
}


@pytest.mark.parametrize("call", CALLS)
def test_it_is_refused_in_one_sentence_that_names_what_was_given(call, have, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = {name: tensor.clone() for name, tensor in have["modular"].state_dict().items()}
    with pytest.raises(mwt.UsageError) as refused:
        eval(call, {"mwt": mwt, "shipping": shipping, "torch": torch, "NAN": NAN} | have)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 400
    if CALLS[call] is not str:
        assert re.search(re.escape(CALLS[call]).replace(r"\|", "|"), said), said
    assert list(tmp_path.iterdir()) == []
    after = have["modular"].state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in weights.items())


@pytest.mark.parametrize("settings", [{"lr": 1e12}, {"alpha": 1e39}, {"beta": 1e39}])
def test_a_training_that_diverges_ends_with_advice_and_writes_nothing(settings, have, tmp_path):
    net = mwt.to_modular(mwt.models.resnet18(10, 1, 1 / 16))
    how = {"epochs": 2, "lr": 0.1, "checkpoint": tmp_path / "run.pt", "label": None} | settings
    with pytest.raises(mwt.UsageError) as refused:
        mwt.fit(net, have["train"], have["validation"], **how)
    said = str(refused.value)
    assert "diverged in epoch 1, where the cross-entropy" in said
    for name, value in settings.items():
        assert f"{name} below {value:g}" in said
    assert list(tmp_path.iterdir()) == []


def test_advice_for_a_plain_network_has_no_losses_of_modularity(have):
    net = mwt.models.resnet18(10, 1, 1 / 16)
    with pytest.raises(mwt.UsageError, match=r"an lr below 1e\+12\.$"):
        mwt.fit(net, have["train"], have["validation"], epochs=1, lr=1e12, label=None)

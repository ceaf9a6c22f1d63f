"""The report card of hand-made networks: its numbers, and advice that fits them."""

from pathlib import Path

import pytest
import torch
from torch import nn

import mwt
from mwt.study.advice import Measures, advice

ROOT = Path(__file__).parents[2]
CLASSES = ("red", "green", "blue")


class Tinted(nn.Module):
    """Passes the three channels on, and counts in them which colour an image has."""

    def __init__(self, kernels):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), nn.BatchNorm2d(3))
        self.masked = nn.Sequential(nn.Conv2d(3, kernels, 1, bias=False), nn.BatchNorm2d(kernels))
        self.head = nn.Linear(kernels, 3)

    def forward(self, x):
        return self.head(torch.relu(self.masked(torch.relu(self.stem(x)))).mean(dim=(2, 3)))


@torch.no_grad()
def a_network(kernels, excite, bias):
    """A modular network whose last layer masks by colour: kernel k is of the colour k % 3."""
    net = Tinted(kernels)
    of_colour = torch.eye(3).repeat(kernels // 3, 1)
    net.stem[0].weight.copy_(torch.eye(3)[:, :, None, None])
    net.masked[0].weight.copy_(of_colour[:, :, None, None])
    net.head.weight.copy_(of_colour.T)
    net.head.bias.zero_()
    modular = mwt.to_modular(net)
    (_, block) = list(mwt.masked_blocks(modular))[-1]
    block.generator.squeeze.weight.copy_(of_colour)
    block.generator.excite.weight.copy_(excite * torch.eye(kernels))
    block.generator.excite.bias.copy_(torch.tensor(bias).expand(kernels))
    return modular


def pictures(count=4):
    labels = torch.arange(3).repeat(count)
    images = torch.zeros(len(labels), 3, 4, 4, dtype=torch.uint8)
    images[torch.arange(len(labels)), labels] = 255
    return mwt.data.Dataset(images, labels, CLASSES, (0.0,) * 3, (1.0,) * 3)


def card_of(kernels, excite, bias, **options):
    data = pictures()
    return mwt.report_card(a_network(kernels, excite, bias), data, data, **options)


def test_modules_that_separate():
    card = card_of(9, excite=4.0, bias=-1.0)
    assert card.accuracy == 1
    assert (card.kernel_retention_rate, card.cohesion, card.coupling) == (
        pytest.approx(1 / 3),
        1,
        0,
    )
    assert (card.kernels, card.kept, card.common, card.unused) == (9, 9, 0, 0)
    assert card.advice == (
        "The modules separate: coupling is 0.00 and cohesion 1.00. Nothing needs to be changed.",
    )


def test_kernels_that_are_all_in_use():
    card = card_of(9, excite=0.0, bias=1.0)
    assert (card.kernel_retention_rate, card.coupling, card.shared) == (1, 1, 1)
    assert "train longer" in card.advice[0]


def test_few_kernels_that_all_classes_share():
    card = card_of(9, excite=0.0, bias=[1.0] * 3 + [-1.0] * 6)
    assert (card.coupling, card.shared, card.unused) == (1, 1, 6)
    assert "lower beta" in card.advice[0]


def test_fewer_kernels_than_the_classes_need():
    assert "wider" in card_of(3, excite=0.0, bias=1.0).advice[0]


def test_a_card_in_text_and_as_a_table():
    card = card_of(9, excite=4.0, bias=-1.0)
    text, table = str(card), card._repr_html_()
    for name, value, _ in card.rows():
        assert f"{name} " in text
        assert f"<td>{value}</td>" in table
    assert "coupling in masked" in text
    assert text.splitlines()[0] == "Modules of 3 classes at threshold 0.9"
    assert all(one in text and one in table for one in card.advice)
    assert max(map(len, text.splitlines())) < 110


def test_layers_are_few_however_deep_the_network(trained, digits):
    train, validation, _ = digits
    card = mwt.report_card(trained, train, validation)
    assert len(card.layers) == 4
    assert sum(part.kernels for part in card.layers) == card.kernels
    samples = mwt.sample_masks(trained, train)
    modules = mwt.module_masks(samples, 0.9)
    assert card.coupling == mwt.metrics.coupling(modules)
    assert card.accuracy == mwt.accuracy(trained, validation)


def test_the_standard_network_beside():
    wrong = Tinted(9)
    nn.init.zeros_(wrong.head.weight)
    card = card_of(9, excite=4.0, bias=-1.0, standard=wrong)
    assert card.standard_accuracy == pytest.approx(1 / 3)
    assert "standard network 0.333" in str(card)


@pytest.mark.parametrize("threshold", [0, 1.5, "high", True])
def test_a_wrong_threshold_is_refused(threshold):
    with pytest.raises(mwt.UsageError, match=r"\(0, 1\]"):
        card_of(3, 0.0, 1.0, threshold=threshold)


def test_what_has_no_modules_is_refused():
    data = pictures()
    with pytest.raises(mwt.UsageError, match="to_modular"):
        mwt.report_card(Tinted(3), data, data)
    with pytest.raises(mwt.UsageError, match="two parts of the same data"):
        mwt.report_card(a_network(3, 0.0, 1.0), data, data.subset([0, 1]))
    with pytest.raises(mwt.UsageError, match="no image of class"):
        mwt.report_card(a_network(3, 0.0, 1.0), data, only_red(data))


def only_red(data):
    red = data.labels == 0
    return mwt.data.Dataset(data.images[red], data.labels[red], data.classes, data.mean, data.std)


@pytest.mark.parametrize(("usual", "words"), [(0.45, "lower the threshold"), (0.64, "lower beta")])
def test_a_threshold_that_is_too_high_is_what_modules_overlap_by(usual, words):
    found = Measures(
        kernel_retention_rate=0.2,
        cohesion=0.99,
        coupling=0.65,
        shared=0.3,
        threshold=1.0,
        coupling_at_usual=usual,
        kernels_per_class=6.0,
    )
    (said,) = advice(found)
    assert said.endswith(f"{words}.")

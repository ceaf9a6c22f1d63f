"""The losses are the mean cosine over pairs, per layer, averaged over layers."""

import itertools

import pytest
import torch
from torch.nn.functional import cosine_similarity

import mwt


def by_definition(masks, labels):
    same, different = [], []
    for layer in masks:
        pairs = list(itertools.combinations(range(len(labels)), 2))
        cosines = {p: cosine_similarity(layer[p[0]], layer[p[1]], dim=0).item() for p in pairs}
        same.append([c for (i, j), c in cosines.items() if labels[i] == labels[j]])
        different.append([c for (i, j), c in cosines.items() if labels[i] != labels[j]])
    mean = [sum(layer) / len(layer) for layer in same], [sum(x) / len(x) for x in different]
    return 1 - sum(mean[0]) / len(masks), sum(mean[1]) / len(masks)


def test_equals_the_definition():
    torch.manual_seed(0)
    masks = [torch.rand(12, kernels).sub(0.4).relu() for kernels in (5, 9, 30)]
    labels = torch.tensor([0, 1, 2] * 4)
    cohesion, coupling = mwt.modularity_loss(masks, labels)
    expected = by_definition(masks, labels)
    assert cohesion.item() == pytest.approx(expected[0], abs=1e-6)
    assert coupling.item() == pytest.approx(expected[1], abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "missing"), [([0, 1, 2, 3], 0), ([1, 1, 1, 1], 1)], ids=["no-same", "no-different"]
)
def test_a_kind_of_pair_that_is_missing_counts_zero(labels, missing):
    masks = [torch.rand(4, 6)]
    losses = mwt.modularity_loss(masks, torch.tensor(labels))
    assert losses[missing].item() == 0
    assert 0 < losses[1 - missing].item() < 1


def test_empty_masks_give_finite_gradients():
    masks = torch.zeros(4, 6, requires_grad=True)
    cohesion, coupling = mwt.modularity_loss([masks * 1.0], torch.tensor([0, 0, 1, 1]))
    (cohesion + coupling).backward()
    assert masks.grad.isfinite().all()


def test_one_image_has_no_pairs():
    cohesion, coupling = mwt.modularity_loss([torch.rand(1, 6)], torch.tensor([3]))
    assert (cohesion.item(), coupling.item()) == (0, 0)

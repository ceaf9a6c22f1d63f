"""From bits to kernels: groups, shared genes, empty layers."""

import numpy as np
import pytest
import torch
from small_networks import network, random_importance

import mwt
from mwt.cnnsplitter import layout_of


@pytest.mark.parametrize(
    ("model", "genes", "kernels"), [("simcnn", 940, 4224), ("rescnn", 630, 4288)]
)
def test_number_of_genes(model, genes, kernels):
    with torch.device("meta"):
        layout = layout_of(mwt.models.MODELS[model]())
    assert (layout.genes, sum(layout.kernels)) == (genes, kernels)
    for block in layout.blocks:
        assert block.groups == (10 if layout.kernels[block.convolutions[0]] < 256 else 100)


def test_rescnn_shares_the_genes_of_what_its_shortcuts_add():
    layout = layout_of(network("rescnn", width=0.25))
    assert [block.convolutions for block in layout.blocks] == [
        *((0,), (2,), (1, 3), (4,), (6,), (5, 7), (8,), (10,), (9, 11))
    ]
    bits = np.random.default_rng(0).integers(2, size=(9, layout.genes))
    values = random_importance(layout)
    masks = layout.masks(bits, values)
    for one, other in ((1, 3), (5, 7), (9, 11)):
        parts = masks.split(layout.kernels, dim=1)
        assert torch.equal(parts[one], parts[other])
        values[other] = values[other].flip(0)  # the first one's importance decides
        assert torch.equal(layout.masks(bits, values), masks)
        values[one] = values[one].flip(0)
        assert not torch.equal(layout.masks(bits, values), masks)
        masks = layout.masks(bits, values)


def test_groups_are_of_kernels_sorted_by_importance():
    layout = layout_of(network("simcnn", width=0.25))  # layers of 16 to 128 kernels in 10 groups
    values = [torch.rand(kernels).mul(6).round() for kernels in layout.kernels]  # with equal ones
    bits = torch.eye(layout.genes, dtype=torch.uint8)
    masks = layout.masks(bits, values).split(layout.kernels, dim=1)
    gene = 0
    for layer, block in enumerate(layout.blocks):
        order = sorted(range(layout.kernels[layer]), key=lambda k: (-values[layer][k], k))
        for group in np.array_split(order, block.groups):
            assert masks[layer][gene].nonzero().flatten().tolist() == sorted(group)
            gene += 1


def test_a_layer_left_empty_keeps_its_kernel_0():
    layout = layout_of(network("rescnn", width=0.25))
    bits = torch.ones(2, layout.genes, dtype=torch.uint8)
    bits[1] = 0
    full, empty = layout.masks(bits, random_importance(layout))
    assert full.all()
    for layer in empty.split(layout.kernels):
        assert layer.nonzero().flatten().tolist() == [0]


def test_bits_and_importance_of_another_network_are_refused():
    layout = layout_of(network("simcnn"))
    with pytest.raises(mwt.UsageError, match="solutions have 114"):
        layout.masks(np.zeros((1, 940)), random_importance(layout))
    with pytest.raises(mwt.UsageError, match="measure it on this network"):
        layout.masks(np.zeros((1, 114)), random_importance(layout_of(network("rescnn"))))

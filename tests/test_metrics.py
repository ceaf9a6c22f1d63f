"""The measures equal their definitions."""

import itertools
import time

import pytest
import torch
from torch import nn

import mwt
from mwt import metrics


def jaccard_in_a_loop(masks):
    values = []
    for a, b in itertools.combinations(masks, 2):
        either = (a | b).sum().item()
        values.append((a & b).sum().item() / either if either else 1.0)
    return sum(values) / len(values)


@pytest.mark.parametrize(("count", "kernels", "share"), [(40, 300, 0.3), (7, 5, 0.2), (2, 50, 0.9)])
def test_mean_jaccard_equals_the_definition(count, kernels, share):
    torch.manual_seed(count)
    masks = torch.rand(count, kernels) < share
    assert metrics.mean_jaccard(masks) == pytest.approx(jaccard_in_a_loop(masks), abs=1e-6)


def test_mean_jaccard_over_several_blocks_of_rows(monkeypatch):
    monkeypatch.setattr(metrics, "ROWS", 16)
    masks = torch.rand(50, 80) < 0.5
    assert metrics.mean_jaccard(masks) == pytest.approx(jaccard_in_a_loop(masks), abs=1e-6)


def test_equal_masks_are_alike_even_when_empty():
    assert metrics.mean_jaccard(torch.zeros(3, 4, dtype=torch.bool)) == 1
    assert metrics.mean_jaccard(torch.ones(3, 4, dtype=torch.bool)) == 1


def test_one_mask_has_no_pairs():
    with pytest.raises(mwt.UsageError, match="at least 2"):
        metrics.mean_jaccard(torch.ones(1, 4, dtype=torch.bool))


def test_kernel_retention_rate_is_the_mean_share():
    modules = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=torch.bool)
    assert metrics.kernel_retention_rate(modules) == pytest.approx(0.375)
    assert metrics.kernel_retention_rate(modules.any(dim=0)) == pytest.approx(0.5)


def test_cohesion_restricts_each_sample_to_its_module():
    binary = torch.tensor([[1, 0, 1], [1, 1, 1], [0, 1, 0], [0, 1, 1]], dtype=torch.bool)
    samples = mwt.SampleMasks(None, None, (("layer", 3),), binary, torch.tensor([0, 0, 1, 1]))
    modules = torch.tensor([[1, 0, 1], [0, 1, 1]], dtype=torch.bool)
    # Class 0 agrees on both kernels of its module; class 1 on one of the two.
    assert metrics.cohesion(samples, modules) == pytest.approx((1.0 + 0.5) / 2)


def test_costs_of_a_convolution():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False))
    assert metrics.flops(net, (3, 10, 10)) == 3 * 8 * 9 * 100
    assert metrics.parameters(net) == 3 * 8 * 9
    assert net.training


def test_latency_is_each_networks_own_time():
    class Slow(nn.Identity):
        def forward(self, x):
            time.sleep(0.02)
            return x

    slow, fast = metrics.latency([Slow(), nn.Identity()], torch.zeros(2, 3, 4, 4), repeats=3)
    assert slow >= 0.02 > fast

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
            start = time.process_time()
            while time.process_time() < start + 0.02:
                pass
            return x

    slow, fast = metrics.latency([Slow(), nn.Identity()], torch.zeros(2, 3, 4, 4), repeats=3)
    assert slow >= 0.02 > fast


PRECISIONS = [torch.float64, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_costs_do_not_depend_on_the_precision(dtype, digits):
    net = mwt.to_modular(mwt.models.resnet18(num_classes=4, in_channels=1, width=0.125))
    usual = metrics.flops(net, (1, 16, 16)), metrics.parameters(net)
    other = net.to(dtype)
    assert (metrics.flops(other, (1, 16, 16)), metrics.parameters(other)) == usual
    images = digits[0].normalized(digits[0].images[:2])
    assert min(metrics.latency([other, nn.Identity()], images, repeats=1)) > 0


def test_costs_of_a_network_on_another_device():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 5, 7)).to("meta")
    assert metrics.flops(net, (3, 4, 5)) == 3 * 4 * 5 * 7
    assert metrics.latency([net], torch.zeros(2, 3, 4, 5), repeats=1)[0] > 0


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("dtype", [torch.float32, *PRECISIONS])
def test_costs_on_cuda(dtype):
    net = mwt.models.resnet18(num_classes=4, in_channels=1, width=0.125)
    usual = metrics.flops(net, (1, 16, 16))
    net = net.to("cuda", dtype)
    assert metrics.flops(net, (1, 16, 16)) == usual
    assert metrics.latency([net], torch.zeros(2, 1, 16, 16), repeats=1)[0] > 0


def test_a_network_without_parameters_has_no_costs():
    assert metrics.flops(nn.ReLU(), (3, 4, 4)) == metrics.parameters(nn.ReLU()) == 0


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((28, 28), r"shape \(28, 28\): give \(C, H, W\), three whole numbers above 0"),
        ((3, 0, 4), r"shape \(3, 0, 4\): give"),
        ("3,4,4", "shape '3,4,4': give"),
        ((1, 10, 10), r"does not take an image of shape \(1, 10, 10\) \(.*\): give the shape"),
    ],
)
def test_images_that_the_network_does_not_take(shape, message):
    with pytest.raises(mwt.UsageError, match=message) as error:
        metrics.flops(nn.Conv2d(3, 8, 3), shape)
    assert "\n" not in str(error.value)


def modes(net):
    return [layer.training for layer in net.modules()]


def test_each_layer_is_in_its_mode_afterwards():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Dropout(0.5))
    net[1].eval()  # as who fine-tunes does
    before, mean = modes(net), net[1].running_mean.clone()
    metrics.flops(net, (3, 8, 8))
    metrics.latency([net], torch.rand(2, 3, 8, 8), repeats=1)
    with pytest.raises(mwt.UsageError):
        metrics.flops(net, (4, 8, 8))
    with pytest.raises(RuntimeError):
        metrics.latency([net], torch.rand(2, 4, 8, 8))
    assert modes(net) == before == [True, True, False, True]
    assert torch.equal(net[1].running_mean, mean)


@pytest.mark.parametrize("repeats", [0, -1, 1.5])
def test_latency_is_measured_at_least_once(repeats):
    with pytest.raises(mwt.UsageError, match="repeats"):
        metrics.latency([nn.Identity()], torch.zeros(1, 1, 2, 2), repeats=repeats)

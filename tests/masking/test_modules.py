"""Module masks by frequency, their union, and how classes and thresholds may be given."""

import pytest
import torch

import mwt
from mwt.support.checks import check_classes


def with_frequencies(frequency, layers):
    frequency = torch.tensor(frequency, dtype=torch.float64)
    return mwt.SampleMasks(frequency, None, tuple((str(n), n) for n in layers), None, None)


def test_kernels_that_reach_the_threshold_stay():
    samples = with_frequencies([[0.9, 0.89, 1.0], [0.0, 0.95, 0.5]], [3])
    expected = [[True, False, True], [False, True, False]]
    assert mwt.module_masks(samples, 0.9).tolist() == expected


def test_a_layer_that_would_be_empty_lowers_its_threshold_in_steps():
    # At 0.9 the second layer is empty; at 0.75 both of its first kernels pass.
    samples = with_frequencies([[1.0, 0.78, 0.76, 0.3]], [1, 3])
    assert mwt.module_masks(samples, 0.9).tolist() == [[True, True, True, False]]
    assert mwt.module_masks(samples, 0.78).tolist() == [[True, True, False, False]]


@pytest.mark.parametrize("count", [350, 1000, 4500])
def test_lowered_thresholds_are_not_led_astray_by_rounding(count):
    # 0.55 less nine steps of 0.05 is a little more than 0.1, in floating point.
    uses = torch.arange(count // 4) / count
    samples = with_frequencies([[use] for use in uses.double()], [1])
    grid = [round(0.05 * step, 2) for step in range(1, 21)]
    beside = with_frequencies([[use, use / 2] for use in uses.double()], [2])
    for some in (samples, beside):
        kept = torch.stack([mwt.module_masks(some, threshold) for threshold in grid])
        assert not (kept[1:] & ~kept[:-1]).any()


@pytest.mark.parametrize("peak", [0.04, 0.01])
def test_the_most_frequent_kernel_always_stays(peak):
    samples = with_frequencies([[peak, 0.0, peak / 2]], [3])
    assert mwt.module_masks(samples, 0.9).tolist() == [[True, False, False]]


def test_a_layer_that_no_sample_uses_keeps_one_kernel():
    assert mwt.module_masks(with_frequencies([[0.0, 0.0]], [2]), 0.5).sum() == 1


@pytest.mark.parametrize("threshold", [0, -0.1, 1.0001, 1.7, float("nan"), "0.5", True])
def test_threshold_outside_its_range(threshold):
    with pytest.raises(mwt.UsageError, match=r"\(0, 1\]"):
        mwt.module_masks(with_frequencies([[1.0]], [1]), threshold)


def test_union():
    modules = torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.bool)
    assert mwt.compose(modules, [0, 2]).tolist() == [True, False, True]


@pytest.mark.parametrize("given", [[0, 1, 2], (0, 1, 2), "0,1,2", "0 1 2", "[0, 1, 2]"])
def test_ways_to_give_classes(given):
    assert check_classes(given, 10) == [0, 1, 2]


def test_one_class_may_be_a_number():
    assert check_classes(3, 10) == [3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "empty"),
        ("", "empty"),
        ([0, 10], "0 to 9"),
        ([-1], "0 to 9"),
        ("0,x", "0 to 9"),
        ([1, 1], "twice"),
        ([0.5], "0 to 9"),
    ],
)
def test_impossible_classes(given, message):
    with pytest.raises(mwt.UsageError, match=message):
        check_classes(given, 10)


def test_sample_masks_do_not_depend_on_the_batch_size(trained, samples, digits):
    again = mwt.sample_masks(trained, digits[0], batch_size=64)
    assert (again.binary == samples.binary).float().mean() > 0.9999
    assert torch.allclose(again.mean, samples.mean, atol=1e-5)
    assert samples.binary.shape == (len(digits[0]), sum(n for _, n in samples.layers))
    used = samples.binary[samples.labels == 4].double().mean(dim=0)
    assert torch.allclose(samples.frequency[4], used)


def test_a_higher_threshold_keeps_fewer_kernels(samples):
    low, high = mwt.module_masks(samples, 0.1), mwt.module_masks(samples, 0.9)
    assert high.sum() < low.sum()


def test_a_class_without_images(trained, digits):
    data = digits[0]
    few = data.subset([0, 1])
    with pytest.raises(mwt.UsageError, match="no image of class 2"):
        mwt.sample_masks(trained, type(data)(few.images, few.labels, data.classes, *rest(data)))


def rest(data):
    return data.mean, data.std, data.flip

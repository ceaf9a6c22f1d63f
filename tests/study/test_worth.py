"""Whether modules are worth it: small networks of the same size, and costs at full width."""

import dataclasses

import pytest
import torch

import mwt
from mwt.study import stages
from mwt.study.config import Config
from mwt.study.stages import worth as stage
from mwt.study.stages.modularizing import sampled

CPU = torch.device("cpu")
CONFIG = Config(dataset="digits", image_size=8, width=0.125, epochs=3, lr=0.2, batch_size=32)
THRESHOLD = 0.5


@pytest.fixture(scope="module", autouse=True)
def _store(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MWT_HOME", str(tmp_path_factory.mktemp("store")))
        patch.setattr(stage, "REPEATS", {1: 1, 64: 1})
        yield


@pytest.fixture(scope="module")
def found():
    config = dataclasses.replace(CONFIG, finetune_epochs=1)
    return stages.worth_study(config, THRESHOLD, [[3], [3, 5, 7]], CPU, small=[3])


def test_a_single_class_has_costs_only(found):
    alone, three = found
    assert alone.reused is None
    assert alone.small is None
    assert set(alone.full.of) == {"standard", "module-masked", "module-plain"}
    assert set(three.full.of) == {*alone.full.of, "small-standard"}
    assert three.reused.classes == [3, 5, 7]


def test_a_small_network_has_the_modules_multiply_adds(found):
    small = found[1].small
    assert small.flops == pytest.approx(small.module_flops, rel=0.15)
    assert 0 < small.width < CONFIG.width
    assert small.accuracy > 0.5  # of three classes: it was trained


def test_a_module_of_full_width_keeps_the_same_share_of_each_layer():
    use = sampled(CONFIG, CPU).train
    union = stage.union_of(CONFIG, THRESHOLD, [3, 5, 7], CPU)
    full = stage.at_full_width(CONFIG, union, [3, 5, 7], None, CPU)["module-plain"]
    bits = union.split([kernels for _, kernels in use.layers])
    layers = dict(full.named_modules())
    for (name, kernels), kept in zip(use.layers, bits, strict=True):
        share = kept.float().mean().item()
        width = layers[f"{name}.conv"].out_channels / (kernels / CONFIG.width)
        assert width == pytest.approx(max(share, 1 / (kernels / CONFIG.width)))


def test_costs_of_full_width_are_those_of_the_full_network(found):
    costs = found[1].full.of
    net = mwt.models.resnet18(in_channels=1)
    assert costs["standard"].flops == mwt.metrics.flops(net, (1, 8, 8))
    assert costs["standard"].bytes > 4 * costs["standard"].parameters
    assert costs["module-plain"].flops < costs["module-masked"].flops < costs["standard"].flops
    share = costs["module-plain"].flops / costs["standard"].flops
    small = costs["small-standard"].flops / costs["standard"].flops
    assert small == pytest.approx(share, rel=0.15)
    assert all(cost.latency_1_ms > 0 and cost.latency_64_ms > 0 for cost in costs.values())

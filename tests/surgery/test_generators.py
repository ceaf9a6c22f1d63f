"""Modules that keep their mask generators; that they are exact is tested with the other forms."""

import pytest
import torch
from exactness import kernel_count, randomized
from handmade import Handmade

import mwt
from mwt.masking.blocks import masked_blocks
from mwt.surgery.slicing import ZeroFill


@pytest.fixture
def modular():
    return mwt.to_modular(randomized(Handmade())).eval()


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_with_every_kernel_the_module_is_the_modular_network(name):
    modular = mwt.to_modular(randomized(getattr(mwt.models, name)(width=0.125))).eval()
    every = torch.ones(kernel_count(modular), dtype=torch.bool)
    module = mwt.extract(modular, every, generators=True)
    images = torch.randn(2, 3, 32, 32)
    assert torch.allclose(module(images), modular(images), rtol=1e-5, atol=1e-6)
    assert mwt.metrics.parameters(module) == mwt.metrics.parameters(modular)


def test_layers_are_plain_and_keep_their_names(modular):
    module = mwt.extract(modular, torch.arange(22) % 3 > 0, generators=True)
    assert not list(masked_blocks(module))
    assert not module.training
    kinds = {type(layer) for layer in module.modules() if not any(layer.children())}
    assert all(kind.__module__.startswith("torch.nn.modules") for kind in kinds - {ZeroFill})
    names = {name for name in module.state_dict() if "zero_fill" not in name}
    assert names == modular.state_dict().keys()


def test_a_generator_loses_what_is_gone_before_it_and_behind_it(modular):
    union = torch.arange(22) % 3 > 0  # of 6, 6 and 10 kernels
    module = mwt.extract(modular, union, generators=True)
    whole, cut = (net.get_submodule("mix.0.generator") for net in (modular, module))
    left, right, mix = union.split([6, 6, 10])
    read = torch.cat([left | right, left])
    assert torch.equal(cut.squeeze.weight, whole.squeeze.weight[:, read])
    assert torch.equal(cut.excite.weight, whole.excite.weight[mix])
    assert torch.equal(cut.excite.bias, whole.excite.bias[mix])


def test_a_module_with_generators_is_larger_than_without_and_smaller_than_the_network(modular):
    union = torch.arange(22) % 2 == 0
    sizes = [
        mwt.metrics.parameters(net)
        for net in (
            mwt.extract(modular, union),
            mwt.extract(modular, union, generators=True),
            modular,
        )
    ]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3


@pytest.fixture(scope="module")
def module(trained, samples):
    """The digits 0, 1 and 2 of a trained network."""
    union = mwt.compose(mwt.module_masks(samples, 0.9), [0, 1, 2])
    return mwt.extract(trained, union, [0, 1, 2], generators=True)


def test_accurate_without_training(module, digits):
    assert mwt.accuracy(module, digits[2].subset([0, 1, 2])) > 0.95


def test_fine_tuning_with_a_head_trains_the_generators_too(trained, samples, digits):
    train, validation, test = (part.subset([3, 8]) for part in digits)
    union = mwt.compose(mwt.module_masks(samples, 0.9), [3, 8])
    module = mwt.extract(trained, union, generators=True)
    before = {name: p.clone() for name, p in module.named_parameters() if ".generator." in name}
    reused = mwt.with_head(module, num_classes=10, outputs=2)
    mwt.fit(reused, train, validation, epochs=3, lr=0.05, batch_size=32, label=None)
    assert mwt.accuracy(reused, test) > 0.9
    assert before
    assert any(not torch.equal(before[n], p) for n, p in module.named_parameters() if n in before)


def test_folding_takes_the_place_of_generators(trained, samples):
    union = torch.ones(samples.mean.shape[1], dtype=torch.bool)
    with pytest.raises(mwt.UsageError, match="give one of the two") as error:
        mwt.extract(trained, union, fold=samples, generators=True)
    assert ". " not in str(error.value)


@pytest.mark.parametrize("given", [1, "yes", None])
def test_true_or_false(modular, given):
    with pytest.raises(mwt.UsageError, match=r"generators .*: give True or False"):
        mwt.extract(modular, torch.ones(22, dtype=torch.bool), generators=given)


def test_a_plain_network_has_none_to_keep(modular):
    module = mwt.extract(modular, torch.ones(22, dtype=torch.bool), generators=True)
    for net, kernels in ((Handmade(), 30), (module, 30)):
        with pytest.raises(mwt.UsageError, match="a plain one has none to keep"):
            mwt.extract(net, torch.ones(kernels, dtype=torch.bool), generators=True)

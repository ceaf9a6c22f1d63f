"""A module computes exactly what the modular network would with the same kernels masked to zero."""

import pytest
import torch
from exactness import Bits, difference, kernel_count, masked, randomized
from handmade import Handmade
from torch import nn

import mwt
from mwt.masking.blocks import masked_blocks


@pytest.fixture(scope="module", params=["resnet18", "vgg16", "simcnn", "rescnn"])
def modular(request):
    net = getattr(mwt.models, request.param)(in_channels=3, width=0.25)
    return mwt.to_modular(randomized(net)).eval()


def test_random_masks(modular):
    torch.manual_seed(1)
    images = torch.randn(4, 3, 32, 32)
    for _ in range(20):
        union = torch.rand(kernel_count(modular)) < torch.rand(())
        assert difference(modular, union, images) <= 1e-4


def test_a_layer_may_lose_every_kernel(modular):
    images = torch.randn(2, 3, 32, 32)
    assert difference(modular, torch.zeros(kernel_count(modular), dtype=torch.bool), images) <= 1e-4


def test_module_is_smaller_plain_and_in_evaluation_mode(modular):
    union = torch.arange(kernel_count(modular)) % 3 == 0
    module = mwt.extract(modular, union)
    assert not list(masked_blocks(module))
    assert not module.training
    assert mwt.metrics.parameters(module) < mwt.metrics.parameters(modular) / 4
    assert mwt.metrics.flops(module, (3, 32, 32)) < mwt.metrics.flops(modular, (3, 32, 32)) / 4


@pytest.mark.parametrize("generators", [False, True])
def test_classes_are_the_logits_in_the_order_given(modular, generators):
    union = torch.rand(kernel_count(modular)) < 0.5
    images = torch.randn(2, 3, 32, 32)
    whole, chosen = (
        mwt.extract(modular, union, classes, generators=generators)(images)
        for classes in (None, [7, 2])
    )
    assert torch.allclose(chosen, whole[:, [7, 2]], atol=1e-6)


@pytest.mark.parametrize("generators", [False, True])
def test_model_is_left_as_it_was(modular, generators):
    before = {name: tensor.clone() for name, tensor in modular.state_dict().items()}
    union = torch.ones(kernel_count(modular), dtype=torch.bool)
    module = mwt.extract(modular, union, generators=generators)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    assert all(torch.equal(before[name], t) for name, t in modular.state_dict().items())


def test_folding_scales_each_kernel_by_the_root_mean_square_of_its_masks(trained, samples, digits):
    classes = [0, 1]
    union = mwt.compose(mwt.module_masks(samples, 0.9), classes)
    folded = mwt.extract(trained, union, classes, fold=samples)
    soft = masked(trained, union)
    mean = ((samples.mean[0] ** 2 + samples.mean[1] ** 2) / 2).sqrt() * union
    blocks = [block for _, block in masked_blocks(soft)]
    for block, scale in zip(blocks, mean.split([b.kernels for b in blocks]), strict=True):
        block.generator = Bits(scale)
    images = digits[2].normalized(digits[2].images[:8])
    assert torch.allclose(folded(images), soft(images)[:, classes], atol=1e-4)


def test_handmade_network():
    modular = mwt.to_modular(randomized(Handmade())).eval()
    assert kernel_count(modular) == 6 + 6 + 10
    for _ in range(10):
        union = torch.rand(22) < 0.5
        assert difference(modular, union, torch.randn(2, 3, 12, 12)) <= 1e-4


class ConvolutionalHead(nn.Module):
    """Ends in a masked convolution, pooled and flattened; functional dropout on the way."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Sequential(nn.Conv2d(8, 5, 1), nn.BatchNorm2d(5))

    def forward(self, x):
        x = nn.functional.dropout(self.block(self.stem(x)), 0.5, training=self.training)
        return nn.functional.adaptive_avg_pool2d(self.head(x), 1).flatten(1)


def test_a_convolutional_head_keeps_its_logits():
    modular = mwt.to_modular(randomized(ConvolutionalHead())).eval()
    union = torch.tensor([True] * 6 + [False] * 2 + [True, False, True, True, False])
    assert mwt.extract(modular, union)(torch.randn(2, 3, 8, 8)).shape == (2, 5)
    assert difference(modular, union, torch.randn(2, 3, 8, 8)) <= 1e-4


def test_functional_dropout_follows_the_modules_mode():
    modular = mwt.to_modular(randomized(ConvolutionalHead())).train()
    module = mwt.extract(modular, torch.ones(13, dtype=torch.bool))
    images = torch.randn(2, 3, 8, 8)
    assert torch.equal(module(images), module(images))
    module.train()
    assert not torch.equal(module(images), module(images))


def test_mask_of_the_wrong_length(modular):
    with pytest.raises(mwt.UsageError, match=r"masked kernels; give a bool tensor"):
        mwt.extract(modular, torch.ones(7, dtype=torch.bool))


@pytest.mark.parametrize("union", [[True, False], None, "all"])
def test_a_mask_that_is_no_tensor(modular, union):
    given = f"module mask: a {type(union).__name__}, but .* give a bool tensor"
    with pytest.raises(mwt.UsageError, match=given):
        mwt.extract(modular, union)


@pytest.mark.parametrize("fold", ["samples", "bits"])
def test_sample_masks_of_another_network(samples, fold):
    modular = mwt.to_modular(Handmade())
    union = torch.ones(22, dtype=torch.bool)
    with pytest.raises(mwt.UsageError, match="no sample masks of this network and its 22 masked"):
        mwt.extract(modular, union, fold=samples if fold == "samples" else union)


@pytest.mark.parametrize("generators", [False, True])
def test_a_module_can_become_modular_and_be_cut_again(generators):
    """Though it holds the layers that put zeros where other layers expect them."""
    modular = mwt.to_modular(randomized(Handmade())).eval()
    module = mwt.extract(modular, torch.arange(22) % 3 > 0, generators=generators)
    assert any("zero_fill" in name for name, _ in module.named_modules())
    images = torch.randn(2, 3, 12, 12)
    kernels = sum(m.out_channels for m in module.modules() if isinstance(m, nn.Conv2d))
    same = mwt.extract(module, torch.ones(kernels, dtype=torch.bool))
    assert torch.allclose(same(images), module(images), atol=1e-6)
    again = mwt.to_modular(module).eval()
    for share in (0, 0.5, 1):
        union = torch.rand(kernel_count(again)) < share
        assert difference(again, union, images) <= 1e-4


def test_a_plain_network_has_nothing_to_fold(samples):
    net = mwt.models.resnet18(in_channels=1, width=0.125)
    with pytest.raises(mwt.UsageError, match="no masks to fold"):
        mwt.extract(net, torch.ones(600, dtype=torch.bool), fold=samples)


def test_class_that_does_not_exist(modular):
    union = torch.ones(kernel_count(modular), dtype=torch.bool)
    with pytest.raises(mwt.UsageError, match="classes are 0 to 9"):
        mwt.extract(modular, union, classes=[0, 10])


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "simcnn", "rescnn"])
def test_a_plain_network_can_be_cut_too(name):
    """Then the bits are of all its convolutions, the first one included."""
    net = randomized(getattr(mwt.models, name)(width=0.125)).eval()
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    sizes = [conv.out_channels for conv in convolutions]
    images = torch.randn(2, 3, 32, 32)
    for share in (0.0, 0.5, 0.9):
        union = torch.rand(sum(sizes)) < share
        module = mwt.extract(net, union, classes=[4, 2])
        hooks = [
            conv.register_forward_hook(lambda _m, _x, y, bits=bits: y * bits[:, None, None])
            for conv, bits in zip(convolutions, union.split(sizes), strict=True)
        ]
        with torch.inference_mode():
            expected = net(images)[:, [4, 2]]
            assert (module(images) - expected).abs().max() <= 1e-4 * expected.abs().max()
        for hook in hooks:
            hook.remove()
    assert mwt.metrics.parameters(module) < mwt.metrics.parameters(net)

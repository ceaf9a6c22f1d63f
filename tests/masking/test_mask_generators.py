"""Mask generators: what they compute in training is what they compute afterwards."""

import pytest
import torch

from mwt.masking.blocks import MaskGenerator


def plain(generator, x):
    """What the paper's generator is, written down."""
    hidden = torch.relu(generator.squeeze(x.mean(dim=(2, 3))))
    return torch.relu(torch.tanh(generator.excite(hidden)))


@pytest.mark.parametrize("order", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("side", [7, 8])
def test_training_gives_the_masks_and_gradients_of_the_formula(order, side):
    torch.manual_seed(0)
    generator = MaskGenerator(16, 24)
    images = torch.randn(4, 16, side, side).contiguous(memory_format=order)
    upstream = torch.randn(4, 24)
    found = []
    for forward in (generator.train(), lambda x: plain(generator, x)):
        x = images.clone(memory_format=torch.preserve_format).requires_grad_()
        masks = forward(x * 2)
        (gradient,) = torch.autograd.grad(masks, x, upstream)
        found.append((masks, gradient))
    assert all(torch.equal(ours, formula) for ours, formula in zip(*found, strict=True))
    assert torch.equal(generator.eval()(images * 2), found[0][0])

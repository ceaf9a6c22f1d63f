"""What the tests of extraction compare: the modular network with its masks replaced by bits."""

import copy

import torch
from torch import nn

import mwt
from mwt.modular import masked_blocks


class Bits(nn.Module):
    """A mask generator that always says the same."""

    def __init__(self, bits):
        super().__init__()
        self.bits = bits

    def forward(self, x):
        return self.bits.float().expand(len(x), -1)


def masked(modular, union):
    """The modular network with every mask replaced by the module mask's bits."""
    shared = {id(p): p for p in modular.parameters()}  # what is not changed need not be copied
    model = copy.deepcopy(modular, shared).eval()
    blocks = [block for _, block in masked_blocks(model)]
    for block, bits in zip(blocks, union.split([b.kernels for b in blocks]), strict=True):
        block.generator = Bits(bits)
    return model


def kernel_count(modular):
    return sum(block.kernels for _, block in masked_blocks(modular))


@torch.inference_mode()
def difference(modular, union, images):
    """The largest difference between a module and the masked network, and the largest logit."""
    expected = masked(modular, union)(images)
    found = mwt.extract(modular, union)(images)
    assert found.shape == expected.shape
    return (found - expected).abs().max().item() / max(1e-3, expected.abs().max().item())


def randomized(net, seed=0):
    """Give batch norms statistics and scales as training does: none of them 0 or 1."""
    torch.manual_seed(seed)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.uniform_(0.5, 1.5)
            for tensor in (module.bias.data, module.running_mean):
                tensor.uniform_(-0.5, 0.5)
    return net

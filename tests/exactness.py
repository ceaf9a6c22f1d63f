"""What the tests of extraction compare: modules, and the modular network with its masks cut."""

import copy

import torch
from torch import nn

import mwt
from mwt.masking.blocks import masked_blocks


class Bits(nn.Module):
    """A mask generator that always says the same."""

    def __init__(self, bits):
        super().__init__()
        self.bits = bits

    def forward(self, x):
        return self.bits.float().expand(len(x), -1)


class Gated(nn.Module):
    """A mask generator whose mask is multiplied by bits."""

    def __init__(self, generator, bits):
        super().__init__()
        self.generator, self.bits = generator, bits

    def forward(self, x):
        return self.generator(x) * self.bits


def masked(modular, union, generators=False):
    """The modular network with every mask replaced by the module mask's bits, or times them."""
    shared = {id(p): p for p in modular.parameters()}  # what is not changed need not be copied
    model = copy.deepcopy(modular, shared).eval()
    blocks = [block for _, block in masked_blocks(model)]
    for block, bits in zip(blocks, union.split([b.kernels for b in blocks]), strict=True):
        block.generator = Gated(block.generator, bits) if generators else Bits(bits)
    return model


def kernel_count(modular):
    return sum(block.kernels for _, block in masked_blocks(modular))


@torch.inference_mode()
def difference(modular, union, images):
    """The largest difference between a module and the masked network, as a share of the logits.

    With or without mask generators, whichever is larger.
    """
    shares = []
    for generators in (False, True):
        expected = masked(modular, union, generators)(images)
        found = mwt.extract(modular, union, generators=generators)(images)
        assert found.shape == expected.shape
        largest = max(1e-3, expected.abs().max().item())
        shares.append((found - expected).abs().max().item() / largest)
    return max(shares)


def randomized(net, seed=0):
    """Give batch norms statistics and scales as training does: none of them 0 or 1."""
    torch.manual_seed(seed)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.SyncBatchNorm):
            for tensor in (module.weight, module.running_var):
                if tensor is not None:
                    tensor.data.uniform_(0.5, 1.5)
            for tensor in (module.bias, module.running_mean):
                if tensor is not None:
                    tensor.data.uniform_(-0.5, 0.5)
    return net

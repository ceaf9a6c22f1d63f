"""One gene switches one group of a layer's kernels: from bits to kernel masks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..models.res_cnn import SUMS, ResCNN
from ..models.sim_cnn import SimCNN
from ..support.errors import UsageError

FEW, MANY = 10, 100  # groups of a layer with fewer than `LARGE` kernels, and of one with more
LARGE = 256


@dataclass(frozen=True)
class Block:
    """Convolutions that share their genes, with as many kernels each.

    Attributes
    ----------
    convolutions
        Positions in `Layout.names`, ascending. There are two where a shortcut adds their feature
        maps: with the same kernels left, the sum fits.
    groups
        Number of genes.
    """

    convolutions: tuple[int, ...]
    groups: int

    def gene_of_rank(self, kernels: int) -> Tensor:
        """Return ``(kernels,)`` int64: the block's gene of each kernel, most important first."""
        small, larger = divmod(kernels, self.groups)  # the first groups have one kernel more
        sizes = torch.full((self.groups,), small)
        sizes[:larger] += 1
        return torch.arange(self.groups).repeat_interleave(sizes)


@dataclass(frozen=True)
class Layout:
    """Where the genes of a network's solutions act (CNNSplitter, ASE 2022, section 3).

    Attributes
    ----------
    names
        Of the network's convolutions, in the order of its modules.
    kernels
        Of each convolution.
    blocks
        Gene blocks, in the order of the genes.
    """

    names: tuple[str, ...]
    kernels: tuple[int, ...]
    blocks: tuple[Block, ...]

    @property
    def genes(self) -> int:
        """The number of bits of a solution: 940 for SimCNN and 630 for ResCNN at width 1."""
        return sum(block.groups for block in self.blocks)

    def gene_of_kernel(self, importance: Sequence[Tensor]) -> Tensor:
        """Return which gene switches each kernel, for one class.

        A block's kernels are sorted by importance, the greatest first, and split into groups whose
        sizes differ by at most one. Where two convolutions share a block, the importance of the
        first one decides: one order for both, so that both keep the same kernels. (As measured by
        `kernel_importance`, on the feature map after their sum, both are the same.)

        Parameters
        ----------
        importance
            Of the class: for each convolution ``(kernels,)``.

        Returns
        -------
        Tensor
            ``(K,)`` int64, K all kernels in the order of `names`; on the importances' device.

        Raises
        ------
        UsageError
            If the importances are not those of such a network.
        """
        if tuple(len(layer) for layer in importance) != self.kernels:
            found = [len(layer) for layer in importance]
            raise UsageError(
                f"importance of {found} kernels, where the network has {list(self.kernels)}: "
                "measure it on this network."
            )
        index = [torch.empty_like(layer, dtype=torch.int64) for layer in importance]
        first = 0  # gene of the block
        for block in self.blocks:
            order = importance[block.convolutions[0]].argsort(descending=True, stable=True)
            for number in block.convolutions:
                index[number][order] = first + block.gene_of_rank(len(order)).to(order.device)
            first += block.groups
        return torch.cat(index)

    def masks(self, bits: Tensor | np.ndarray, importance: Sequence[Tensor]) -> Tensor:
        """Return which kernels each solution of one class keeps.

        Parameters
        ----------
        bits
            ``(S, genes)`` of 0 and 1.
        importance
            As `gene_of_kernel` takes it.

        Returns
        -------
        Tensor
            ``(S, K)`` bool, on the importances' device. A convolution that is left without a
            kernel keeps its kernel 0.

        Raises
        ------
        UsageError
            If bits or importances are not those of such a network.
        """
        if bits.ndim != 2 or bits.shape[1] != self.genes:
            raise UsageError(
                f"bits of shape {tuple(bits.shape)}: this network's solutions have {self.genes}."
            )
        gene = self.gene_of_kernel(importance)
        masks = torch.as_tensor(bits, device=gene.device).bool()[:, gene]
        for layer in masks.split(self.kernels, dim=1):
            layer[:, 0] |= ~layer.any(dim=1)
        return masks


def layout_of(net: nn.Module) -> Layout:
    """Return the layout of a SimCNN's or ResCNN's genes, at any width.

    A layer with fewer than 256 kernels has 10 groups, another one 100; a layer with fewer kernels
    than that has a group for each. ResCNN's convolutions 1, 5 and 9 share the genes of 3, 7 and 11,
    to which shortcuts add them.

    Raises
    ------
    UsageError
        For any other network.
    """
    if not isinstance(net, SimCNN | ResCNN):
        raise UsageError(
            f"CNNSplitter is for SimCNN and ResCNN, not {type(net).__name__}: build the network by "
            "mwt.models.simcnn or mwt.models.rescnn."
        )
    named = [(name, m) for name, m in net.named_modules() if isinstance(m, nn.Conv2d)]
    kernels = tuple(conv.out_channels for _, conv in named)
    blocks = []
    for number, count in enumerate(kernels):
        if number in partners(net).values():
            continue
        shared = (partners(net)[number], number) if number in partners(net) else (number,)
        blocks.append(Block(shared, min(count, FEW if count < LARGE else MANY)))
    return Layout(tuple(name for name, _ in named), kernels, tuple(blocks))


def partners(net: nn.Module) -> dict[int, int]:
    """Return for each convolution that a shortcut adds to, which convolution is added."""
    if not isinstance(net, ResCNN):
        return {}
    return {last: source - 1 for last, source in SUMS.items()}

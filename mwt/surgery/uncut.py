"""What the modules of many sub-tasks answer, without cutting each of them out."""

import copy
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..masking.blocks import MaskedConvBN, masked_blocks


class SharedBlock(nn.Module):
    """A masked block that is asked for the same images by one module after another.

    Modules that keep the same kernels up to a layer compute the same up to there: what the last one
    computed is given again. Only what keeps its mask generators can be the same, since a folded
    module's kernels are scaled for its own classes.
    """

    def __init__(self, block: MaskedConvBN, factors: Tensor, same: Tensor, folded: bool) -> None:
        super().__init__()
        self.layer = fuse_conv_bn_eval(block.conv, block.bn)
        self.generator = None if folded else block.generator
        self.factors = factors  # (modules, K of this block)
        self.same = same.tolist()  # for each module: a number for what it computes up to here
        self.module = 0
        self.known: int | None = None
        self.maps = torch.empty(0)

    def ask_for(self, module: int) -> None:
        """Let the next images be those of a module."""
        self.module = module

    def forget(self) -> None:
        """Drop what is known, for other images."""
        self.known = None

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the feature maps ``(N, K, H', W')`` of the module."""
        if self.known != self.same[self.module]:
            factors = self.factors[self.module]
            masks = factors[None] if self.generator is None else self.generator(x) * factors
            self.maps = self.layer(x) * masks[:, :, None, None]
            self.known = self.same[self.module]
        return self.maps


class Uncut:
    """The modules of many sub-tasks, as the one modular network that all of them are in.

    Their logits are those of `extract`, to float rounding: a kernel that is not kept adds nothing.
    To cut a module out takes longer than to ask it about some hundred images.

    Parameters
    ----------
    modular
        A modular network; it is left as it was. No masked block may come before one that it reads
        from, in the order of the network's modules.
    factors
        ``(modules, K)``: by what each module multiplies the masks, the bits of its union; or, if
        ``folded``, what stands for the masks: the bits times `folded_scale`.
    folded
        Whether the modules are without mask generators.
    """

    def __init__(self, modular: nn.Module, factors: Tensor, folded: bool = False) -> None:
        self.net = copy.deepcopy(modular).eval()
        self.blocks: list[SharedBlock] = []
        stop = 0
        for name, block in list(masked_blocks(self.net)):
            start, stop = stop, stop + block.kernels
            same = torch.unique(factors[:, :stop], dim=0, return_inverse=True)[1]
            shared = SharedBlock(block, factors[:, start:stop].float(), same, folded)
            self.net.set_submodule(name, shared)
            self.blocks.append(shared)
        # `unique` sorts, so that modules with the same first kernels follow each other.
        self.order = same.argsort().tolist()

    @torch.inference_mode()
    def logits(self, images: Tensor, modules: Sequence[int]) -> Iterator[tuple[int, Tensor]]:
        """Yield the modules that are asked for, each with its logits of all classes.

        Parameters
        ----------
        images
            ``(N, C, H, W)``, normalized.
        modules
            Rows of ``factors``. They come in another order: neighbours keep similar kernels.
        """
        wanted = set(modules)
        for block in self.blocks:
            block.forget()
        for module in self.order:
            if module in wanted:
                for block in self.blocks:
                    block.ask_for(module)
                yield module, self.net(images)

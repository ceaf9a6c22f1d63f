"""Mask generators, and the Conv-BN blocks that they mask."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..support.errors import UsageError
from ..support.given import check_network
from .beside import beside, in_float32
from .whole_maps import averages, scaled


class MaskGenerator(nn.Module):
    """Predict from a convolution's input how much each of its kernels counts, in [0, 1).

    Global average pool, linear layer without bias, ReLU, linear layer, tanh, ReLU. The hidden
    width is the number of kernels, halved from 128 kernels on. Both weights start Kaiming-normal,
    the bias at 1, so that training starts with nearly every kernel in use.

    Parameters
    ----------
    in_channels, kernels
        Of the convolution: its input and its output channels.
    """

    def __init__(self, in_channels: int, kernels: int) -> None:
        super().__init__()
        hidden = kernels if kernels < 128 else kernels // 2
        self.squeeze = nn.Linear(in_channels, hidden, bias=False)
        self.excite = nn.Linear(hidden, kernels)
        nn.init.kaiming_normal_(self.squeeze.weight)
        nn.init.kaiming_normal_(self.excite.weight)
        nn.init.ones_(self.excite.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` to the sample masks ``(N, kernels)`` in [0, 1)."""
        pooled = averages(x) if self.training else x.mean(dim=(2, 3))
        with in_float32(x.device):
            pooled = pooled.to(self.squeeze.weight.dtype) if x.is_cuda else pooled
            hidden = torch.relu(self.squeeze(pooled))
            return torch.relu(torch.tanh(self.excite(hidden)))


class MaskedConvBN(nn.Module):
    """A convolution and its batch norm, each kernel scaled by the sample's mask.

    ``forward`` returns ``bn(conv(x)) * generator(x)[:, :, None, None]`` and keeps the mask for
    `masks`. `to_modular` makes it.

    Parameters
    ----------
    conv, bn
        The layers, which it takes over.
    apart
        Whether the network does something between the two, such as to activate. Then ``forward``
        returns ``conv(x)``, and a `MaskedNorm` does the rest where the batch norm was.
    """

    def __init__(
        self, conv: nn.Conv2d, bn: nn.BatchNorm2d | nn.SyncBatchNorm, apart: bool = False
    ) -> None:
        super().__init__()
        self.conv = conv
        self.bn = bn
        self.apart = apart
        generator = MaskGenerator(conv.in_channels, conv.out_channels)
        self.generator = generator.to(conv.weight.device, conv.weight.dtype)
        self.mask: Tensor | None = None

    def __getstate__(self) -> dict[str, object]:
        """Leave the last mask out of copies: it belongs to a batch, not to the block."""
        return self.__dict__ | {"mask": None}

    @property
    def kernels(self) -> int:
        """Number of kernels, the output channels of the convolution."""
        return self.conv.out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the masked feature maps ``(N, kernels, H', W')``."""
        self.mask, wait = beside(self.generator, x)
        maps = self.conv(x) if self.apart else self.bn(self.conv(x))
        wait()
        return maps if self.apart else scaled(maps, self.mask)


class MaskedNorm(nn.Module):
    """Stands where the batch norm of a block was that does something else before it.

    Parameters
    ----------
    block
        It stays a layer of another place in the network.
    """

    def __init__(self, block: MaskedConvBN) -> None:
        super().__init__()
        self.of = (block,)  # in a tuple, or it would have two names in the network

    @property
    def block(self) -> MaskedConvBN:
        """The block."""
        return self.of[0]

    def forward(self, maps: Tensor) -> Tensor:
        """Normalize and mask ``(N, kernels, H, W)`` by the mask of the block's last images."""
        assert self.block.mask is not None
        return scaled(self.block.bn(maps), self.block.mask)


MASKED = (MaskedConvBN, MaskedNorm)  # what a trace of a modular network takes for one layer each


def is_modular(model: nn.Module) -> bool:
    """Tell whether a network has masked blocks."""
    return any(isinstance(module, MaskedConvBN) for module in model.modules())


def masked_blocks(model: nn.Module) -> Iterator[tuple[str, MaskedConvBN]]:
    """Yield the masked blocks with their names, in the order of the network's modules.

    Parameters
    ----------
    model
        Any network; a plain one has none.

    Notes
    -----
    This is the order of layers everywhere: in ResNet18 a block's shortcut convolution comes after
    its second convolution.
    """
    return (
        (name, module) for name, module in model.named_modules() if isinstance(module, MaskedConvBN)
    )


def masks(modular: nn.Module) -> list[Tensor]:
    """Return each image's mask values in the last forward pass, as `modularity_loss` takes them.

    Parameters
    ----------
    modular
        A network of `to_modular`.

    Returns
    -------
    list of Tensor
        ``(N, K_layer)`` in [0, 1) for each masked block, in layer order.

    Raises
    ------
    UsageError
        If the model has no masked block or has not been called yet.
    """
    blocks = [block for _, block in masked_blocks(check_network("modular", modular))]
    if not blocks:
        raise UsageError("this network has no mask generators: pass it through to_modular first.")
    kept = [block.mask for block in blocks if block.mask is not None]
    if len(kept) < len(blocks):
        raise UsageError("no masks yet: call the model on a batch of images first.")
    return kept

"""Cut a module out of a modular network: a smaller, plain network that computes the same."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .checks import check_classes
from .cutting import Cutter
from .errors import UsageError
from .modular import MaskedConvBN, masked_blocks
from .modules import SampleMasks
from .tracing import check_network, traced


def extract(
    modular: nn.Module,
    union: Tensor,
    classes: Sequence[int] | None = None,
    fold: SampleMasks | None = None,
) -> nn.Module:
    """Cut the kept kernels out of a modular network and drop its mask generators.

    The result computes exactly what ``modular`` would with every mask replaced by the bits of
    ``union`` (to float rounding): a removed kernel's channel is zero there, so nothing is lost.

    Parameters
    ----------
    modular
        A modular network; it is left as it was. A plain one will do, too: then K counts the
        kernels of all of its convolutions, in the order of its modules, and a convolution's output
        is what is zero.
    union
        ``(K,)`` bool, the kernels to keep: a row of `module_masks` or what `compose` returns. A
        layer may lose all of its kernels.
    classes
        Outputs of the last linear layer to keep, in this order. None: all.
    fold
        Sample masks whose size over ``classes`` scales the batch norm of every kept kernel
        (`folded_scale`), so that the module of a small sub-task is accurate without fine-tuning
        more often than not. None: the paper's plain cut.

    Returns
    -------
    nn.Module
        A plain network without masks, in evaluation mode, with weights of its own.

    Raises
    ------
    UsageError
        For a mask of the wrong length, masks of another network or classes that do not exist.
    UnsupportedLayer
        For a layer through which channels cannot be followed, by name.
    """
    check_network(modular)
    layers = [(name, block.kernels) for name, block in masked_blocks(modular)]
    kind = "masked kernels"
    if not layers:
        convolutions = ((n, m) for n, m in modular.named_modules() if isinstance(m, nn.Conv2d))
        layers, kind = [(name, conv.out_channels) for name, conv in convolutions], "kernels"
    kernels = [count for _, count in layers]
    given = type(union).__name__
    if isinstance(union, Tensor):
        given = f"tensor of shape {tuple(union.shape)} and type {union.dtype}"
    if given != f"tensor of shape {(sum(kernels),)} and type torch.bool":
        raise UsageError(
            f"module mask: a {given}, but this network has {sum(kernels)} {kind}; give a bool "
            f"tensor of shape ({sum(kernels)},)."
        )
    scale = torch.ones(len(union), device=union.device)
    if fold is not None and kind == "kernels":
        raise UsageError("fold is for modular networks: a plain one has no masks to fold.")
    if fold is not None:
        counts = [count for _, count in fold.layers] if isinstance(fold, SampleMasks) else None
        if counts != kernels:
            raise UsageError(
                f"fold: no sample masks of this network and its {sum(kernels)} masked kernels: "
                "give what sample_masks returns for it, or None."
            )
        wanted = list(range(len(fold.mean))) if classes is None else list(classes)
        scale = folded_scale(fold, check_classes(wanted, len(fold.mean)))
    device = next(modular.parameters()).device
    # Which channels are left is followed on the CPU: it decides what the graph becomes.
    parts = zip(layers, union.cpu().split(kernels), scale.to(device).split(kernels), strict=True)
    plan = {name: (bits, scales) for (name, _), bits, scales in parts}
    return Cutter(traced(modular, (MaskedConvBN,)), plan, device).cut(classes).eval()


def folded_scale(samples: SampleMasks, classes: Sequence[int]) -> Tensor:
    """Return what stands for the masks of a sub-task in a module without mask generators.

    The root mean square, over the classes, of a class's mean mask: a kernel then passes on as much
    energy, averaged over the classes, as it did with its masks. The plain mean would be a third
    for a kernel that serves one of three classes, in every layer, and the signal would die out.

    Parameters
    ----------
    samples
        Of the training data.
    classes
        The sub-task; each class has the same weight.

    Returns
    -------
    Tensor
        ``(K,)`` in [0, 1).
    """
    return samples.mean[list(classes)].square().mean(dim=0).sqrt()


def with_head(module: nn.Module, num_classes: int, outputs: int) -> nn.Sequential:
    """Put the paper's head on a module: ReLU and a linear layer, to be fine-tuned.

    Parameters
    ----------
    module
        Extracted with ``classes=None``: it still gives all of the model's logits.
    num_classes
        Number of those logits.
    outputs
        Number of classes of the sub-task.
    """
    head = nn.Linear(num_classes, outputs, device=next(module.parameters()).device)
    return nn.Sequential(module, nn.ReLU(), head)

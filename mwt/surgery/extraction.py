"""Cut a module out of a modular network: a smaller, plain network that computes the same."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..masking.blocks import MASKED, masked_blocks
from ..masking.samples import KernelUse
from ..support.checks import check_bool, check_classes
from ..support.errors import UsageError
from .cutting import Cutter
from .names import usable
from .tracing import check_network, traced


@torch.inference_mode(False)  # or nothing of what is made could be trained
def extract(
    modular: nn.Module,
    union: Tensor,
    classes: Sequence[int] | None = None,
    fold: KernelUse | None = None,
    *,
    generators: bool = False,
) -> nn.Module:
    """Cut a module out of a modular network: a smaller network with the kept kernels only.

    A mask says for each image how much each kernel counts, so what the masks become decides how
    accurate the module is before any fine-tuning. There are three forms:

    - the plain cut, as in the paper: the mask generators are gone, and every kernel that is kept
      counts in full, for every image. Smallest, and to be fine-tuned.
    - ``fold``: the same, but each kernel counts as much as it typically does for the classes that
      are wanted. As small; without fine-tuning often not accurate, so measure it.
    - ``generators``: the mask generators are kept, cut as well, and go on to decide for each image.
      As accurate as ``modular`` with these kernels, for the cost of the generators.

    Nothing else is lost: a removed kernel's channel is zero in ``modular`` when it is masked. So,
    to float rounding, the plain cut computes what ``modular`` would with every mask replaced by the
    bits of ``union``, and with ``generators`` what it would with every mask multiplied by them.

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
        Outputs to keep, in this order, of the linear layer or convolution that gives the logits. A
        softmax behind it is then over these classes. None: all.
    fold
        What `sample_masks` returns for the training data of all classes: the root mean square of
        the mean masks of ``classes`` scales the batch norm of each kept kernel. None: no folding.
    generators
        Whether to keep the mask generators, as plain layers that have their names in ``modular``. A
        generator loses the inputs that are gone and the outputs of the kernels that are not kept.

    Returns
    -------
    nn.Module
        A plain network, in evaluation mode, with weights of its own. Any of the forms can be
        shipped (`mwt.shipping`) and trained further (`with_head`, `mwt.fit`).

    Raises
    ------
    UsageError
        For a mask of the wrong length, masks of another network, classes that do not exist, both
        ``fold`` and ``generators``, or one of them for a plain network.
    UnsupportedLayer
        For a layer through which channels cannot be followed, by name; for ``classes`` where it is
        not known which layer gives the logits.
    """
    check_network(modular)
    if check_bool("generators", generators) and fold is not None:
        raise UsageError(
            "fold puts typical masks in the place of the mask generators, which generators=True "
            "keeps: give one of the two."
        )
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
    if generators and kind == "kernels":
        raise UsageError("generators is for modular networks: a plain one has none to keep.")
    scale = torch.ones(len(union), device=union.device)
    if fold is not None and kind == "kernels":
        raise UsageError("fold is for modular networks: a plain one has no masks to fold.")
    if fold is not None:
        counts = [count for _, count in fold.layers] if isinstance(fold, KernelUse) else None
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
    plan = {usable(name): (bits, scales) for (name, _), bits, scales in parts}
    return Cutter(traced(modular, MASKED), plan, device, generators).cut(classes).eval()


def folded_scale(samples: KernelUse, classes: Sequence[int]) -> Tensor:
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


@torch.inference_mode(False)
def with_head(module: nn.Module, num_classes: int, outputs: int) -> nn.Sequential:
    """Put the paper's head on a module, ReLU and a new linear layer, to fine-tune it by `mwt.fit`.

    Parameters
    ----------
    module
        Extracted with ``classes=None``, so that it still gives all of the model's logits: plain as
        in the paper, or in another form of `extract`, which starts from what is accurate already.
    num_classes
        Number of those logits.
    outputs
        Number of classes of the sub-task.

    Returns
    -------
    nn.Sequential
        The module itself, not a copy, and the head; its logits are ``(N, outputs)``.
    """
    head = nn.Linear(num_classes, outputs, device=next(module.parameters()).device)
    return nn.Sequential(module, nn.ReLU(), head)

"""CNNSplitter's modules: cut out of the network, used together, measured."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..data import Dataset
from ..masking.selection import compose
from ..metrics import cohesion_of_class
from ..support.checks import check_classes
from ..surgery.activation import active_masks
from ..surgery.extraction import extract
from ..training.predicting import predict

BATCH = 500  # images a forward pass: bounds the memory


def modules_of(net: nn.Module, masks: Tensor, classes: Sequence[int]) -> list[nn.Module]:
    """Cut the module of each class out of a network.

    Parameters
    ----------
    net
        A plain SimCNN or ResCNN; it is left as it was.
    masks
        ``(classes, K)`` bool over the kernels of all convolutions, in the order of its modules.
    classes
        Whose modules.

    Returns
    -------
    list of nn.Module
        Each gives one logit, that of its class.

    Raises
    ------
    UsageError
        For masks of another network, or classes that do not exist.
    """
    return [extract(net, masks[c], [c]) for c in check_classes(classes, len(masks))]


def joint_logits(modules: Sequence[nn.Module], data: Dataset) -> Tensor:
    """Return the logits ``(N, modules)`` of several modules: the largest one names the class."""
    return torch.cat([predict(module, data) for module in modules], dim=1)


def joint_accuracy(modules: Sequence[nn.Module], data: Dataset) -> float:
    """Return the share of images whose label is the position of the largest own-class logit.

    Parameters
    ----------
    modules
        One for each class of the data, in their order.
    data
        Of the sub-task: ``test.subset(classes)``.
    """
    return (joint_logits(modules, data).argmax(dim=1) == data.labels).double().mean().item()


def retention_by_sum(masks: Tensor, classes: Sequence[int]) -> float:
    """Return the kernels of a sub-task's modules over those of the network, each module counted.

    This is the paper's kernel retention rate of CNNSplitter: the modules run side by side, so that
    a kernel which several of them have is there several times. It can exceed 1.
    """
    return masks[check_classes(classes, len(masks))].sum().item() / masks.shape[1]


def retention_by_union(masks: Tensor, classes: Sequence[int]) -> float:
    """Return the share of the network's kernels that at least one module of a sub-task has."""
    return compose(masks, classes).double().mean().item()


@torch.inference_mode()
def activation_cohesion(net: nn.Module, masks: Tensor, data: Dataset) -> list[float]:
    """Return the cohesion of each class's module on the class's images.

    A kernel of the module is used by an image if the global average of ReLU of its output is above
    0; cohesion is the mean Jaccard index over all pairs of the class's images.

    Parameters
    ----------
    net, masks
        As `modules_of` takes them.
    data
        Test data, with an image of every class; cohesion is 1 where there is a single one.

    Returns
    -------
    list of float
        Each in [0, 1].
    """
    found = []
    for label, module in enumerate(modules_of(net, masks, list(range(len(masks))))):
        own = data.subset([label])
        layers = [(n, m) for n, m in module.named_modules() if isinstance(m, nn.Conv2d)]
        bits = active_masks(module, layers, own, BATCH).binary
        found.append(cohesion_of_class(bits))
    return found

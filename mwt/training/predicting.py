"""What a network answers to a data set, and how often it is right."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..data import Dataset
from ..support.checks import check_classes
from ..support.errors import UsageError
from ..support.evaluating import evaluating


@torch.inference_mode()
def predict(model: nn.Module, data: Dataset, batch_size: int = 125) -> Tensor:
    """Return the logits ``(N, outputs)`` of a data set, in evaluation mode.

    Parameters
    ----------
    model, data
        On one device.
    batch_size
        Images a forward pass; it changes the memory needed, not the result.

    Raises
    ------
    UsageError
        If the network gives anything but one row of logits for each image.
    """
    with evaluating(model):
        batches = (images for images, _ in data.batches(batch_size))
        return torch.cat([checked_logits(model(images), images) for images in batches])


def checked_logits(outputs: object, images: Tensor) -> Tensor:
    """Return what a network gives for some images, or refuse what is no ``(N, outputs)``."""
    if not isinstance(outputs, Tensor):
        raise UsageError(
            f"the network gives a {type(outputs).__name__}, not one tensor of logits: let its "
            "forward method return the logits alone, without auxiliary heads and the like (of "
            "torchvision's networks, with aux_logits=False)."
        )
    if outputs.dim() != 2 or len(outputs) != len(images):
        raise UsageError(
            f"the network gives outputs of shape {tuple(outputs.shape)} for {len(images)} images, "
            f"not ({len(images)}, classes): let it end in one row of logits for each image, as "
            "nn.Flatten() makes it of (N, classes, 1, 1)."
        )
    return outputs


def accuracy(model: nn.Module, data: Dataset, classes: Sequence[int] | None = None) -> float:
    """Return the share of correct predictions on a data set.

    Parameters
    ----------
    model
        Any classifier.
    data
        Its labels are positions among the outputs, or among ``classes`` if given.
    classes
        Outputs to compare, in the order of the labels: for a network of all classes on a sub-task,
        ``accuracy(net, test.subset([3, 7]), [3, 7])``. None: all.
    """
    logits = predict(model, data)
    if classes is not None:
        logits = logits[:, check_classes(classes, logits.shape[1])]
    return correct(logits, data.labels)


def correct(logits: Tensor, labels: Tensor) -> float:
    """Return the share of logits ``(N, classes)`` that are largest at their label ``(N,)``."""
    return (logits.argmax(dim=1) == labels).double().mean().item()

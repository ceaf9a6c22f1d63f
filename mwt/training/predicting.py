"""What a network answers to a data set, and how often it is right."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..data import Dataset
from ..support.checks import check_classes
from ..support.errors import UsageError
from ..support.evaluating import evaluating
from ..support.memory import kept_memory


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
    with evaluating(model), kept_memory(data.images.device):
        return logits_of(model, data, batch_size)


def logits_of(model: nn.Module, data: Dataset, batch_size: int) -> Tensor:
    """Return the logits ``(N, outputs)`` of a data set, in the mode that a network is in."""
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


@torch.inference_mode()
def validation_accuracy(model: nn.Module, data: Dataset, amp: bool) -> float:
    """Return the accuracy after an epoch: on CUDA in the precision of the training.

    There, to multiply in full would take a fifth of the training's time. On a CPU it is `accuracy`.

    Parameters
    ----------
    model, data
        On one device.
    amp
        Whether the training is in bfloat16.
    """
    if data.images.device.type != "cuda":
        return accuracy(model, data)
    with evaluating(model, in_full=False), torch.autocast("cuda", torch.bfloat16, enabled=amp):
        return correct(logits_of(model, data, VALIDATED), data.labels)


VALIDATED = 1000  # images a forward pass


def correct(logits: Tensor, labels: Tensor) -> float:
    """Return the share of logits ``(N, classes)`` that are largest at their label ``(N,)``."""
    return (logits.argmax(dim=1) == labels).double().mean().item()

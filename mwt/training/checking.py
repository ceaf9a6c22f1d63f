"""Whether a network can be trained on data, tried before any training."""

import copy

import torch
from torch import nn

from ..data import Dataset, check_dataset
from ..support.errors import UsageError
from ..support.given import check_network
from .predicting import checked_logits
from .seeding import seeded


def check_data(model: nn.Module, train: Dataset, validation: Dataset, batch_size: int) -> None:
    """Refuse, before any training, data that a network cannot be trained on."""
    check_network("model", model)
    for name, data in (("training", train), ("validation", validation)):
        check_dataset(f"{name} data", data)
        if not len(data):
            raise UsageError(f"no {name} images: give a data set with at least one image.")
    few = min(2, batch_size, len(train))  # what a batch of one does, one of two may not
    images, tried = train.normalized(train.images[:few]), copy.deepcopy(model)
    try:
        with torch.no_grad(), seeded(0, images.device):
            outputs = checked_logits(tried.eval()(images), images).shape[1]
            checked_logits(tried.train()(images), images)
    except UsageError:
        raise
    except Exception as error:  # a forward method fails in as many ways as there are shapes
        reason = (str(error) or type(error).__name__).splitlines()[0]
        advice = "; give a batch_size of at least 2" if few == 1 else ""
        raise UsageError(
            f"the network does not take images of shape {train.shape} in batches of {few}: "
            f"{reason.rstrip('.')}{advice}."
        ) from error
    if outputs < len(train.classes):
        raise UsageError(
            f"the network has {outputs} outputs, but the data have {len(train.classes)} classes: "
            "give a network with an output for each class."
        )

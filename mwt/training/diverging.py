"""A training whose numbers are no numbers any more ends, and says what to lower."""

import math
from collections.abc import Mapping

import torch
from torch import nn

from ..masking.blocks import is_modular
from ..support.errors import UsageError

TERMS = ("cross_entropy", "cohesion", "coupling")


def check_finite(
    model: nn.Module, means: Mapping[str, float], epoch: int, settings: Mapping[str, float]
) -> None:
    """Refuse to go on with a loss or with weights that are NaN or infinite.

    Parameters
    ----------
    model
        After an epoch.
    means
        Of the terms of the loss in this epoch.
    epoch
        Which one, from 1.
    settings
        ``lr``, ``alpha`` and ``beta``.

    Raises
    ------
    UsageError
        It says which epoch and which terms, and what to lower.
    """
    wrong = [name.replace("_", "-") for name in TERMS if not math.isfinite(means[name])]
    if not wrong and finite(model):
        return
    kept = "nothing is kept" if epoch == 1 else f"a checkpoint is of an epoch before {epoch}"
    lower = f"an lr below {settings['lr']:g}"
    if is_modular(model):
        lower += f", or an alpha below {settings['alpha']:g} and a beta below {settings['beta']:g}"
    raise UsageError(
        f"the training diverged in epoch {epoch}, where the {', '.join(wrong) or 'weights'} became "
        f"no finite number; {kept}: train again with {lower}."
    )


def finite(model: nn.Module) -> bool:
    """Tell whether all weights and running statistics are finite numbers; waits for the device."""
    sums = [tensor.double().sum() for tensor in model.state_dict().values()]
    return bool(torch.stack(sums).isfinite().all()) if sums else True

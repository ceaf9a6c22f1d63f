"""The two losses that make a network modular (section 3 of the paper)."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from ..support.errors import UsageError


def modularity_loss(masks: Sequence[Tensor], labels: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the cohesion and coupling losses of one batch (section 3 of the paper).

    Over the pairs of samples i < j, cohesion is one minus the mean cosine similarity of the masks
    of two samples of one class, coupling the mean cosine similarity of the masks of two samples of
    different classes; both are averaged over the layers. Every layer has the same pairs, so the
    average over layers can be taken first: one matrix product serves them all.

    Parameters
    ----------
    masks
        One ``(N, K_layer)`` tensor a layer, values in [0, 1): what `masks` returns.
    labels
        ``(N,)`` class of each sample.

    Returns
    -------
    cohesion, coupling : Tensor
        Scalars in [0, 1]. A batch without a pair of that kind gives 0. A mask of zeros is similar
        to nothing.

    Raises
    ------
    UsageError
        For no masks, or masks of another number of samples than labels.
    """
    rows = {mask.shape[:1] if isinstance(mask, Tensor) else None for mask in masks}
    if rows != {labels.shape}:
        raise UsageError(
            f"{len(masks)} masks that are not all (N, K) for the {len(labels)} labels: give what "
            "mwt.masks returns, and the labels of the same batch."
        )
    units = unit_rows(masks)
    similarity = units @ units.T / len(masks)
    pairs = torch.ones_like(similarity).triu(diagonal=1)
    same = (labels[:, None] == labels[None, :]).to(pairs.dtype) * pairs
    different = pairs - same
    # An empty sum over a count of at least one is 0, without a branch on the device's values.
    some_same = same.sum().clamp(max=1)
    cohesion = some_same - (similarity * same).sum() / same.sum().clamp(min=1)
    coupling = (similarity * different).sum() / different.sum().clamp(min=1)
    return cohesion, coupling


SHORTEST = 1e-12  # a shorter mask stays as it is: one of zeros is no direction


def unit_rows(masks: Sequence[Tensor]) -> Tensor:
    """Return each layer's masks ``(N, K_layer)`` scaled to length one, side by side ``(N, K)``.

    In a few operations for all layers: one by one they are some hundred small ones, which take
    CUDA longer than the numbers in them.
    """
    rows = torch.cat([mask.float() for mask in masks], dim=1)
    layer = layer_of_kernels(tuple(mask.shape[1] for mask in masks), rows.device)
    squares = rows.square() @ layer.T
    return rows * (squares.clamp(min=SHORTEST**2).rsqrt() @ layer)


@lru_cache(maxsize=16)
def layer_of_kernels(kernels: tuple[int, ...], device: torch.device) -> Tensor:
    """Return ``(layers, K)``: 1 where a kernel is of a layer, else 0."""
    with torch.inference_mode(False):  # it is kept, and training will ask for it, too
        layers = torch.arange(len(kernels)).repeat_interleave(torch.tensor(kernels))
        return (torch.arange(len(kernels))[:, None] == layers).float().to(device)

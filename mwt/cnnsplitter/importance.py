"""How much each kernel does for each class of a trained network."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..data import Dataset
from ..masking.samples import check_every_class
from ..support.evaluating import evaluating
from .genes import layout_of, partners

CONFIDENCE = 0.9  # softmax probability of its class from which a sample counts


@torch.inference_mode()
def kernel_importance(net: nn.Module, data: Dataset, batch_size: int = 125) -> list[list[Tensor]]:
    """Return the importance of each kernel for each class (CNNSplitter, ASE 2022, section 3).

    The mean, over the samples of the class that the network gives a softmax probability of at
    least 0.9, of the sum of the kernel's feature map after ReLU; in ResCNN also after the pooling
    that belongs to a block. Where a shortcut adds feature maps there, the sum's is both kernels':
    convolutions 1, 5 and 9 have the importances of 3, 7 and 11. Of a class without such a sample,
    all samples count.

    Parameters
    ----------
    net
        A trained SimCNN or ResCNN, on the device of the data.
    data
        Usually the validation data, with at least one image of every class.
    batch_size
        Images a forward pass; it changes the memory needed, not the result.

    Returns
    -------
    list of list of Tensor
        For each class, for each convolution in the order of the network's modules: ``(kernels,)``
        float32, at least 0.

    Raises
    ------
    UsageError
        For another network, or if a class has no image.
    """
    layout = layout_of(net)
    classes = len(data.classes)
    check_every_class(data)
    # Rows: the classes by their confident samples, then by all of their samples.
    total = torch.zeros(2 * classes, sum(layout.kernels), device=data.labels.device).double()
    count = total.new_zeros(2 * classes)
    with evaluating(net), recording(net) as sums:
        for images, labels in data.batches(batch_size):
            probabilities = net(images).softmax(dim=1)
            all_of_class = nn.functional.one_hot(labels, classes).double()
            confident = all_of_class * (probabilities >= CONFIDENCE)
            weights = torch.cat([confident, all_of_class], dim=1)
            values = torch.cat([sums[n] for n in range(len(layout.names))], dim=1)
            total += weights.T @ values.double()
            count += weights.sum(dim=0)
    mean = total / count.clamp(min=1)[:, None]
    mean = torch.where(count[:classes, None] > 0, mean[:classes], mean[classes:]).float()
    return [list(row.split(layout.kernels)) for row in mean]


@contextmanager
def recording(net: nn.Module) -> Iterator[dict[int, Tensor]]:
    """Yield a dict in which each forward pass leaves the sums of the feature maps.

    The keys are positions of convolutions, the values ``(N, kernels)``.
    """
    found: dict[int, Tensor] = {}
    names = layout_of(net).names
    sums = partners(net)
    summed = {*sums, *sums.values()}

    def after_relu(number: int) -> torch.utils.hooks.RemovableHandle:
        def hook(_layer: nn.Module, _inputs: object, output: Tensor) -> None:
            found[number] = output.relu().sum(dim=(2, 3))

        # In ResCNN a block, of which ReLU and pooling are parts; a second ReLU changes nothing.
        return net.get_submodule(f"conv_{number}").register_forward_hook(hook)

    def after_sum(source: int, last: int) -> torch.utils.hooks.RemovableHandle:
        def hook(_layer: nn.Module, inputs: tuple[Tensor]) -> None:
            found[source] = found[last] = inputs[0].sum(dim=(2, 3))

        # The sum is computed between two modules: the next one is given it.
        name = f"conv_{last + 1}" if last + 1 < len(names) else "classifier"
        return net.get_submodule(name).register_forward_pre_hook(hook)

    handles = [after_relu(n) for n in range(len(names)) if n not in summed]
    handles += [after_sum(source, last) for last, source in sums.items()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()

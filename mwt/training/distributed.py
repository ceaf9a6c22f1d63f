"""Several processes that train one network, each on a part of every batch (`torchrun`)."""

import itertools
from collections.abc import Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.distributed.nn import functional as joint
from torch.nn.parallel import DistributedDataParallel

from ..support.errors import UsageError

T = TypeVar("T")


def count() -> int:
    """Return how many processes train together; 1 where torch's process group was not begun."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def is_first() -> bool:
    """Tell whether this is the process that writes files and shows progress."""
    return count() == 1 or dist.get_rank() == 0


def check_batch(batch_size: int) -> None:
    """Refuse batches that cannot be parted equally."""
    if batch_size % count():
        raise UsageError(
            f"batches of {batch_size} images for {count()} processes: take a multiple of {count()}."
        )


def part(*tensors: Tensor) -> Iterator[Tensor]:
    """Yield this process's rows of tensors that all processes have alike."""
    for tensor in tensors:
        yield tensor if count() == 1 else tensor.chunk(count())[dist.get_rank()]


def gathered(tensor: Tensor) -> Tensor:
    """Return the rows of all processes, in their order; gradients find their way back."""
    return tensor if count() == 1 else torch.cat(joint.all_gather(tensor.contiguous()))


def all_rows(masks: list[Tensor]) -> list[Tensor]:
    """Return masks ``(N, K_layer)`` of all processes' images, by one exchange for all layers."""
    if count() == 1:
        return masks
    widths = [mask.shape[1] for mask in masks]
    return list(gathered(torch.cat(masks, dim=1)).split(widths, dim=1))


def mean(tensor: Tensor) -> Tensor:
    """Return the mean over the processes; gradients find their way back."""
    return tensor if count() == 1 else joint.all_reduce(tensor.contiguous()) / count()


def of_first(value: T) -> T:
    """Return what the first process has."""
    if count() == 1:
        return value
    box = [value]
    dist.broadcast_object_list(box)
    return box[0]


def together(model: nn.Module) -> nn.Module:
    """Return the network's call for training, after which all processes have the same gradients."""
    return model if count() == 1 else DistributedDataParallel(model)


def same_as_first(model: nn.Module) -> None:
    """Give all processes the first one's weights and statistics."""
    if count() > 1:
        for tensor in itertools.chain(model.parameters(), model.buffers()):
            dist.broadcast(tensor.detach(), 0)


class JointBatchNorm2d(nn.BatchNorm2d):
    """A batch norm with the statistics of all processes' images, also where there is no GPU.

    It is what torch's own `SyncBatchNorm` is on GPUs, which refuses all other devices.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalize ``(N, C, H, W)``; while training, by the mean and variance over all images."""
        if not self.training or count() == 1:
            return super().forward(input)
        axes = (0, 2, 3)
        maps = input.float() if input.element_size() < 4 else input  # bfloat16 is too coarse
        average = mean(maps.mean(axes))
        centred = maps - average[:, None, None]
        variance = mean(centred.square().mean(axes))
        self.follow(average, variance, input.numel() // input.shape[1] * count())
        scale = (variance + self.eps).rsqrt()
        normal = centred * scale[:, None, None]
        if self.weight is not None:
            normal = normal * self.weight[:, None, None] + self.bias[:, None, None]
        return normal.to(input.dtype)

    @torch.no_grad()
    def follow(self, average: Tensor, variance: Tensor, values: int) -> None:
        """Update the running statistics, as a batch norm does."""
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        momentum = self.momentum
        if momentum is None:  # the mean over all batches
            momentum = 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(average, momentum)
        self.running_var.lerp_(variance * values / max(1, values - 1), momentum)


def synchronized(model: nn.Module) -> nn.Module:
    """Return a network whose batch norms have the statistics of all processes' images.

    By torch's `SyncBatchNorm` on a GPU, else by `JointBatchNorm2d`.

    Parameters
    ----------
    model
        Plain or modular. Its batch norms are replaced in place and keep weights and statistics.
    """
    if any(parameter.device.type == "cuda" for parameter in model.parameters()):
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        return converted
    for parent in list(model.modules()):
        for name, layer in parent.named_children():
            if type(layer) is nn.BatchNorm2d:
                setattr(parent, name, joint_of(layer))
    return model


def joint_of(norm: nn.BatchNorm2d) -> JointBatchNorm2d:
    """Return a joint batch norm with the same settings, weights and statistics."""
    twin = JointBatchNorm2d(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    twin.load_state_dict(norm.state_dict())
    some = next(itertools.chain(norm.parameters(), norm.buffers()), None)
    return twin.train(norm.training).to(some.device if some is not None else None)

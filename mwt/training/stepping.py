"""One step of training, and the same step recorded once for CUDA to repeat."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..masking.beside import generators_beside
from ..masking.blocks import is_modular, masked_blocks, masks
from ..masking.losses import modularity_loss
from ..support.errors import UsageError
from . import distributed

FIGURES = ("loss", "cross_entropy", "cohesion", "coupling", "kernel_rate", "train_accuracy")
ORDINARY = 3  # steps before the recording, in which torch and its libraries settle what they do


class Step:
    """Forward pass, losses, backward pass and update, without waiting for the device.

    Parameters
    ----------
    model
        The network.
    forward
        Its call for training: it may be compiled or parted.
    optimizer
        Of the network's weights.
    alpha, beta
        Weights of the cohesion and the coupling loss.
    amp
        Whether the forward pass is in bfloat16 where torch's autocast finds that safe.
    """

    def __init__(
        self,
        model: nn.Module,
        forward: Callable[[Tensor], Tensor],
        optimizer: torch.optim.Optimizer,
        alpha: float,
        beta: float,
        amp: bool,
    ) -> None:
        self.model, self.forward, self.optimizer = model, forward, optimizer
        self.alpha, self.beta, self.amp = alpha, beta, amp

    def __call__(self, images: Tensor, labels: Tensor) -> Tensor:
        """Train on a batch; return its `FIGURES`, still on the device."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.amp):
            logits = self.forward(images)
        loss, figures = total_loss(self.model, logits, labels, self.alpha, self.beta)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return figures


class RecordedStep:
    """A step on CUDA whose kernels are recorded once and then started all together.

    A step is some hundred small kernels, and to start them one by one takes the processor longer
    than the device needs to run them. The first steps are ordinary ones. What is recorded reads a
    batch and the learning rates from places that stay the same; all else that a network computes
    must be the same for every batch.

    Parameters
    ----------
    step
        The step, all of whose batches are of one shape.
    device
        Where it is done.
    """

    def __init__(self, step: Step, device: torch.device) -> None:
        self.step, self.device = step, device
        self.done = 0
        self.stream = torch.cuda.Stream(device)
        self.generators = torch.cuda.Stream(device, priority=-1)  # small, and awaited
        for _, block in masked_blocks(step.model):
            block.mask = None  # one with a gradient would tie the weights to another queue
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, images: Tensor, labels: Tensor) -> Tensor:
        """Train on a batch; return its `FIGURES`, which the next step overwrites."""
        self.done += 1
        if self.done < ORDINARY:
            return self.ordinary(images, labels)
        if self.done == ORDINARY:
            with never_waiting():
                return self.ordinary(images, labels)
        if self.graph is None:
            self.graph = self.recorded(images, labels)
        self.images.copy_(images)
        self.labels.copy_(labels)
        for rate, group in zip(self.rates, self.step.optimizer.param_groups, strict=True):
            rate.fill_(group["lr"])
        with torch.cuda.device(self.device):
            self.graph.replay()
        return self.figures

    def ordinary(self, images: Tensor, labels: Tensor) -> Tensor:
        """Do one step beside the main stream, where the recording will be made."""
        main = torch.cuda.current_stream(self.device)
        self.stream.wait_stream(main)
        with torch.cuda.stream(self.stream), generators_beside(self.generators):
            figures = self.step(images, labels)
        main.wait_stream(self.stream)
        return figures

    def recorded(self, images: Tensor, labels: Tensor) -> torch.cuda.CUDAGraph:
        """Record a step, which does not run it; return the recording."""
        groups = self.step.optimizer.param_groups
        self.images, self.labels = images.clone(), labels.clone()
        self.rates = [torch.zeros((), device=images.device) for _ in groups]
        before = [group["lr"] for group in groups]
        graph = torch.cuda.CUDAGraph()
        try:
            for rate, group in zip(self.rates, groups, strict=True):
                group["lr"] = rate  # the recorded update reads it there
            recording = torch.cuda.graph(graph, stream=self.stream)
            with recording, generators_beside(self.generators):
                self.figures = self.step(self.images, self.labels)
        finally:
            for rate, group in zip(before, groups, strict=True):
                group["lr"] = rate
        return graph


@contextmanager
def never_waiting() -> Iterator[None]:
    """Refuse a network that waits for CUDA inside the block: its steps cannot be recorded.

    Raises
    ------
    UsageError
        Where the processor waits for a value of the device.
    """
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it does not find all that waits
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    except RuntimeError as error:
        raise UsageError(
            "compile=True records a step on CUDA, and this network's cannot be recorded: it looks "
            f"at values of the device ({str(error).splitlines()[0]}); train it without compile."
        ) from error
    finally:
        torch.cuda.set_sync_debug_mode(before)


def make_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    alpha: float,
    beta: float,
    amp: bool,
    compile: bool,
) -> Step | RecordedStep:
    """Return the step of a training: plain, compiled by torch (CPU) or recorded (CUDA).

    Only the call is parted or compiled: the network stays what it was, and is evaluated as it is.
    """
    device = next(model.parameters()).device
    whole = distributed.together(model)
    record = compile and device.type == "cuda" and distributed.count() == 1
    forward = torch.compile(whole, dynamic=False) if compile and not record else whole
    step = Step(model, forward, optimizer, alpha, beta, amp)
    return RecordedStep(step, device) if record else step


def total_loss(
    model: nn.Module, logits: Tensor, labels: Tensor, alpha: float, beta: float
) -> tuple[Tensor, Tensor]:
    """Return the loss to minimize and the batch's `FIGURES`, all still on the device."""
    loss = entropy = F.cross_entropy(logits.float(), labels)
    cohesion, coupling, rate = loss.new_zeros(()), loss.new_zeros(()), loss.new_ones(())
    if is_modular(model):
        batch = distributed.all_rows(masks(model))  # pairs of the whole batch
        cohesion, coupling = modularity_loss(batch, distributed.gathered(labels))
        loss = entropy + alpha * cohesion + beta * coupling
        rate = (torch.cat(batch, dim=1) > 0).float().mean()
    hits = (logits.argmax(dim=1) == labels).float().mean()
    return loss, torch.stack([loss, entropy, cohesion, coupling, rate, hits]).detach()

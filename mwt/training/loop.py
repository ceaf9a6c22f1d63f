"""One loop for standard training, modular training and fine-tuning."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from ..data import Dataset
from ..support.checks import check_bool, check_number
from ..support.errors import UsageError, choose
from ..support.given import check_callable, check_file
from ..support.memory import kept_memory
from ..support.precision import fastest_convolutions
from ..support.progress import progress_bar
from ..support.stopwatch import Stopwatch
from . import distributed
from .checking import check_data
from .checkpoint import Checkpoint, History
from .compiling import check_compiler
from .diverging import check_finite
from .logs import log_epoch, logs
from .predicting import validation_accuracy
from .seeding import seeded
from .stepping import FIGURES, make_step


def fit(
    model: nn.Module,
    train: Dataset,
    validation: Dataset,
    *,
    epochs: int = 200,
    lr: float = 0.05,
    batch_size: int = 128,
    schedule: str = "cosine",
    anneal_epochs: int | None = None,
    alpha: float = 0.5,
    beta: float = 1.5,
    keep: str = "last",
    seed: int = 0,
    amp: bool = False,
    channels_last: bool = False,
    compile: bool = False,
    checkpoint: Path | None = None,
    tensorboard: Path | None = None,
    on_epoch: Callable[[nn.Module], dict[str, float]] | None = None,
    label: str | None = "training",
) -> History:
    """Train a network in place: a modular one with the losses of modularity, else cross-entropy.

    SGD with Nesterov momentum 0.9 and no weight decay (section 4 of the paper). The loss of a
    modular network is ``cross-entropy + alpha * cohesion + beta * coupling``.

    Where `torchrun` has started several processes, all call it with the same arguments and each
    trains on its part of every batch; the losses are those of the whole batch.

    Parameters
    ----------
    model
        On the device of the data.
    train, validation
        Images to learn from; and images on which the accuracy of each epoch is measured, which
        choose the epoch where ``keep`` is ``"best"``.
    epochs
        Passes over the training data, at least 1.
    lr
        Learning rate: the first one of ``"cosine"``, the peak of ``"one-cycle"``; at least 0.
    batch_size
        Images a step, at least 1; the incomplete last batch of an epoch is left out.
    schedule
        ``"cosine"`` or ``"one-cycle"``, updated every step.
    anneal_epochs
        Epochs in which the cosine reaches zero, of which ``epochs`` are run; None: ``epochs``.
    alpha, beta
        Weights of the cohesion and the coupling loss, at least 0; no effect on a plain network.
    keep
        ``"last"``, or ``"best"`` for the weights of the epoch with the best validation accuracy.
    seed
        Of shuffling, augmentation and dropout, not of the weights' start; at least 0. The caller's
        random state is left as it was.
    amp
        Run the forward pass in bfloat16 where torch's autocast finds that safe.
    channels_last
        Keep images and weights in channels-last order, which some devices prefer; without effect
        where torch would compute wrongly (small strided 1 x 1 convolutions on a CPU).
    compile
        Make the step faster, for long trainings. On a CPU by `torch.compile`, which begins with a
        minute or two of compiling; results differ by rounding. On CUDA by recording the step once
        (a CUDA graph): for networks that do the same for every batch.
    checkpoint
        A file, written about every minute and at the end, from which the same call goes on where
        it was interrupted. One of another training is refused.
    tensorboard
        A folder to write TensorBoard logs to.
    on_epoch
        Called after each epoch; what it returns joins, or replaces, that epoch's figures. The time
        it takes is not training's.
    label
        What the progress line says; None: no progress line.

    Returns
    -------
    list of dict
        For each epoch: ``epoch``; ``seconds`` of the processor or the device since the start, and
        ``wall_seconds`` beside (`mwt.support.stopwatch`); means over the training batches of
        ``loss`` (the sum), ``cross_entropy``, ``cohesion`` and ``coupling`` (the losses; 0 for a
        plain network), ``kernel_rate`` (share of the mask values above 0; 1 for a plain network)
        and ``train_accuracy``, and ``validation_accuracy``.

    Raises
    ------
    UsageError
        For a number outside its range, an unknown schedule, data without images, a model that does
        not take them or has fewer outputs than they have classes, a checkpoint of another training,
        ``compile`` without a C++ compiler, or of a network on CUDA that cannot be recorded; and
        where the loss or a weight becomes NaN.
    """
    check_number("epochs", epochs, int, 1)
    check_number("batch_size", batch_size, int, 1)
    check_number("seed", seed, int, 0, GREATEST_SEED)
    for name, value in (("lr", lr), ("alpha", alpha), ("beta", beta)):
        check_number(name, value, (int, float), 0)
    choose("keep", keep, ("last", "best"))
    if anneal_epochs is not None and schedule != "cosine":
        raise UsageError(f"anneal_epochs goes with the schedule 'cosine', not {schedule!r}.")
    for name, switch in (("amp", amp), ("channels_last", channels_last), ("compile", compile)):
        check_bool(name, switch)
    checkpoint = check_file("checkpoint", checkpoint)
    check_callable("on_epoch", on_epoch)
    check_data(model, train, validation, batch_size)
    distributed.check_batch(min(batch_size, len(train)))
    device = train.images.device
    if compile:
        check_compiler(device)
    distributed.same_as_first(model)
    steps = len(train) // min(batch_size, len(train))
    optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9, nesterov=True, fused=True)
    scheduler = make_schedule(
        optimizer, schedule, steps * epochs, steps * (anneal_epochs or epochs)
    )
    if breaks_channels_last(model):
        channels_last = False
        model.to(memory_format=torch.contiguous_format)  # a module may come in the other order
    elif channels_last:
        model.to(memory_format=torch.channels_last)
    step = make_step(model, optimizer, alpha, beta, amp, compile)
    if not distributed.is_first():
        label, tensorboard = None, None
    history: History = []
    best: dict[str, Any] = {"accuracy": -1.0, "weights": None}
    with (
        seeded(seed, device),
        logs(tensorboard) as log,
        fastest_convolutions(),
        kept_memory(device, give_back=True),
    ):
        settings = {
            **{"epochs": epochs, "lr": lr, "batch_size": batch_size, "schedule": schedule},
            **{"anneal_epochs": anneal_epochs, "alpha": alpha, "beta": beta, "keep": keep},
            **{"seed": seed, "amp": amp, "channels_last": channels_last},
        }
        state = Checkpoint(checkpoint, model, optimizer, scheduler, history, best)
        state.restore(settings, train, validation)
        last = history[-1] if history else {"seconds": 0.0, "wall_seconds": 0.0}
        watch = Stopwatch(device, last["seconds"], last["wall_seconds"])
        with progress_bar(label, total=epochs * steps, done=len(history) * steps) as bar:
            for epoch in range(len(history), epochs):
                model.train()
                totals = torch.zeros(len(FIGURES), device=device)
                for batch in train.shuffled_batches(batch_size):
                    images, labels = distributed.part(*batch)
                    if channels_last:
                        images = images.contiguous(memory_format=torch.channels_last)
                    totals += step(images, labels)
                    scheduler.step()
                    bar.update()
                means = (distributed.mean(totals) / steps).tolist()
                row = dict(zip(FIGURES, means, strict=True))
                check_finite(model, row, epoch + 1, {"lr": lr, "alpha": alpha, "beta": beta})
                row["validation_accuracy"] = validation_accuracy(model, validation, amp)
                watch.pause()
                seconds, wall = watch.before
                row |= {"epoch": epoch + 1, "seconds": seconds, "wall_seconds": wall}
                if on_epoch:
                    row |= on_epoch(model)
                watch.begin()
                row = distributed.of_first(row)
                history.append(row)
                bar.set_postfix_str(f"validation {row['validation_accuracy']:.3f}", refresh=False)
                log_epoch(log, row)
                if keep == "best" and row["validation_accuracy"] > best["accuracy"]:
                    best["accuracy"] = row["validation_accuracy"]
                    best["weights"] = copy.deepcopy(model.state_dict())
                state.save_now_and_then()
        state.save()
    if keep == "best":
        model.load_state_dict(best["weights"])
    distributed.same_as_first(model)
    return history


def breaks_channels_last(model: nn.Module) -> bool:
    """Tell whether gradients in channels-last order would write outside of their memory.

    On processors without AVX-512, oneDNN (of torch 2.14) does so for the weights of 1 x 1
    convolutions with a stride that read fewer than 8 channels.
    """
    return any(
        isinstance(layer, nn.Conv2d)
        and layer.weight.device.type == "cpu"
        and layer.kernel_size == (1, 1)
        and layer.stride != (1, 1)
        and layer.in_channels < 8
        for layer in model.modules()
    )


GREATEST_SEED = 2**64 - 1  # of torch
SCHEDULES = ("cosine", "one-cycle")


def make_schedule(
    optimizer: torch.optim.Optimizer, schedule: str, steps: int, anneal_steps: int
) -> LRScheduler:
    """Return the schedule of the learning rate by its name, for so many steps."""
    if choose("schedule", schedule, SCHEDULES) == "one-cycle":
        peak = optimizer.param_groups[0]["lr"]
        return OneCycleLR(optimizer, peak, total_steps=steps + 1, cycle_momentum=False)
    return CosineAnnealingLR(optimizer, anneal_steps)

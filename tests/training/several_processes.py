"""What each of the processes of test_distributed.py does; started by torchrun, or alone."""

import sys
from pathlib import Path

import torch
from torch import distributed as dist
from torch import nn

import mwt
from mwt.data import Dataset
from mwt.masking.blocks import masked_blocks, masks
from mwt.training import distributed
from mwt.training.stepping import total_loss

KINDS = ("without batch norm", "frozen batch norm", "joint batch norm", "folded")
IMAGES = 24
SETTINGS = {"epochs": 2, "lr": 0.05, "batch_size": 8, "schedule": "one-cycle", "label": None}


def data():
    torch.manual_seed(1)
    images = torch.rand(IMAGES, 1, 32, 32) * torch.rand(IMAGES, 1, 1, 1)  # of any brightness
    images = (images * 255).to(torch.uint8)
    labels = torch.arange(IMAGES) % 3
    return Dataset(images, labels, tuple("abc"), (0.5,), (0.3,))


def network(kind):
    torch.manual_seed(0)
    if kind == "without batch norm":
        return mwt.models.simcnn(in_channels=1, num_classes=3, width=0.0625).eval()
    net = mwt.to_modular(mwt.models.resnet18(in_channels=1, num_classes=3, width=0.0625)).train()
    for _, block in masked_blocks(net):  # so that masks of different images differ
        nn.init.normal_(block.generator.excite.bias)
    if kind == "joint batch norm":
        return distributed.synchronized(net)
    if kind == "folded":
        use = mwt.sample_masks(net, data())
        kernels = sum(mask.shape[1] for mask in masks(net))
        module = mwt.extract(net, torch.rand(kernels) < 0.7, fold=use)
        return distributed.synchronized(module).train()
    for layer in net.modules():  # "frozen batch norm"
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()
    return net


def step(kind):
    """Loss and gradients of one step on all images, in double precision."""
    net, few = network(kind).double(), data()
    call = distributed.together(net)
    images, labels = distributed.part(few.normalized(few.images).double(), few.labels)
    loss, figures = total_loss(net, call(images), labels, 0.5, 1.5)
    loss.backward()
    gradients = torch.cat([p.grad.flatten() for p in net.parameters()])
    return {"figures": distributed.mean(figures), "gradients": gradients}


def training(folder):
    """What a whole training leaves."""
    net, few = network("joint batch norm"), data()
    history = mwt.fit(net, few, few, **SETTINGS, checkpoint=folder / "checkpoint.pt")
    return {
        "weights": torch.cat([t.flatten().float() for t in net.state_dict().values()]),
        "loss": torch.tensor([row["loss"] for row in history]),
        "validation": torch.tensor([row["validation_accuracy"] for row in history]),
    }


def main(folder, started):
    torch.set_num_threads(1)
    if started:
        dist.init_process_group("gloo")
    found = {kind: step(kind) for kind in KINDS}
    found["training"] = training(folder)
    torch.save(found, folder / f"{dist.get_rank() if started else 'alone'}.pt")
    if started:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), started=True)

# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start from trained weights
#
# You have a network that is trained already, your own or one of torchvision's. Must its modules be
# trained from nothing? No: `to_modular` keeps all weights, and training goes on from them. This page
# measures, on 5,000 real MNIST digits, what that saves, and what it does not save. It is a whole
# program with what it answers, about two minutes of computing.

# %% tags=["parameters", "hide-input"]
standard_epochs = 8  # of the training that somebody did before
short, long = 4, 12  # epochs of modular training

# %% [markdown]
# ## A trained network
#
# Here it is a small CNN, trained as usual on the cross-entropy alone. In its place you would build
# your own network and load its weights, such as `net.load_state_dict(torch.load("own.pth"))`. The
# images have 16 x 16 pixels, so that this page does not take long.

# %%
import pandas as pd
import torch
from torch import nn

import mwt
from mwt import report


class Net(nn.Module):
    def __init__(self, width=16):
        super().__init__()

        def block(inputs, kernels, size, stride=1):
            conv = nn.Conv2d(inputs, kernels, size, stride, padding=size // 2)
            return nn.Sequential(conv, nn.BatchNorm2d(kernels))

        self.stem = nn.Sequential(block(1, width, 3), nn.ReLU())
        self.left, self.right = block(width, 2 * width, 3, 2), block(width, 2 * width, 1, 2)
        self.third, self.fourth = block(2 * width, 4 * width, 3, 2), block(4 * width, 4 * width, 3)
        self.head = nn.Linear(4 * width, 10)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(self.left(x) + self.right(x))
        x = torch.relu(self.fourth(torch.relu(self.third(x))))
        return self.head(x.mean(dim=(2, 3)))


train, validation, test = mwt.data.load("mnist5k", size=16)
settings = {"lr": 0.2, "batch_size": 64, "schedule": "one-cycle", "label": None}
torch.manual_seed(0)
net = Net()
mwt.fit(net, train, validation, epochs=standard_epochs, **settings)
print(f"trained network: {mwt.accuracy(net, validation):.3f}")

# %% [markdown]
# ## What `to_modular` does to it
#
# The weights are the same, and the network is not. Each convolution has got a mask generator, which
# knows nothing yet: its weights are random, and its bias of 1 lets a kernel count tanh(1), about 0.76,
# on average. That disturbs every layer, so accuracy falls at once:

# %%
torch.manual_seed(1)
modular = mwt.to_modular(net)
assert torch.equal(modular.head.weight, net.head.weight)
print(f"modular, not trained on: {mwt.accuracy(modular, validation):.3f}")

# %% [markdown]
# ## Train on
#
# Modular training from the trained weights, beside modular training from nothing. All trainings have
# the same settings; only their lengths differ. After each epoch the modules of all classes are
# measured: kernel retention rate (KRR), cohesion and coupling at threshold 0.9, from 50 training images
# a class.

# %%
some = train.first(50)


def modularity(modular):
    samples = mwt.sample_masks(modular, some)
    modules = mwt.module_masks(samples, threshold=0.9)
    return {
        "accuracy": mwt.accuracy(modular, validation),
        "KRR": mwt.metrics.kernel_retention_rate(modules),
        "cohesion of modules": mwt.metrics.cohesion(mwt.sample_masks(modular, validation), modules),
        "coupling of modules": mwt.metrics.coupling(modules),
    }


def followed(start, modular, epochs):
    before = {"epoch": 0, **modularity(modular)}
    history = mwt.fit(modular, train, validation, epochs=epochs, on_epoch=modularity, **settings)
    return pd.DataFrame([before, *history])[list(before)].assign(start=start, epochs=epochs)


def begun(weights):
    torch.manual_seed(1)
    return mwt.to_modular(weights)


runs = []
for epochs in (short, long):
    torch.manual_seed(0)
    runs.append(followed("nothing", begun(Net()), epochs))
    runs.append(followed("trained weights", begun(net), epochs))
report.figures.starts(pd.concat(runs[2:]))

# %%
pd.concat(run.tail(1) for run in runs).set_index(["epochs", "start"]).drop(columns="epoch").round(3)

# %% [markdown]
# ## Could the fall be avoided?
#
# Two other starts keep the accuracy of the trained network. *Open*: a bias of 3 in place of 1, so that
# all masks begin near 1. *Even*: generators whose last weights are a tenth as large, so that all masks
# begin near tanh(1), and batch norms divided by that, so that nothing changes.

# %%
open_masks, even_masks = begun(net), begun(net)
with torch.no_grad():
    for _, block in mwt.masked_blocks(open_masks):
        block.generator.excite.bias.fill_(3)
    for _, block in mwt.masked_blocks(even_masks):
        block.generator.excite.weight.mul_(0.1)
        for values in (block.bn.weight, block.bn.bias):
            values.div_(torch.tensor(1.0).tanh())
others = [
    runs[1],
    followed("trained weights, masks open", open_masks, short),
    followed("trained weights, masks even", even_masks, short),
]
report.figures.starts(pd.concat(others))

# %% tags=["hide-input"]
report.Made(standard_epochs=standard_epochs, short=short, long=long)

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
# You have a network that is trained already: your own, or one of torchvision's. Must its modules be
# trained from nothing? No: `to_modular` keeps all weights, and training goes on from them. **It saves
# epochs of accuracy. It saves none of modularity**: the modules need as many epochs as from nothing, or
# more. This page measures both on 5,000 MNIST digits. It is a whole program with what it answers, two
# minutes of computing.

# %% tags=["parameters", "hide-input"]
standard_epochs = 8  # of the training that somebody did before
short_epochs = 4  # of a short modular training
epochs = 12  # of a long one

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
# The weights are the same, but the network computes something else. Each convolution but the first has
# got a mask generator, whose weights are random. Its bias is 1, so a mask value is about tanh(1), 0.76,
# more or less. That disturbs every layer, and accuracy falls at once. How far depends on the network: the
# more layers, the further.

# %%
torch.manual_seed(1)
modular = mwt.to_modular(net)
assert torch.equal(modular.head.weight, net.head.weight)
print(f"modular, not trained on: {mwt.accuracy(modular, validation):.3f}")

# %% [markdown]
# ## Train on
#
# Now the same modular training twice: from the trained weights, and from nothing. Both have the same
# settings, once for a few epochs and once for three times as many. After each epoch the modules of all
# classes are measured at threshold 0.9: kernel retention rate (KRR), cohesion and coupling. They are found
# from 50 training images a class; accuracy and cohesion are those of validation images.

# %%
some = train.first(50)


def modularity(modular):
    samples = mwt.sample_masks(modular, some)
    modules = mwt.module_masks(samples, threshold=0.9)
    return {
        "accuracy": mwt.accuracy(modular, validation),
        "KRR": mwt.metrics.kernel_retention_rate(modules),
        "cohesion": mwt.metrics.cohesion(mwt.sample_masks(modular, validation), modules),
        "coupling": mwt.metrics.coupling(modules),
    }


def followed(start, modular, length):
    before = {"epoch": 0, **modularity(modular)}
    history = mwt.fit(modular, train, validation, epochs=length, on_epoch=modularity, **settings)
    return pd.DataFrame([before, *history])[list(before)].assign(start=start, epochs=length)


def begun(weights):
    torch.manual_seed(1)
    return mwt.to_modular(weights)


runs = []
for length in (short_epochs, epochs):
    torch.manual_seed(0)
    runs.append(followed("nothing", begun(Net()), length))
    runs.append(followed("trained weights", begun(net), length))
report.figures.starts(pd.concat(runs[2:]))

# %% [markdown]
# Accuracy is back after one epoch from trained weights; from nothing that takes several. The modules are
# another matter. From nothing, kernels and classes find each other while the features are learned. Trained
# features serve all classes already, and are given up slowly: at the end KRR and coupling are higher than
# from nothing. The last epochs in numbers:

# %%
pd.concat(run.tail(1) for run in runs).set_index(["epochs", "start"]).drop(columns="epoch").round(3)

# %% [markdown]
# ## Could the fall be avoided?
#
# Two other starts keep the accuracy of the trained network. *Open*: a bias of 3 in place of 1, so that
# all masks begin near 1. *Even*: the last weights of the generators are a tenth as large, so that all
# masks begin near tanh(1), and the batch norms are divided by that, so that nothing changes.

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
    followed("trained weights, masks open", open_masks, short_epochs),
    followed("trained weights, masks even", even_masks, short_epochs),
]
report.figures.starts(pd.concat(others))

# %% [markdown]
# Both keep the accuracy at the start, and in these few epochs no module loses a single kernel. Masks that
# are the same for all images are as similar as masks can be: the coupling loss is at its maximum there,
# where its gradient is zero. The random start costs an epoch of accuracy, and it is what lets masks
# separate. So `to_modular` has no such option.
#
# ## What to do
#
# - Is the training of the standard network still to come? Then train the modular network from nothing.
# - Do you have trained weights that you cannot train again, such as of a large data set? Start from them,
#   and plan as many epochs as from nothing. Ask `mwt.report_card` whether the modules separate.
# - The command [`python -m mwt modularize`](../one-command.md) takes such weights with `--weights FILE`.
#
# All of this is one small network with one seed. The same was measured [for the networks of
# `quick`](../worth.md), and [what else moves modularity](separate.ipynb) setting by setting.

# %% tags=["hide-input"]
report.Made(standard_epochs=standard_epochs, short_epochs=short_epochs, epochs=epochs)

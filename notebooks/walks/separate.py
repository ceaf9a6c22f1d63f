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
# # When modules do not separate
#
# After modular training, the modules of a network are nearly the same for all classes. What now?
# This page trains one small network many times and changes one setting at a time: how long it is
# trained, beta (the weight of the coupling loss), the width of its layers, the learning rate, and
# the threshold. Then it says which number to look at, and what to do.
#
# For your own network, one call gives the answer: `mwt.report_card(modular, train, validation)`. Its advice
# follows what was measured here. Other data and other networks need other values, so take the advice as a
# direction in which to begin.

# %% tags=["parameters", "hide-input"]
epochs = 40  # of a training where something else is varied
lengths = [5, 10, 20, 40, 80]  # epochs
betas = [0, 0.5, 1.5, 3, 6, 12]  # weights of the coupling loss
widths = [4, 8, 16, 32]  # kernels of the first convolution
rates = [0.05, 0.1, 0.2, 0.4]  # learning rates: peaks of a one-cycle schedule
thresholds = [0.1, 0.3, 0.5, 0.7, 0.9, 1]
seeds = [0, 1, 2]  # trainings that differ in nothing else

# %% [markdown]
# ## The network and its usual settings

# %% tags=["hide-input"]
import pandas as pd
import torch
from torch import nn

import mwt
from mwt import report
from mwt.study import advice


class Net(nn.Module):
    def __init__(self, width):
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


train, validation, _ = mwt.data.load("digits")
usual = {"training length": epochs, "beta": 1.5, "width": 16, "learning rate": 0.4, "seed": 0}


def trained(settings, modular=True):
    torch.manual_seed(settings["seed"])
    net = Net(settings["width"])
    net = mwt.to_modular(net) if modular else net
    mwt.fit(
        *(net, train, validation),
        epochs=settings["training length"],
        beta=settings["beta"],
        lr=settings["learning rate"],
        seed=settings["seed"],
        batch_size=128,
        schedule="one-cycle",
        label=None,
    )
    return net


# %% [markdown]
# ## One setting at a time

# %% tags=["hide-input"]
varied = {
    "training length": lengths,
    "beta": betas,
    "width": widths,
    "learning rate": rates,
    "threshold": thresholds,
    "seed": seeds,
}
standard, modular = trained(usual, modular=False), trained(usual)
usual["threshold"] = 0.9
cards = {}
for setting, values in varied.items():
    for value in values:
        settings = usual | {setting: value}
        same = setting == "threshold" or value == usual[setting]
        net = modular if same else trained(settings)
        cards[setting, value] = mwt.report_card(
            net, train, validation, settings["threshold"], standard=standard
        )
measured = pd.DataFrame(
    {
        "setting": setting,
        "value": value,
        "usual": value == usual[setting],
        "accuracy": card.accuracy,
        "kernel_retention_rate": card.kernel_retention_rate,
        "cohesion": card.cohesion,
        "coupling": card.coupling,
        "shared": card.shared,
        "advice": " ".join(card.advice),
    }
    for (setting, value), card in cards.items()
)
report.figures.knobs(measured, mwt.accuracy(standard, validation))

# %% tags=["hide-input"]
report.tables.knobs(measured)

# %% [markdown]
# Training length is in epochs. Width is the number of kernels of the first convolution; the last
# layers have four times as many.
#
# ## The recipe

# %% tags=["hide-input"]
print(
    f"High coupling: {advice.SEPARATE:g} or more. Low KRR: {advice.IN_USE:g} or less. "
    f"Low cohesion: below {advice.ALIKE:g}.\n"
    f"Few kernels in a layer: fewer than {advice.NARROW:g} for each class, on average."
)

# %% [markdown]
# Look at **coupling** first. Is it high? (`mwt.report_card` says so.) Then look at the **kernel
# retention rate** (KRR): the two together show which case you have.
#
# Coupling high, KRR high
# : Most kernels are still in use for every image. Training ended before the masks of different classes became
#   different, or nothing pushed them apart. Train longer first; then raise the learning rate or beta.
#
# Coupling high, KRR high, and few kernels in a layer
# : There are too few kernels, so the classes have to share them. Make the network wider.
#
# Coupling high, KRR low
# : The masks have only pruned the network: all classes use the few kernels that are left, and accuracy is
#   lost, too. Lower beta.
#
# Coupling high only at the highest thresholds
# : Modules lose the kernels that tell the classes apart, because not every image uses these kernels. Lower
#   the threshold.
#
# Cohesion low
# : The images of a class do not use all of its module. Raise the threshold.
#
# All three good, accuracy too low
# : Modularity costs accuracy. Train longer, make the network wider, or lower beta.
#
# **Training length**: a longer training lowers coupling and costs hardly any accuracy. Accuracy is good long
# before the modules are. When accuracy no longer rises, the masks may still need time.
#
# **Beta** must not be too small and not too large. At 0, nothing separates the classes. If it is too large,
# most kernels are switched off, the same ones for all classes, and accuracy falls.
#
# **Width**: a layer needs clearly more kernels than there are classes. Beyond that, more width
# changes little.
#
# **Cohesion** alone says nothing. It is highest if every image uses every kernel.
#
# ## Three report cards
#
# The training is too short:

# %% tags=["hide-input"]
cards["training length", lengths[0]]

# %% [markdown]
# Beta is too large. Accuracy is lost, and the modules do not separate:

# %% tags=["hide-input"]
cards["beta", betas[-1]]

# %% [markdown]
# The usual settings. All classes share the early layers; each has kernels of its own in the late ones.

# %% tags=["hide-input"]
cards["seed", seeds[0]]

# %% tags=["hide-input"]
report.Made(**usual, **{f"varied {name}": values for name, values in varied.items()})

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
# # Use it on your own CNN
#
# `to_modular` finds each convolution whose output goes into a batch norm and nowhere else, and gives it a
# mask generator. It returns a modular copy with the same weights; your network stays as it was. What
# follows is a whole program with its output, one to two minutes of computing. It needs [the project and
# its packages](../reproduce.md). Paste the cells into a notebook or a file, or run
# `papermill notebooks/walks/own-cnn.ipynb out.ipynb`.
#
# **What you gain and lose.** A module has fewer parameters and multiply-adds than your network. It is not
# always faster, and modular training can cost accuracy. This page shows an easy case, digits of 8 x 8 pixels.
# On CIFAR-10 it costs more: see [what it costs](../costs.md) and [whether modules work](../modules.md).
#
# ## A network
#
# This stands for a network of your own. Two of its paths are added, as in a ResNet:

# %%
import torch
from torch import nn

import mwt
from mwt import report  # draws the module masks


def block(inputs, kernels, size, stride=1):
    conv = nn.Conv2d(inputs, kernels, size, stride, padding=size // 2)
    return nn.Sequential(conv, nn.BatchNorm2d(kernels))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(block(1, 24, 3), nn.ReLU())
        self.left, self.right = block(24, 48, 3, stride=2), block(24, 48, 1, stride=2)
        self.third, self.fourth = block(48, 96, 3, stride=2), block(96, 96, 3)
        self.head = nn.Linear(96, 10)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(self.left(x) + self.right(x))
        x = torch.relu(self.fourth(torch.relu(self.third(x))))
        return self.head(x.mean(dim=(2, 3)))


# %% [markdown]
# ## Train it twice
#
# The network is trained once as it is, for comparison, and once with modular training. `mwt.data.load` also
# knows `mnist5k`, `cifar10` and `svhn`, and takes the path of a folder with a folder of images for each
# class. Tensors that you have in memory are wrapped in three `mwt.data.Dataset`s, for training, validation
# and test: `Dataset(images, labels, classes, mean, std)` with images as a uint8 tensor `(N, C, H, W)`, labels
# as int64 `(N,)`, the names of the classes, and mean and deviation per channel of images in [0, 1].

# %%
train, validation, test = mwt.data.load("digits")
settings = {"epochs": 40, "lr": 0.2, "batch_size": 64, "schedule": "one-cycle"}
torch.manual_seed(0)
standard = Net()
modular = mwt.to_modular(standard)
convolutions = sum(isinstance(part, nn.Conv2d) for part in standard.modules())
masked = [name for name, _ in mwt.masked_blocks(modular)]
print(f"{len(masked)} of {convolutions} convolutions are masked: {', '.join(masked)}")
mwt.fit(standard, train, validation, **settings, label="standard network")
history = mwt.fit(modular, train, validation, **settings, label="modular network")
for epoch in (1, 10, 20, 30, 40):
    row = history[epoch - 1]
    print(
        f"epoch {epoch:2}: accuracy {row['validation_accuracy']:.3f}, "
        f"masks above 0: {row['kernel_rate']:.0%}, coupling loss {row['coupling']:.2f}"
    )

# %% [markdown]
# The first line says which convolutions have a mask. The first convolution of a network has none, and
# neither has one that is not followed by batch norm; such layers stay whole in every module. The other
# lines have the accuracy on validation images, and the share of the mask values that are above 0: the
# kernels in use. Accuracy is high early. The masks take longer: from epoch to epoch an image uses fewer
# kernels, and images of different classes use kernels that differ more. For a long training, give a file,
# `mwt.fit(..., checkpoint=Path("run.pt"))`: after an interruption the same call continues from it.
#
# ## How modular is it?
#
# The module of a class has the kernels that at least 90% of the class's training images use. One call
# measures the modules of all classes and says what to do if they are not what you want. While you choose
# settings, give it validation images:

# %%
card = mwt.report_card(modular, train, validation, threshold=0.9, standard=standard)
print(card)

# %% [markdown]
# As the last line of a notebook's cell, `card` alone gives a table. If your modules do not separate, there
# is [a recipe, from measurements](separate.ipynb).
#
# ## See the modules
#
# Say which classes you want to tell apart, here 3, 7 and 9. What they need is the union of their
# modules.

# %%
wanted = [3, 7, 9]
samples = mwt.sample_masks(modular, train)
modules = mwt.module_masks(samples, threshold=0.9)
union = mwt.compose(modules, wanted)
report.figures.module_masks(modules, samples, 0.9, train.classes, wanted)

# %% [markdown]
# In the first layers all classes use the same kernels. In the last layers each class has kernels of its own.
#
# ## Cut out what you need
#
# A module is a smaller network. Its output `i` is the logit of the `i`-th class that you named.
# Its weights are a copy: you can fine-tune it with `mwt.fit`, as any network. It can be cut in three
# forms:
#
# | form | what you write | its masks | without training |
# | --- | --- | --- | --- |
# | with generators | `generators=True` | computed for each image | computes what the modular network does with these kernels |
# | folded | `fold=samples` | fixed, part of batch norm | [often not accurate](../modules.md): measure it |
# | plain, as in the paper | nothing more | none | mostly not accurate: fine-tune it |

# %%
module = mwt.extract(modular, union, wanted, generators=True)
folded = mwt.extract(modular, union, wanted, fold=samples)
plain = mwt.extract(modular, union, wanted)
part = test.subset(wanted)
print(f"standard network, on these classes: {mwt.accuracy(standard, part, wanted):.3f}")
print(f"modular network, on these classes:  {mwt.accuracy(modular, part, wanted):.3f}")
print(f"module with its generators: {mwt.accuracy(module, part):.3f}")
print(f"module, folded:             {mwt.accuracy(folded, part):.3f}")
print(f"module, plain:              {mwt.accuracy(plain, part):.3f}")
own, held_out = train.subset(wanted), validation.subset(wanted)
mwt.fit(plain, own, held_out, epochs=3, lr=0.01, batch_size=64, label=None)
print(f"module, plain, fine-tuned:  {mwt.accuracy(plain, part):.3f}")
print(f"kernels kept: {int(union.sum())} of {len(union)}")

# %% [markdown]
# ## What it costs, before and after
#
# Parameters, multiply-adds for an image, and the time of a forward pass. The percentages compare each with
# the standard network.

# %%
networks = {
    "standard network": standard,
    "modular network": modular,
    "module with its generators": module,
    "module, folded or plain": folded,
}
images = test.normalized(test.images[:100])
times = mwt.metrics.latency(list(networks.values()), images)
size, work = mwt.metrics.parameters(standard), mwt.metrics.flops(standard, test.shape)
print(f"{'':28}{'parameters':>18}{'multiply-adds':>20}{'time':>8}")
for (name, network), seconds in zip(networks.items(), times, strict=True):
    parameters, flops = mwt.metrics.parameters(network), mwt.metrics.flops(network, test.shape)
    print(
        f"{name:28}{parameters:>10,} ({parameters / size:>4.0%})"
        f"{flops:>13,} ({flops / work:>4.0%})  {seconds / times[0]:>6.0%}"
    )

# %% [markdown]
# The time is for 100 images, on the machine that is named at the end of the page. The generators cost the
# modular network parameters and time. A module keeps a part of them; a folded or a plain one keeps none.
#
# ## What can be followed
#
# Channels are followed through convolution (strides, dilation, depthwise or in groups), batch norm,
# activations, pooling, resizing, dropout, flatten, mean over the image, linear layers, sums, products and
# concatenations, written as modules, functions or methods. This is enough for torchvision's ResNets, VGGs
# with batch norm, DenseNet, GoogLeNet, MobileNetV2, MNASNet and EfficientNet:

# %%
from torchvision.models import mobilenet_v2

large = mwt.to_modular(mobilenet_v2(num_classes=10))
print(
    f"MobileNetV2: {sum(block.kernels for _, block in mwt.masked_blocks(large)):,} masked kernels"
)

# %% [markdown]
# What becomes of each part of the network in a module:
#
# | part of the network | in the module |
# | --- | --- |
# | convolution with batch norm | loses the kernels that are not kept, and the inputs that are not there |
# | depthwise convolution | a kept channel stays; if its input was removed, it reads zeros |
# | convolution in groups | keeps all of its channels, since all groups have one size; those not kept are zeros |
# | sum | has the channels of both sides |
# | product, squeeze-and-excitation | has the channels that both sides have |
# | sigmoid, PReLU, batch norm alone | what is missing is put back as zeros |
# | channels split, selected or moved (channel shuffle, `chunk`, transposed convolution) | gets the missing channels back as zeros, and stays whole up to the next block |
#
# For all of these parts, with mask generators or without, the outputs equal those of the network with the
# same kernels masked to zero. Tests check this for the networks above, at their own image sizes, and for
# random networks.
#
# `to_modular` cuts a few modules and compares them with the masked network before it returns. What cannot be
# exact is refused there, before any training. An example is a network that decides by values what it
# computes. The message gives the reason and what to do instead:


# %%
class Deciding(Net):
    def forward(self, x):
        x = self.left(self.stem(x))
        if x.mean() > 0:
            x = -x
        return self.head(x.mean(dim=(2, 3)))


try:
    mwt.to_modular(Deciding())
except mwt.UnsupportedLayer as error:
    print(error)

# %% [markdown]
# A layer class of your own, such as an activation, works as it is if its `forward` uses operations of the
# table.
#
# [The next page](own-data.ipynb) goes from a folder of images to a file that you can ship.

# %% tags=["hide-input"]
report.Made()

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
# # From a published network to a module
#
# The weights of two networks come with the project. Both are a ResNet18 of half the paper's width,
# trained on CIFAR-10: one the usual way, one with modular training (profile `cifar10`). They were trained
# for 30 epochs, the paper's for 200, so they are less accurate than the paper's.
#
# You need no training: a module is cut out of the modular network in ten lines. What follows is a whole
# program with its output, some minutes of computing. It needs [the project and its
# packages](../reproduce.md) and CIFAR-10, which is downloaded if it is not there. Paste the cells into a
# notebook or a file, or run `papermill notebooks/walks/pretrained.ipynb out.ipynb`.
#
# ## A module in ten lines
#
# The module is for three classes: cats, dogs and horses.

# %%
import mwt

modular = mwt.pretrained("resnet18-cifar10")
train, _, test = mwt.data.load("cifar10")  # downloaded, if need be
classes = [train.classes.index(name) for name in ("cat", "dog", "horse")]
samples = mwt.sample_masks(modular, train.subset(classes))  # minutes
union = mwt.module_masks(samples, threshold=0.9).any(dim=0)
module = mwt.extract(modular, union, classes=classes, generators=True)
print(f"module: {mwt.accuracy(module, test.subset(classes)):.3f}")
print(f"kernels: {int(union.sum())} of {len(union)}")

# %% [markdown]
# The first line is the module's accuracy on the test images of its three classes. The second line says how
# many of the masked kernels it keeps.
#
# ## Compare it
#
# `"standard"` asks for the network that was trained the usual way. Both large networks choose among the three
# classes only, as the module does. The last line is the paper's plain cut, without mask generators: such a
# module is often much less accurate, and has to be fine-tuned.

# %%
standard = mwt.pretrained("resnet18-cifar10", "standard")
plain = mwt.extract(modular, union, classes=classes)
part = test.subset(classes)
print(f"{'':22}{'accuracy':>9}{'parameters':>12}{'multiply-adds':>15}")
for name, network, among in (
    ("standard network", standard, classes),
    ("modular network", modular, classes),
    ("module", module, None),
    ("module, plain", plain, None),
):
    parameters, flops = mwt.metrics.parameters(network), mwt.metrics.flops(network, test.shape)
    print(f"{name:22}{mwt.accuracy(network, part, among):9.3f}{parameters:12,}{flops:15,}")

# %% [markdown]
# ## See it
#
# A row for each class, a column for each kernel. The last row is the union of the three modules: the
# kernels that `module` keeps.

# %%
from mwt import report  # draws the module masks

modules, names = mwt.module_masks(samples, threshold=0.9), part.classes
report.figures.module_masks(modules, samples, 0.9, names, range(len(names)))

# %% [markdown]
# `module` is a plain network: [save it as a file](own-data.ipynb), fine-tune it, or cut it in [another
# form](own-cnn.ipynb).
#
# ## The card
#
# Each network has a card, a dictionary that says how it was made: data and classes, the mean and deviation
# by which images are normalized, all settings with the seed, the time of the training and the machine,
# commit, date and versions, the accuracy on the test images, the digest of the file, and the licence.
# The cards lie beside the weights, in the folder `weights/`. Some of what this one says:

# %%
for name in ("dataset", "test_accuracy", "test_images", "date", "licence"):
    print(f"{name}: {modular.card[name]}")
print(f"width: {modular.card['settings']['width']}, epochs: {modular.card['settings']['epochs']}")

# %% [markdown]
# The weights are in half precision. They were rounded before anything was measured, so every number that
# this book gives for these networks can be measured again from the files.

# %% tags=["hide-input"]
report.Made()

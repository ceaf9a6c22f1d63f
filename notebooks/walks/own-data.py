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
# # From a folder of images to a module you can ship
#
# You have images, sorted into a folder for each class. You want a small network that tells a few of the
# classes apart, as a file that others can use without your code. What follows is a whole program with its
# output, one to two minutes of computing. It needs [the project and its packages](../reproduce.md). Paste
# the cells into a notebook or a file, or run `papermill notebooks/walks/own-data.ipynb out.ipynb`. A module
# knows only its own classes: a picture of another class also gets the name of one of them.
#
# ## The images
#
# The program needs a folder to work on. This cell makes one from scikit-learn's digits. If you have a folder
# of your own, leave the cell out and write your folder's name instead of `pictures`. Images may be grey or
# RGB, of any size.

# %%
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_digits

names = ["zero", "one", "two", "three", "four"]
digits = load_digits(n_class=5)
for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
    folder = Path("pictures") / names[label]
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray((pixels * 255 / 16).astype("uint8")).convert("RGB")
    image.save(folder / f"{number:03}.png")

# %% [markdown]
# `mwt.data.load` takes the folder's path. The names of the class folders become the names of the
# classes, in the order of the alphabet. Of each class, 70% of the images are for training, 10% for
# validation and 20% for the test, always the same ones. If the folder has the folders `train` and `test`
# (and perhaps `validation`), that split is used.

# %%
import mwt
from mwt import report  # draws the module masks

train, validation, test = mwt.data.load("pictures", size=32)
print(train.classes, len(train), len(validation), len(test))

# %% [markdown]
# The folders of a split can have other names: `training`, `testing`, `valid`, `val` and `dev` are
# known too, in capitals or not. `load` stops with a sentence when the names are not clear, for example
# when there is a `val` and a `valid`, or when a folder of pictures would be left out. Pictures of 10,
# 12, 14 or 16 bits keep their levels: the brightest picture of the whole folder decides which of these
# it is, and all pictures are scaled by the same factor.
#
# `size` is the side of the images that the network sees: the middle square of each file, resized. You
# can leave it out if all files are squares of one size. Here the files have 8 x 8 pixels, too few for
# the network below, which halves its images five times. If a mirrored image shows the same class, as in
# photographs, write `flip=True`: training then sees both.
#
# ## The network
#
# Any network that [can be followed](own-cnn.ipynb) will do. This one is torchvision's ResNet with one
# block at each of its four widths (ResNet18 has two). It is new and untrained: it learns its classes and its
# modules at the same time. torchvision's networks take RGB images. If all files are grey, the data have one
# channel, and the first convolution is replaced.

# %%
import torch
from torchvision.models.resnet import BasicBlock, ResNet

torch.manual_seed(0)
net = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=len(train.classes))
if train.shape[0] == 1:
    net.conv1 = torch.nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
modular = mwt.to_modular(net)
epochs = 14
history = mwt.fit(
    modular, train, validation, epochs=epochs, lr=0.2, batch_size=32, schedule="one-cycle"
)
for row in history[1::3]:
    print(
        f"epoch {row['epoch']:2}: accuracy {row['validation_accuracy']:.3f}, "
        f"masks above 0: {row['kernel_rate']:.0%}, coupling loss {row['coupling']:.2f}"
    )

# %% [markdown]
# ## How modular is it?
#
# The module of a class has the kernels that at least 90% of the class's training images use.

# %%
report_card = mwt.report_card(modular, train, validation, threshold=0.9)
print(report_card)

# %% [markdown]
# The [glossary](../glossary.md) explains the words. If your modules do not separate, there is [a recipe, from
# measurements](separate.ipynb).
#
# ## The module
#
# Cut out what tells `one`, `two` and `four` apart: the union of their modules, which is the last row of the
# picture.

# %%
wanted = [train.classes.index(name) for name in ("one", "two", "four")]
samples = mwt.sample_masks(modular, train)
modules = mwt.module_masks(samples, threshold=0.9)
union = mwt.compose(modules, wanted)
module = mwt.extract(modular, union, wanted, generators=True)
report.figures.module_masks(modules, samples, 0.9, train.classes, wanted)

# %% [markdown]
# `generators=True` keeps the mask generators, and cuts them, too. Without training, the module computes what
# the modular network does with these kernels. `fold=samples` instead replaces the generators by fixed
# factors. Such a module is smaller and faster, but folding can fail: it can lose much accuracy, above all
# with many classes or difficult images ([measured on CIFAR-10](../modules.md)). So measure it, as below, and
# if it is not accurate enough, keep the generators or fine-tune. These are the costs of both, beside those
# of the ResNet as it was built:

# %%
folded = mwt.extract(modular, union, wanted, fold=samples)
networks = {"ResNet": net, "module": module, "module, folded": folded}
images = test.normalized(test.images[:50])
times = mwt.metrics.latency(list(networks.values()), images)
print(f"{'million':14}{'parameters':>12}{'multiply-adds':>16}{'time':>8}")
for (name, network), seconds in zip(networks.items(), times, strict=True):
    parameters, flops = mwt.metrics.parameters(network), mwt.metrics.flops(network, test.shape)
    print(f"{name:14}{parameters / 1e6:12.2f}{flops / 1e6:16.2f}{seconds / times[0]:8.0%}")
print(f"kernels: {int(union.sum())} of {len(union)}")

# %% [markdown]
# Use the test set only for final numbers, such as these. Choose the threshold and everything else by the
# accuracy on validation images.

# %%
part = test.subset(wanted)
print(f"modular network: {mwt.accuracy(modular, part, wanted):.3f}")
print(f"module: {mwt.accuracy(module, part):.3f}")
print(f"module, folded: {mwt.accuracy(folded, part):.3f}")

# %% [markdown]
# ## Keep it
#
# A module is saved as two files: its weights, and a description of its layers with a card that says what a
# user must know. The card's classes are in the order of the outputs.

# %%
from mwt import shipping

card = shipping.Card.of(part, threshold=0.9)
shipping.save(module, "small", card)
for file in sorted(Path("small").iterdir()):
    print(f"{file}: {file.stat().st_size:,} bytes")

# %% [markdown]
# To load the folder `small`, one needs mwt, but neither torchvision nor this program. A folder from a
# stranger is safe to load: nothing is unpickled, and the description can name only layers and arithmetic.
# The loaded module computes exactly the same, and can be fine-tuned with `mwt.fit`:

# %%
loaded, card = shipping.load("small")
images = card.normalized(test.images[:8])
assert torch.equal(loaded(images), module(images))
print(card.classes)

# %% [markdown]
# ## Ship it
#
# As an ONNX file a module runs without mwt and torch: in ONNX Runtime, from Python, C++, Java or in a
# browser. The export needs the packages onnx, onnxruntime and onnxscript, which `make setup` installs.
# Before it writes the file, it checks that ONNX Runtime gives the same outputs as the module.
# (`shipping.export_program` writes torch's own format instead.)

# %%
shipping.export_onnx(module, "small/module.onnx", card)

# %% [markdown]
# The file takes normalized images, and says with which mean and deviation to normalize. From here on only
# the file and a picture are used:

# %%
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("small/module.onnx")
metadata = session.get_modelmeta().custom_metadata_map
facts = {name: json.loads(value) for name, value in metadata.items()}
channels, height, width = facts["input_shape"]


def recognized(file):
    image = Image.open(file).convert("RGB" if channels == 3 else "L")
    pixels = np.asarray(ImageOps.fit(image, (width, height))).reshape(height, width, channels)
    pixels = (pixels / 255 - facts["mean"]) / facts["std"]
    images = pixels.transpose(2, 0, 1)[None].astype(np.float32)
    (logits,) = session.run(["logits"], {"images": images})
    return facts["classes"][logits[0].argmax()]


for name in facts["classes"]:
    files = sorted(Path("pictures", name).iterdir())
    hits = sum(recognized(file) == name for file in files)
    print(f"{name}: {hits} of {len(files)} pictures recognized by the ONNX file")

# %% [markdown]
# These are all pictures of the three classes, and most of them were used in training. So the accuracy to
# report is the one above, on test images. A picture of another class also gets one of the three names: the
# module knows no others.

# %% tags=["hide-input"]
report.Made()

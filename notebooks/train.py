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
# # Training: standard and modular
#
# Modular training gives every masked convolution a *mask generator*, which decides for each image
# how much each kernel counts. Two losses shape the masks while the network learns its classes:
# **cohesion** pulls the masks of images of one class together, **coupling** pushes the masks of
# different classes apart. This page trains the same network both ways, from the same data. It shows
# what modularity costs in accuracy, and how far the masks separate.

# %% tags=["parameters", "hide-input"]
model = "resnet18"  # "vgg16", "simcnn", "rescnn"
dataset = None  # "mnist5k", "digits", "cifar10", "svhn", a folder of images; None: the profile's
profile = "quick"  # a file in profiles/
seeds = None  # [0, 1, 2], "0,1,2" or "all"; None here and below: the profile's, of seeds the first
device = "auto"  # "cpu", "cuda", "cuda:1"
threshold = None  # operating point, in (0, 1]
target_classes = None  # sub-task: [0, 1, 2], "0,1,2" or "0 1 2"
epochs = None
lr = None
standard_lr = None  # of the standard network, where it needs another
batch_size = None
width = None  # multiplier of the network's channels
image_size = None  # side of the images in pixels
alpha = None  # weight of the cohesion loss
beta = None  # weight of the coupling loss
released = None  # the authors' weights file, or their data folder, in place of training
tensorboard = None  # a folder for TensorBoard logs of what is trained here

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
report.banner(study)

# %% tags=["hide-input"]
networks = [stages.both_networks(config, study.device, tensorboard) for config in study.configs]
report.figures.training_curves(networks[0].trained)

# %% tags=["hide-input"]
of_seeds = [[*rows.of_training(both)] for both in networks]
report.tables.networks(table(study, of_seeds))

# %% [markdown]
# The modular network contains mask generators, so it has more parameters. A module that is cut out
# of it keeps the generators of its kernels, or none.
#
# ## What the training is for
#
# The table has the same networks in one column: how few kernels a class needs at the chosen
# threshold, and how accurate a module of the sub-task is, beside the whole standard model.

# %% tags=["hide-input"]
for config, found in zip(study.configs, of_seeds, strict=True):
    at = (config, study.threshold)
    found += rows.of_modules([stages.modularized(*at, study.device)])
    module = stages.reused(*at, study.classes, study.device, finetune=False, costs=False)
    found += rows.of_reuse([module])
results = table(study, of_seeds)
report.tables.summary(results, study)

# %% tags=["hide-input"]
Record(study, results)

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
# # Reuse: modules for a sub-task
#
# To reuse a network for some of its classes, unite the modules of these classes and cut the kept
# kernels out. The result is a smaller network. It has four forms, which are compared with the
# standard model, whose answers are restricted to the same classes:
#
# - **with generators**: the module keeps its mask generators, which are cut, too. It computes what
#   the modular network does with these kernels;
# - **plain**: without generators, as the paper cuts it, before any training;
# - **folded**: without generators; the average masks of the sub-task are multiplied into batch
#   norm. This needs no training;
# - **fine-tuned**: the paper's form, a plain cut with a new head, trained on the sub-task.
#
# The sub-tasks grow: each one begins with the target classes, as many of them as its size allows.

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
subtask_sizes = None  # numbers of classes: [2, 3], "2,3"
finetune_epochs = None
finetune_lr = None

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
report.banner(study)

# %% tags=["hide-input"]
of_seeds = []
for config in study.configs:
    found = stages.reuse_study(config, study.threshold, study.subtasks, study.device)
    both = stages.both_networks(config, study.device)
    of_seeds.append([*rows.of_training(both), *rows.of_reuse(found)])
results = table(study, of_seeds)
report.figures.reuse(results)

# %% tags=["hide-input"]
report.tables.subtasks(results)

# %% tags=["hide-input"]
Record(study, results)

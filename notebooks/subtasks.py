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
# # Many sub-tasks
#
# One sub-task says little, because some classes are easier to tell apart than others. Here several
# sub-tasks of every size are drawn at random. The module of each is compared with the standard
# model on the same classes. Look at the mean, and at how wide its interval is.

# %% tags=["parameters", "hide-input"]
model = "resnet18"  # "vgg16", "simcnn", "rescnn"
dataset = None  # "mnist5k", "digits", "cifar10", "svhn", a folder of images; None: the profile's
profile = "quick"  # a file in profiles/
seeds = None  # [0, 1, 2], "0,1,2" or "all"; None here and below: the profile's, of seeds the first
device = "auto"  # "cpu", "cuda", "cuda:1"
threshold = None  # operating point, in (0, 1]
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
per_size = None  # how many sub-tasks of each size
finetune = None  # True: fine-tune every module too, as the paper does; it takes long
finetune_epochs = None
finetune_lr = None

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
report.banner(study)

# %% tags=["hide-input"]
found = [
    stages.subtask_study(
        config, study.threshold, study.random_subtasks, study.device, study.finetune
    )
    for config in study.configs
]
results = table(study, [rows.of_reuse(modules) for modules in found])
report.figures.many_subtasks(results)

# %% tags=["hide-input"]
report.tables.many_subtasks(results)

# %% tags=["hide-input"]
Record(study, results)

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
# # Research question 4: the threshold
#
# The threshold decides which kernels a module keeps: those that at least this share of the class's
# images use. A higher threshold gives smaller modules. The paper reports for ResNet18 on CIFAR-10:
# when the threshold rises from 0.1 to 0.9, KRR and coupling fall, cohesion rises, and the accuracy
# of a module of three classes hardly changes. This page measures the same for the network trained
# here.

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
thresholds = None  # of the sweep: [0.1, 0.5, 0.9], "0.1,0.5,0.9"
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
    sweep = stages.threshold_sweep(config, study.thresholds, study.classes, study.device)
    modules, of_subtask = zip(*sweep, strict=True)
    of_seeds.append([*rows.of_modules(modules), *rows.of_reuse(of_subtask)])
results = table(study, of_seeds)
report.figures.threshold_study(results, study)

# %% tags=["hide-input"]
report.tables.thresholds(results, study)

# %% [markdown]
# ## The operating point

# %% tags=["hide-input"]
report.tables.operating_point(results, study)

# %% tags=["hide-input"]
Record(study, results)

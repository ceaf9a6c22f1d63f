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
# # Is a module worth it?
#
# A module saves kernels. Does it save time, and is it better than what is simpler? The simple way
# to a small network for a few classes is to train one on these classes alone. So each module is
# compared with such a network. It has the module's architecture, is as narrow as it must be to cost
# the module's multiply-adds, and is trained with the standard network's settings on the images of
# the sub-task. Costs are those of networks of the full width, with the masks that were found here:
# each kernel stands for as many as the full network has for it. Costs do not depend on weights,
# which are random there. Times are those of networks that were made fast for inference
# (`mwt.shipping.optimized`), the standard network and the modules alike.

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
small = None  # sizes for which a small network is trained: True for all, False for none, or "2,3"
finetune_epochs = None
finetune_lr = None

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
report.banner(study)

# %% tags=["hide-input"]
of_seeds = [
    rows.of_worth(
        stages.worth_study(config, study.threshold, study.priced, study.device, study.small)
    )
    for config in study.configs
]
results = table(study, of_seeds)
report.figures.worth(results)

# %% tags=["hide-input"]
report.tables.worth(results)

# %% tags=["hide-input"]
Record(study, results)

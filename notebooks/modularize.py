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
# # Modularizing: a module for each class
#
# A kernel's *frequency* for a class is the share of the class's training images whose mask uses it.
# The **module** of a class keeps the kernels whose frequency reaches the threshold. Three numbers
# say how modular the result is: the **kernel retention rate** (KRR, share of the kernels that a
# module keeps; low is good), **cohesion** (how alike the masks within a class are; high is good)
# and **coupling** (how much the modules of different classes overlap; low is good). The same three
# numbers are measured for the standard network, where a kernel counts as used if it fires. The
# comparison shows what modular training changed.

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

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
report.banner(study)

# %% tags=["hide-input"]
pairs = [
    [
        stages.modularized(config, study.threshold, study.device, method)
        for method in ("standard", "modular")
    ]
    for config in study.configs
]
standard, result = pairs[0]
report.figures.module_masks_picture(result, study.classes)

# %% tags=["hide-input"]
results = table(study, [rows.of_modules(pair) for pair in pairs])
report.tables.before_and_after(results, study)

# %% tags=["hide-input"]
report.figures.modularity_by_class(result, standard)

# %% tags=["hide-input"]
report.tables.by_class(result, study)

# %% [markdown]
# ## Layer by layer

# %% tags=["hide-input"]
layers = report.tables.by_layer(result, result.sampled.test)
report.figures.modularity_by_layer(layers)

# %% tags=["hide-input"]
report.tables.layers(layers)

# %% tags=["hide-input"]
Record(study, results)

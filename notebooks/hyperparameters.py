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
# # Alpha and beta: how much modularity weighs
#
# The loss is cross-entropy + α · cohesion loss + β · coupling loss. Here the modular network is
# trained once for every pair of weights, and its modules are measured at the operating point. With
# β = 0 nothing pushes the masks of different classes apart. The larger β is, the fewer kernels the
# classes share. The paper's setting is α = 0.5, β = 1.5.

# %% tags=["parameters", "hide-input"]
model = "resnet18"  # "vgg16", "simcnn", "rescnn"
dataset = None  # "mnist5k", "digits", "cifar10", "svhn", a folder of images; None: the profile's
profile = "quick"  # a file in profiles/
seeds = None  # [0, 1, 2], "0,1,2" or "all"; None here and below: the profile's, of seeds the first
device = "auto"  # "cpu", "cuda", "cuda:1"
threshold = None  # operating point, in (0, 1]
epochs = None
lr = None
batch_size = None
width = None  # multiplier of the network's channels
image_size = None  # side of the images in pixels
alphas = None  # weights of the cohesion loss: [0.5, 1], "0.5,1"
betas = None  # weights of the coupling loss

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals(), grid=True)
report.banner(study)

# %% tags=["hide-input"]
grids = [
    stages.hyperparameter_grid(config, study.alphas, study.betas, study.threshold, study.device)
    for config in study.configs
]
results = table(study, [rows.of_hyperparameters(grid) for grid in grids])
report.figures.hyperparameters(results)

# %% tags=["hide-input"]
report.tables.hyperparameters(results)

# %% tags=["hide-input"]
Record(study, results)

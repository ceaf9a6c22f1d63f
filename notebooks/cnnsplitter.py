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
# # CNNSplitter beside MwT
#
# CNNSplitter is the paper's baseline. It modularizes *after* training: it takes the standard
# network, and a genetic algorithm with a population for each class searches for the kernels of the
# class's module. Here both systems start from the same data and the same kind of network.
# CNNSplitter's modules run side by side; each gives a logit for its own class, and the largest
# logit is the prediction. MwT has one module for a sub-task, the union of the modules of its
# classes.
#
# CNNSplitter's search sees only validation images. The longer it searches, the better it gets. The
# line below says how long it searched here. The published search is much longer and begins with
# fewer kernels; the parameter `-p published True` runs it.

# %% tags=["parameters", "hide-input"]
model = "simcnn"  # or "rescnn"
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
published = None  # True: CNNSplitter's search as published
population = None  # solutions of each class in the search
generations = None  # of the search
precision = None  # of the search: "float32", "bfloat16"; None: bfloat16 where the processor has it

# %% tags=["hide-input"]
from mwt import cnnsplitter, report
from mwt.results import Record, rows, table
from mwt.study import parameters, stages

study = parameters.read(globals())
config = study.config
settings = cnnsplitter.settings_for(config.model, config.dataset, **study.search)
settings = settings.resolved(study.device)
report.banner(study, report.search_in_words(settings))

# %% tags=["hide-input"]
found = [stages.split(config, settings, study.device) for config in study.configs]
report.figures.search_progress(found[0])

# %% tags=["hide-input"]
of_seeds = []
for config, split in zip(study.configs, found, strict=True):
    both = stages.both_networks(config, study.device)
    modules = stages.modularized(config, study.threshold, study.device)
    reuse = stages.reuse_study(config, study.threshold, study.subtasks, study.device)
    splits = stages.split_reuse(config, settings, study.subtasks, study.device)
    of_seeds.append(
        [
            *rows.of_training(both),
            *rows.of_modules([modules]),
            *rows.of_reuse(reuse),
            *rows.of_splitting(split, splits, both.trained["standard"]),
        ]
    )
results = table(study, of_seeds)
report.tables.systems(results, study)

# %% [markdown]
# ## Reuse

# %% tags=["hide-input"]
report.figures.side_by_side(results)

# %% tags=["hide-input"]
report.tables.side_by_side(results)

# %% tags=["hide-input"]
kernels = (found[0].masks.shape[1], modules.modules.shape[1])
report.tables.costs_side_by_side(results, *kernels)

# %% [markdown]
# ## What others report

# %% tags=["hide-input"]
report.tables.reported_splitting(study)

# %% tags=["hide-input"]
Record(study, results, settings)

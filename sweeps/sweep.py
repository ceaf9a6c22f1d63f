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
# # A grid of networks: accuracy and kernels kept
#
# Each network was trained with other settings. A good network is accurate, and its modules keep
# few kernels. Often one costs the other. A network is on the **Pareto front** if no other network
# of the grid is at least as good in both, and better in one. Only these are worth a choice.

# %% tags=["parameters", "hide-input"]
grid = "sweeps/example.yaml"
table = None  # a CSV file to write the numbers to
threshold = None  # operating point, in (0, 1]; None: the grid's or the profile's

# %% tags=["hide-input"]
from mwt import report
from mwt.results import Made, sweeps
from mwt.study import stages
from mwt.study.sweeps import load_sweep

sweep = load_sweep(grid, threshold)
points = sweeps.measured(sweep, stages.modular_networks(sweep.studies))
points.to_csv(table, index=False) if table else None
networks = sweeps.over_seeds(points, sweep.varied)
report.figures.pareto(networks)

# %% tags=["hide-input"]
report.tables.pareto(networks, sweep.varied)

# %% tags=["hide-input"]
Made(sweep.studies[0].device, grid=grid)

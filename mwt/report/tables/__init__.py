"""The tables of the notebooks and pages, aligned and rounded for reading."""

from .alpha_beta import hyperparameters
from .forms import forms_table, shortfalls
from .grids import pareto
from .modularity import before_and_after, by_class, by_layer, layers
from .paper import Here, paper_tables
from .recipe import knobs
from .reusing import many_subtasks, operating_point, subtasks, thresholds
from .small_networks import worth
from .splitting import costs_side_by_side, reported_splitting, side_by_side, systems
from .trainings import findings, networks, summary

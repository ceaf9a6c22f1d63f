"""The tables of the notebooks and pages, aligned and rounded for reading."""

from .forms import forms_table, shortfalls
from .hyperparameters import hyperparameters
from .modularity import before_and_after, by_class, by_layer, layers
from .networks import findings, networks, summary
from .paper import Here, paper_tables
from .reuse import many_subtasks, operating_point, subtasks, thresholds
from .splitting import costs_side_by_side, reported_splitting, side_by_side, systems

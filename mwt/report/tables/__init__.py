"""The tables of the notebooks and pages, aligned and rounded for reading."""

from .hyperparameters import hyperparameters
from .modularity import before_and_after, by_class, by_layer, layers
from .networks import findings, networks, summary
from .paper import paper
from .reuse import many_subtasks, operating_point, subtasks, thresholds
from .splitting import reported_splitting, side_by_side, systems

__all__ = [
    "before_and_after",
    "by_class",
    "by_layer",
    "findings",
    "hyperparameters",
    "layers",
    "many_subtasks",
    "networks",
    "operating_point",
    "paper",
    "reported_splitting",
    "side_by_side",
    "subtasks",
    "summary",
    "systems",
    "thresholds",
]

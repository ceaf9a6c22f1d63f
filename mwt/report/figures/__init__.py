"""The figures of the notebooks; every function takes results and returns what a cell shows."""

from .alpha_beta import hyperparameters
from .grids import pareto
from .modularity import (
    modularity_by_class,
    modularity_by_layer,
    module_masks,
    module_masks_picture,
)
from .own_training import history
from .recipe import knobs
from .reusing import many_subtasks, reuse
from .small_networks import worth
from .splitting import search_progress, side_by_side
from .starting import starts
from .threshold import threshold_study
from .training import training_curves

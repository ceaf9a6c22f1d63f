"""The stages of the study as functions; each looks into the store of runs first."""

from .exploring import small_subtasks
from .hyperparameters import hyperparameter_grid, modular_networks
from .measuring import both_networks, scored
from .modularizing import modularized, sampled
from .networks import network, trained
from .reuse import reuse_study, reused, subtask_study, threshold_sweep
from .splitting import split, split_reuse
from .worth import worth_study

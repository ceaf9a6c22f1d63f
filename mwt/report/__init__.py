"""What the pages show: figures, tables, and how they were made."""

from . import figures, tables
from .record import Record, banner, in_words
from .results import table
from .rows import of_grid, of_modules, of_reuse, of_splitting, of_training

__all__ = [
    "Record",
    "banner",
    "figures",
    "in_words",
    "of_grid",
    "of_modules",
    "of_reuse",
    "of_splitting",
    "of_training",
    "table",
    "tables",
]

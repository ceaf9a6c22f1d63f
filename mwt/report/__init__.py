"""What the pages show: figures, tables, and what was run."""

# Under the names by which the published notebooks call them; results are in a room of their own.
from ..results import Made, Record, table
from ..results.rows import of_hyperparameters as of_grid
from ..results.rows import of_modules, of_reuse, of_splitting, of_training
from . import figures, tables
from .banners import banner
from .banners import search_in_words as in_words

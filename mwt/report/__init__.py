"""What the pages show: figures, tables, and what was run."""

from ..results import Made
from . import figures, tables
from .banners import banner, search_in_words

"""What the pages show: figures, tables, and what was run."""

from . import figures, tables
from .banner import banner, search_in_words

__all__ = ["banner", "figures", "search_in_words", "tables"]

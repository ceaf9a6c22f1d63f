"""What the command ``modularize`` shows: a summary in the terminal, and a page."""

from .page import page, write_page
from .summary import summary

"""What the command ``modularize`` shows: a summary in the terminal, and a page."""

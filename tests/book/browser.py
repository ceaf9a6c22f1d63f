"""Where the project is, and the browser of this machine, if there is one."""

from pathlib import Path

from mwt.report.pdf import installed

ROOT = Path(__file__).parents[2]
CHROMIUM = installed()

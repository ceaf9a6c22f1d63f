"""Where the project is, and the browser of this machine, if there is one."""

import shutil
from pathlib import Path

from mwt.report.pdf import BROWSERS

ROOT = Path(__file__).parents[2]
CHROMIUM = next((found for name in BROWSERS if (found := shutil.which(name))), None)

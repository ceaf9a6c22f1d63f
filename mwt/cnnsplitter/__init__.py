"""CNNSplitter, the modularizing-after-training baseline (ASE 2022)."""

from . import downloads, modules
from .evaluation import own_logits
from .genes import Layout, layout_of
from .importance import kernel_importance
from .searching import Found, search
from .settings import PUBLISHED, Settings, settings_for

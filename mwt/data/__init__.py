"""Data sets as tensors on the device."""

from .dataset import Dataset, check_dataset
from .loading import class_names, identity, is_folder, load, short_name

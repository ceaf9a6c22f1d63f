"""The authors' files that take the place of trainings: which they are, and whether they fit."""

from pathlib import Path

from torch import nn

from .. import released
from ..data import is_folder
from ..data.sources import SOURCES
from ..support.errors import UsageError
from .config import Config


def released_files(path: str, config: Config, num_classes: int) -> tuple[tuple[str, str], ...]:
    """Return the authors' file for each method, after a look at whether it fits.

    Parameters
    ----------
    path
        One weights file, or the authors' ``data`` folder, in which those of the settings are found.
    config
        The settings.
    num_classes
        Of the data set.

    Raises
    ------
    UsageError
        If a file does not fit the network or the data set.
    """
    if Path(path).expanduser().is_dir():
        names = (config.model, config.dataset, config.lr, config.batch_size)
        found = released.find_files(path, *names, config.alpha, config.beta)
    else:
        found = {released.method(path): Path(path).expanduser()}
    for method, file in found.items():
        net = released.load(file, config.model, config.width)
        if not isinstance(net, nn.Module):
            raise UsageError(f"{file} holds {method}, no network: give the file of a network.")
        matrices = [p for p in net.parameters() if p.dim() > 1]
        known = not is_folder(config.dataset)
        channels = len(SOURCES[config.dataset].mean) if known else matrices[0].shape[1]
        if (matrices[0].shape[1], matrices[-1].shape[0]) != (channels, num_classes):
            raise UsageError(
                f"{file} holds a network for {matrices[0].shape[1]} channels and "
                f"{matrices[-1].shape[0]} classes, but {config.dataset} has {channels} and "
                f"{num_classes}: give the data set that it was trained on."
            )
    return tuple((method, str(file)) for method, file in sorted(found.items()))

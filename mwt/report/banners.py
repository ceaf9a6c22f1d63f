"""The line at the top of every executed notebook: what was run, and what it is not."""

import html
from pathlib import Path
from statistics import mean

from IPython.display import HTML

from ..cnnsplitter import Settings, settings_for
from ..data import short_name
from ..results.names import display_name
from ..study.config import METHODS, Config
from ..study.parameters import Study
from ..study.profiles import load_profile
from ..study.store import find_run


def banner(study: Study, more: str = "") -> HTML:
    """Return the line that says on every page what was run, and what it is not."""
    config = study.config
    return HTML(
        f'<p class="mwt-banner"><strong>{display_name(config.model)}</strong> on '
        f"<strong>{html.escape(display_name(short_name(config.dataset)))}</strong>, "
        f"profile <strong>{study.profile}</strong>, "
        f"width {config.width:g}, images of {config.image_size} × {config.image_size}, "
        f"{config.epochs} epochs, {seeds_in_words(study)}. "
        f"{html.escape(f'{study.about} {more}')}{weights_from(config)}{found_published(study)}</p>"
    )


def found_published(study: Study) -> str:
    """Say that networks were not trained here, where they come with the project."""
    found = [find_run("trained", config, method) for config in study.configs for method in METHODS]
    if not any(run.finished() and run.published for run in found):
        return ""
    return " Its networks were not trained here: they are published with the project."


def seeds_in_words(study: Study) -> str:
    """Return which seeds there are, of which the first is shown where not all can be."""
    seeds = [str(config.seed) for config in study.configs]
    return f"one run (seed {seeds[0]})" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"


def search_in_words(settings: Settings) -> str:
    """Say what CNNSplitter's search was given."""
    sensitive, other = (
        ", ".join(f"{ratio:g}" for ratio in ratios)
        for ratios in (settings.ratios_sensitive, settings.ratios_other)
    )
    return (
        f"CNNSplitter searches with {settings.population} solutions a class for "
        f"{settings.generations} generations; its first modules begin with {sensitive} of the "
        f"kernel groups in sensitive layers and {other} in others. Solutions are scored on "
        + (
            f"{settings.images} validation images of each class."
            if settings.images
            else "all validation images."
        )
    )


def search_budget(study: Study) -> str:
    """Say what CNNSplitter was given otherwise than in its paper, and whom that favours."""
    model = load_profile(study.profile)["cnnsplitter"]["models"][0]
    here = settings_for(model, study.config.dataset, **study.search)
    published = settings_for(model, study.config.dataset)
    text = search_in_words(here)
    if here.population * here.generations < published.population * published.generations:
        text += (
            f" The published search has {published.population} solutions and "
            f"{published.generations} generations: so short a one favours CNNSplitter in time, and "
            "MwT in accuracy."
        )
    if begins_with(here) > begins_with(published):
        text += (
            " The published one begins with fewer kernels, and a short search ends about where it "
            "begins: that favours CNNSplitter in accuracy, and MwT in kernels."
        )
    return text


def begins_with(settings: Settings) -> float:
    """Return the mean of the ratios of kernel groups that first solutions switch on."""
    return mean((*settings.ratios_sensitive, *settings.ratios_other))


def weights_from(config: Config) -> str:
    """Say which weights were not trained here."""
    files = [f"{method} from <code>{Path(path).name}</code>" for method, path in config.released]
    return f" Weights of the paper's authors: {', '.join(files)}." if files else ""

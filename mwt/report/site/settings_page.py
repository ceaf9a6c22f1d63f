"""``{mwt-settings}``: how the runs of this book differ from the paper's settings."""

import html
from collections.abc import Callable, Sequence

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ...results.names import display_name
from ...study import parameters
from ...study.config import Config
from ...study.profiles import PAPER, load_profile
from ..tables.base import html_table
from ..tables.claim_texts import headed
from .directives import ResultsDirective
from .origin import figure_node

ROWS: dict[str, Callable[[Config], object]] = {
    "width": lambda config: f"{config.width:g}",
    "epochs": lambda config: config.epochs,
    "learning rate, modular": lambda config: f"{config.learning_rate('modular'):g}",
    "learning rate, standard": lambda config: f"{config.learning_rate('standard'):g}",
    "its schedule": lambda config: config.schedule,
    "batch": lambda config: config.batch_size,
    "α, β": lambda config: f"{config.alpha:g}, {config.beta:g}",
    "image side": lambda config: config.image_size,
    "start of modular networks": lambda config: config.initialization,
    "precision of training": lambda config: precision(config),
    "epochs of fine-tuning": lambda config: config.finetune_epochs,
}


class Settings(ResultsDirective):
    """A column for the paper's settings and for each profile of the book."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        names = [one.name for one in self.profiles() if one.name != PAPER]
        columns = {PAPER: column(PAPER)} | {name: column(name) for name in names}
        frame = pd.DataFrame(columns).rename_axis("setting")
        caption = (
            f"The paper's settings are those of the profile <code>{PAPER}</code>. Where a cell has "
            "four values, they are for ResNet18, VGG16, SimCNN and ResCNN, in this order."
        )
        return [figure_node(html_table(frame, caption, kind="mwt-words", escape=False))]


def column(name: str) -> pd.Series:
    """Return the settings of a profile, as text."""
    profile = load_profile(name)
    configs = [
        parameters.read({"profile": name, "model": model}).config
        for model in ("resnet18", "vgg16", "simcnn", "rescnn")
        if model in profile["models"]
    ]
    data = ", ".join(map(display_name, profile["datasets"]))
    texts = {"data": data} | {label: values(configs, of) for label, of in ROWS.items()}
    texts |= {"seeds": str(len(profile["seeds"]))}
    return pd.Series({label: headed(name, html.escape(text)) for label, text in texts.items()})


def values(configs: Sequence[Config], of: Callable[[Config], object]) -> str:
    """Return a setting of all networks: once, if it is the same for all."""
    found = [str(of(config)) for config in configs]
    return found[0] if len(set(found)) == 1 else ", ".join(found)


def precision(config: Config) -> str:
    """Say in which precision networks are trained."""
    return (
        "bfloat16 where the device computes with it"
        if config.training_precision == "auto"
        else f"{config.training_precision} (on CUDA, convolutions in TF32)"
    )


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-settings", Settings)

"""How modular a network of one's own is, in one call, and what to do about it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .. import metrics
from ..data import Dataset
from ..masking.samples import sample_masks
from ..masking.selection import check_threshold, module_masks
from ..support.errors import UsageError
from ..training.predicting import accuracy
from .advice import USUAL, Measures, advice

PARTS = 4  # into which the layers are divided: few lines, however deep the network


@dataclass(frozen=True)
class LayerGroup:
    """Neighbouring masked layers, in the order of the network.

    Attributes
    ----------
    name
        Of the layer, or ``first … last``.
    kernels
        How many they have.
    kernel_retention_rate, coupling
        Of the modules within these layers, in [0, 1].
    """

    name: str
    kernels: int
    kernel_retention_rate: float
    coupling: float


@dataclass(frozen=True, repr=False)
class ReportCard:
    """What `report_card` measured: text when printed, a table in a notebook.

    Attributes
    ----------
    images, classes, threshold
        What it was measured with: how many images, of how many classes.
    accuracy, standard_accuracy
        Of the modular network, and of the standard one if that was given, else None.
    kernel_retention_rate, cohesion, coupling
        Of the class modules, in [0, 1].
    kernels, kept, common
        Numbers of masked kernels: all of them, those in at least one module, those in every module.
    layers
        The same network in at most four groups of layers.
    advice
        One to three sentences.
    """

    images: int
    classes: int
    threshold: float
    accuracy: float
    standard_accuracy: float | None
    kernel_retention_rate: float
    cohesion: float
    coupling: float
    kernels: int
    kept: int
    common: int
    layers: tuple[LayerGroup, ...]
    advice: tuple[str, ...]

    @property
    def shared(self) -> float:
        """Of the kernels that are in any module, the share that is in all."""
        return self.common / self.kept

    @property
    def unused(self) -> int:
        """Number of kernels in no module."""
        return self.kernels - self.kept

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, value and meaning of each number."""
        beside = self.standard_accuracy
        return [
            (
                "accuracy",
                f"{self.accuracy:.3f}",
                f"on {self.images:,} images"
                + ("" if beside is None else f"; standard network {beside:.3f}"),
            ),
            (
                "KRR",
                f"{self.kernel_retention_rate:.3f}",
                "share of the kernels that a module keeps; low is good",
            ),
            ("cohesion", f"{self.cohesion:.3f}", "how alike a class's masks are; high is good"),
            ("coupling", f"{self.coupling:.3f}", "how much modules overlap; low is good"),
            (
                "shared by all",
                f"{self.shared:.0%}",
                f"{self.common:,} of {self.kept:,} kept kernels; low is good",
            ),
            ("in no module", f"{self.unused:,}", f"of {self.kernels:,} masked kernels"),
        ]

    def layer_rows(self) -> list[tuple[str, str, str]]:
        """Return layers, coupling and what is kept of each group of layers."""
        return [
            (
                group.name,
                f"{group.coupling:.3f}",
                f"{group.kernels:,} kernels, of which a module keeps "
                f"{group.kernel_retention_rate:.0%}",
            )
            for group in self.layers
        ]

    @property
    def title(self) -> str:
        """What was measured."""
        return f"Modules of {self.classes} classes at threshold {self.threshold:g}"

    def __str__(self) -> str:
        """Return the card as text."""
        named = [(f"coupling in {name}", *rest) for name, *rest in self.layer_rows()]
        rows = [*self.rows(), *named]
        wide, value = (max(len(row[column]) for row in rows) for column in (0, 1))
        lines = [f"  {a:{wide}}  {b:>{value}}  {c}" for a, b, c in rows]
        return "\n".join([self.title, *lines, *self.advice])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def lines(tag: str, *rows: tuple[str, str, str]) -> str:
            return "".join(
                f"<tr>{''.join(f'<{tag}>{html.escape(text)}</{tag}>' for text in row)}</tr>"
                for row in rows
            )

        head = lines("th", ("measure", "value", "meaning"))
        body = lines("td", *self.rows())
        layers = lines("th", ("in the layers", "coupling", "kernels"))
        layers += lines("td", *self.layer_rows())
        return (
            '<figure class="mwt-figure" style="margin: 1em 0">'
            '<div tabindex="0" style="overflow-x: auto">'
            f'<table class="mwt-table mwt-card"><thead>{head}</thead><tbody>{body}</tbody>'
            f"<tbody>{layers}</tbody></table></div><figcaption>{self.title}. "
            f"<strong>{html.escape(' '.join(self.advice))}</strong></figcaption></figure>"
        )


def report_card(
    modular: nn.Module,
    train: Dataset,
    data: Dataset,
    threshold: float = 0.9,
    *,
    standard: nn.Module | None = None,
    batch_size: int = 125,
) -> ReportCard:
    """Measure how modular a network is, and say what to do if its modules do not separate.

    The advice follows rules whose limits were measured on a small network
    (``notebooks/walks/separate.ipynb``): a first thing to try, not a proof.

    Parameters
    ----------
    modular
        A trained network of `to_modular`.
    train
        The training data, from which the modules are found: at least one image of every class.
    data
        What accuracy and cohesion are measured on: the validation data while you still choose, the
        test data at the end. At least one image of every class.
    threshold
        Of the modules, in (0, 1].
    standard
        The same network trained without modules; its accuracy is put beside.
    batch_size
        Images a forward pass.

    Returns
    -------
    ReportCard
        Prints as text, and shows as a table in a notebook.

    Raises
    ------
    UsageError
        For a threshold outside (0, 1], a network that is not modular, data of other classes than
        the training data or of one class only, or a class without an image.
    """
    check_threshold(threshold)
    if train.classes != data.classes or len(train.classes) < 2:
        raise UsageError(
            f"training data of {len(train.classes)} classes and other data of "
            f"{len(data.classes)}: give two parts of the same data, of at least two classes."
        )
    samples = sample_masks(modular, train, batch_size)
    modules = module_masks(samples, threshold)
    kept, common = modules.any(dim=0), modules.all(dim=0)
    right = accuracy(modular, data)
    beside = None if standard is None else accuracy(standard, data)
    sizes = [kernels for _, kernels in samples.layers]
    found = Measures(
        metrics.kernel_retention_rate(modules),
        metrics.cohesion(sample_masks(modular, data, batch_size), modules),
        metrics.coupling(modules),
        int(common.sum()) / int(kept.sum()),
        threshold,
        metrics.coupling(module_masks(samples, USUAL)),
        float(np.mean(sizes)) / len(modules),
        None if beside is None else beside - right,
    )
    return ReportCard(
        len(data),
        len(modules),
        threshold,
        right,
        beside,
        found.kernel_retention_rate,
        found.cohesion,
        found.coupling,
        len(kept),
        int(kept.sum()),
        int(common.sum()),
        grouped(modules, samples.layers),
        advice(found),
    )


def grouped(modules: Tensor, layers: Sequence[tuple[str, int]]) -> tuple[LayerGroup, ...]:
    """Return at most `PARTS` groups of neighbouring layers."""
    by_layer = modules.split([size for _, size in layers], dim=1)
    groups = []
    for numbers in np.array_split(np.arange(len(layers)), min(PARTS, len(layers))):
        first, last = layers[numbers[0]][0], layers[numbers[-1]][0]
        within = torch.cat([by_layer[number] for number in numbers], dim=1)
        groups.append(
            LayerGroup(
                first if first == last else f"{first} … {last}",
                within.shape[1],
                metrics.kernel_retention_rate(within),
                metrics.coupling(within),
            )
        )
    return tuple(groups)

"""CNNSplitter's search: ten populations in lock-step for the modules that work best together."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..data import Dataset
from ..metrics import jaccard, mean_jaccard
from ..support.checks import check_number
from ..support.errors import UsageError
from ..support.precision import DTYPES
from ..support.progress import progress_bar
from ..support.stopwatch import Stopwatch
from .ensembles import (
    ACCURACY_WEIGHT,
    DIFFERENCE_WEIGHT,
    Scoring,
    accuracy_weight,
    cooperate,
)
from .evaluation import own_logits
from .genes import Layout, layout_of
from .importance import kernel_importance
from .population import first_population, next_population, ranked
from .settings import Settings
from .state import START, State, identity_of, read_state


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    bits
        ``(classes, genes)`` uint8, the solutions of the best ensemble of all generations.
    masks
        ``(classes, K)`` bool, the kernels of its modules, in the order of ``layout.names``.
    accuracy
        Of the ensemble on the search's data, computed in float32.
    difference
        Mean of 1 - Jaccard index over pairs of its modules.
    generation
        In which it was found, counted from 1.
    history
        For each generation: ``generation``; ``accuracy``, ``difference`` and ``fitness`` of its
        best ensemble, the fitness with that generation's weight of accuracy; ``seconds``, of the
        processor on a CPU and of the device on CUDA, and ``wall_seconds``, both since the start,
        without what was lost in an interruption.
    populations
        ``(classes, P, genes)`` uint8, of the last generation.
    importance
        For each class, for each convolution ``(kernels,)``: what orders the groups.
    layout
        Names, kernels and gene blocks of the convolutions.
    """

    bits: np.ndarray
    masks: Tensor
    accuracy: float
    difference: float
    generation: int
    history: list[dict[str, float]]
    populations: np.ndarray
    importance: list[list[Tensor]]
    layout: Layout


def search(
    net: nn.Module,
    data: Dataset,
    settings: Settings,
    seed: int = 0,
    folder: Path | None = None,
    label: str | None = "searching modules",
) -> Found:
    """Search for each class the kernels of its module (CNNSplitter, ASE 2022, section 3).

    Parameters
    ----------
    net
        A trained SimCNN or ResCNN with an output for each class, on the device of the data; it is
        left as it was.
    data
        Validation data, at least two classes and an image of each.
    settings
        As `settings_for` returns them; a precision of ``auto`` is resolved for the data's device.
    seed
        At least 0. The same seed gives the same populations on the same machine.
    folder
        Where the state is written after each generation: the same call goes on from there, and ends
        with the populations of a search that was never interrupted. A search begun in another
        precision is another one: name it in the settings to go on elsewhere. None: nowhere.
    label
        What the progress line says; None: no progress line.

    Returns
    -------
    Found
        The ensemble of the greatest ``0.9 * accuracy + 0.1 * difference`` over all generations, the
        earliest of equal ones. The weight of accuracy is the same for all here, unlike within a
        generation: else generations would not compare.

    Raises
    ------
    UsageError
        For another network, other numbers of classes, a class without image, or a folder that
        holds another search.
    """
    check_number("seed", seed, int, 0)
    settings = settings.resolved(data.images.device)
    data = data.first(settings.images) if settings.images else data
    identity = identity_of(net, data, settings, seed)
    state = read_state(folder, identity) if folder else START
    last = state.history[-1] if state.history else {"seconds": 0.0, "wall_seconds": 0.0}
    watch = Stopwatch(data.images.device, last["seconds"], last["wall_seconds"])
    steps = Search(net, data, settings, seed)
    total = settings.generations
    with progress_bar(label, total=total, done=state.generation) as bar:
        while state.generation < total:
            state = steps.next(state, watch)
            if folder:
                state.save(folder, identity)
            row = state.history[-1]
            bar.set_postfix_str(f"accuracy {row['accuracy']:.3f}", refresh=False)
            bar.update()
    return steps.found(state)


class Search:
    """A search's fixed parts, and what one generation does."""

    def __init__(self, net: nn.Module, data: Dataset, settings: Settings, seed: int) -> None:
        self.layout = layout_of(net)
        self.classes = len(data.classes)
        outputs = [m.out_features for m in net.modules() if isinstance(m, nn.Linear)][-1]
        if self.classes < 2 or outputs != self.classes:
            raise UsageError(
                f"{self.classes} classes of data for a network with {outputs} outputs: CNNSplitter "
                "needs as many of the one as of the other, and at least 2."
            )
        blocks = len(self.layout.blocks)
        if any(position >= blocks for position in settings.sensitive):
            raise UsageError(
                f"sensitive gene blocks {settings.sensitive}: this network has 0 to {blocks - 1}."
            )
        self.net, self.settings, self.seed = net, settings, seed
        self.images, self.labels = data.normalized(data.images), data.labels
        self.importance = kernel_importance(net, data)

    def next(self, state: State, watch: Stopwatch) -> State:
        """Score the next generation's solutions and return where the search stands then."""
        populations = self.populations(state)
        masks = torch.stack([self.masks(c, population) for c, population in enumerate(populations)])
        logits, sets = self.logits(masks, state), masks.flatten(0, 1)
        last = state.history[-1]["accuracy"] if state.history else None
        scoring = Scoring(
            logits=logits,
            labels=self.labels,
            jaccard=jaccard(sets, sets),
            settings=self.settings,
            weight=accuracy_weight(self.settings.gamma, last),
            # Breeding put last generation's best into the first rows.
            champion=self.labels.new_zeros(self.classes) if state.history else None,
        )
        result = cooperate(scoring, self.random(state.generation, self.classes))
        every = np.arange(self.classes)
        fitness = result.fitness.copy()
        fitness[every, result.best] = np.inf
        order = np.stack([ranked(row)[: self.settings.kept] for row in fitness])
        seconds, wall_seconds = watch.read()
        row = {
            "generation": state.generation + 1,
            "accuracy": result.accuracy,
            "difference": result.difference,
            "fitness": result.ensemble_fitness,
            "seconds": seconds,
            "wall_seconds": wall_seconds,
        }
        score = ACCURACY_WEIGHT * result.accuracy + DIFFERENCE_WEIGHT * result.difference
        better = score > state.winners_score
        return State(
            populations=populations,
            fitness=fitness,
            carried=logits.cpu().numpy()[every[:, None], order],
            winners=populations[every, result.best] if better else state.winners,
            winners_generation=state.generation + 1 if better else state.winners_generation,
            winners_score=score if better else state.winners_score,
            history=[*state.history, row],
        )

    def random(self, generation: int, stream: int) -> np.random.Generator:
        """Return the random numbers of a generation for a class, or for what comes after them."""
        return np.random.default_rng([self.seed, generation, stream])

    def populations(self, state: State) -> np.ndarray:
        """Return the next generation's populations ``(classes, P, genes)``."""
        streams = [self.random(state.generation, c) for c in range(self.classes)]
        if not state.history:
            return np.stack([first_population(self.layout, self.settings, rng) for rng in streams])
        before = zip(state.populations, state.fitness, streams, strict=True)
        return np.stack(
            [next_population(p, f, self.settings, int(rng.integers(2**32))) for p, f, rng in before]
        )

    def masks(self, label: int, bits: np.ndarray) -> Tensor:
        """Return the kernels ``(S, K)`` that solutions of a class keep."""
        return self.layout.masks(bits, self.importance[label])

    def logits(self, masks: Tensor, state: State) -> Tensor:
        """Return each solution's own-class logits, of ``(classes, P, K)`` masks.

        Solutions that stayed have theirs from the generation before.
        """
        known = self.settings.kept if state.history else 0
        fresh = masks[:, known:]
        label = torch.arange(self.classes).repeat_interleave(fresh.shape[1])
        dtype = DTYPES[self.settings.precision]
        values = own_logits(self.net, fresh.flatten(0, 1), label, self.images, dtype)
        new = values.unflatten(0, fresh.shape[:2])
        return torch.cat([torch.from_numpy(state.carried).to(new), new], dim=1) if known else new

    def found(self, state: State) -> Found:
        """Return the best ensemble, measured in float32."""
        masks = torch.cat([self.masks(c, row[None]) for c, row in enumerate(state.winners)])
        label = torch.arange(self.classes)
        logits = own_logits(self.net, masks, label, self.images, torch.float32)
        return Found(
            bits=state.winners,
            masks=masks,
            accuracy=(logits.argmax(dim=0) == self.labels).double().mean().item(),
            difference=1 - mean_jaccard(masks),
            generation=state.winners_generation,
            history=state.history,
            populations=state.populations,
            importance=self.importance,
            layout=self.layout,
        )

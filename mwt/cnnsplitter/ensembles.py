"""The cooperative fitness of a generation: solutions are as good as the ensembles they are in."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .settings import Settings

# Comparisons at a time: on a CPU what its caches hold, on a device what its memory does.
BLOCK, CUDA_BLOCK = 2**18, 2**28
ACCURACY_WEIGHT = 0.9
DIFFERENCE_WEIGHT = 0.1


@dataclass(frozen=True)
class Ensembles:
    """Ensembles of one solution each of the same classes, on the device of the logits.

    Attributes
    ----------
    classes
        ``(n,)`` int64.
    rows
        ``(M, n)`` int64, for each ensemble the rows of its solutions in their populations.
    top
        ``(M, N)`` float32, for each sample the largest of the solutions' own-class logits.
    right
        ``(M, N)`` bool, whether that is the logit of the sample's class. No more needs to be known
        of an ensemble to score it together with others.
    similarity
        ``(M,)`` float32, the sum of the Jaccard indices of all pairs of its kernel sets.
    accuracy, difference, fitness
        ``(M,)`` float64; accuracy on the samples of the ensemble's classes.
    """

    classes: Tensor
    rows: Tensor
    top: Tensor
    right: Tensor
    similarity: Tensor
    accuracy: Tensor
    difference: Tensor
    fitness: Tensor


@dataclass(frozen=True)
class Generation:
    """What a generation's solutions achieve together.

    Attributes
    ----------
    fitness
        ``(classes, P)`` float64, of each solution.
    best
        ``(classes,)`` int64, the rows of the solutions of the fittest ensemble.
    accuracy, difference, ensemble_fitness
        Of that ensemble.
    """

    fitness: np.ndarray
    best: np.ndarray
    accuracy: float
    difference: float
    ensemble_fitness: float


@dataclass(frozen=True)
class Scoring:
    """What the ensembles of a generation are scored with, on one device.

    Attributes
    ----------
    logits
        ``(classes, P, N)`` float32, each solution's logit of its own class.
    labels
        ``(N,)`` int64, with at least one sample of every class.
    jaccard
        ``(classes * P, classes * P)`` float32, of all pairs of the solutions' kernel sets.
    settings
        Its ``bounds`` and ``survivors`` count.
    weight
        Of accuracy in the fitness.
    champion
        ``(classes,)`` int64, the rows of last generation's best ensemble; None in the first.
    """

    logits: Tensor
    labels: Tensor
    jaccard: Tensor
    settings: Settings
    weight: float
    champion: Tensor | None = None


def accuracy_weight(gamma: float, last: float | None) -> float:
    """Return the weight of accuracy: the farther last generation's best was from gamma, the more.

    Parameters
    ----------
    gamma
        Of the settings.
    last
        Accuracy of last generation's fittest ensemble; None in the first generation.
    """
    return ACCURACY_WEIGHT + (0.0 if last is None else max(0.0, gamma - last))


def cooperate(scoring: Scoring, rng: np.random.Generator) -> Generation:
    """Return the fitness of a generation's solutions (CNNSplitter, ASE 2022, section 3).

    The classes are shuffled and paired, the ensembles of each two partners that stay are paired
    again, and so on until all classes are together: ten become ensembles of 2, 4, 8 and 10. Where
    a stage has an odd number of partners, the last waits for the next stage. A solution's fitness
    is that of the best ensemble of all classes which contains it and stays, else 0.

    Parameters
    ----------
    scoring
        Of at least two classes.
    rng
        The source of the shuffling.
    """
    classes, population, _ = scoring.logits.shape
    partners = [singles(scoring, int(c)) for c in rng.permutation(classes)]
    while len(partners) > 1:
        pairs = zip(partners[::2], partners[1::2], strict=False)
        waiting = partners[len(partners) // 2 * 2 :]
        partners = [united(a, b, scoring) for a, b in pairs] + waiting
    final = partners[0]
    places = (final.classes * population + final.rows).flatten()
    scores = final.fitness[:, None].expand_as(final.rows).flatten()
    fitness = scores.new_zeros(classes * population).scatter_reduce_(0, places, scores, "amax")
    winner = final.fitness.argmax()
    best = torch.empty_like(final.classes)
    best[final.classes] = final.rows[winner]
    return Generation(
        fitness=fitness.view(classes, population).cpu().numpy(),
        best=best.cpu().numpy(),
        accuracy=final.accuracy[winner].item(),
        difference=final.difference[winner].item(),
        ensemble_fitness=final.fitness[winner].item(),
    )


def singles(scoring: Scoring, label: int) -> Ensembles:
    """Return the solutions of one class as ensembles of one."""
    _, population, samples = scoring.logits.shape
    none = scoring.logits.new_zeros(population, dtype=torch.float64)
    return Ensembles(
        classes=scoring.labels.new_tensor([label]),
        rows=torch.arange(population, device=none.device)[:, None],
        top=scoring.logits[label],
        right=(scoring.labels == label).expand(population, samples),
        similarity=none.float(),
        accuracy=none,
        difference=none,
        fitness=none,
    )


def united(a: Ensembles, b: Ensembles, scoring: Scoring) -> Ensembles:
    """Score the product of two lists of ensembles of different classes; return those that stay."""
    of_a, of_b = (torch.isin(scoring.labels, part.classes) for part in (a, b))
    hits = wins(a, b, of_a) + wins(b, a, of_b).T
    accuracy = (hits.double() / (of_a.sum() + of_b.sum())).flatten()
    similarity = a.similarity[:, None] + b.similarity + cross_similarity(a, b, scoring)
    similarity = similarity.flatten()
    classes = torch.cat([a.classes, b.classes])
    difference = 1 - similarity.double() / (len(classes) * (len(classes) - 1) / 2)
    fitness = scoring.weight * accuracy + DIFFERENCE_WEIGHT * difference
    last = champion(a, b, scoring.champion)
    stay = staying(accuracy, fitness, last, scoring.settings, len(classes))
    first, second = stay // len(b.rows), stay % len(b.rows)
    ours, theirs = a.top[first], b.top[second]
    right = torch.where(ours > theirs, a.right[first], b.right[second])
    return Ensembles(
        classes=classes,
        rows=torch.cat([a.rows[first], b.rows[second]], dim=1),
        top=torch.maximum(ours, theirs),
        right=right & (ours != theirs),
        similarity=similarity[stay],
        accuracy=accuracy[stay],
        difference=difference[stay],
        fitness=fitness[stay],
    )


def wins(a: Ensembles, b: Ensembles, samples: Tensor) -> Tensor:
    """Count for each pair the samples that the first gets right by the larger logit.

    An ensemble's own prediction is right or wrong before the pair is known: one comparison for
    each pair and sample decides. Equal logits are no win for either: a tie is a wrong prediction.

    Parameters
    ----------
    a, b
        With M and L ensembles.
    samples
        ``(N,)`` bool, those that count: of the first's classes.

    Returns
    -------
    Tensor
        ``(M, L)`` int32.
    """
    claims = torch.where(a.right, a.top, -torch.inf)[:, samples]
    others = b.top[:, samples]
    block = BLOCK if others.device.type == "cpu" else CUDA_BLOCK
    parts = claims[:, None].split(max(1, block // max(1, others.numel())))
    return torch.cat([(part > others).sum(dim=2, dtype=torch.int32) for part in parts])


def cross_similarity(a: Ensembles, b: Ensembles, scoring: Scoring) -> Tensor:
    """Return for each pair the sum of the Jaccard indices between one's sets and the other's."""
    population = scoring.logits.shape[1]
    ours, theirs = (part.classes * population + part.rows for part in (a, b))
    to_all = scoring.jaccard[ours].sum(dim=1)
    return to_all[:, theirs].sum(dim=2)


def champion(a: Ensembles, b: Ensembles, rows: Tensor | None) -> Tensor | None:
    """Return the position, in the product, of the pair in last generation's best ensemble."""
    if rows is None:
        return None
    first, second = ((e.rows == rows[e.classes]).all(dim=1).int().argmax() for e in (a, b))
    return first * len(b.rows) + second


def staying(
    accuracy: Tensor, fitness: Tensor, champion: Tensor | None, settings: Settings, classes: int
) -> Tensor:
    """Return the positions of the ensembles, of so many classes, that stay; the best first.

    Those with at least the stage's accuracy stay, the most accurate where they are too many; where
    they are too few, the most accurate of the others join them. Fitness ranks those that stay, and
    decides between equally accurate ones. Last generation's best ensemble always stays: where it is
    not among these, it comes after them, beyond the greatest number if need be.
    """
    low, high = settings.survivors
    enough = int((accuracy >= settings.bound(classes)).sum().clamp(low, high))
    # By fitness, then stably by accuracy: equally accurate ones stay in the order of fitness.
    order = fitness.argsort(descending=True, stable=True)
    chosen = order[accuracy[order].argsort(descending=True, stable=True)[:enough]]
    order = chosen[fitness[chosen].argsort(descending=True, stable=True)]
    if champion is None or bool((order == champion).any()):
        return order
    return torch.cat([order, champion.view(1)])

"""The cooperative fitness of a generation: solutions are as good as the ensembles they are in."""

from dataclasses import dataclass

import numpy as np

from .settings import Settings

BLOCK = 2**23  # comparisons at a time: bounds the memory, costs no speed
ACCURACY_WEIGHT = 0.9
DIFFERENCE_WEIGHT = 0.1


@dataclass(frozen=True)
class Ensembles:
    """Ensembles of one solution each of the same classes.

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

    classes: np.ndarray
    rows: np.ndarray
    top: np.ndarray
    right: np.ndarray
    similarity: np.ndarray
    accuracy: np.ndarray
    difference: np.ndarray
    fitness: np.ndarray


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
    """What the ensembles of a generation are scored with.

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

    logits: np.ndarray
    labels: np.ndarray
    jaccard: np.ndarray
    settings: Settings
    weight: float
    champion: np.ndarray | None = None


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
    partners = [singles(scoring, c) for c in rng.permutation(classes)]
    while len(partners) > 1:
        pairs = zip(partners[::2], partners[1::2], strict=False)
        waiting = partners[len(partners) // 2 * 2 :]
        partners = [united(a, b, scoring) for a, b in pairs] + waiting
    final = partners[0]
    fitness = np.zeros((classes, population))
    np.maximum.at(fitness, (final.classes, final.rows), final.fitness[:, None])
    winner = final.fitness.argmax()
    best = np.empty(classes, dtype=np.int64)
    best[final.classes] = final.rows[winner]
    return Generation(
        fitness=fitness,
        best=best,
        accuracy=float(final.accuracy[winner]),
        difference=float(final.difference[winner]),
        ensemble_fitness=float(final.fitness[winner]),
    )


def singles(scoring: Scoring, label: int) -> Ensembles:
    """Return the solutions of one class as ensembles of one."""
    _, population, samples = scoring.logits.shape
    none = np.zeros(population)
    return Ensembles(
        classes=np.array([label]),
        rows=np.arange(population)[:, None],
        top=scoring.logits[label],
        right=np.broadcast_to(scoring.labels == label, (population, samples)),
        similarity=none.astype(np.float32),
        accuracy=none,
        difference=none,
        fitness=none,
    )


def united(a: Ensembles, b: Ensembles, scoring: Scoring) -> Ensembles:
    """Score the product of two lists of ensembles of different classes; return those that stay."""
    of_a, of_b = (np.isin(scoring.labels, part.classes) for part in (a, b))
    hits = wins(a, b, of_a) + wins(b, a, of_b).T
    accuracy = (hits / (of_a.sum() + of_b.sum())).ravel()
    similarity = (a.similarity[:, None] + b.similarity + cross_similarity(a, b, scoring)).ravel()
    classes = np.concatenate([a.classes, b.classes])
    difference = 1 - similarity.astype(np.float64) / (len(classes) * (len(classes) - 1) / 2)
    fitness = scoring.weight * accuracy + DIFFERENCE_WEIGHT * difference
    stay = staying(accuracy, fitness, champion(a, b, scoring.champion), scoring.settings, classes)
    first, second = np.divmod(stay, len(b.rows))
    ours, theirs = a.top[first], b.top[second]
    right = np.where(ours > theirs, a.right[first], b.right[second])
    return Ensembles(
        classes=classes,
        rows=np.concatenate([a.rows[first], b.rows[second]], axis=1),
        top=np.maximum(ours, theirs),
        right=right & (ours != theirs),
        similarity=similarity[stay],
        accuracy=accuracy[stay],
        difference=difference[stay],
        fitness=fitness[stay],
    )


def wins(a: Ensembles, b: Ensembles, samples: np.ndarray) -> np.ndarray:
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
    ndarray
        ``(M, L)`` int64.
    """
    claims = np.where(a.right, a.top, -np.inf)[:, samples]
    others = np.ascontiguousarray(b.top[:, samples])
    step = max(1, BLOCK // max(1, others.size))
    blocks = [claims[start : start + step, None] for start in range(0, len(claims), step)]
    return np.concatenate([np.count_nonzero(block > others, axis=2) for block in blocks])


def cross_similarity(a: Ensembles, b: Ensembles, scoring: Scoring) -> np.ndarray:
    """Return for each pair the sum of the Jaccard indices between one's sets and the other's."""
    population = scoring.logits.shape[1]
    ours, theirs = (part.classes * population + part.rows for part in (a, b))
    to_all = scoring.jaccard[ours].sum(axis=1)
    return to_all[:, theirs].sum(axis=2)


def champion(a: Ensembles, b: Ensembles, rows: np.ndarray | None) -> int | None:
    """Return the position, in the product, of the pair in last generation's best ensemble."""
    if rows is None:
        return None
    first, second = (int((e.rows == rows[e.classes]).all(axis=1).argmax()) for e in (a, b))
    return first * len(b.rows) + second


def staying(
    accuracy: np.ndarray,
    fitness: np.ndarray,
    champion: int | None,
    settings: Settings,
    classes: np.ndarray,
) -> np.ndarray:
    """Return the positions of the ensembles that stay, the best first.

    Those with at least the stage's accuracy stay, the most accurate where they are too many; where
    they are too few, the most accurate of the others join them. Fitness ranks those that stay, and
    decides between equally accurate ones. Last generation's best ensemble always stays: where it is
    not among these, it comes after them, beyond the greatest number if need be.
    """
    enough = np.count_nonzero(accuracy >= settings.bound(len(classes)))
    low, high = settings.survivors
    chosen = np.lexsort((-fitness, -accuracy))[: np.clip(enough, low, high)]
    order = chosen[np.argsort(-fitness[chosen], kind="stable")]
    if champion is None or champion in order:
        return order
    return np.append(order, champion)

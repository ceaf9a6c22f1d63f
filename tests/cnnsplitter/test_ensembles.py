"""The cooperative fitness against slow loops, and which ensembles stay."""

import itertools

import numpy as np
import pytest
import torch
from devices import DEVICES
from small_networks import CIFAR

from mwt.cnnsplitter import settings_for
from mwt.cnnsplitter.ensembles import Scoring, accuracy_weight, cooperate, staying
from mwt.metrics import jaccard


def random_scoring(classes, population, seed, **changes):
    rng = np.random.default_rng(seed)
    masks = rng.random((classes * population, 30)) < rng.uniform(
        0.2, 0.9, (classes * population, 1)
    )
    masks[:, 0] = True
    labels = np.r_[np.arange(classes), rng.integers(classes, size=40)]
    logits = rng.normal(size=(classes, population, len(labels))).astype(np.float32)
    logits += 2 * (labels == np.arange(classes)[:, None])[:, None]  # better than chance
    settings = settings_for("simcnn", "cifar10", **{"bounds": (0.0,) * 4} | changes)
    sets = torch.from_numpy(masks)
    logits, labels = torch.from_numpy(logits), torch.from_numpy(labels)
    return masks, Scoring(logits, labels, jaccard(sets, sets), settings, weight=1.1)


def slow_score(rows, classes, masks, scoring):
    """Accuracy, difference and fitness of one ensemble, in plain Python."""
    hits = total = 0
    for sample, label in enumerate(scoring.labels):
        if label in classes:
            logits = {c: scoring.logits[c, r, sample] for c, r in zip(classes, rows, strict=True)}
            hits += max(logits, key=logits.get) == label
            total += 1
    population = scoring.logits.shape[1]
    sets = [set(masks[c * population + r].nonzero()[0]) for c, r in zip(classes, rows, strict=True)]
    pairs = [1 - len(a & b) / len(a | b) for a, b in itertools.combinations(sets, 2)]
    difference = sum(pairs) / len(pairs)
    return hits / total, difference, 1.1 * hits / total + 0.1 * difference


@pytest.mark.parametrize(("classes", "population"), [(2, 6), (3, 4), (4, 3), (5, 2), (7, 2)])
def test_cooperative_fitness_is_that_of_a_slow_loop(classes, population):
    # Few enough that every ensemble stays at every stage.
    masks, scoring = random_scoring(classes, population, seed=classes)
    result = cooperate(scoring, np.random.default_rng(0))
    best, fitness = (0.0, 0.0, 0.0), np.zeros((classes, population))
    for rows in itertools.product(range(population), repeat=classes):
        score = slow_score(rows, range(classes), masks, scoring)
        best = max(best, score, key=lambda s: s[2])
        for label, row in enumerate(rows):
            fitness[label, row] = max(fitness[label, row], score[2])
    np.testing.assert_allclose(result.fitness, fitness, rtol=1e-5)
    found = (result.accuracy, result.difference, result.ensemble_fitness)
    np.testing.assert_allclose(found, best, rtol=1e-5)
    np.testing.assert_allclose(slow_score(result.best, range(classes), masks, scoring), best, 1e-5)


def test_ten_classes_meet_as_2_4_8_and_10(monkeypatch):
    stages = []

    def watched(accuracy, fitness, champion, settings, classes):
        kept = staying(accuracy, fitness, champion, settings, classes)
        stages.append((classes, len(accuracy), len(kept)))
        return kept

    monkeypatch.setattr("mwt.cnnsplitter.ensembles.staying", watched)
    _, scoring = random_scoring(10, 30, seed=0)
    result = cooperate(scoring, np.random.default_rng(0))
    sizes = [2, 2, 2, 2, 2, 4, 4, 8, 10]
    products = [30 * 30] * 5 + [500 * 500] * 4
    assert stages == [(n, m, 500) for n, m in zip(sizes, products, strict=True)]
    assert (result.fitness == 0).any()  # solutions that are in no ensemble which stayed
    assert result.fitness.max() == pytest.approx(result.ensemble_fitness)
    other = cooperate(scoring, np.random.default_rng(1))
    assert (other.fitness != result.fitness).any()  # classes shuffled otherwise


@pytest.mark.parametrize(("good", "stay"), [(0, 50), (20, 50), (50, 50), (70, 70), (700, 500)])
def test_50_to_500_ensembles_stay(good, stay):
    rng = np.random.default_rng(good)
    accuracy = rng.uniform(0.5, 0.84, 1000)
    accuracy[rng.permutation(1000)[:good]] = rng.uniform(0.85, 0.95, good)
    fitness = rng.random(1000)  # unlike accuracy: a rule of its own
    given = torch.from_numpy(accuracy), torch.from_numpy(fitness)
    kept = staying(*given, None, CIFAR, 8)  # bound 0.85
    assert len(set(kept.tolist())) == stay
    order = sorted(range(1000), key=lambda i: -accuracy[i])
    # The most accurate stay, ranked by fitness.
    assert kept.tolist() == sorted(order[:stay], key=lambda i: -fitness[i])
    worst = order[-1]
    with_champion = staying(*given, torch.tensor(worst), CIFAR, 8)
    assert with_champion.tolist() == [*kept, worst]  # it may be the 501st
    assert staying(*given, torch.tensor(order[0]), CIFAR, 8).tolist() == kept.tolist()


def test_last_best_ensemble_always_stays():
    masks, scoring = random_scoring(10, 12, seed=1, survivors=(2, 3))
    champion = np.full(10, 7)
    last = {"logits": scoring.logits.clone(), "champion": torch.from_numpy(champion)}
    weak = Scoring(**{**vars(scoring), **last})
    weak.logits[:, 7] -= torch.linspace(0, 3, 10)[:, None]
    result = cooperate(weak, np.random.default_rng(0))
    score = slow_score(champion, range(10), masks, weak)[2]
    assert result.ensemble_fitness > score + 0.01
    np.testing.assert_allclose(result.fitness[np.arange(10), champion].min(), score, rtol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("block", [1, 100, 2**18])
def test_ensembles_are_scored_alike_in_any_place_and_pieces(device, block, monkeypatch):
    _, scoring = random_scoring(6, 8, seed=3, survivors=(20, 30))
    expected = cooperate(scoring, np.random.default_rng(0))
    there = {n: v.to(device) for n, v in vars(scoring).items() if isinstance(v, torch.Tensor)}
    monkeypatch.setattr("mwt.cnnsplitter.ensembles.BLOCK", block)
    monkeypatch.setattr("mwt.cnnsplitter.ensembles.CUDA_BLOCK", block)
    result = cooperate(Scoring(**vars(scoring) | there), np.random.default_rng(0))
    np.testing.assert_allclose(result.fitness, expected.fitness, rtol=1e-6)
    assert result.best.tolist() == expected.best.tolist()
    assert result.accuracy == expected.accuracy
    assert result.difference == pytest.approx(expected.difference, rel=1e-6)


def test_weight_of_accuracy():
    assert accuracy_weight(0.9, None) == 0.9
    assert accuracy_weight(0.9, 0.6) == pytest.approx(1.2)
    assert accuracy_weight(0.9, 0.95) == 0.9

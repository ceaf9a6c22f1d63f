"""The first population, and each next one."""

import random

import numpy as np
import pytest
import torch
from small_networks import network

from mwt.cnnsplitter import layout_of, settings_for
from mwt.cnnsplitter.population import first_population, next_population


def test_first_population_switches_on_as_many_groups_as_its_ratios_say():
    layout = layout_of(network("rescnn", width=0.5))  # blocks of 10 and of 100 groups
    settings = settings_for("rescnn", "svhn", population=200)
    population = first_population(layout, settings, np.random.default_rng(0))
    assert population.dtype == np.uint8
    assert population.shape == (200, layout.genes)
    start = 0
    for position, block in enumerate(layout.blocks):
        ratios = (0.3, 0.4, 0.5) if position in (2, 3, 5) else (0.2, 0.3)
        on = population[:, start : start + block.groups].sum(axis=1)
        assert set(on.tolist()) == {int(block.groups * r) for r in ratios}
        start += block.groups


@pytest.mark.parametrize("groups", [10, 100])
def test_first_population_prefers_important_groups(groups):
    layout = layout_of(network("rescnn", width=0.5))
    settings = settings_for(
        "rescnn", "svhn", population=2000, sensitive=(), ratios_other=(1 / groups,)
    )
    wanted = np.exp((groups - 1 - np.arange(groups)) / 10)
    wanted /= wanted.sum()
    population = first_population(layout, settings, np.random.default_rng(0))
    parts = np.split(population, np.cumsum([b.groups for b in layout.blocks])[:-1], axis=1)
    draws = np.concatenate([part for part in parts if part.shape[1] == groups])
    assert (draws.sum(axis=1) == 1).all()  # one group is on: the first draw
    deviation = np.sqrt(wanted * (1 - wanted) / len(draws))
    assert (abs(draws.mean(axis=0) - wanted) < 4.5 * deviation).all()


def global_random_state():
    numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
    return numpy_state, random.getstate(), torch.get_rng_state().tolist()


def test_following_population_keeps_the_best_and_breeds_from_the_parents():
    settings = settings_for("simcnn", "cifar10")
    population = np.zeros((100, 940), dtype=np.uint8)
    population[50:] = 1  # the fitter half
    population[50::2, :470] = 0
    fitness = np.r_[np.zeros(50), np.linspace(1, 2, 50)]
    state = global_random_state()
    after = next_population(population, fitness, settings, seed=5)
    assert global_random_state() == state
    assert after.dtype == np.uint8
    np.testing.assert_array_equal(after[:20], population[:79:-1])  # the last are the fittest
    np.testing.assert_array_equal(after, next_population(population, fitness, settings, seed=5))
    assert (after[20:] != next_population(population, fitness, settings, seed=6)[20:]).any()
    # All parents have ones in the second half, so zeros there are mutations: half of 5 percent.
    assert 0.02 < (after[20:, 470:] == 0).mean() < 0.03


def test_crossover_is_at_a_single_point_of_consecutive_parents():
    settings = settings_for("simcnn", "cifar10", population=10, parents=3, mutation=0.001)
    population = np.arange(10)[:, None] % 2 * np.ones((1, 500))
    after = next_population(population.astype(np.uint8), -np.arange(10.0), settings, seed=0)
    parents, points = population[:3], []
    for number, child in enumerate(after[settings.kept :]):
        before, behind = parents[number % 3], parents[(number + 1) % 3]
        differences = [
            (child != np.r_[before[:point], behind[point:]]).sum() for point in range(500)
        ]
        assert min(differences) <= 1  # one gene is drawn anew
        points.append(int(np.argmin(differences)))
    assert len(set(points) - {0}) > 2  # none is a parent's copy, each is cut elsewhere

"""The solutions of one class: the first population, and each next one."""

import numpy as np
import pygad

from .genes import Layout
from .settings import Settings

TEMPERATURE = 10.0  # ranks by which the chance of being switched on falls by a factor of e


def first_population(layout: Layout, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """Draw the first population of a class (CNNSplitter, ASE 2022, section 3).

    For each solution and gene block a ratio r is drawn from the block's list; ``int(groups * r)``
    groups are switched on, drawn without replacement with probability
    ``softmax((groups - 1 - rank) / 10)``, rank 0 the most important group.

    Parameters
    ----------
    layout
        Of the network's genes.
    settings
        Its ``population``, ``sensitive`` and the two lists of ratios count.
    rng
        The source of all draws.

    Returns
    -------
    ndarray
        ``(population, genes)`` uint8, of 0 and 1.
    """
    blocks = []
    for position, block in enumerate(layout.blocks):
        is_sensitive = position in settings.sensitive
        ratios = settings.ratios_sensitive if is_sensitive else settings.ratios_other
        counts = np.array([int(block.groups * ratio) for ratio in ratios])
        count = rng.choice(counts, size=(settings.population, 1))
        # The largest of logits plus Gumbel noise are draws without replacement by the softmax.
        logits = (block.groups - 1 - np.arange(block.groups)) / TEMPERATURE
        noisy = logits + rng.gumbel(size=(settings.population, block.groups))
        place = noisy.argsort(axis=1)[:, ::-1].argsort(axis=1)
        blocks.append(place < count)
    return np.concatenate(blocks, axis=1).astype(np.uint8)


def ranked(fitness: np.ndarray) -> np.ndarray:
    """Return the positions of the solutions, the fittest first; of equal ones the earlier first."""
    return np.argsort(-fitness, kind="stable")


def next_population(
    population: np.ndarray, fitness: np.ndarray, settings: Settings, seed: int
) -> np.ndarray:
    """Breed the next population of a class.

    The best ``kept`` solutions stay, as the first rows and in their order. The others are offspring
    of the best ``parents``: single-point crossover of consecutive ones, then a share of the genes,
    rounded down but at least one, is drawn anew (and so changes in half of the cases). Crossover
    and mutation are PyGAD's.

    Parameters
    ----------
    population
        ``(population, genes)`` uint8.
    fitness
        ``(population,)``.
    settings
        Its ``parents``, ``kept`` and ``mutation`` count.
    seed
        Of all draws, in [0, 2**32); no global random state is used or changed.

    Returns
    -------
    ndarray
        Of the shape of ``population``.
    """
    solutions, genes = population.shape
    order = ranked(fitness)
    operators = pygad.GA(
        num_generations=1,
        num_parents_mating=settings.parents,
        fitness_func=lambda _ga, _solution, _index: 0.0,  # demanded, never called
        initial_population=population,
        gene_type=int,
        mutation_num_genes=max(1, int(genes * settings.mutation)),
        mutation_by_replacement=True,
        random_mutation_min_val=0,
        random_mutation_max_val=2,  # exclusive: a redrawn gene is 0 or 1
        random_seed=seed,
        suppress_warnings=True,
    )
    parents = population[order[: settings.parents]]
    offspring = operators.single_point_crossover(parents, (solutions - settings.kept, genes))
    offspring = operators.random_mutation(offspring)
    kept = population[order[: settings.kept]]
    return np.concatenate([kept, offspring.astype(np.uint8)])

"""What the stages found, as rows of ``results.csv``."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from statistics import mean
from typing import Any

from ..study.config import Config
from ..study.findings import (
    Cost,
    Costs,
    Modularized,
    Networks,
    Reused,
    Sampled,
    Scored,
    Split,
    SplitReuse,
    Trained,
    Worth,
)
from ..study.subtasks import subtask_name


def of_training(networks: Networks) -> Iterator[dict[str, Any]]:
    """Yield what training found, by method."""
    for method, network in networks.trained.items():
        score, cost = networks.scored[method], networks.costs.of[method]
        yield row(method, "all", None, "accuracy", score.accuracy, score.run)
        yield row(method, "all", None, "test_images", score.test_images, score.run)
        yield seconds(method, "train_seconds", network.seconds, network)
        yield from of_cost(method, "all", None, cost, networks.costs)


def of_cost(
    method: str, classes: str, threshold: float | None, cost: Cost, found: Costs[Cost]
) -> Iterator[dict[str, Any]]:
    """Yield what a network costs; its latency is that of a machine."""
    for quantity in ("flops", "parameters"):
        yield row(method, classes, threshold, quantity, getattr(cost, quantity), found.run)
    latency = row(method, classes, threshold, "latency_ms", cost.latency_ms, found.run)
    yield latency | {"machine": found.machine}


def seconds(
    method: str, quantity: str, taken: float | None, found: Trained | Sampled | Split
) -> dict[str, Any]:
    """Return a row for the time that a run took, with the machine that took it."""
    return row(method, "all", None, quantity, taken, found.run) | {"machine": found.machine}


def of_modules(sweep: Sequence[Modularized]) -> Iterator[dict[str, Any]]:
    """Yield how modular the modules of all classes are, by method and threshold."""
    for result in sweep:
        for quantity, value in modularity(result):
            yield row(result.method, "all", result.threshold, quantity, value, result.run)
    for method, sampled in {result.method: result.sampled for result in sweep}.items():
        yield seconds(method, "modularize_seconds", sampled.seconds, sampled)


def modularity(result: Modularized) -> list[tuple[str, float]]:
    """Return the three measures of the modules of all classes, by name."""
    return [
        ("kernel_retention_rate", mean(result.kernel_retention_rate)),
        ("cohesion", mean(result.cohesion)),
        ("coupling", result.coupling),
    ]


def of_reuse(sweep: Sequence[Reused]) -> Iterator[dict[str, Any]]:
    """Yield what the modules of sub-tasks cost and score, by threshold and sub-task."""
    for result in sweep:
        classes = subtask_name(result.classes)
        at = (classes, result.threshold)
        for method, accuracy in result.accuracy.items():
            yield row(method, *at, "accuracy", accuracy, result.run)
        yield row("standard", *at, "test_images", result.test_images, result.run)
        rate = result.kernel_retention_rate
        yield row("modular", *at, "kernel_retention_rate", rate, result.run)
        if tuned := result.finetuned:
            yield row("module-finetuned", *at, "accuracy", tuned.accuracy, tuned.run)
            taken = row("module-finetuned", *at, "train_seconds", tuned.seconds, tuned.run)
            yield taken | {"machine": tuned.machine}
        if result.costs:
            for method, cost in result.costs.of.items():
                yield from of_cost(method, *at, cost, result.costs)


def of_worth(sweep: Sequence[Worth]) -> Iterator[dict[str, Any]]:
    """Yield what modules of sub-tasks score and cost, beside small networks of the same size."""
    for result in sweep:
        at = (subtask_name(result.classes), result.threshold)
        if result.reused:
            yield from of_reuse([result.reused])
        if small := result.small:
            for quantity in ("accuracy", "width", "flops", "module_flops"):
                yield row("small-standard", *at, quantity, getattr(small, quantity), small.run)
            taken = row("small-standard", *at, "train_seconds", small.seconds, small.run)
            yield taken | {"machine": small.machine}
        for method, cost in result.full.of.items():
            for quantity, number in asdict(cost).items():
                found = row(method, *at, f"full_{quantity}", number, result.full.run)
                timed = quantity.startswith("latency")
                yield found | ({"machine": result.full.machine} if timed else {})


def of_splitting(
    network: Split, reuse: Sequence[SplitReuse], standard: Trained
) -> Iterator[dict[str, Any]]:
    """Yield what CNNSplitter's modules of all classes, and those of sub-tasks, gave."""
    for quantity, value in (
        ("kernel_retention_rate", mean(network.kernel_retention_rate)),
        ("cohesion", mean(network.cohesion)),
        ("coupling", network.coupling),
    ):
        yield row("cnnsplitter", "all", None, quantity, value, network.run)
    yield seconds("cnnsplitter", "train_seconds", standard.seconds, standard)
    yield seconds("cnnsplitter", "modularize_seconds", network.search_seconds, network)
    for result in reuse:
        classes = subtask_name(result.classes)
        for quantity, value in (
            ("accuracy", result.accuracy),
            ("kernel_retention_rate", result.retention_by_union),
            ("kernel_retention_rate_by_sum", result.retention_by_sum),
            ("flops", result.flops),
            ("parameters", result.parameters),
        ):
            yield row("cnnsplitter", classes, None, quantity, value, result.run)


def of_hyperparameters(
    grid: Sequence[tuple[Config, Scored, Modularized]],
) -> Iterator[dict[str, Any]]:
    """Yield what each pair of alpha and beta gave."""
    for config, score, result in grid:
        found = [row("modular-grid", "all", None, "accuracy", score.accuracy, score.run)]
        found += [
            row("modular-grid", "all", result.threshold, quantity, value, result.run)
            for quantity, value in modularity(result)
        ]
        for one in found:
            yield one | {"alpha": config.alpha, "beta": config.beta}


def row(
    method: str,
    classes: str,
    threshold: float | None,
    quantity: str,
    value: float | None,
    run: str,
) -> dict[str, Any]:
    """Return one row without the columns that a study has in common."""
    return {
        "method": method,
        "classes": classes,
        "threshold": threshold,
        "quantity": quantity,
        "value": value,
        "run": run,
    }

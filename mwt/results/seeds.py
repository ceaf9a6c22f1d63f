"""What figures and tables say of the seeds and the machines behind their numbers."""

import html
from collections.abc import Callable

import pandas as pd

from .tidy import select

NOT_COMPARABLE = "not comparable"
LATENCIES = ("latency_ms", "full_latency_1_ms", "full_latency_64_ms")
TIMES = ("train_seconds", "modularize_seconds", *LATENCIES)
Operation = Callable[[pd.Series, pd.Series], pd.Series]


def counted(results: pd.DataFrame) -> tuple[int, int]:
    """Return how many seeds the networks have: the fewest and the most; zeros without rows."""
    counts = results.groupby(["dataset", "model"])["seed"].nunique()
    return (int(counts.min()), int(counts.max())) if len(counts) else (0, 0)


def several(results: pd.DataFrame) -> bool:
    """Whether a network has more than one seed."""
    return counted(results)[1] > 1


def count_in_words(results: pd.DataFrame) -> str:
    """Return how many seeds there are, ``3 seeds``, or ``1 to 3 seeds`` if networks differ."""
    fewest, most = counted(results)
    return f"{most} seeds" if fewest == most else f"{fewest} to {most} seeds"


def one_run(results: pd.DataFrame) -> str:
    """Return ``one run (seed 0)``; where each network has another seed, all of them."""
    numbers = ", ".join(str(seed) for seed in sorted(results["seed"].unique()))
    return f"one run (seed {numbers})" if numbers else "no run"


def bands(results: pd.DataFrame) -> str:
    """Return the sentence of a figure's caption about the seeds."""
    if several(results):
        return f"Lines: means; bands: 95 % intervals over {count_in_words(results)} (Student's t)."
    return f"From {one_run(results)}."


def plus_minus(results: pd.DataFrame) -> str:
    """Return the sentence of a table's caption about the seeds."""
    if several(results):
        return f"Mean ± half of the 95 % interval over {count_in_words(results)} (Student's t)."
    return f"From {one_run(results)}."


def by_subtask(results: pd.DataFrame) -> pd.Series:
    """Return the values of one quantity by sub-task, each its mean over the seeds."""
    rows = results.drop_duplicates(["classes", "seed"])
    return rows.groupby("classes", sort=False)["value"].mean()


def clocks(results: pd.DataFrame) -> str:
    """Return the sentences about times: what was measured, and where; empty without times."""
    rows = results[results["quantity"].isin(TIMES)]
    if rows.empty:
        return ""
    said = []
    if (~rows["quantity"].isin(LATENCIES)).any():
        said.append(
            "Seconds count only the time in which the processor, or on CUDA the GPU, worked for "
            "this run."
        )
    machines = [html.escape(str(name)) for name in sorted(rows["machine"].dropna().unique())]
    if len(machines) == 1:
        said.append(f"Times were measured on {machines[0]}.")
    elif machines:
        said.append(
            "Times were measured on several machines, so they cannot be compared: "
            f"{'; '.join(machines)}."
        )
    return " ".join(said)


def one_machine(results: pd.DataFrame) -> bool:
    """Whether all times among the rows are of one machine."""
    return results["machine"].nunique() <= 1


def paired(
    results: pd.DataFrame,
    by: str,
    quantity: str,
    methods: tuple[str, str],
    operation: Operation,
) -> pd.DataFrame | None:
    """Return what two methods give together, seed by seed, so that intervals are of the pairs.

    Parameters
    ----------
    results
        Rows of one network.
    by
        The column that pairs have in common beside the seed.
    quantity, methods
        What is compared, of which two.
    operation
        What to do with the values of the first method and those of the second.

    Returns
    -------
    DataFrame
        Columns ``by``, ``seed`` and ``value``; None if a pair is of two machines.
    """
    one, other = (
        select(results, method=method, quantity=quantity).drop_duplicates([by, "seed"])
        for method in methods
    )
    both = one.merge(other, on=[by, "seed"], suffixes=("", "_other"))
    if (both["machine"].fillna("") != both["machine_other"].fillna("")).any():
        return None
    return both.assign(value=operation(both["value"], both["value_other"]))[[by, "seed", "value"]]

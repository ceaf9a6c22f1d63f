"""What the scripts on speed have in common: a row of two times and their ratio."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

Row = dict[str, Any]


def clock() -> float:
    """Return seconds: with one thread of a CPU this process's own, else those of the clock."""
    alone = torch.get_num_threads() == 1 and not torch.cuda.is_available()
    return time.process_time() if alone else time.perf_counter()


def seconds(function: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    """Return how long a call takes, and what it returns."""
    start = clock()
    result = function(*args)
    return clock() - start, result


def ratio(usual: Sequence[float], ours: Sequence[float]) -> Row:
    """Return the medians of both and of their ratios, and the quarters of these below and above."""
    pairs = [a / b for a, b in zip(ours, usual, strict=True)]
    low, middle, high = statistics.quantiles(pairs, n=4) if len(pairs) > 1 else pairs * 3
    return {
        "baseline_s": statistics.median(usual),
        "seconds": statistics.median(ours),
        "ratio": middle,
        "low": low,
        "high": high,
    }


def said(row: Row) -> str:
    """Return a row as a line."""
    text = f"{row['what']}, {row['setting']}: "
    if "ratio" not in row:
        return f"{text}{row['seconds']:.1f} s"
    text += f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f}) times {row['baseline']}"
    text += f", {1000 * row['seconds']:.1f} ms"
    if "compile_s" in row:
        text += f"; {row['compile_s']:.0f} s of compiling"
    if "repaid_at" in row:
        text += f", repaid after {row['repaid_at']:.1e} multiply-adds"
    return text

"""The table of the forms of a module: from rows of results, over seeds and random sub-tasks."""

from io import StringIO

import pandas as pd
import pytest

from mwt.report import tables
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

STUDY = parameters.read({"subtask_sizes": "2,3", "per_size": 2})
CLASSES = [" ".join(map(str, some)) for some in STUDY.random_subtasks]


def row(method, value, quantity="accuracy", classes=CLASSES[0], seed=0, threshold=0.9):
    first = ("quick", "mnist5k", "resnet18", method, seed, classes, threshold, quantity)
    return (*first, value, "run-1", None, None, None)


def results(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def cells(found):
    frame = pd.read_html(StringIO(found.data))[0]
    return frame.iloc[0].to_dict()


def test_mean_and_worst_are_over_random_sub_tasks_at_the_operating_point():
    found = cells(
        tables.forms_table(
            results(
                row("module-masked", 0.98),
                row("module-masked", 0.96, classes=CLASSES[1]),
                row("module-masked", 0.1, threshold=0.5),
                row("module-masked", 0.1, classes="9 8 7 6"),
                row("module-masked", 0.1, quantity="kernel_retention_rate"),
            ),
            STUDY,
        )
    )
    assert found["with generators"] == "0.970 (0.960)"
    assert found["plain"] == found["more parameters"] == "–"


def test_the_interval_is_over_the_means_of_the_seeds():
    values = [
        row("modular", v, classes=c, seed=s) for s, v in enumerate((0.9, 0.92)) for c in CLASSES
    ]
    table = tables.forms_table(results(*values), STUDY)
    assert cells(table)["modular, uncut"] == "0.910 ±\N{NO-BREAK SPACE}0.127 (0.900)"
    assert "2 seeds" in table.data
    assert "One seed" in tables.forms_table(results(values[0]), STUDY).data


def test_costs_are_compared_where_both_were_measured():
    table = tables.forms_table(
        results(
            row("module-folded", 1000, "parameters", "0 1 2"),
            row("module-masked", 1100, "parameters", "0 1 2"),
            row("module-folded", 1000, "parameters", "0 1"),
            row("module-masked", 1300, "parameters", "0 1"),
            row("module-masked", 9999, "parameters", "0 1 2 3"),
        ),
        STUDY,
    )
    assert cells(table)["more parameters"] == "20.0 %"
    assert cells(table)["more multiply-adds"] == "–"


@pytest.mark.parametrize(
    ("masked", "verdict"),
    [((0.95, 0.949), "holds"), ((0.95, 0.91), "does not hold"), ((0.943, 0.943), "does not hold")],
)
def test_the_promise_is_held_against_the_same_sub_task_and_seed(masked, verdict):
    rows = [row("modular", 0.95, classes=c) for c in CLASSES[:2]]
    rows += [row("module-masked", v, classes=c) for v, c in zip(masked, CLASSES, strict=False)]
    rows += [row("modular", 0.2, classes=CLASSES[2])]  # without a module to compare
    text = tables.shortfalls(results(*rows), STUDY).data
    assert f"This {verdict} for" in text
    assert "(2 modules)" in text


def test_without_such_modules_nothing_is_promised_to_hold():
    text = tables.shortfalls(results(row("modular", 0.95)), STUDY).data
    assert "ResNet18: –" in text
    assert "This " not in text

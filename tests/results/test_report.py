"""Results: collected from notebooks, compared with the published, shown without typing."""

import dataclasses

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from scipy.stats import binomtest

from mwt.report import figures, tables
from mwt.report.style import axes, svg
from mwt.results.collect import write_results
from mwt.results.tidy import COLUMNS, curve, interval, mean_and_interval, read_results, value
from mwt.study import parameters


def results(**values):
    rows = [
        (
            "quick",
            "mnist5k",
            "resnet18",
            "modular",
            0,
            "all",
            t,
            quantity,
            v,
            "run-1",
            None,
            None,
            None,
        )
        for quantity, by_threshold in values.items()
        for t, v in by_threshold.items()
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"alpha": float, "beta": float, "machine": float})


def with_seeds(frame, steps=(0.0, 0.01, 0.03)):
    """Return the rows for several seeds, each with values a little larger than the last's."""
    return pd.concat(
        [
            frame.assign(seed=seed, value=frame["value"] + step, run=f"run-{seed}")
            for seed, step in enumerate(steps)
        ],
        ignore_index=True,
    )


def modules_of_two_sizes(machine="here", standards_machine="here"):
    """Return accuracies, KRR and latencies of two sub-tasks."""
    frames = []
    for classes in ("0 1", "0 1 2"):
        for method in ("standard", "module-masked", "module-folded", "module-finetuned"):
            scores = results(accuracy={0.9: 0.9})
            time = results(latency_ms={0.9: 10.0}).assign(
                machine=standards_machine if method == "standard" else machine
            )
            frames += [rows.assign(method=method, classes=classes) for rows in (scores, time)]
        frames.append(results(kernel_retention_rate={0.9: 0.4}).assign(classes=classes))
    return pd.concat(frames, ignore_index=True)


def test_csv_keeps_every_digit_and_column(tmp_path):
    written = results(cohesion={0.1: 1 / 3, 0.9: 2 / 3})
    write_results(written, tmp_path / "results.csv")
    found = read_results(tmp_path / "results.csv")
    assert found.equals(written)
    assert (tmp_path / "results.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


def test_a_sub_task_of_one_class_stays_text(tmp_path):
    written = results(cohesion={0.1: 0.5}).assign(classes="3")
    write_results(written, tmp_path / "results.csv")
    assert read_results(tmp_path / "results.csv")["classes"].tolist() == ["3"]


@pytest.mark.parametrize(("hits", "images"), [(0, 10), (10, 10), (1, 2), (980, 1000)])
def test_the_interval_of_an_accuracy_is_wilsons(hits, images):
    expected = binomtest(hits, images).proportion_ci(method="wilson")
    assert interval(hits / images, images) == pytest.approx(tuple(expected), abs=1e-12)


def test_findings_say_the_numbers_of_the_results():
    frame = pd.concat(
        [
            results(accuracy={0.9: 0.97}, test_images={0.9: 300}).assign(method=m, classes=c)
            for m in (
                "standard",
                "modular",
                "module-masked",
                "module-folded",
                "module-finetuned",
            )
            for c in ("all", "0 1 2")
        ]
    )
    page = tables.findings(frame, parameters.read({})).data
    assert page.count("97.0 % [94.4, 98.4]") == 6
    other = frame.assign(dataset="svhn", value=frame["value"].replace(0.97, 0.5))
    both = tables.findings(pd.concat([frame, other]), parameters.read({})).data
    assert both.count("97.0 % [94.4, 98.4]") == 6
    assert "ResNet18 on SVHN" in both


def test_curves_and_values_are_found():
    frame = results(cohesion={0.9: 0.8, 0.1: 0.7})
    line = curve(frame, "threshold", quantity="cohesion")
    assert (line.index.tolist(), line["mean"].tolist()) == ([0.1, 0.9], [0.7, 0.8])
    assert value(frame, quantity="cohesion", threshold=0.9) == 0.8
    assert pd.isna(value(frame, quantity="coupling"))


def test_figures_take_the_pages_text_colour_and_say_what_they_show():
    figure, ax = axes("title", "x", "y")
    ax.plot([1, 2])
    text = svg(figure, 'lines "up"')
    assert 'role="img" aria-label="lines &quot;up&quot;"' in text
    assert "currentColor" in text
    assert "<text" in text
    assert "#010203" not in text


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ({}, False),
        ({"dataset": "cifar10"}, True),
        ({"dataset": "cifar10", "model": "vgg16"}, False),
    ],
)
def test_the_papers_curves_lie_behind_those_of_its_own_network_and_data(asked, drawn):
    study = parameters.read(asked)
    frame = results(
        kernel_retention_rate={0.1: 0.5, 0.9: 0.3},
        cohesion={0.1: 0.8, 0.9: 0.9},
        coupling={0.1: 0.5, 0.9: 0.4},
    )
    page = figures.threshold_study(frame, study).data
    assert page.count("<svg") == 2
    assert page.count(">paper: ") == (6 if drawn else 0)  # lines of the legends
    assert ("Hollow marks" in page) == drawn


def test_the_papers_curve_of_three_classes_is_not_behind_a_sub_task_of_two():
    study = parameters.read({"dataset": "cifar10", "target_classes": "3 5"})
    page = figures.threshold_study(results(cohesion={0.1: 0.8, 0.9: 0.9}), study).data
    assert page.count(">paper: ") == 3
    assert "3, 5 (cat, dog)" in page


def test_tables_show_a_dash_for_what_was_not_measured():
    study = parameters.read({})
    one, other = results(cohesion={0.9: 0.8765}), results(coupling={0.9: 0.5})
    page = tables.summary(pd.concat([one, other.assign(model="vgg16")]), study).data
    cells = [cell.text for cell in BeautifulSoup(page, "html.parser").find_all("td")]
    assert "0.876" in cells
    assert "–" in cells


def test_the_summary_has_random_sub_tasks_beside_the_chosen_one():
    study = dataclasses.replace(parameters.read({}), random_subtasks=[[3, 5, 7], [1, 4, 8], [2, 3]])
    scores = {"0 1 2": 0.99, "3 5 7": 0.9, "1 4 8": 0.8, "2 3": 0.1}
    rows = [
        results(accuracy={0.9: score}).assign(method="module-folded", classes=classes)
        for classes, score in scores.items()
    ]
    page = BeautifulSoup(tables.summary(pd.concat(rows), study).data, "html.parser")
    lines = [[cell.text for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]
    assert lines == [
        ["sub-task 0–2"],
        ["folded", "0.990"],
        ["random sub-tasks of 3 classes"],
        ["folded", "0.850"],
    ]


def test_interval_of_a_mean():
    # Student's t with 4 degrees of freedom: 2.776 standard errors.
    centre, low, high = mean_and_interval([0.90, 0.92, 0.94, 0.96, 0.98])
    assert centre == pytest.approx(0.94)
    assert (high - centre, centre - low) == pytest.approx(
        (2.776 * 0.0316228 / 5**0.5,) * 2, rel=1e-3
    )
    assert mean_and_interval([0.5]) == (0.5, 0.5, 0.5)


def test_many_sub_tasks_are_shown_by_size():
    rows = pd.concat(
        [
            results(accuracy={0.9: accuracy}).assign(method=method, classes=classes)
            for method in ("standard", "module-folded")
            for classes, accuracy in (("0 1", 0.9), ("3 4", 1.0), ("0 1 2 3", 0.8))
        ]
        + [results(kernel_retention_rate={0.9: 0.4}).assign(classes=c) for c in ("0 1", "3 4")]
    )
    table = tables.many_subtasks(rows).data
    assert "0.950 ±\N{NO-BREAK SPACE}0.635" in table  # 12.706 standard errors of 0.05
    assert "fine-tuned" not in table
    assert figures.many_subtasks(rows).data.count("<svg") == 2


HALF = "half width, 20 epochs"


def here(frame, profile="paper"):
    settings = {("resnet18", "cifar10"): HALF, ("resnet18", "mnist5k"): "width 0.25, 9 epochs"}
    return tables.Here(profile, frame, 0.9, settings)


def lines(page):
    """Cells of a table, line by line."""
    rows = BeautifulSoup(page.data, "lxml").select("tbody tr")
    return [[cell.text for cell in row.find_all(["th", "td"])] for row in rows]


def test_the_papers_table_shows_what_was_measured_and_nothing_else():
    cifar10, svhn = tables.paper_tables([here(pd.DataFrame(columns=COLUMNS))])
    assert cifar10.data.count("here: not run") == svhn.data.count("here: not run") == 4
    assert ["VGG16", "paper", "0.923", "0.909", "0.173", "0.976", "0.175"] in lines(cifar10)
    assert ["VGG16", "MODA's re-run", "0.926", "0.905", "–", "–", "–"] in lines(cifar10)
    assert ["ResNet18", "here: not run", *["–"] * 5] in lines(svhn)
    measured = results(coupling={0.9: 0.2345, 0.5: 0.9}).assign(dataset="cifar10", profile="paper")
    page, _ = tables.paper_tables([here(measured)])
    assert page.data.count("not run") == 3
    assert ["ResNet18", f"here: {HALF}", *["–"] * 4, "0.234"] in lines(page)


def test_other_data_stand_apart_from_the_papers():
    digits = results(coupling={0.9: 0.2345})
    *papers, apart = tables.paper_tables([here(digits, "quick")])
    assert not any("0.234" in page.data for page in papers)
    assert ["ResNet18", "here: width 0.25, 9 epochs", *["–"] * 4, "0.234"] in lines(apart)
    assert "On 5,000 MNIST digits. Profile <code>quick</code>" in apart.data


def test_every_profile_on_the_papers_data_has_a_line_of_its_own():
    frames = [results(coupling={0.9: c}).assign(dataset="cifar10") for c in (0.11, 0.22)]
    page, _ = tables.paper_tables([here(frames[0]), here(frames[1], "cifar10")])
    found = [line[-1] for line in lines(page) if line[:2] == ["ResNet18", f"here: {HALF}"]]
    assert found == ["0.110", "0.220"]


def test_several_seeds_give_intervals_in_tables_and_bands_in_figures():
    frame = with_seeds(modules_of_two_sizes())
    table = tables.subtasks(frame).data
    assert "0.913 ±\N{NO-BREAK SPACE}0.038" in table  # 4.303 standard errors of 0.0088
    assert "95 % interval over 3 seeds" in table
    for figure in (figures.reuse(frame), figures.side_by_side(frame)):
        assert "bands: 95 % intervals over 3 seeds" in figure.data
        assert "fill-opacity: 0.18" in figure.data or "opacity: 0.18" in figure.data


def test_a_single_seed_is_said_to_be_one_run():
    frame = modules_of_two_sizes().assign(seed=7)
    table, figure = tables.subtasks(frame).data, figures.reuse(frame).data
    assert "±" not in table
    assert "one run (seed 7)" in table
    assert "one run (seed 7)" in figure
    assert "opacity: 0.18" not in figure


def test_a_single_seed_has_the_interval_of_its_test_images_and_several_have_their_own():
    measured = results(accuracy={None: 0.98}, test_images={None: 1000})
    both = pd.concat([measured, measured.assign(method="standard")], ignore_index=True)
    both["threshold"] = both["threshold"].astype(float)
    assert "0.969–0.987" in tables.networks(both).data
    several = tables.networks(pd.concat([both, both.assign(seed=1)])).data
    assert "0.980 ±\N{NO-BREAK SPACE}0.000" in several
    assert "0.969–0.987" not in several


def test_latencies_of_different_machines_are_not_divided():
    same, other = modules_of_two_sizes(), modules_of_two_sizes(standards_machine="there")
    assert "not comparable" not in figures.reuse(same).data
    assert "latency 1.000 at 2 classes" in figures.reuse(same).data
    page = figures.reuse(other).data
    assert "not comparable: measured on different machines" in page
    assert "latency 1.000" not in page


def test_seconds_of_different_machines_are_not_added():
    study = parameters.read({})
    seconds = results(train_seconds={None: 10.0}, modularize_seconds={None: 2.5})
    seconds["threshold"] = seconds["threshold"].astype(float)
    here = tables.systems(seconds.assign(machine="here"), study).data
    assert "12.5" in here
    assert "measured on here." in here
    apart = tables.systems(seconds.assign(machine=["here", "there"]), study).data
    assert "not comparable" in apart
    assert "12.5" not in apart
    assert "cannot be compared: here; there" in apart


def test_a_sub_tasks_value_is_its_mean_over_seeds():
    frame = pd.concat(
        [
            results(accuracy={0.9: accuracy}).assign(method=method, classes=classes)
            for method in ("standard", "module-masked")
            for classes, accuracy in (("0 1", 0.88), ("3 4", 0.98))
        ]
        + [results(kernel_retention_rate={0.9: 0.4}).assign(classes=c) for c in ("0 1", "3 4")]
    )
    frame = with_seeds(frame, steps=(0.0, 0.04))
    table, figure = tables.many_subtasks(frame).data, figures.many_subtasks(frame).data
    assert "0.950 ±\N{NO-BREAK SPACE}0.635" in table  # 12.706 standard errors
    assert "its mean over 2 seeds" in table
    assert "its mean over 2 seeds" in figure

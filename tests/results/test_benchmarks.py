"""Tables that the scripts of ``benchmarks/`` write, and what pages say of them."""

from io import StringIO

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from mwt.report.tables import latency, public_networks, speed, trained_weights
from mwt.results import benchmarks


def test_a_table_is_read_as_it_was_written_with_how_it_was_made(tmp_path):
    rows = pd.DataFrame({"name": ["a, b", "# c"], "value": [0.1 + 0.2, float("nan")]})
    how = benchmarks.made() | {"asked": "one: two"}
    benchmarks.write(tmp_path / "table.csv", rows, how)
    found, made = benchmarks.read(tmp_path / "table.csv")
    assert_frame_equal(found, rows)
    assert made == how
    assert made["versions"].startswith("torch ")


def networks(*rows):
    columns = ("name", "result", "precision", "why", "parameters", "size", "masked")
    frame = pd.DataFrame([(*row, 1e6, 32, 3) for row in rows], columns=columns)
    return public_networks.with_collections(frame.assign(convolutions=4, difference=1e-7))


NETWORKS = networks(
    ("zoo 1.0/a", "exact", "single", None),
    ("zoo 1.0/b", "exact", "double", None),
    ("zoo 1.0/c", "refused", None, "Net has no batch norm in layer 'stem.conv.0' (Conv2d)"),
    ("zoo 1.0/d", "refused", None, "Net has no batch norm in layer 'head.conv' (Conv2d)"),
    ("other/pack 2/e", "exact", "single", None),
)


def read(table):
    return pd.read_html(StringIO(table.data))[0]


def test_networks_are_counted_by_collection():
    found = read(public_networks.by_collection(NETWORKS)).set_index("collection")
    assert found.loc["zoo 1.0"].to_dict() == {
        "networks": 4,
        "exact": 1,
        "exact, double": 1,
        "refused": 2,
        "share exact": "50 %",
    }
    assert found.loc["other/pack 2", "share exact"] == "100 %"


def test_networks_with_the_same_reason_stand_together():
    (line,) = read(public_networks.reasons(NETWORKS)).to_dict("records")
    assert line == {"why": "Net has no batch norm in a layer", "networks": "c, d"}
    assert public_networks.reasons(NETWORKS[NETWORKS["result"] == "exact"]) is None


def times(share, module_ms, **more):
    return {
        "network": "resnet18",
        "batch": 1,
        "classes": 3,
        "form": "generators",
        "share": share,
        "model_ms": 10.0,
        "optimized_model_ms": 8.0,
        "module_ms": 9.0,
        "optimized_module_ms": module_ms,
        "calls": 200,
        "convolutions_ms": 3.0,
    } | more


@pytest.mark.parametrize(
    ("share", "module_ms", "met", "both"),
    [
        (0.5, 4.5, "1 of 1", 1),
        (0.5, 5.0, "1 of 1", 0),
        (0.5, 6.0, "0 of 1", 0),
        (0.1, 6.0, "0 of 0", 0),
    ],
)
def test_the_bound_is_for_shares_above_a_fifth(share, module_ms, met, both):
    first, *others = latency.sentences(pd.DataFrame([times(share, module_ms)]))
    assert f"In {met} rows" in first
    assert first.endswith(f"in {both}.")
    assert len(others) == (met == "0 of 1")


def test_what_is_above_the_bound_says_where_its_time_goes():
    _, said = latency.sentences(pd.DataFrame([times(0.5, 7.0), times(0.5, 4.5)]))
    assert "ResNet18, 1 image, 3 classes, generators, 1.40 times its share" in said
    assert "Of its 7.0 ms, 3.0 are in convolutions, which alone take 0.60 times the share" in said
    assert "4.0 are in the others of its 200 calls" in said


def test_where_calls_were_not_measured_only_the_ratio_is_said():
    rows = pd.DataFrame([times(0.5, 7.0)]).drop(columns=["calls", "convolutions_ms"])
    assert latency.sentences(rows)[1].endswith("1.40 times its share.")


def test_epochs_are_counted_until_the_standard_networks_accuracy_is_back():
    def run(start, *accuracies, coupling):
        epochs = pd.DataFrame({"epoch": range(len(accuracies)), "accuracy": accuracies})
        return epochs.assign(
            network="vgg16",
            start=start,
            standard=0.95,
            kernel_retention_rate=0.5,
            coupling=coupling,
        )

    rows = pd.concat(
        [
            run("nothing", 0.1, 0.6, 0.9, 0.94, 0.93, coupling=0.5),
            run("trained weights", 0.1, 0.942, 0.93, 0.94, 0.95, coupling=0.7),
        ]
    )
    saved, modularity = trained_weights.sentences(rows)
    assert saved.endswith("VGG16 1 in place of 3.")
    assert "coupling is higher from trained weights than from nothing on 1 of 1" in modularity
    lines = read(trained_weights.starts(rows)).to_dict("records")
    assert [(line["from"], line["accuracy"]) for line in lines] == [
        ("nothing", 0.93),
        ("trained weights", 0.95),
    ]
    short = rows[rows["epoch"] < 3]
    assert "VGG16 1 in place of never" in trained_weights.sentences(short)[0]


SPEED = pd.DataFrame(
    [
        {"what": "a step", "setting": "vgg16, x", "ratio": 1.04, "seconds": 0.5, "most": 1.05},
        {"what": "a step", "setting": "simcnn, x", "ratio": 1.2, "seconds": 0.6, "most": 1.05},
        {"what": "the search", "setting": "y", "ratio": 0.5, "seconds": 3.0},
        {"what": "the book", "setting": "z", "seconds": 500.0, "most": 480.0},
    ]
).assign(
    low=1.0,
    high=2.0,
    baseline="another",
    baseline_s=[0.4, 0.5, 6.0, None],
    floor=[1.01, 1.1, None, 450.0],
)


def spaced(text):
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_bounds_are_of_ratios_or_of_seconds():
    assert [spaced(text) for text in speed.sentences(SPEED)] == [
        "A step: at most 1.05 times is wanted, 1.04 to 1.20 is measured, so met by 1 of 2. "
        "The floor alone is above that.",
        "The book: at most 8 min is wanted, 8 min 20 s is measured, so met by 0 of 1. "
        "In 0 of the 1 missed, the floor alone is above that.",
    ]


def test_times_and_ratios_stand_beside_their_bounds():
    lines = read(speed.measured(SPEED))
    assert "VGG16, x" in set(lines["of"])
    found = lines.set_index("of")
    assert found.loc["VGG16, x", ["ratio", "quarters", "bound", "floor"]].tolist() == [
        *("1.04", "1.00–2.00", "met", "1.01"),
    ]
    assert spaced(found.loc["z", "time"]) == "8 min 20 s"
    assert found.loc["z", ["ratio", "quarters", "bound"]].tolist() == ["–", "–", "missed"]
    assert found.loc["y", ["bound", "floor"]].tolist() == ["–", "–"]
    assert spaced(found.loc["z", "floor"]) == "7 min 30 s"


def test_what_training_takes_on_a_device():
    row = {"network": "resnet18", "method": "modular", "precision": "bfloat16", "compiled": True}
    row |= {"width": 1.0, "step_ms": 7.5, "images_a_second": 17066.7, "share_of_peak": 0.3}
    rows = pd.DataFrame([row | {"memory_mib": float("nan"), "epochs_200_min": 8.8}])
    (line,) = read(speed.steps(rows)).to_dict("records")
    assert line["training"] == "ResNet18, modular, bfloat16, compiled"
    assert [spaced(line[name]) for name in ("step", "200 epochs")] == ["7.5 ms", "8 min 48 s"]
    times = {119.7: "119.7 s", 239.6: "4 min", 599.7: "10 min", 1601: "27 min", 20_000: "6 h"}
    assert {s: spaced(speed.duration(s)) for s in times} == times
    assert line["images a second"] == "17,067" or line["images a second"] == 17067
    assert line["memory (MiB)"] == "–"

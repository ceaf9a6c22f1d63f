"""All pairs and triples of classes: counted without cutting, and as the reuse study finds them."""

import json

import pytest
import torch

from mwt.study import stages
from mwt.study.config import Config
from mwt.study.stages import exploring as stage
from mwt.study.stages.networks import data_of
from mwt.study.store import named

CPU = torch.device("cpu")
CONFIG = Config(dataset="digits", image_size=8, width=0.0625, epochs=4, lr=0.2, batch_size=64)
THRESHOLD = 0.9


@pytest.fixture(scope="module", autouse=True)
def _store(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MWT_HOME", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture(scope="module")
def found():
    return stages.small_subtasks(CONFIG, THRESHOLD, CPU)


def test_every_pair_and_every_triple_of_ten_classes(found):
    assert len(found.subtasks) == 45 + 120
    assert found.subtasks[:2] == [[0, 1], [0, 2]]
    assert found.subtasks[-1] == [7, 8, 9]
    assert {len(counts) for counts in found.correct.values()} == {165}


@pytest.mark.parametrize("classes", [[0, 1], [3, 7], [2, 4, 9]])
def test_they_score_what_the_modules_that_are_cut_out_score(found, classes):
    cut = stages.reused(CONFIG, THRESHOLD, classes, CPU, finetune=False, costs=False)
    at = found.subtasks.index(classes)
    assert found.test_images[at] == cut.test_images
    assert set(found.correct) == {"standard", "module-masked", "module-folded"}
    for method, counts in found.correct.items():
        # Rounding may decide an image that lies between two classes.
        assert counts[at] == pytest.approx(cut.accuracy[method] * cut.test_images, abs=1)


def test_some_modules_are_right_more_often_than_chance(found):
    triples = [i for i, classes in enumerate(found.subtasks) if len(classes) == 3]
    right = sum(found.correct["module-masked"][i] for i in triples)
    assert right > 0.5 * sum(found.test_images[i] for i in triples)


def test_they_are_found_again_without_data_or_networks(found, monkeypatch):
    def none(*_):
        raise AssertionError("this was made before")

    for name in ("data_of", "network", "sampled"):
        monkeypatch.setattr(stage, name, none)
    assert stages.small_subtasks(CONFIG, THRESHOLD, CPU) == found


def test_of_each_class_there_is_a_limited_number_of_images(monkeypatch):
    monkeypatch.setattr(stage, "IMAGES", 5)
    monkeypatch.setattr(stage, "SIZES", (2,))
    few = stages.small_subtasks(CONFIG, THRESHOLD, CPU)
    assert few.test_images == [10] * 45
    assert max(max(counts) for counts in few.correct.values()) <= 10
    standard = stages.network(CONFIG, "standard", CPU)
    first = data_of(CONFIG, CPU)[2].first(5).subset([6, 8])
    logits = stage.predict(standard, first)[:, [6, 8]]
    right = int((logits.argmax(dim=1) == first.labels).sum())
    assert few.correct["standard"][few.subtasks.index([6, 8])] == right


def test_of_many_pairs_some_are_drawn(monkeypatch):
    monkeypatch.setattr(stage, "MOST", 7)
    monkeypatch.setattr(stage, "SIZES", (2,))
    monkeypatch.setattr(stage, "IMAGES", 6)
    some = stages.small_subtasks(CONFIG, THRESHOLD, CPU)
    assert len({tuple(classes) for classes in some.subtasks}) == 7
    assert all(len(set(classes)) == 2 for classes in some.subtasks)
    assert {len(counts) for counts in some.correct.values()} == {7}


def test_nothing_of_single_images_is_kept(found):
    run = named(found.run)
    assert [path.name for path in run.path.glob("[!.]*")] == ["result.json"]
    assert len(json.dumps(run.record())) < 10_000

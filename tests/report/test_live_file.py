"""The file of the page on which a digit is drawn, from a tiny study to the book."""

import base64
import json
from pathlib import Path

import published_study
import pytest
import torch
from torch.testing import assert_close

import mwt
from mwt.report import live
from mwt.report.stage import copy_results
from mwt.study import parameters, stages
from mwt.training.predicting import predict

ROOT = Path(__file__).parents[2]
FILE = "live-resnet18-digits.json"
STUDY = {"profile": "tiny", "model": "resnet18", "dataset": "digits"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results with the file; all else that a book needs is empty."""
    folder = tmp_path_factory.mktemp("live")
    results = folder / "results/tiny"
    with pytest.MonkeyPatch.context() as patch:
        published_study.checkout(folder / "checkout", ROOT / "book", patch)
        patch.setenv("MWT_HOME", str(folder / "store"))
        published_study.forget()
        live.main(*STUDY.values(), results / FILE)
        (results / "results.csv").touch()
        yield results
    published_study.forget()


def test_the_file_holds_what_torch_finds(results):
    written = json.loads((results / FILE).read_text())
    study = parameters.read(STUDY)
    net = live.rounded_network(study)
    modules = stages.modularized(study.config, study.threshold, study.device).modules
    assert written["modules"] == ["".join(str(int(bit)) for bit in row) for row in modules]
    test = mwt.data.load("digits", size=study.config.image_size)[2]
    assert written["accuracy"]["rounded"] == mwt.accuracy(net, test)
    digits = written["digits"]
    assert sorted(digits["labels"]) == [one for one in range(10) for _ in range(live.PER_CLASS)]
    pixels = [list(base64.b64decode(image)) for image in digits["images"]]
    images = torch.tensor(pixels, dtype=torch.uint8).view(-1, 1, 8, 8)
    logits = net(test.normalized(images))  # their own size is what this network reads
    assert_close(torch.tensor(digits["logits"]), logits, atol=1e-4, rtol=1e-4)


def test_the_modules_of_single_classes_are_asked_about_their_own_class(trained, digits):
    test = digits[2].first(2)
    everything = torch.ones(10, mwt.sample_masks(trained, test).binary.shape[1]).bool()
    assert_close(live.alone(trained, everything, test), predict(trained, test))


def test_it_comes_into_the_book_with_the_results(results, tmp_path):
    copy_results(results, tmp_path / "copy")
    copied = tmp_path / "copy/results/tiny" / FILE
    assert copied.read_bytes() == (results / FILE).read_bytes()


def test_data_in_colour_are_refused():
    study = parameters.read({"dataset": "svhn"})
    with pytest.raises(mwt.UsageError, match="draws in one colour, so give one of mnist5k"):
        live.as_json(study)

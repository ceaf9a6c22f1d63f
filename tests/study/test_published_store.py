"""A published study is found again without data; what is missing is computed or refused."""

import hashlib
import json
import shutil
from pathlib import Path
from urllib.error import URLError

import nbformat
import published_study
import pytest
import torch
import torchvision.datasets.utils
from published_study import NOTEBOOKS, forget, run_all
from safetensors.torch import load_file

import mwt
from mwt.report import published as publishing
from mwt.report.banners import banner
from mwt.report.publish import publish
from mwt.results.record import records
from mwt.results.tidy import read_results
from mwt.study import parameters, stages
from mwt.study.seals import seal_of
from mwt.study.store import find_run

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The checkout in which the study was published, made with the store beside it."""
    root = tmp_path_factory.mktemp("publishing") / "checkout"
    with pytest.MonkeyPatch.context() as patch:
        published_study.checkout(root, ROOT / "book", patch)
        published_study.published(ROOT / "notebooks", root, root.parent / "theirs", patch)
        yield root


@pytest.fixture(autouse=True)
def store(root, tmp_path, monkeypatch):
    """An empty store of one's own."""
    monkeypatch.setenv("MWT_HOME", str(tmp_path / "mine"))
    forget()
    return tmp_path / "mine"


@pytest.fixture
def copy(root, tmp_path, monkeypatch):
    """A copy of the checkout to change."""
    copy = shutil.copytree(root, tmp_path / "copy")
    monkeypatch.setattr("mwt.support.files.__file__", str(copy / "mwt/support/files.py"))
    return copy


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """No data, and no network to get them from: as if the study's were CIFAR-10."""

    def fail(*_args, **_kwargs):
        raise URLError("no network")

    for name in ("_urlretrieve", "_get_redirect_url"):
        monkeypatch.setattr(torchvision.datasets.utils, name, fail)
    monkeypatch.setattr(
        "mwt.study.stages.networks.load", lambda *_, **__: mwt.data.load("cifar10", root=tmp_path)
    )


def configured(model="resnet18"):
    return parameters.read({"profile": "tiny", "model": model, "device": "cpu"}).config


def contents(folder):
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def own_runs(store):
    found = (store / "runs").glob("*/result.json")
    return {json.loads(path.read_text())["asked"]["stage"] for path in found}


def test_every_notebook_finds_its_results_without_data_weights_and_training(
    root, store, no_data, tmp_path, monkeypatch
):
    def no_weights(*_):
        raise AssertionError("weights were read")

    monkeypatch.setattr("mwt.study.weights.load_model", no_weights)
    book = contents(root / "book")
    run_all(ROOT / "notebooks", tmp_path / "tiny")
    assert read_results(tmp_path / "tiny/results.csv").equals(
        read_results(root / "book/results/tiny/results.csv")
    )
    explorers = [
        json.loads((folder / "explorer-resnet18-digits.json").read_text())
        for folder in (tmp_path / "tiny", root / "book/results/tiny")
    ]
    assert all(one.pop("used") for one in explorers)
    assert explorers[0] == explorers[1]
    assert not store.exists()
    assert contents(root / "book") == book


def test_what_was_found_published_can_be_published_again(copy, no_data, tmp_path):
    weights = contents(copy / "weights")
    results = sorted((copy / "book/results/tiny/runs").glob("*/result.json"))
    records = {path: json.loads(path.read_text()) for path in results}
    for path, record in records.items():  # as if they were of before there were checksums
        older = {name: part for name, part in record.items() if name not in ("seal", "files")}
        path.write_text(json.dumps(older))
    forget()
    run_all(ROOT / "notebooks", tmp_path / "tiny")
    publish(tmp_path / "tiny")
    assert contents(copy / "weights") == weights
    for path in results:
        again = json.loads(path.read_text())
        assert again["result"] == records[path]["result"]
        assert again["seal"] == seal_of(again)
    for name, model in NOTEBOOKS:
        published_study.executed(ROOT / f"notebooks/{name}.py", model)


def test_pages_say_what_was_published(root):
    first = nbformat.read(root / "book/results/tiny/rq4-resnet18-digits.ipynb", as_version=4)
    found = published_study.executed(ROOT / "notebooks/rq4.py", "resnet18")
    made, again = (records(notebook)[-1]["runs"] for notebook in (first, found))
    kind = "runs published with the project, made at"
    assert not made[kind]
    assert made["runs made at"]
    assert not again["runs made at"]
    (where,) = again[kind]
    assert "thread(s)" in where
    study = parameters.read({"profile": "tiny"})
    assert "published with the project" in banner(study).data
    other = parameters.read({"profile": "tiny", "epochs": 3})
    assert "published with the project" not in banner(other).data


def test_neither_weights_nor_anything_of_single_images_is_in_the_published_store(root):
    runs = root / "book/results/tiny/runs"
    names = {path.name for path in runs.glob("*/*")}
    assert names == {"result.json", "tensors.safetensors", "modules.safetensors"}
    images = len(mwt.data.load("digits")[0])
    sizes = [t.shape for path in runs.glob("*/*.safetensors") for t in load_file(path).values()]
    assert all(size[0] == 10 < images for size in sizes)
    assert max(path.stat().st_size for path in runs.glob("*/*")) < 100_000


def test_another_threshold_is_computed_from_the_published_weights(root, store, monkeypatch):
    found = stages.reused(configured(), 0.72, [3, 5, 7], CPU, finetune=False, costs=False)
    modules = stages.modularized(configured(), 0.72, CPU)
    assert {"trained", "frequencies"}.isdisjoint(own_runs(store))
    assert {"cut", "modularized", "answers", "test-masks"} <= own_runs(store)
    assert find_run("trained", configured(), "modular").published
    # The same on the machine that has the networks themselves.
    monkeypatch.setenv("MWT_HOME", str(root.parent / "theirs"))
    forget()
    theirs = stages.reused(configured(), 0.72, [3, 5, 7], CPU, finetune=False, costs=False)
    assert (found.run, found.accuracy) == (theirs.run, theirs.accuracy)
    assert modules.cohesion == stages.modularized(configured(), 0.72, CPU).cohesion


def test_data_that_are_missing_are_asked_for_by_what_needs_them(no_data):
    with pytest.raises(mwt.UsageError) as error:
        stages.reused(configured(), 0.7, [3, 5, 7], CPU)
    said = str(error.value)
    assert (
        "cut (resnet18 on digits, seed 0, threshold 0.7, classes 3 5 7) is not in the store" in said
    )
    assert "CIFAR-10" in said
    assert "could not be downloaded" in said
    assert "put cifar-10-binary.tar.gz" in said


def test_what_was_published_without_weights_is_not_mixed_with_a_network_trained_anew(store):
    with pytest.raises(mwt.UsageError) as error:
        stages.reused(configured("simcnn"), 0.7, [3, 5, 7], CPU)
    said = str(error.value)
    assert "threshold 0.7, classes 3 5 7) is not in the store and cannot be made" in said
    assert "published without the network's weights" in said
    assert "MWT_FRESH=1" in said
    assert "make book FRESH=1" in said
    assert "which took" in said
    assert "weights are published of resnet18-tiny" in said
    assert not own_runs(store)


def test_ones_own_run_is_found_before_the_published_one(store, monkeypatch):
    assert find_run("trained", configured(), "modular").published
    monkeypatch.setenv("MWT_FRESH", "1")
    assert not find_run("trained", configured(), "modular").finished()
    mine = stages.trained(configured(), "modular", CPU)
    assert own_runs(store) == {"trained"}
    monkeypatch.delenv("MWT_FRESH")
    run = find_run("trained", configured(), "modular")
    assert run.finished()
    assert not run.published
    assert find_run("trained", configured(), "standard").published
    assert stages.trained(configured(), "modular", CPU).weights == mine.weights


def test_a_published_number_is_measured_from_the_rounded_weights(root):
    score = stages.scored(configured(), "modular", CPU)
    file = root / "weights/tiny/resnet18-modular.safetensors"
    types = {name: tensor.dtype for name, tensor in load_file(file).items()}
    assert types["layer1.0.conv1.conv.weight"] == types["fc.weight"] == torch.float16
    assert types["layer1.0.conv1.generator.squeeze.weight"] == torch.float16
    assert types["layer1.0.conv1.bn.weight"] == torch.float32
    assert types["layer1.0.conv1.bn.running_var"] == torch.float32
    modular = mwt.pretrained("resnet18-tiny")
    test = mwt.data.load("digits")[2]
    assert mwt.accuracy(modular, test) == score.accuracy == modular.card["test_accuracy"]
    standard = mwt.pretrained("resnet18-tiny", "standard")
    assert mwt.accuracy(standard, test) == stages.scored(configured(), "standard", CPU).accuracy


def test_a_pretrained_network_is_ready_to_cut_and_says_how_it_came_about(digits):
    modular = mwt.pretrained("resnet18-tiny")
    assert not modular.training
    card = modular.card
    assert card["classes"][3] == "3"
    assert card["settings"]["half_weights"] is True
    assert card["settings"]["seed"] == 0
    assert {"commit", "machine", "digest", "licence", "dataset", "date", "run"} <= set(card)
    train, _, test = digits
    modules = mwt.module_masks(mwt.sample_masks(modular, train), threshold=0.5)
    module = mwt.extract(modular, mwt.compose(modules, [3, 5]), classes=[3, 5], generators=True)
    found = stages.reused(configured(), 0.5, [3, 5], CPU, finetune=False, costs=False)
    assert mwt.accuracy(module, test.subset([3, 5])) == found.accuracy["module-masked"]
    published = stages.sampled(configured(), CPU).train
    assert torch.equal(mwt.sample_masks(modular, train).frequency, published.frequency)


def test_pretrained_networks_that_are_not_there(root, tmp_path, monkeypatch):
    with pytest.raises(
        mwt.UsageError, match=r"did you mean 'resnet18-tiny'\? Choose one of: resnet18"
    ):
        mwt.pretrained("resnet18-tony")
    with pytest.raises(mwt.UsageError, match=r"method of resnet18-tiny.*modular, standard"):
        mwt.pretrained("resnet18-tiny", "plain")
    file = root / "weights/tiny/resnet18-modular.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        with pytest.raises(mwt.UsageError, match="is not the file that resnet18-modular"):
            mwt.pretrained("resnet18-tiny")
    finally:
        file.write_bytes(whole)
    (tmp_path / "profiles").mkdir()
    monkeypatch.setattr("mwt.support.files.__file__", str(tmp_path / "mwt/support/files.py"))
    with pytest.raises(mwt.UsageError, match="no published weights"):
        mwt.pretrained("resnet18-tiny")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("half_weights: true", "half_weights: false"), "not in half precision"),
        (("[resnet18]}", "[vgg16]}"), "unknown network under publish in profiles/tiny.yaml"),
        ((", precision: float32", ""), "leave the precision to the machine"),
    ],
)
def test_a_profile_that_cannot_be_published_so(change, message, root):
    before = contents(root / "book")
    file = root / "profiles/tiny.yaml"
    file.write_text(published_study.PROFILE.replace(*change))
    try:
        with pytest.raises(mwt.UsageError, match=message):
            publish(root / "results/tiny")
    finally:
        file.write_text(published_study.PROFILE)
    assert contents(root / "book") == before


def test_weights_that_are_too_large_are_not_published(root, monkeypatch):
    monkeypatch.setattr(publishing, "LARGEST", 1000)
    with pytest.raises(mwt.UsageError, match="bytes, but 1,000 may be published"):
        publish(root / "results/tiny")
    assert (root / "weights/tiny/resnet18-modular.safetensors").exists()


def test_a_profile_that_does_not_say_so_publishes_pages_only(copy):
    shutil.rmtree(copy / "weights")
    without, _, _ = published_study.PROFILE.partition("publish:")
    (copy / "profiles/tiny.yaml").write_text(without)
    publish(copy / "results/tiny")
    folder = copy / "book/results/tiny"
    assert {path.stem for path in folder.glob("*.ipynb")} == {
        f"{n}-{m}-digits" for n, m in NOTEBOOKS
    }
    assert not (folder / "runs").exists()
    assert not (copy / "weights").exists()

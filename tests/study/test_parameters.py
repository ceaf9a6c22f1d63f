"""Notebook parameters: completed from a profile, refused by one clear sentence."""

import pytest
import torch
import yaml

import mwt
from mwt.study import __main__ as command_line
from mwt.study import parameters
from mwt.support.checks import resolve_device
from mwt.support.files import project_root


def test_the_profile_completes_what_is_not_given():
    study = parameters.read({"model": "vgg16", "epochs": 7, "threshold": None})
    assert study.config.epochs == 7
    assert study.config.dataset == "mnist5k"
    assert study.threshold == 0.9
    assert study.subtasks[0] == [0, 1]
    assert [len(subtask) for subtask in study.subtasks] == [2, 3, 5, 10]
    assert len(study.random_subtasks) == 8 * 4 + 1
    assert study.finetune == []


def test_random_sub_tasks_may_be_fine_tuned_by_size():
    assert parameters.read({"finetune": "2,5"}).finetune == [2, 5]
    study = parameters.read({"finetune": True, "subtask_sizes": "3,4"})
    assert study.finetune == [3, 4]


def test_sub_tasks_begin_with_the_target_classes():
    study = parameters.read({"target_classes": "7 3", "subtask_sizes": "2,4"})
    assert study.subtasks == [[7, 3], [7, 3, 0, 1]]
    assert study.subtask == "7 3"


def test_the_operating_point_is_part_of_the_sweep():
    study = parameters.read({"threshold": 0.55, "thresholds": "0.5, 0.9"})
    assert study.thresholds == [0.5, 0.55, 0.9]


def test_the_papers_settings():
    study = parameters.read({"profile": "paper", "device": "cpu"})
    config = study.config
    assert (config.epochs, config.batch_size, config.lr, config.width) == (200, 128, 0.05, 1)
    assert (config.alpha, config.beta, study.threshold, config.dataset) == (
        0.5,
        1.5,
        0.9,
        "cifar10",
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": 1.7}, r"threshold 1.7.*\(0, 1\]"),
        ({"threshold": "high"}, r"\(0, 1\]"),
        ({"model": "resnet81"}, r"did you mean 'resnet18'.*rescnn, resnet18, simcnn, vgg16"),
        ({"dataset": "cifra10"}, r"did you mean 'cifar10'.*mnist5k"),
        ({"profile": "quik"}, r"did you mean 'quick'.*paper, quick"),
        ({"target_classes": "0,11"}, "classes are 0 to 9"),
        ({"target_classes": [1, 1]}, "twice"),
        ({"target_classes": ""}, "empty"),
        ({"epochs": 0}, "epochs 0: give a number of at least 1."),
        ({"epochs": -2}, "epochs -2"),
        ({"epochs": 1.5}, "whole number"),
        ({"epochs": "many"}, "whole number"),
        ({"lr": 0}, "lr 0"),
        ({"width": -1}, "width"),
        ({"alpha": -0.5}, "alpha"),
        ({"seed": "x"}, "seed"),
        ({"device": "cuda:99"}, "is not there"),
        ({"device": "gpu"}, "Choose one of: auto, cpu, cuda"),
        ({"subtask_sizes": [11]}, "1 to 10"),
        ({"subtask_sizes": []}, "no sub-task sizes"),
        ({"thresholds": "a b"}, "no list of numbers"),
        ({"model": "vgg16", "image_size": 16}, "made for 32"),
        ({"model": "rescnn", "image_size": 16}, "made for 32"),
        ({"per_size": 0}, "per_size 0"),
        ({"finetune": "yes"}, "True or False"),
        ({"finetune": "2,11"}, "some of the sizes 2, 3, 4"),
        ({"alphas": "-1"}, "alphas -1"),
        ({"betas": []}, "no betas"),
        ({"dataset": "no/such/folder"}, "path of a folder"),
        ({"released": "nowhere.pth"}, "nowhere.pth is no file"),
    ],
)
def test_mistakes(given, message):
    with pytest.raises(mwt.UsageError, match=message) as error:
        parameters.read(given)
    assert "\n" not in str(error.value)


def test_a_misspelt_parameter_that_papermill_injected():
    cells = ["", "threshold = None\nmodel = 'vgg16'", "# Parameters\nthresold = 0.7\n", "import x"]
    with pytest.raises(mwt.UsageError, match="did you mean 'threshold'"):
        parameters.read({"In": cells, "thresold": 0.7})


@pytest.mark.parametrize(("there", "kind"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_cuda_where_it_is_there(monkeypatch, there, kind):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert resolve_device("auto").type == kind


def test_the_study_of_alpha_and_beta_has_settings_of_its_own():
    study = parameters.read({"betas": "1.5, 0"}, grid=True)
    assert study.config.width == 0.125
    assert study.betas == [0, 1.5]
    assert parameters.read({"width": 0.5}, grid=True).config.width == 0.5


def test_a_folder_of_fewer_classes_has_fewer_in_its_sub_tasks(tmp_path):
    from PIL import Image

    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.new("L", (16, 16), number).save(tmp_path / name / f"{number}.png")
    study = parameters.read({"dataset": str(tmp_path)})
    assert study.classes == [0, 1]
    assert study.subtasks == [[0, 1]]
    assert study.random_subtasks == [[0, 1]]
    with pytest.raises(mwt.UsageError, match="classes are 0 to 1"):
        parameters.read({"dataset": str(tmp_path), "target_classes": "0 2"})


def test_a_learning_rate_that_is_given_is_for_both_networks():
    assert parameters.read({"model": "simcnn"}).config.standard_lr == 0.01
    assert parameters.read({"model": "simcnn", "lr": 0.03}).config.standard_lr is None


def test_cnnsplitters_search_as_published_or_shortened():
    assert parameters.read({}).search["population"] == 20
    assert parameters.read({"population": 30}).search["population"] == 30
    assert parameters.read({"published": True}).search == {}
    exact = parameters.read({"published": True, "precision": "float32"})
    assert exact.search == {"precision": "float32"}
    assert parameters.read({"profile": "paper"}).search == {}
    with pytest.raises(mwt.UsageError, match="generations 0"):
        parameters.read({"generations": 0})


def test_what_the_profile_says_of_itself_is_said_only_where_it_is_so(tmp_path):
    usual = parameters.read({}).about
    assert "MNIST" in usual
    assert parameters.read({"epochs": parameters.read({}).config.epochs}).about == usual
    assert parameters.read({"epochs": 1, "width": 0.5}).about == (
        "Unlike the profile: width 0.5, epochs 1."
    )
    assert parameters.read({"dataset": "digits", "image_size": 8}).about == (
        "Unlike the profile: dataset digits, image_size 8."
    )
    assert parameters.read({}, grid=True).about == usual


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"datasets": []}, "datasets in profiles/mine.yaml: give a list"),
        ({"live": None}, "live in profiles/mine.yaml: give a list of networks"),
        ({"live": ["resnet81"]}, "did you mean 'resnet18'"),
        ({"publish": {"weights": 3}}, "publish in profiles/mine.yaml: give a list of networks"),
        ({"models": []}, "models in profiles/mine.yaml: give names with values"),
        ({"defaults": None}, "settings in profiles/mine.yaml: give names with values"),
        ({"models": {"resnet18": None}}, "settings in profiles/mine.yaml: give names with values"),
        (
            {"cnnsplitter": {"models": [], "settings": {"poplation": 3}}},
            "did you mean 'population'",
        ),
        ({"random_subtasks": {"sizes": [2]}}, "random_subtasks in .* lacks per_size, finetune"),
    ],
)
def test_a_mistake_in_a_profile_is_said_at_once(change, message, tmp_path, monkeypatch):
    usual = yaml.safe_load((project_root() / "profiles/quick.yaml").read_text())
    monkeypatch.setattr("mwt.study.profiles.project_root", lambda: tmp_path)
    (tmp_path / "profiles").mkdir()
    profile = usual | {"profile": "mine"} | change
    (tmp_path / "profiles/mine.yaml").write_text(yaml.safe_dump(profile))
    with pytest.raises(mwt.UsageError, match=message):
        parameters.read({"profile": "mine"})


def test_numbers_may_be_written_as_science_does():
    assert parameters.read({"alphas": "1e-1,2"}).alphas == [0.1, 2.0]
    assert command_line.parsed("1e-3") == 0.001
    assert command_line.parsed("cosine") == "cosine"

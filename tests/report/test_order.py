"""Which profile comes first: in the contents, on pages, in the README."""

import shutil
from pathlib import Path

import pytest
import yaml

from mwt.report import publish, stage
from mwt.report.order import ordered, profile_folders
from mwt.study.profiles import load_profile

ROOT = Path(__file__).parents[2]


@pytest.fixture
def profiles(monkeypatch):
    """Profiles that differ in their data, width and epochs, beside those that there are."""
    quick = load_profile("quick")
    about = {
        "half": {"datasets": ["cifar10"], "width": 0.5, "epochs": 20},
        "longer": {"datasets": ["cifar10"], "width": 0.5, "epochs": 40},
        "mine": {"datasets": ["digits"], "width": 0.125, "epochs": 1},
    }

    def load(name):
        if name not in about:
            return load_profile(name)
        given = about[name]
        settings = {"width": given["width"], "epochs": given["epochs"]}
        models = {"resnet18": settings, "vgg16": settings}
        return quick | {"profile": name, "datasets": given["datasets"], "models": models}

    for module in (
        *("study.parameters", "results.executed"),
        *("report.order", "report.publish", "report.stage"),
    ):
        monkeypatch.setattr(f"mwt.{module}.load_profile", load)
    return list(about)


def test_the_papers_data_come_first_then_width_then_epochs_and_the_default_last(profiles):
    names = ["quick", "mine", "half", "paper", "longer"]
    assert ordered(names) == ["paper", "longer", "half", "mine", "quick"]


def test_a_folder_without_results_is_no_profile(tmp_path):
    for name in ("quick", "paper"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.csv").touch()
    (tmp_path / "notes").mkdir()
    assert [path.name for path in profile_folders(tmp_path)] == ["paper", "quick"]


@pytest.fixture
def fresh(tmp_path, profiles):
    """A run of a profile on the paper's data, of one network."""
    folder = tmp_path / "results/half"
    folder.mkdir(parents=True)
    published = ROOT / "book/results/quick"
    for path in published.glob("*-resnet18-mnist5k.ipynb"):
        shutil.copy(path, folder / path.name.replace("mnist5k", "cifar10"))
    shutil.copy(published / "results.csv", folder)
    return folder


def test_contents_have_the_parts_of_the_first_profile_first(fresh):
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text())
    captions = [part["caption"] for part in toc["parts"]]
    new = stage.with_notebooks(toc, fresh)
    found = [part["caption"] for part in new["parts"]]
    assert found == [captions[0], "resnet18 on cifar10 (half)", *captions[1:]]
    assert stage.with_notebooks(new, fresh) == new
    assert stage.with_notebooks(new, ROOT / "book/results/quick") == new


@pytest.mark.parametrize(("beside", "shown"), [((), True), (("longer",), False)])
def test_the_readme_shows_the_modules_of_the_first_profile(
    fresh, beside, shown, tmp_path, monkeypatch
):
    project = tmp_path / "project"
    shutil.copytree(ROOT / "book", project / "book")
    for name in beside:
        shutil.copytree(fresh, project / "book/results" / name)
    picture = project / "book/_static/masks.svg"
    picture.write_text("another picture")
    monkeypatch.setattr(publish, "project_root", lambda: project)
    publish.publish(fresh)
    assert ("<svg" in picture.read_text()) == shown

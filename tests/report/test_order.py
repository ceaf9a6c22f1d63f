"""Which profile comes first: in the contents, on pages, in the README."""

import nbformat
import pytest
import yaml

from mwt.report import publish, stage
from mwt.report.order import ordered, profile_folders
from mwt.report.questions.listed import QUESTIONS
from mwt.results.claims import claims
from mwt.results.executed import titles
from mwt.study.profiles import load_profile


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


def a_notebook(drawing):
    """A notebook that shows one figure."""
    page = nbformat.v4.new_output("display_data", data={"text/html": f"<svg>{drawing}</svg>"})
    cell = nbformat.v4.new_code_cell(outputs=[page])
    return nbformat.v4.new_notebook(cells=[cell])


def results_of(folder, dataset):
    """A profile's results: one network, two notebooks, no rows."""
    folder.mkdir(parents=True)
    for name in ("train", "modularize"):
        nbformat.write(a_notebook(folder.name), folder / f"{name}-resnet18-{dataset}.ipynb")
    (folder / "results.csv").touch()
    return folder


@pytest.fixture
def project(tmp_path, profiles):
    """A book with the results of one profile, on other data than the paper's."""
    root = tmp_path / "project"
    results_of(root / "book/results/quick", "mnist5k")
    experiments = [{"file": "results/quick/train-resnet18-mnist5k", "title": "digits"}]
    costs = {"file": "costs", "sections": experiments}
    parts = [
        {"caption": "Guide", "chapters": [{"file": "method"}]},
        {"caption": "Does it hold?", "chapters": [costs, {"file": "modularity"}]},
    ]
    contents = {"format": "jb-book", "root": "index", "parts": parts}
    (root / "book/_toc.yml").write_text(yaml.safe_dump(contents))
    (root / "book/_static").mkdir()
    return root


@pytest.fixture
def fresh(tmp_path, profiles):
    """A run of a profile on the paper's data."""
    return results_of(tmp_path / "results/half", "cifar10")


def test_experiments_lie_below_their_question_the_first_profiles_first(project, fresh):
    toc = yaml.safe_load((project / "book/_toc.yml").read_text())
    new = stage.with_notebooks(toc, fresh)
    assert [part["caption"] for part in new["parts"]] == ["Guide", "Does it hold?"]
    costs, modularity = new["parts"][1]["chapters"]
    assert [page["title"] for page in costs["sections"]] == ["ResNet18, CIFAR-10", "digits"]
    assert [page["file"] for page in modularity["sections"]] == [
        "results/half/modularize-resnet18-cifar10"
    ]
    assert stage.with_notebooks(new, fresh) == new


def test_every_notebook_serves_one_question():
    served = [name for question in QUESTIONS for name in question.notebooks]
    assert sorted(served) == sorted(titles())


def test_every_claim_is_on_the_page_of_a_question():
    served = {name for question in QUESTIONS for name in question.claims}
    assert served == {claim.id for claim in claims()}


@pytest.mark.parametrize(("beside", "shown"), [((), "half"), (("longer",), "before")])
def test_the_readme_shows_the_modules_of_the_first_profile(
    project, fresh, beside, shown, monkeypatch
):
    for name in beside:
        results_of(project / "book/results" / name, "cifar10")
    picture = project / "book/_static/masks.svg"
    picture.write_text("before")
    monkeypatch.setattr(publish, "project_root", lambda: project)
    publish.publish(fresh)
    assert shown in picture.read_text()
    assert ("<svg" in picture.read_text()) == (shown == "half")

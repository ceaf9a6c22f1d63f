"""The sentences on a question's page follow from the rows of ``results.csv``."""

from pathlib import Path

import pytest

from mwt.report.questions.base import AGAINST, FOR, NEUTRAL, OPEN, cases
from mwt.report.questions.listed import QUESTIONS
from mwt.results.tidy import read_results
from mwt.study import parameters

PUBLISHED = Path(__file__).parents[2] / "book/results/quick/results.csv"
STUDY = parameters.read({"device": "cpu"})


def changed(method, change, quantity="accuracy", **wanted):
    """The published digits, with other values in some rows."""
    results = read_results(PUBLISHED)
    rows = (results["method"] == method) & (results["quantity"] == quantity)
    for column, value in wanted.items():
        rows &= results[column] == value
    assert rows.any()
    return results.assign(value=results["value"].where(~rows, change(results["value"])))


def said(page, results):
    answers = next(one.answers for one in QUESTIONS if one.page == page)
    return answers.findings(cases(results, STUDY))


def texts(found, sign):
    return [one.text for one in found if one.sign == sign]


CHANGES = {
    "costs": changed("modular", lambda v: v - 0.06, classes="all"),
    "modularity": changed("modular", lambda _: 0.95, "coupling", classes="all"),
    "modules": changed("module-finetuned", lambda v: v - 0.3),
    "threshold": changed("modular", lambda v: 1 - v, "cohesion"),
    "losses": changed("modular-grid", lambda v: 1 - v, "coupling"),
    "against-cnnsplitter": changed("cnnsplitter", lambda _: 1.0),
    "worth": changed("small-standard", lambda _: 1.0),
}


def test_every_question_is_tried():
    assert list(CHANGES) == [question.page for question in QUESTIONS]


@pytest.mark.parametrize("page", [page for page in CHANGES if page != "worth"])
def test_worse_results_give_other_sentences_and_more_that_speak_against_the_paper(page):
    before, after = said(page, read_results(PUBLISHED)), said(page, CHANGES[page])
    assert before != after
    assert len(texts(after, AGAINST)) > len(texts(before, AGAINST))


def test_what_the_paper_does_not_compare_speaks_neither_for_it_nor_against_it():
    before, after = said("worth", read_results(PUBLISHED)), said("worth", CHANGES["worth"])
    assert {one.sign for one in (*before, *after)} == {NEUTRAL}
    assert any("with generators" in one.text and "is better by" in one.text for one in before)
    assert not any("is better by" in one.text for one in after)
    assert "0 of 4 networks; the fine-tuned module in 0 of 4." in after[0].text
    assert before[0].text.startswith("In short: ")
    assert before[0] != after[0]


@pytest.mark.parametrize("page", CHANGES)
def test_without_results_nothing_is_said(page):
    assert said(page, read_results(PUBLISHED).iloc[:0]) == []


def test_a_network_that_is_not_thinned_out_is_named():
    thick = changed("modular", lambda _: 0.9, "kernel_retention_rate", classes="all")
    against = texts(said("modularity", thick), AGAINST)
    [hardly] = [text for text in against if "hardly thins out" in text]
    for name in ("ResNet18", "VGG16", "SimCNN", "ResCNN"):
        assert name in hardly


def test_an_interval_that_holds_the_limit_leaves_it_open():
    wide = changed("modular", lambda v: v - 0.05, classes="all", seed=0, model="vgg16")
    [undecided] = [text for text in texts(said("costs", wide), OPEN) if "Undecided" in text]
    assert "VGG16" in undecided
    assert not any("VGG16" in text for text in texts(said("costs", wide), FOR))


def test_times_of_two_machines_are_refused():
    results = read_results(PUBLISHED)
    search = (results["method"] == "cnnsplitter") & (results["quantity"] == "modularize_seconds")
    results.loc[search, "machine"] = "another"
    found = said("against-cnnsplitter", results)
    assert "different machines" in " ".join(texts(found, OPEN))
    assert not any("half" in text for text in texts(found, FOR))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.page)
def test_a_question_has_small_figures_and_rows_of_its_networks(question):
    some = cases(read_results(PUBLISHED), STUDY)
    panels = [panel for case in some for panel in question.answers.panels(case, some)]
    rows = [row for case in some for row in question.answers.rows(case)]
    assert panels
    assert rows
    assert all(len(panel.numbers) and panel.keys for panel in panels)
    assert any(character.isdigit() for character in panels[0].alt)


def test_the_papers_curve_lies_behind_its_own_network_only():
    answers = next(one.answers for one in QUESTIONS if one.page == "threshold")
    results = read_results(PUBLISHED).assign(dataset="cifar10")
    some = cases(results, parameters.read({"profile": "paper", "device": "cpu"}))
    lines = {
        case.model: len(answers.panels(case, some)[0].figure.axes[0].get_lines()) for case in some
    }
    assert lines["resnet18"] > lines["vgg16"] == lines["simcnn"]


def test_a_gain_over_a_network_without_batch_norm_names_all_that_differs():
    """SimCNN's standard network has another learning rate, too; the first network has not."""
    better = changed("modular", lambda v: v + 0.01, classes="all", model="simcnn")
    [caveat] = [text for text in texts(said("costs", better), OPEN) if "batch norm" in text]
    assert "SimCNN" in caveat
    assert "learning rates differ" in caveat

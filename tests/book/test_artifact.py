"""The artifact page: computed from results and from the project's own files."""

import dataclasses
import re

import pytest
import yaml
from browser import ROOT
from bs4 import BeautifulSoup
from parsed import pages

from mwt.report.order import profile_folders
from mwt.report.site.artifact import in_general, of_profile
from mwt.report.site.costs_page import in_words
from mwt.report.site.shown import read_profile
from mwt.results.claims import claims

PROFILES = [read_profile(folder) for folder in profile_folders(ROOT / "book/results")]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())


@pytest.fixture(scope="module")
def article(site):
    return BeautifulSoup((site / "artifact.html").read_text(), "lxml").select_one("article")


@pytest.mark.parametrize("one", PROFILES, ids=lambda one: one.name)
def test_each_claim_has_its_commands_and_measured_seconds(article, one):
    (table,) = [
        figure
        for figure in article.select("figure:has(table.mwt-costs)")
        if one.title in figure.figcaption.text
    ]
    links = [link["href"] for link in table.select("td:first-child a")]
    assert sorted(links) == sorted(f"claims.html#claim-{claim.id}" for claim in claims())
    (row,) = [row for row in table.select("tbody tr") if "#claim-accuracy-loss" in str(row)]
    decides = next(f.decides for f in one.findings if f.claim.id == "accuracy-loss")
    rows = one.results[
        one.results["model"].isin(decides.models)
        & (one.results["dataset"] == decides.dataset)
        & (one.results["classes"] == "all")
    ]
    trained = rows["method"].isin(["standard", "modular"]) & (rows["quantity"] == "train_seconds")
    masks = (rows["method"] == "modular") & (rows["quantity"] == "modularize_seconds")
    seconds = rows[trained | masks].groupby("seed")["value"].sum().mean()
    assert f"computing: {in_words(seconds)}" in row.text
    commands = [" ".join(code.text.split()) for code in row.select("code")]
    made = [m for model in decides.models for m in one.networks[model, decides.dataset]]
    assert commands == [m.command for m in made if m.source == "train"]


def test_the_first_try_needs_no_training(article):
    *_, block = [one.text.strip() for one in article.select("#a-first-try .highlight-bash")]
    assert re.match(r"papermill notebooks/rq4\.ipynb out\.ipynb .*-p profile (\w+)", block)
    assert "Its published page took" in article.select_one("#a-first-try").text


def test_licence_and_citation_are_those_of_the_project(article):
    licence = article.select_one("#licence details pre")
    assert licence.text.split() == (ROOT / "LICENSE").read_text().split()
    (entry,) = re.findall(
        r"(?ms)^@inproceedings\{mwt,.*?^\}", (ROOT / "book/references.bib").read_text()
    )
    blocks = [block.text.strip() for block in article.select(".highlight-bibtex pre")]
    assert blocks[0] == entry
    assert CITATION["title"] in blocks[1]
    assert CITATION["references"][0]["url"] in entry  # which the footer links to


def test_every_page_says_licence_citation_paper_and_source(site):
    for path in pages(site):
        _, _, footer = path.read_text().partition('<ul class="mwt-footer">')
        hrefs = [link["href"] for link in BeautifulSoup(footer, "lxml").select("ul a, li a")]
        assert CITATION["references"][0]["url"] in hrefs, path.name
        assert any(href.endswith("#licence") for href in hrefs), path.name
        assert any(href.endswith("#how-to-cite") for href in hrefs), path.name
        if path.name not in ("search.html", "genindex.html"):
            assert any("_sources/" in href for href in hrefs), path.name


def test_what_is_not_covered_follows_the_results(article):
    (digits,) = [one for one in PROFILES if one.name == "quick"]
    told = "\n".join(in_general([digits]))
    assert "SVHN" in told
    assert "CIFAR-10" in told
    of_svhn = dataclasses.replace(digits, results=digits.results.assign(dataset="svhn"))
    assert "SVHN" not in "\n".join(in_general([of_svhn]))
    one_seed = digits.results[digits.results["seed"] == 0]
    few = "\n".join(of_profile(dataclasses.replace(digits, results=one_seed)))
    assert "1 seed; the profile `paper` has 3" in few
    assert "seed; the profile" not in "\n".join(of_profile(digits))
    assert "has not been run" in article.select_one("#not-covered").text


def test_every_locked_package_has_its_licence(article):
    rows = article.select(".mwt-licences tbody tr")
    shown = [name for row in rows for name in row.select_one("td:last-child").text.split(", ")]
    lock = (ROOT / "requirements.lock").read_text()
    assert sorted(shown) == sorted(set(re.findall(r"(?m)^([^ #=]+)==", lock)))
    (mit,) = [row for row in rows if row.select_one("th, td").text == "MIT"]
    assert "fvcore" not in mit.text  # which is Apache's
    assert "jupytext" in mit.text

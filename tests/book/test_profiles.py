"""A book with several profiles: the one on the paper's data first, the default beside it.

Published digits stand in for results on the paper's data: see `another_book`.
"""

import pytest
from bs4 import BeautifulSoup
from readable import check


@pytest.fixture
def site(another_site):
    return another_site


def soup(site, page):
    return BeautifulSoup((site / f"{page}.html").read_text(), "lxml").select_one("article")


def test_the_front_page_begins_with_the_papers_data_and_ends_with_the_digits(site):
    text = " ".join(soup(site, "index").get_text().split())
    first = text.index("CIFAR-10, width 0.25, 24 to 30 epochs, 3 seeds: of the paper’s 11 claims")
    assert first < text.index("Modular training costs, in points") < text.index("Profile paper.")
    assert "(paper: 0.2474)" in text
    assert text.index("(a) Modules of all classes") > first
    assert text.index("Second, 5,000 MNIST digits (profile quick: width 0.25") > first
    assert text.count("Modular training costs, in points") == 1


def test_a_question_has_sentences_figures_and_experiments_of_both(site):
    page = soup(site, "threshold")
    heads = [head.text for head in page.select("#what-came-out .rubric")]
    assert [head.split(":")[0] for head in heads] == ["CIFAR-10", "5,000 MNIST digits"]
    panels = page.select_one("figure:has(.mwt-legend)").select("svg")
    assert len(panels) == 2 + 4  # of both profiles' networks
    links = {link["href"] for link in page.select("#the-experiments a")}
    assert "results/paper/rq4-vgg16-cifar10.html" in links
    assert "results/quick/rq4-simcnn-mnist5k.html" in links


def test_claims_have_a_column_for_each_profile_and_a_verdict_of_each(site):
    page = soup(site, "claims")
    heads = [head.text for head in page.select("table.mwt-words thead th")]
    assert heads[:2] == ["claim", "paper"]
    assert [head.split(",")[0] for head in heads[2:]] == ["CIFAR-10", "5"]
    assert heads[3].startswith("5,000 MNIST digits, width 0.25, 16 to 30 epochs")
    lacking, reached = page.select_one("#claim-small-modules"), page.select_one("#claim-defaults")
    verdicts = [badge.text.split(" ", 1)[1] for badge in lacking.select(".mwt-verdict")]
    assert verdicts[0] == "no verdict"
    assert verdicts[1] != "no verdict"
    assert "SimCNN is missing; ResCNN is missing" in lacking.text
    assert len(reached.select(".mwt-verdict")) == 2
    assert "judged on" not in reached.select_one("dl").text  # its data are the paper's
    assert "judged on 5,000 MNIST digits; the paper’s number is for CIFAR-10" in reached.text


def test_the_papers_curves_are_on_the_front_page(site):
    assert "paper: kernel retention rate" in soup(site, "index").text


def test_the_papers_table_names_how_the_networks_here_were_trained(site):
    cifar10, svhn, digits, *_ = soup(site, "paper").select("table")
    lines = [[cell.text for cell in row.select("td, th")] for row in cifar10.select("tbody tr")]
    here = {line[0]: line[1] for line in lines if line[1].startswith("here")}
    assert here["ResNet18"] == "here: width 0.25, 30 epochs"
    assert here["SimCNN"] == "here: not run"
    assert {"paper", "MODA's re-run"} <= {line[1] for line in lines}
    assert svhn.text.count("here: not run") == 4
    assert "here: not run" not in digits.text


def test_pages_of_two_profiles_have_titles_of_their_own(site):
    names = ["results/paper/rq4-resnet18-cifar10", "results/quick/rq4-resnet18-mnist5k"]
    titles = [soup(site, name).select_one("h1").text for name in names]
    assert "(ResNet18 on CIFAR-10)" in titles[0]
    assert "(ResNet18 on 5,000 MNIST digits)" in titles[1]


def test_the_explorer_shows_one_data_set_at_a_time_chosen_by_keyboard(site, page):
    page.goto((site / "explorer.html").as_uri())
    shown = page.locator(".mwt-explorer:visible")
    assert "profile paper." in shown.locator(".mwt-banner").inner_text()
    assert "airplane" in shown.locator(".mwt-masks .names").first.inner_text()
    page.locator("input[name=mwt-data]").first.focus()
    page.keyboard.press("ArrowDown")
    assert "profile quick." in shown.locator(".mwt-banner").inner_text()
    assert shown.locator("[data-part=rows] tr").count() == 1
    layers = shown.locator(".mwt-masks .layers").first.inner_text()
    assert layers.strip()  # drawn with the width that it has now
    page.goto((site / "claims.html").as_uri())
    page.go_back()
    chosen = page.locator("input[name=mwt-data]:checked").get_attribute("value")
    banner = shown.locator(".mwt-banner").inner_text()
    assert f"profile {['paper', 'quick'][int(chosen)]}." in banner
    assert page.problems == []


@pytest.mark.parametrize("name", ["index", "claims", "explorer", "paper"])
def test_pages_of_several_profiles_are_accessible_and_fit_a_phone(site, page, name):
    check(page, site / f"{name}.html")


def test_settings_stand_beside_the_papers(site):
    table = soup(site, "paper").select("table")[-1]
    heads = [head.text for head in table.select("thead th")]
    lines = {row.th.text if row.th else row.td.text: row.text for row in table.select("tbody tr")}
    assert heads == ["setting", "paper", "quick"]
    assert "200" in lines["epochs"]
    assert "0.25" in lines["width"]

"""A walk's page shows the program, what it answers, and where its figures come from."""

import re


def test_a_walk_shows_its_program_and_what_it_answers(site, page):
    page.goto((site / "walks/own-cnn.html").as_uri())
    code = page.locator("div.cell_input pre")
    assert code.count() > 5
    *program, record = [code.nth(i).is_visible() for i in range(code.count())]
    assert all(program)
    assert not record
    shown = page.locator("article").inner_text()
    assert "Modules of 10 classes at threshold 0.9" in shown
    assert re.search(
        r"module with its generators: 0\.\d{3}|module with its generators: 1\.000", shown
    )
    assert page.locator("article h1").inner_text().startswith("Use it on your own CNN")
    assert "(" not in page.locator("article h1").inner_text()  # names no network of the study
    assert page.get_by_role("heading", name="Run this yourself").count() == 0


def test_the_picture_of_a_walk_leads_home(site, page):
    page.goto((site / "walks/own-cnn.html").as_uri())
    home = page.locator("figure.mwt-figure .mwt-origin").first
    assert "papermill notebooks/walks/own-cnn.ipynb out.ipynb" in home.inner_text()
    notebook = home.get_by_role("link", name="Notebook").get_attribute("href")
    assert '"nbformat"' in (site / "walks" / notebook).read_text()
    assert page.problems == []


def test_the_recipe_says_how_to_run_it_with_other_values(site, page):
    page.goto((site / "walks/separate.html").as_uri())
    section = page.locator("section", has=page.get_by_role("heading", name="Run this yourself"))
    assert "papermill notebooks/walks/separate.ipynb out.ipynb" in section.last.inner_text()
    assert page.locator("figure.mwt-figure svg[role=img]").count() == 6

"""A book unlike the published one: two profiles, worse results of the digits, an address.

The published digits, of two networks, stand in for results on the paper's data, which other
commits may or may not hold. The digits beside them are worse than published, and one is called by
a name that would be markup were it not escaped.
"""

import json
import shutil

import yaml
from browser import ROOT

from mwt.data import class_names
from mwt.report.questions.listed import QUESTIONS
from mwt.report.stage import copy_results, with_notebooks
from mwt.results.collect import write_results
from mwt.results.tidy import read_results

PARTLY = ("resnet18", "vgg16")  # of the profile `paper`, which has four networks
ADDRESS, SITE = "https://example.org/someone/mwt", "https://example.org/book"
PAGES = [question.page for question in QUESTIONS]
PAGES += ["claims", "explorer", "paper", "glossary", "artifact", "executions"]
MARKUP = "</script><img src=x onerror='window.ran = 1'>"  # the name of a class
NOTEBOOKS = "rq4"  # one of each network is enough


def made(folder):
    """Write the book and its configuration to a folder, and return both paths."""
    book = folder / "book"
    shutil.copytree(ROOT / "book", book, ignore=shutil.ignore_patterns("*.pdf", "results", "walks"))
    for results in (on_the_papers_data(folder / "paper"), worse_digits(folder / "quick")):
        copy_results(results, book)
    toc = {"format": "jb-book", "root": "index"}
    toc["parts"] = [{"chapters": [{"file": page}]} for page in PAGES]
    for name in ("quick", "paper"):
        toc = with_notebooks(toc, book / "results" / name)
    (book / "_toc.yml").write_text(yaml.safe_dump(toc))
    return book, with_address(folder / "_config.yml")


def with_address(file):
    """Write a configuration with the addresses of the repository and of the site."""
    config = (ROOT / "_config.yml").read_text()
    config = config.replace('mwt_repository: ""', f'mwt_repository: "{ADDRESS}.git"')
    file.write_text(config.replace('  baseurl: ""', f'  baseurl: "{SITE}/"'))
    return file


def worse_digits(folder):
    """Write other results of the digits; kernel retention rates of ResNet18 are as published."""
    folder.mkdir()
    for kind in (f"{NOTEBOOKS}-*.ipynb", "explorer-*.json"):
        for path in (ROOT / "book/results/quick").glob(kind):
            shutil.copy2(path, folder)
    for path in folder.glob("explorer-*.json"):
        found = json.loads(path.read_text())
        found["classes"][0] = MARKUP
        path.write_text(json.dumps(found))
    results = read_results(ROOT / "book/results/quick/results.csv")
    values, method, quantity = results["value"], results["method"], results["quantity"]
    same = (results["model"] == "resnet18") & (quantity == "kernel_retention_rate")
    worse = values.where(same | (method == "cnnsplitter"), values * 0.4)
    worse = worse.where((method != "modular") | (quantity != "accuracy"), values * 0.2)
    worse = worse.where(method != "modular-grid", values.iloc[::-1].to_numpy())
    write_results(results.assign(value=worse), folder / "results.csv")
    return folder


def disguised(text):
    return text.replace("mnist5k", "cifar10").replace("quick", "paper")


def on_the_papers_data(folder):
    """Write published results as if they were on the paper's data."""
    folder.mkdir()
    published = ROOT / "book/results/quick"
    for kind in (f"{NOTEBOOKS}-*.ipynb", "explorer-*.json"):
        for path in published.glob(kind):
            if any(f"-{model}-" in path.name for model in PARTLY):
                (folder / disguised(path.name)).write_text(disguised(path.read_text()))
    for path in folder.glob("explorer-*.json"):
        names = {"classes": list(class_names("cifar10"))}
        path.write_text(json.dumps(json.loads(path.read_text()) | names))
    head, *rows = (published / "results.csv").read_text().splitlines(keepends=True)
    rows = [disguised(row) for row in rows if row.split(",")[2] in PARTLY]
    (folder / "results.csv").write_text("".join([head, *rows]))
    return folder

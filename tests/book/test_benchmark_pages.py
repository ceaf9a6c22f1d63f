"""Pages on public networks and on latency show what the benchmarks wrote, all of it."""

from browser import ROOT
from parsed import page

from mwt.report.tables.public_networks import share_of, with_collections
from mwt.results import benchmarks

FOLDER = ROOT / "book/benchmarks"


def test_every_public_network_stands_in_the_list_of_its_collection(site):
    rows, how = benchmarks.read(FOLDER / "networks.csv")
    shown = page(site / "networks.html")
    listed = {folded.findtext("summary"): folded for folded in shown.iter("details")}
    for name, some in with_collections(rows).groupby("collection"):
        exact, of = share_of(some)
        folded = listed[f"{name}: {exact} of {of} exact"]
        names = [line.find("td").text_content() for line in folded.iterfind(".//tbody/tr")]
        assert sorted(names) == sorted(some["network"])
    assert how["versions"] in shown.text_content()


def test_public_networks_can_be_modularized():
    rows = with_collections(benchmarks.read(FOLDER / "networks.csv")[0])
    for collection in ("timm", "torchvision", "kuangliu", "chenyaofo"):
        some = rows[rows["collection"].str.startswith(collection)]
        exact, of = share_of(some)
        assert of > 10
        assert exact >= 0.9 * of
    refused = rows["why"][rows["result"] == "refused"]
    assert refused.str.len().gt(20).all()


def test_every_module_whose_time_was_measured_has_a_line(site):
    rows, how = benchmarks.read(FOLDER / "latency.csv")
    shown = page(site / "worth.html")
    (table,) = [t for t in shown.iter("table") if "both optimized" in t.text_content()]
    lines = table.xpath("tbody/tr[not(@class='mwt-group')]")
    assert len(lines) == len(rows)
    assert how["machine"] in shown.text_content()
    copied = site / "_data/benchmarks-latency.csv"
    assert copied.read_bytes() == (FOLDER / "latency.csv").read_bytes()


def test_growth_is_shown_of_every_part_over_every_size(site):
    rows, how = benchmarks.read(FOLDER / "growth.csv")
    shown = page(site / "growth.html")
    (table,) = [t for t in shown.iter("table") if "exponent" in t.text_content()]
    lines = table.xpath("tbody/tr[not(@class='mwt-group')]")
    assert len(lines) == len(rows.groupby(["part", "axis"]))
    assert how["machine"] in shown.text_content()
    (paper,) = [t for t in shown.iter("table") if "on one core" in t.text_content()]
    assert "Modular training, an epoch" in paper.text_content()


def test_trainings_of_several_lengths_are_compared(site):
    rows, how = benchmarks.read(FOLDER / "epochs.csv")
    shown = page(site / "paper.html")
    (table,) = [t for t in shown.iter("table") if "all classes" in t.text_content()]
    lines = table.xpath("tbody/tr[not(@class='mwt-group')]")
    trainings = len(rows.groupby(["model", "width", "epochs"]))
    assert len(lines) == trainings + rows["model"].nunique()  # each in the paper, too
    for value in rows[rows["quantity"] == "accuracy"]["value"]:
        assert f"{value:.3f}" in table.text_content()
    whole = rows[(rows["width"] == 1) & (rows["quantity"] == "coupling")]
    for value in whole[whole["threshold"] == float(how["threshold"])]["value"]:
        assert f"coupling {value:.3f} (" in shown.text_content()
    assert how["commit"] in shown.text_content()

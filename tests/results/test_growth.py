"""Laws of growth: found where sizes follow them, left out where they do not, carried on beyond."""

from io import StringIO

import pandas as pd
import pytest

from mwt.report.figures.growth import times_by_size
from mwt.report.tables import growth as tables
from mwt.results.growth import IMAGENET, beyond, law

SIZES = [10, 20, 40, 80, 160]


@pytest.mark.parametrize("exponent", [0, 0.5, 1, 2])
def test_a_power_law_is_found_with_its_ends(exponent):
    found = law(SIZES, [3 * size**exponent for size in SIZES])
    assert found.exponent == pytest.approx(exponent, abs=0.01)
    assert found.at(1000) == pytest.approx(3 * 1000**exponent, rel=0.02)
    assert (found.first, found.last) == (10, 160)


def test_a_fixed_part_is_told_from_what_grows():
    found = law(SIZES, [500 + size**2 for size in SIZES])
    assert found.fixed == pytest.approx(500, rel=0.01)
    assert found.exponent == pytest.approx(2, abs=0.01)


def test_sizes_in_any_order_give_the_same():
    assert law(SIZES[::-1], SIZES[::-1]) == law(SIZES, SIZES)


def test_sizes_that_follow_no_law_are_left_out_if_they_are_the_smallest():
    found = law([1, *SIZES], [400, *(size**2 for size in SIZES)])
    assert found.first == 10
    assert found.exponent == pytest.approx(2, abs=0.01)


def test_there_is_no_law_of_three_sizes_or_of_jumps():
    assert law([1, 2, 3], [1, 2, 3]) is None
    assert law(SIZES, [1, 100, 1, 100, 1]) is None


def rows():
    """A part whose time is images * kernels² / 1000, and one of which nothing follows a law."""
    base = {"images": 100, "kernels": 10, "classes": 10, "pixels": 64}
    found = []
    for axis, sizes in (("images", (50, 100, 200, 400)), ("kernels", (5, 10, 20, 40))):
        for size in sizes:
            at = base | {axis: size}
            time = at["images"] * at["kernels"] ** 2 / 1000
            found.append({"part": "Work", "axis": axis, "size": size, **at, "seconds": time})
    for size, time in ((1, 1), (2, 90), (4, 1), (8, 90)):
        found.append({"part": "Jumps", "axis": "jobs", "size": size, **base, "seconds": time})
    return pd.DataFrame(found).assign(memory_mib=7.0)


def test_laws_of_several_sizes_are_carried_on_together():
    found = beyond(rows(), "Work", {"images": 1000, "kernels": 100, "classes": 5})
    assert found.seconds == pytest.approx(1000 * 100**2 / 1000, rel=0.02)
    assert found.times == pytest.approx(10_000 / 160, rel=0.02)  # beside 100 images, 40 kernels
    assert beyond(rows(), "Jumps", {}) is None


def test_the_table_has_every_part_over_every_size_and_says_where_there_is_no_law():
    (table,) = pd.read_html(StringIO(tables.grown(rows()).data))
    found = table.set_index("over")
    assert found.loc["images", ["sizes", "exponent", "law from"]].tolist() == [
        *("50–400", "1.00", "50"),
    ]
    assert found.loc["kernels", "exponent"] == "2.00"
    assert found.loc["jobs", ["exponent", "law from"]].tolist() == ["–", "–"]


def test_imagenet_is_said_for_the_widest_network_of_the_parts_that_have_laws():
    (table,) = pd.read_html(StringIO(tables.imagenet(rows()).data))
    assert table["part"].tolist() == ["Work"]
    days = int(table["on one core"][0].split()[0].replace(",", ""))
    assert days == pytest.approx(IMAGENET["images"] * 40**2 / 1000 / 86_400, rel=0.05)
    said = " ".join(tables.sentences(rows()))
    assert "40 masked kernels" in said
    assert f"{3 * IMAGENET['images'] * 224**2 / 1e9:.0f} GB" in said


def test_the_figure_has_a_panel_for_each_size():
    drawn = times_by_size(rows())
    assert drawn.data.count("<svg") == 3
    assert "size to the power of 2.00" in drawn.data
    assert drawn.csv.count("\n") == len(rows()) + 1

"""The rooms: the picture shows which import which, and each module is found by its name."""

import importlib
import pkgutil
import re
from pathlib import Path

import grimp
import networkx

import mwt

PICTURE = Path(__file__).parents[1] / "book/_static/rooms.svg"


def test_the_picture_is_that_of_the_code():
    graph = grimp.build_graph("mwt")
    rooms = graph.find_children("mwt")
    imports = networkx.DiGraph(
        (importer.split(".")[1], imported.split(".")[1])
        for importer in rooms
        for imported in rooms - {importer}
        if graph.direct_import_exists(importer=importer, imported=imported, as_packages=True)
    )
    drawn = re.findall(r"<title>\.(\w+)&#45;&gt;\.(\w+)</title>", PICTURE.read_text())
    assert set(drawn) == set(networkx.transitive_reduction(imports).edges)


def test_no_name_hides_a_module():
    names = [one.name for one in pkgutil.walk_packages(mwt.__path__, "mwt.")]
    for name in names:
        if name.endswith(".__main__"):
            continue
        module = importlib.import_module(name)
        room, _, leaf = name.rpartition(".")
        assert getattr(importlib.import_module(room), leaf) is module, name

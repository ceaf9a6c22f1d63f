"""The picture of the rooms shows which of them import which."""

import re
from pathlib import Path

import grimp
import networkx

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

"""What the scripts of ``benchmarks/`` measured, from the files in ``book/benchmarks/``.

``{mwt-networks}``
    Which public networks modules can be cut out of.
``{mwt-latency}``
    Whether modules are as much faster as they are smaller.
``{mwt-trained-weights}``
    What a modular training from trained weights saves.
``{mwt-speed}``
    What a step, the measures, the search and the whole book take.
``{mwt-device}``, ``{mwt-cuda}``
    What training takes on a device.
``{mwt-growth}``
    How time and memory grow with the sizes of a study.
``{mwt-imagenet}``
    What that says of ImageNet.
``{mwt-epochs}``
    Whether longer training helps.
"""

import html
from pathlib import Path

import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ...results import benchmarks
from ..figures.epochs import accuracy_by_epoch, modularity_by_threshold
from ..figures.growth import times_by_size
from ..tables import epochs, growth, latency, public_networks, speed, trained_weights
from .origin import figure_node

FOLDER = "benchmarks"


class BenchmarkDirective(SphinxDirective):
    """Shows what a script measured; the page is rebuilt when the file changes."""

    file = ""

    def run(self) -> list[nodes.Node]:
        """Return the page's nodes, and how it was measured."""
        path = Path(self.env.srcdir) / FOLDER / self.file
        self.env.note_dependency(str(path))
        rows, how = benchmarks.read(path)
        said = "; ".join(f"{name}: {text}" for name, text in how.items())
        link = f'<a href="_data/{FOLDER}-{self.file}" download>Data (CSV)</a>'
        line = (
            f'<p class="mwt-origin"><span class="mwt-files">{link}</span> · {html.escape(said)}</p>'
        )
        return [*self.nodes_of(rows, how), nodes.raw("", line, format="html")]

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return what to show of the rows."""
        raise NotImplementedError


class Networks(BenchmarkDirective):
    """Public networks: how many are exact, why others are not, and each by name."""

    file = "networks.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return a sentence for each collection, the tables, and the folded lists."""
        rows = public_networks.with_collections(rows)
        tables = [public_networks.by_collection(rows), public_networks.reasons(rows)]
        exact, of = public_networks.share_of(rows)
        left = how.get("names left, of any kind")
        said = f"Of {of} networks that were tried, {exact} are exact."
        said += f" Not tried yet, and perhaps of another kind: {left}." if left else ""
        found = [nodes.paragraph("", said), *(figure_node(table) for table in tables if table)]
        for name, some in rows.groupby("collection", sort=False):
            exact, of = public_networks.share_of(some)
            head = f"<summary>{html.escape(str(name))}: {exact} of {of} exact</summary>"
            table = public_networks.one_by_one(some).data
            found.append(figure_node(HTML(f"<details>{head}{table}</details>")))
        return found


class Latency(BenchmarkDirective):
    """Times of modules at full width beside their shares of the multiply-adds."""

    file = "latency.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return sentences on the bound, and the table."""
        first, *above = latency.sentences(rows)
        said = "\n".join([first, "", *(f"- {text}" for text in above)])
        return [*self.parse_text_to_nodes(said), figure_node(latency.times(rows))]


class TrainedWeights(BenchmarkDirective):
    """Modular trainings from trained weights beside those from nothing."""

    file = "trained_weights.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return sentences on what is saved, and the table."""
        texts = trained_weights.sentences(rows)
        said = [node for text in texts for node in self.parse_text_to_nodes(text)]
        return [*said, figure_node(trained_weights.starts(rows))]


class Speed(BenchmarkDirective):
    """Times and ratios, and which of the bounds are met."""

    file = "speed.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return sentences on the bounds, and the table."""
        said = "\n".join(f"- {text}" for text in [*speed.sentences(rows), *speed.compiling(rows)])
        return [*self.parse_text_to_nodes(said), figure_node(speed.measured(rows))]


class Device(BenchmarkDirective):
    """Steps and whole trainings on a CPU."""

    file = "device.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return the table."""
        return [figure_node(speed.steps(rows))]


class Cuda(Device):
    """The same on a GPU."""

    file = "cuda.csv"


class Growth(BenchmarkDirective):
    """Time and memory by size, and the laws."""

    file = "growth.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return the figure and the table."""
        return [figure_node(times_by_size(rows)), figure_node(growth.grown(rows))]


class Epochs(BenchmarkDirective):
    """Trainings of several lengths."""

    file = "epochs.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return sentences on the paper's width, the table and the figure."""
        said = epochs.at_full_width(rows, how["threshold"])
        drawn = [modularity_by_threshold(rows)] if said else []
        shown = [epochs.lengths(rows, how["threshold"]), accuracy_by_epoch(rows), *drawn]
        return [*self.parse_text_to_nodes("\n\n".join(said)), *map(figure_node, shown)]


class ImageNet(BenchmarkDirective):
    """What the laws say of ImageNet."""

    file = "growth.csv"

    def nodes_of(self, rows: pd.DataFrame, how: dict[str, str]) -> list[nodes.Node]:
        """Return sentences, and the table of the parts that have laws."""
        table = growth.imagenet(rows)
        said = "\n".join(f"- {text}" for text in growth.sentences(rows))
        return [*self.parse_text_to_nodes(said), *([figure_node(table)] if table else [])]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mwt-speed", Speed)
    app.add_directive("mwt-device", Device)
    app.add_directive("mwt-cuda", Cuda)
    app.add_directive("mwt-epochs", Epochs)
    app.add_directive("mwt-growth", Growth)
    app.add_directive("mwt-imagenet", ImageNet)
    app.add_directive("mwt-trained-weights", TrainedWeights)
    app.add_directive("mwt-latency", Latency)
    app.add_directive("mwt-networks", Networks)

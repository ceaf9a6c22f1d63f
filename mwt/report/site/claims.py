"""``{mwt-claims}``: what each profile's results say of every claim of the paper."""

from __future__ import annotations

import html
from pathlib import Path

from docutils import nodes
from IPython.display import HTML
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

from ... import parameters
from ...data import short_name
from ..claims import Finding, judged
from ..collect import read
from ..stage import notebooks
from ..tables.claims import as_reported, badge, detail, measured, overview, rule
from .execution import Execution, execution
from .homeward import label, link
from .results import ResultsDirective


class Claims(ResultsDirective):
    """The claims at a glance, then one by one."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return a section for a profile."""
        study = parameters.read({"profile": folder.name})
        findings = judged(read(folder / "results.csv"), study)
        found = nodes.section(ids=[f"claims-{folder.name}"])
        found += nodes.title("", f"Profile {folder.name}")
        found += raw(HTML(f'<p class="mwt-banner">{html.escape(study.about)}</p>'))
        found += raw(
            HTML(f'<p class="mwt-files">{link(folder / "results.csv", "results.csv")}</p>')
        )
        anchors = [f"claim-{folder.name}-{finding.claim.id}" for finding in findings]
        found += raw(overview(findings, anchors))
        executed = [execution(path) for path in notebooks(folder)]
        for finding, anchor in zip(findings, anchors, strict=True):
            found += one(finding, anchor, executed, folder.name)
        return [found]


def one(finding: Finding, anchor: str, executed: list[Execution], profile: str) -> nodes.section:
    """Return one claim: words, numbers, rule, and where they come from."""
    claim = finding.claim
    found = nodes.section(ids=[anchor])
    found += nodes.title("", claim.title)
    quote = nodes.paragraph("", f"“{claim.words}”")
    found += nodes.block_quote("", quote, nodes.attribution("", claim.place))
    makers = {
        name: made
        for made in executed
        if made.source == claim.figure["notebook"] and (name := network(made, finding))
    }
    fields = nodes.field_list(classes=["mwt-claim"])
    fields += field(nodes.Text("paper"), nodes.Text(as_reported(claim)))
    fields += field(nodes.Text("here"), nodes.Text(measured(finding)))
    for name, number in finding.networks.items():
        figure = figure_of(name, makers.get(name), claim.figure["number"])
        fields += field(figure, nodes.Text(detail(claim, number)))
    verdict = nodes.raw("", badge(finding.verdict), format="html")
    fields += field(nodes.Text("verdict"), verdict)
    fields += field(nodes.Text("rule"), nodes.Text(rule(claim)))
    found += fields
    commands = [made.command for made in makers.values()] or [
        f"papermill notebooks/{claim.figure['notebook']}.ipynb out.ipynb -p profile {profile}"
    ]
    found += nodes.literal_block("", commands[0], language="bash")
    return found


def field(name: nodes.Node, text: nodes.Node) -> nodes.field:
    """Return a line of a list of facts."""
    body = nodes.field_body("", nodes.paragraph("", "", text))
    return nodes.field("", nodes.field_name("", "", name), body)


def network(made: Execution, finding: Finding) -> str | None:
    """Return the network of a notebook as the finding names it; None if it has no say in it."""
    given = made.record["parameters"]
    names = (f"{given['model']} on {short_name(given['dataset'])}", given["model"])
    return next((name for name in names if name in finding.networks), None)


def figure_of(name: str, made: Execution | None, number: int) -> nodes.Node:
    """Return a network's name, which leads to its figure."""
    text = nodes.inline("", name, classes=["std", "std-ref"])
    if made is None:
        return text
    target = label(f"results/{made.path.parent.name}/{made.path.stem}", number)
    where = {"refdomain": "std", "reftype": "ref", "reftarget": target}
    return pending_xref("", text, refexplicit=True, refwarn=True, **where)


def raw(shown: HTML) -> nodes.raw:
    """Return a table or a text as a node."""
    return nodes.raw("", shown.data, format="html")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-claims", Claims)

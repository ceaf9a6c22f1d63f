"""``{mwt-claims}``: what each profile's results say of every claim of the paper."""

from __future__ import annotations

import html
from pathlib import Path
from statistics import mean

from docutils import nodes
from IPython.display import HTML
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

from ... import parameters
from ...cnnsplitter import Settings, settings_for
from ...data import short_name
from ...parameters import Study
from ...profiles import load_profile
from ..claims import NOT_RUN, Claim, Finding, judged, verdict
from ..collect import read
from ..record import in_words
from ..stage import notebooks
from ..tables.claims import (
    as_reported,
    badge,
    doubt,
    judged_on,
    measured,
    others,
    overview,
    reached,
    rule,
    seeds,
)
from .execution import Execution, execution
from .homeward import drawn, label, link
from .results import ResultsDirective


class Claims(ResultsDirective):
    """The claims at a glance, then one by one."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return a section for a profile."""
        study = parameters.read({"profile": folder.name})
        findings = judged(read(folder / "results.csv"), study)
        found = nodes.section(ids=[f"claims-{folder.name}"])
        found += nodes.title("", f"Profile {folder.name}")
        found += drawn(HTML(f'<p class="mwt-banner">{html.escape(study.about)}</p>'))
        found += drawn(
            HTML(f'<p class="mwt-files">{link(folder / "results.csv", "results.csv")}</p>')
        )
        anchors = [f"claim-{folder.name}-{finding.claim.id}" for finding in findings]
        found += drawn(overview(findings, anchors))
        if any(of_splitting(finding, study) for finding in findings):
            found += nodes.paragraph("", f"On the claims against CNNSplitter: {budget(study)}")
        executed = [execution(path) for path in notebooks(folder)]
        for finding, anchor in zip(findings, anchors, strict=True):
            found += one(finding, anchor, executed, study)
        return [found]


def one(finding: Finding, anchor: str, executed: list[Execution], study: Study) -> nodes.section:
    """Return one claim: words, numbers, rule, and where they come from."""
    claim = finding.claim
    found = nodes.section(ids=[anchor])
    found += nodes.title("", claim.title)
    quote = nodes.paragraph("", f"“{claim.words}”")
    found += nodes.block_quote("", quote, nodes.attribution("", claim.place))
    makers = {
        network(made): made
        for made in executed
        if made.source == claim.shown["notebook"] and network(made) in finding.networks
    }
    fields = nodes.field_list(classes=["mwt-claim"])
    fields += field("paper", nodes.Text(as_reported(claim)))
    fields += field("measured", nodes.Text(claim.meaning))
    for key, number in finding.networks.items():
        text = f"{measured(claim, number)}, {seeds(number.seeds)}, {verdict(claim, number)}"
        text += others(finding, key)
        fields += field(" on ".join(key), nodes.Text(text), *shown_by(claim, makers.get(key)))
    if finding.overall and finding.overall is not finding.judged:
        name = f"all networks on {finding.decides.dataset}"
        fields += field(name, nodes.Text(measured(claim, finding.overall)))
    fields += field("verdict", nodes.raw("", verdict_of(finding), format="html"))
    if text := judged_on(finding):
        fields += field("data", nodes.Text(text))
    if finding.judged and finding.judged.machines:
        fields += field("timed on", nodes.Text("; ".join(finding.judged.machines)))
    fields += field("rule", nodes.Text(rule(claim)))
    doubts = [f"{claim.but}."] if claim.but else []
    if of_splitting(finding, study):
        doubts.append(budget(study))
    if doubts:
        fields += field("but", nodes.Text(" ".join(doubts)))
    found += fields
    commands = [made.command for made in makers.values()] or [
        f"papermill notebooks/{claim.shown['notebook']}.ipynb out.ipynb -p profile {study.profile}"
    ]
    found += nodes.literal_block("", "\n".join(commands), language="bash")
    return found


def verdict_of(finding: Finding) -> str:
    """Return the verdict with the number that decided, and what its interval leaves open."""
    label = badge(finding.verdict, doubtful=bool(finding.doubts))
    text = reached(finding.claim, finding.decides).removeprefix(f"{NOT_RUN}: ")
    doubts = doubt(finding)
    return f"{label} {html.escape(text)}{f'; {doubts}' if doubts else ''}"


def of_splitting(finding: Finding, study: Study) -> bool:
    """Whether a finding is about a search that was given less than the published one."""
    return finding.claim.against_cnnsplitter and bool(finding.judged and study.search)


def budget(study: Study) -> str:
    """Say what CNNSplitter was given otherwise than in its paper, and whom that favours."""
    model = load_profile(study.profile)["cnnsplitter"]["models"][0]
    here = settings_for(model, study.config.dataset, **study.search)
    published = settings_for(model, study.config.dataset)
    text = in_words(here)
    if here.population * here.generations < published.population * published.generations:
        text += (
            f" The published search has {published.population} solutions and "
            f"{published.generations} generations: so short a one favours CNNSplitter in time, and "
            "MwT in accuracy."
        )
    if begins_with(here) > begins_with(published):
        text += (
            " The published one begins with fewer kernels, and a short search ends about where it "
            "begins: that favours CNNSplitter in accuracy, and MwT in kernels."
        )
    return text


def begins_with(settings: Settings) -> float:
    """Return the mean of the ratios of kernel groups that first solutions switch on."""
    return mean((*settings.ratios_sensitive, *settings.ratios_other))


def field(name: str, *text: nodes.Node) -> nodes.field:
    """Return a line of a list of facts."""
    body = nodes.field_body("", nodes.paragraph("", "", *text))
    return nodes.field("", nodes.field_name("", name), body)


def network(made: Execution) -> tuple[str, str]:
    """Return the model and the data set of a notebook."""
    given = made.record["parameters"]
    return given["model"], short_name(given["dataset"])


def shown_by(claim: Claim, made: Execution | None) -> list[nodes.Node]:
    """Return a link to the figure or the table that shows a claim's number of a network."""
    if made is None:
        return []
    kind = "figure" if "figure" in claim.shown else "table"
    target = label(f"results/{made.path.parent.name}/{made.path.stem}", kind, claim.shown[kind])
    text = nodes.inline("", f"see the {kind}", classes=["std", "std-ref"])
    where = {"refdomain": "std", "reftype": "ref", "reftarget": target}
    link = pending_xref("", text, refexplicit=True, refwarn=True, **where)
    return [nodes.Text(" ("), link, nodes.Text(")")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-claims", Claims)

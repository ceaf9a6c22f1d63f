"""``{mwt-claims}``: what each profile's results say of every claim of the paper."""

import html

from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx

from ...results.claims import Finding
from ...results.names import display_name
from ...results.rules import NOT_RUN, Claim, verdict
from ..banners import search_budget
from ..tables.claim_texts import (
    as_reported,
    averaged_over,
    badge,
    by_budget,
    doubt,
    judged_on,
    measured,
    others,
    overview,
    reached,
    rule,
    why,
)
from .directives import ResultsDirective
from .execution import Execution
from .origin import figure_node, file_link, label, link_to, make_target
from .shown import NetworkKey, Shown


class Claims(ResultsDirective):
    """The claims at a glance, then one by one."""

    def run(self) -> list[nodes.Node]:
        """Return a table of all claims and profiles, then a section for each claim."""
        profiles = self.profiles()
        found: list[nodes.Node] = []
        for one in profiles:
            about = f"<strong>{html.escape(one.title)}</strong>. {html.escape(one.study.about)}"
            found.append(figure_node(HTML(f'<p class="mwt-banner">{about}</p>')))
        if not profiles:
            return found
        anchors = [anchor_of(finding.claim) for finding in profiles[0].findings]
        for anchor, finding in zip(anchors, profiles[0].findings, strict=True):
            make_target(self.env, anchor, finding.claim.title)
        names = [file_link(one.folder / "results.csv", one.name) for one in profiles]
        files = f'<span class="mwt-files">Results (CSV): {", ".join(names)}.</span>'
        found.append(figure_node(overview({p.title: p.findings for p in profiles}, anchors, files)))
        for anchor, *of_claim in zip(anchors, *(one.findings for one in profiles), strict=True):
            found.append(section(anchor, list(zip(profiles, of_claim, strict=True))))
        return found


def anchor_of(claim: Claim) -> str:
    """Return the id of a claim's section."""
    return f"claim-{claim.id}"


def section(anchor: str, judged: list[tuple[Shown, Finding]]) -> nodes.section:
    """Return one claim: words, numbers, rule; the first profile's at length, the others beside."""
    (first, finding), *others = judged
    claim = finding.claim
    found = nodes.section(ids=[anchor])
    found += nodes.title("", claim.title)
    quote = nodes.paragraph("", f"“{claim.words}”")
    found += nodes.block_quote("", quote, nodes.attribution("", claim.place))
    fields = nodes.field_list(classes=["mwt-claim"])
    fields += field("verdict", nodes.raw("", verdict_of(finding), format="html"))
    fields += because(finding)
    fields += field("paper", nodes.Text(as_reported(claim)))
    fields += told_of(finding, first)
    fields += field("measured", nodes.Text(claim.meaning))
    fields += field("rule", nodes.Text(rule(claim)))
    if claim.but:
        fields += field("caveat", nodes.Text(f"{claim.but}."))
    found += [fields, commands(finding, first)]
    for one, other in others:
        found += beside(other, one)
    return found


def beside(finding: Finding, one: Shown) -> list[nodes.Node]:
    """Return a line on what another profile says of a claim, with the rest folded."""
    line = nodes.paragraph("", "", nodes.Text(f"On {one.title}: "), classes=["mwt-beside"])
    line += nodes.raw("", verdict_of(finding), format="html")
    head = '<details class="mwt-beside"><summary>Network by network, and how to run it</summary>'
    fields = nodes.field_list("", *because(finding), *told_of(finding, one), classes=["mwt-claim"])
    return [
        line,
        nodes.raw("", head, format="html"),
        *([fields] if fields.children else []),
        commands(finding, one),
        nodes.raw("", "</details>", format="html"),
    ]


def because(finding: Finding) -> list[nodes.field]:
    """Return why a claim got its verdict; nothing if it was not run."""
    reason = why(finding)
    return [field("because", nodes.Text(f"{reason}."))] if reason else []


def told_of(finding: Finding, one: Shown) -> list[nodes.field]:
    """Return what a profile's numbers of a claim are, network by network."""
    claim, makers = finding.claim, made_by(finding, one)
    fields = []
    for key, number in finding.networks.items():
        text = f"{measured(claim, number)}, {averaged_over(number.seeds)}, {verdict(claim, number)}"
        text += others(finding, key)
        fields.append(
            field(
                " on ".join(map(display_name, key)),
                nodes.Text(text),
                *shown_by(claim, makers.get(key)),
            )
        )
    if finding.overall and finding.overall is not finding.judged:
        name = f"all networks on {display_name(finding.decides.dataset)}"
        fields.append(field(name, nodes.Text(measured(claim, finding.overall))))
    if text := judged_on(finding):
        fields.append(field("data", nodes.Text(text)))
    if finding.judged and finding.judged.machines:
        fields.append(field("timed on", nodes.Text("; ".join(finding.judged.machines))))
    if finding.reduced:
        fields.append(field("CNNSplitter", nodes.Text(search_budget(one.study))))
    return fields


def commands(finding: Finding, one: Shown) -> nodes.literal_block:
    """Return the commands that measure a claim's numbers with a profile."""
    notebook = finding.claim.shown["notebook"]
    lines = [made.command for made in made_by(finding, one).values()] or [
        f"papermill notebooks/{notebook}.ipynb out.ipynb -p profile {one.name}"
    ]
    return nodes.literal_block("", "\n".join(lines), language="bash")


def made_by(finding: Finding, one: Shown) -> dict[NetworkKey, Execution]:
    """Return the executed notebooks that show a claim's numbers, by network."""
    return {
        network: made
        for network, some in one.networks.items()
        for made in some
        if made.source == finding.claim.shown["notebook"] and network in finding.networks
    }


def verdict_of(finding: Finding) -> str:
    """Return the verdict with the number that decided, and what its interval leaves open."""
    label = badge(finding.verdict, doubtful=finding.doubtful)
    text = reached(finding.claim, finding.decides).removeprefix(f"{NOT_RUN}: ")
    caveat = "read its caveat" if finding.judged and finding.claim.but else ""
    more = "".join(f"; {one}" for one in (doubt(finding), by_budget(finding), caveat) if one)
    return f"{label} {html.escape(text + more)}"


def field(name: str, *text: nodes.Node) -> nodes.field:
    """Return a line of a list of facts."""
    body = nodes.field_body("", nodes.paragraph("", "", *text))
    return nodes.field("", nodes.field_name("", name), body)


def shown_by(claim: Claim, made: Execution | None) -> list[nodes.Node]:
    """Return a link to the figure or the table that shows a claim's number of a network."""
    if made is None:
        return []
    kind = "figure" if "figure" in claim.shown else "table"
    target = label(f"results/{made.path.parent.name}/{made.path.stem}", kind, claim.shown[kind])
    return [nodes.Text(" ("), link_to(target, f"see the {kind}"), nodes.Text(")")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-claims", Claims)

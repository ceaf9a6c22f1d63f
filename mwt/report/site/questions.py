"""``{mwt-question} PAGE`` and ``{mwt-map}``: questions, and what all profiles' results answer."""

import html

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx

from ...results.names import display_name
from ..questions.base import AGAINST, FOR, NEUTRAL, OPEN, Said, cases
from ..questions.listed import QUESTIONS, Question
from ..questions.panels import together
from ..tables.base import html_table
from ..tables.outcome import fared
from .artifact import in_general
from .claims_page import anchor_of, verdict_of
from .directives import ResultsDirective
from .origin import figure_node, link_to
from .shown import Shown

SIGNS = {
    FOR: ("✓", "for the paper"),
    AGAINST: ("✗", "against the paper"),
    OPEN: ("?", "undecided"),
    NEUTRAL: ("·", "says nothing for or against the paper"),
}


class Answer(ResultsDirective):
    """A question's page below its introduction."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return findings, panels and table, claims, and the experiments behind them."""
        question = next(one for one in QUESTIONS if one.page == self.arguments[0])
        profiles = self.profiles()
        parts = {
            "What came out": self.findings(question, profiles),
            "Network by network": self.networks(question, profiles),
            "The paper's claims": self.claims(question, profiles),
            "The experiments": self.experiments(question, profiles),
        }
        found = []
        for title, content in parts.items():
            section = nodes.section(ids=[nodes.make_id(title)])
            section += nodes.title("", title)
            section += content
            found.append(section)
        return found

    def findings(self, question: Question, profiles: list[Shown]) -> list[nodes.Node]:
        """Return what each profile's results say, in sentences."""
        found: list[nodes.Node] = []
        seen = set()
        for one in profiles:
            said = question.answers.findings(cases(one.results, one.study))
            if said:
                found.append(nodes.rubric("", f"{one.data}: {one.settings}, {one.seeds}"))
                found.append(said_list(said))
                seen |= {sentence.sign for sentence in said}
        meaning = ", ".join(" ".join(SIGNS[sign]) for sign in SIGNS if sign in seen)
        note = (
            f"Each sentence is computed from the results: {meaning}. In brackets: 95 % intervals."
        )
        return [*found, nodes.paragraph("", note, classes=["mwt-record"])]

    def networks(self, question: Question, profiles: list[Shown]) -> list[nodes.Node]:
        """Return a small figure for each network and data set, and a table with a row each."""
        answers = question.answers
        every = [cases(one.results, one.study) for one in profiles]
        panels = [p for some in every for case in some for p in answers.panels(case, some)]
        rows = [
            {"network": case.name, "data": case.data} | row
            for some in every
            for case in some
            for row in answers.rows(case)
        ]
        found: list[nodes.Node] = []
        if panels:
            found.append(figure_node(together(panels, answers.PANELS)))
        if rows:
            frame = pd.DataFrame(rows).dropna(axis="columns", how="all").set_index("network")
            table = html_table(frame, answers.ROWS, kind="mwt-cases", groups="data")
            found.append(figure_node(table))
        return found

    def claims(self, question: Question, profiles: list[Shown]) -> list[nodes.Node]:
        """Return the verdicts on the claims that the question is about."""
        if not question.claims:
            return [nodes.paragraph("", "None of the paper's claims is about this question.")]
        listed = nodes.bullet_list()
        for name in question.claims:
            item = nodes.list_item()
            for one in profiles:
                finding = next(f for f in one.findings if f.claim.id == name)
                if not item.children:
                    item += nodes.paragraph(
                        "", "", link_to(anchor_of(finding.claim), finding.claim.title)
                    )
                verdict = nodes.raw("", verdict_of(finding), format="html")
                item += nodes.paragraph("", "", nodes.Text(f"{one.data}: "), verdict)
            listed += item
        return [listed]

    def experiments(self, question: Question, profiles: list[Shown]) -> list[nodes.Node]:
        """Return links to the executed notebooks of the question."""
        lines = []
        for one in profiles:
            links = [
                f"[{display_name(model)}{more(made.source, question)}]"
                f"(/results/{one.name}/{made.path.stem})"
                for (model, _), some in one.networks.items()
                for made in some
                if made.source in question.notebooks
            ]
            if links:
                lines.append(f"- {one.data}: {', '.join(links)}")
        names = " and ".join(f"`notebooks/{name}.ipynb`" for name in question.notebooks)
        said = f"Executed notebooks, each with its code, figures, parameters and command ({names}):"
        return self.parse_text_to_nodes("\n".join([said, "", *lines]))


class Map(ResultsDirective):
    """Which page answers what, and what nothing here answers."""

    def run(self) -> list[nodes.Node]:
        """Return a table with a line for each question, and what is not covered."""
        profiles = self.profiles()
        lines = ["| question | the paper's claims | verdicts |", "|---|---|---|"]
        for question in QUESTIONS:
            about = [[f for f in one.findings if f.claim.id in question.claims] for one in profiles]
            titles = "<br>".join(f"• {one.claim.title}" for one in about[0]) if about else ""
            verdicts = "<br>".join(
                f"{one.data}: {fared(some)}"
                for one, some in zip(profiles, about, strict=True)
                if some
            )
            cells = f"[{question.asks}](/{question.page})", titles or "none", verdicts or "–"
            lines.append(f"| {' | '.join(cells)} |")
        gaps = [f"- {gap}" for gap in in_general(profiles)]
        if gaps:
            lines += ["", "[Not covered](/artifact) by any results here:", "", *gaps]
        found = self.parse_text_to_nodes("\n".join(lines))
        found[0]["classes"].append("mwt-map")
        return found


def more(source: str, question: Question) -> str:
    """Say which notebook it is, where a question has several."""
    return f" ({source})" if len(question.notebooks) > 1 else ""


def said_list(said: list[Said]) -> nodes.bullet_list:
    """Return sentences as a list, each with its sign, which is read aloud where it judges."""
    found = nodes.bullet_list(classes=["mwt-said"])
    for one in said:
        sign, word = SIGNS[one.sign]
        aloud = "" if one.sign == NEUTRAL else f"{html.escape(word)}: "
        mark = (
            f'<span class="mwt-sign mwt-{one.sign}" title="{word}">'
            f'<span aria-hidden="true">{sign}</span>'
            f'<span class="mwt-hidden">{aloud}</span></span>'
        )
        text = nodes.paragraph("", "", nodes.raw("", mark, format="html"), nodes.Text(one.text))
        found += nodes.list_item("", text)
    return found


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-question", Answer)
    app.add_directive("mwt-map", Map)

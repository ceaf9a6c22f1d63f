"""What it takes to check the claims: a first try, time by claim, GPU hours of the paper's settings.

``{mwt-first-try}``
    A notebook that needs neither data nor training, and how long its page took.
``{mwt-costs}``
    For every claim and profile, the commands and the seconds that they stand for.
``{mwt-gpu-hours}``
    What the paper's settings would take on a GPU: steps times the time of a step.
"""

import html
from collections.abc import Sequence

import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ...results.claims import Finding
from ...results.costs import Hours, computing, gpu_hours, grid_hours, measured_steps
from ...results.names import display_name
from ...results.record import rows_of
from ...study.profiles import PAPER, load_profile
from ..tables.base import html_table
from ..tables.claim_texts import headed
from .claims_page import anchor_of
from .directives import ResultsDirective
from .execution import Execution
from .origin import figure_node
from .shown import Shown

FIRST = "rq4"  # the notebook of most claims


class FirstTry(ResultsDirective):
    """The first notebook whose networks are published with the project."""

    def run(self) -> list[nodes.Node]:
        """Return its command, and how long it took; nothing where no profile is published so."""
        tries = [
            (one, made)
            for one in self.profiles()
            if load_profile(one.name)["publish"]
            for made in one.networks.get(one.first, [])
            if made.source == FIRST
        ]
        if not tries:
            return []
        one, made = tries[0]
        shown = sum(finding.claim.shown["notebook"] == FIRST for finding in one.findings)
        page = f"/results/{one.name}/{made.path.stem}"
        said = (
            f"Its published page took {in_words(made.seconds)} on {made.record['machine']}. It "
            f"shows {shown} of the {len(one.findings)} [claims](/claims). What comes out is [this "
            f"page]({page}): open `out.ipynb` beside it and compare the tables."
        )
        block = nodes.literal_block("", made.command, language="bash")
        return [block, *self.parse_text_to_nodes(said)]


class Costs(ResultsDirective):
    """Time for each claim, by profile."""

    def nodes_of(self, one: Shown) -> list[nodes.Node]:
        """Return a profile's table: claims that the same notebooks show stand together."""
        together: dict[tuple[str, ...], list[Finding]] = {}
        for finding in one.findings:
            together.setdefault(notebooks_of(finding, one)[0], []).append(finding)
        rows, machines = [], set()
        for commands, findings in together.items():
            made = notebooks_of(findings[0], one)[1]
            found = [
                computing(rows_of(m.record), one.results, *network) for network, m in made.items()
            ]
            machines |= {machine for cost in found for machine in cost.machines}
            pages = sum(m.seconds for m in made.values())
            cells = {
                "commands": "".join(f"<code>{html.escape(line)}</code> " for line in commands),
                "computing": in_words(sum(cost.seconds for cost in found)) if made else "not run",
                "page": in_words(pages) if made else "not run",
            }
            named = {"claims": "".join(map(claim_link, findings))}
            rows.append(named | {name: headed(name, "") + text for name, text in cells.items()})
        caption = (
            f"<strong>{html.escape(one.title)}</strong>. Computing: the time of one seed to train "
            "both networks, find masks, fine-tune and search, as measured in the runs "
            f"({html.escape('; '.join(sorted(machines)))}). Page: the time in which the published "
            f"notebooks ran ({one.seeds}), including what they had to compute because it was not "
            f"stored yet ({html.escape('; '.join(machines_of(one)))})."
        )
        frame = pd.DataFrame(rows).set_index("claims")
        return [figure_node(html_table(frame, caption, escape=False, kind=WORDS))]


WORDS = "mwt-words mwt-costs"


def notebooks_of(
    finding: Finding, one: Shown
) -> tuple[tuple[str, ...], dict[tuple[str, str], Execution]]:
    """Return the commands that measure a claim with a profile, and the notebooks that were run."""
    notebook, decides = finding.claim.shown["notebook"], finding.decides
    made = {
        (model, decides.dataset): execution
        for model in decides.models
        for execution in one.networks.get((model, decides.dataset), [])
        if execution.source == notebook
    }
    usual = f"papermill notebooks/{notebook}.ipynb out.ipynb -p profile {one.name}"
    commands = [
        made[model, decides.dataset].command
        if (model, decides.dataset) in made
        else f"{usual} -p model {model}"
        for model in decides.models
    ]
    return tuple(commands), made


def claim_link(finding: Finding) -> str:
    """Return a link to where a claim is judged."""
    claim = finding.claim
    return f'<a href="claims.html#{anchor_of(claim)}">{html.escape(claim.title)}</a> '


def machines_of(one: Shown) -> list[str]:
    """Return the machines on which a profile's notebooks ran."""
    return sorted({made.record["machine"] for some in one.networks.values() for made in some})


class GpuHours(SphinxDirective):
    """GPU hours of the paper's settings."""

    def run(self) -> list[nodes.Node]:
        """Return a table by network and data set, and what the whole profile adds up to."""
        every = list(gpu_hours(PAPER))
        return [
            figure_node(hours_table(every)),
            *self.parse_text_to_nodes(in_all(every)),
        ]


def hours_table(every: Sequence[Hours]) -> HTML:
    """Return the hours of one standard and one modular training of each network."""
    rows: dict[str, dict[str, float | str]] = {}
    for one in every:
        row = rows.setdefault(display_name(one.config.model), {})
        for method, milliseconds in one.step.milliseconds.items():
            row[f"{method}, ms"] = milliseconds
        row["steps"] = basis(one)
        row[f"{display_name(one.config.dataset)}, h"] = sum(one.each.values())
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "network"
    numbers = [name for name in frame if name != "steps"]
    caption = (
        "The last columns: GPU hours of one seed, which is one standard and one modular training "
        f"of {every[0].config.epochs} epochs. The first columns: milliseconds of a training step, "
        f"measured with {html.escape(measured_on())}."
    )
    return html_table(frame, caption, dict.fromkeys(numbers, "{:.1f}".format))


def basis(one: Hours) -> str:
    """Say whether a step was measured at the width that is asked for."""
    if one.step.width == one.config.width:
        return "measured"
    return f"from width {one.step.width:g}"


def measured_on() -> str:
    """Say where and how steps were measured."""
    found = measured_steps()
    return (
        f"batches of {found['batch_size']} on an {found['device']}, in {found['precision']}, at "
        f"commit {found['commit']}, {found['date']}"
    )


def in_all(every: Sequence[Hours]) -> str:
    """Say in Markdown what the profile adds up to, and what the estimate assumes and leaves out."""
    profile = load_profile(PAPER)
    seeds, seed = len(profile["seeds"]), sum(sum(one.each.values()) for one in every)
    trainings = seeds * sum(len(one.each) for one in every)
    pairs, grid = grid_hours(PAPER)
    precision = every[0].config.training_precision
    return (
        f"One seed of the profile takes about {seed:.0f} hours, all {seeds} about "
        f"**{seeds * seed:.0f} GPU hours** ({trainings} trainings). The study of α and β trains "
        f"{pairs} more networks a seed: about {grid:.0f} hours each time.\n\n"
        "This is an estimate: epochs × steps × the time of a step. Where a network was not "
        "measured at the paper's width, we assume that width slows it down as much as ResNet18. "
        + (
            f"Steps were timed in {measured_steps()['precision']}, but the profile trains in "
            f"{precision}, which is slower: expect more. "
            if precision != measured_steps()["precision"]
            else ""
        )
        + "It does not include validation after each epoch, fine-tuning, finding masks, and "
        "CNNSplitter's search."
    )


def in_words(seconds: float) -> str:
    """Return a time as a reader wants it: ``45 s``, ``12 min``, ``3.5 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mwt-first-try", FirstTry)
    app.add_directive("mwt-costs", Costs)
    app.add_directive("mwt-gpu-hours", GpuHours)

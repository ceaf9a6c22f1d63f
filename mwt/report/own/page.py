"""The report page of the command: one HTML file that needs nothing else."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...study.own import Outcome
from ...study.own.cutting import SEVERAL
from ...support.files import atomic_write
from .. import figures
from .summary import WHOSE, share

TEMPLATE = "page.html"
FORMS = {
    "generators": "With its mask generators: it chooses kernels anew for each image.",
    "folded": "Folded: fixed factors stand for the masks.",
    "plain": "Plain, as in the paper: without masks.",
}


def page(outcome: Outcome, command: str) -> str:
    """Return the page; whatever comes from the user is text in it, never HTML.

    Parameters
    ----------
    outcome
        What the command made.
    command
        The line that it was called with.
    """
    plan = outcome.plan
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    values: dict[str, Any] = {
        "outcome": outcome,
        "plan": plan,
        "request": plan.request,
        "command": command,
        "form": FORMS[plan.request.form],
        "whose": WHOSE,
        "share": share,
        "several": SEVERAL,
        "first": repr(str(outcome.modules[0].folder)),
        "card": Markup(outcome.card._repr_html_()),
        "history": Markup(figures.history(outcome.training.history).data),
        "pictures": [
            Markup(
                figures.module_masks(
                    outcome.masks,
                    outcome.samples,
                    plan.request.threshold,
                    plan.train.classes,
                    one.labels,
                ).data
            )
            for one in outcome.modules
        ],
    }
    return environment.get_template(TEMPLATE).render(values)


def write_page(outcome: Outcome, command: str) -> Path:
    """Write the page into the request's folder; return its path."""
    path = outcome.plan.folder / "report.html"
    with atomic_write(path) as temporary:
        temporary.write_text(page(outcome, command), encoding="utf-8")
    return path

"""The questions in the order of the book, and what answers each."""

from dataclasses import dataclass
from types import ModuleType

from . import costs, losses, modularity, reuse, splitting, threshold, worth


@dataclass(frozen=True)
class Question:
    """A page of the book that answers a question.

    Attributes
    ----------
    page
        Its file in ``book/``, without the ending.
    asks
        The question in a few words.
    notebooks
        The notebooks that measure what it needs; their pages lie below it.
    claims
        The claims of the paper that it is about.
    answers
        A module with ``findings(cases)``, sentences on the networks of a profile;
        ``panels(case, cases)``, small figures of one of them, with the caption ``PANELS``; and
        ``rows(case)``, its lines in the table, with the caption ``ROWS``.
    """

    page: str
    asks: str
    notebooks: tuple[str, ...]
    claims: tuple[str, ...]
    answers: ModuleType


QUESTIONS = (
    Question("costs", "What does modularity cost?", ("train",), ("accuracy-loss",), costs),
    Question(
        "modularity",
        "How modular do networks get?",
        ("modularize",),
        ("small-modules",),
        modularity,
    ),
    Question(
        "modules", "Do modules work?", ("reuse", "subtasks"), ("reuse-krr", "reuse-accuracy"), reuse
    ),
    Question(
        "threshold",
        "What does the threshold change?",
        ("rq4",),
        (
            *("threshold-krr", "threshold-cohesion", "threshold-coupling"),
            *("reuse-krr", "reuse-accuracy", "defaults"),
        ),
        threshold,
    ),
    Question("losses", "What do alpha and beta change?", ("hyperparameters",), (), losses),
    Question(
        "against-cnnsplitter",
        "How does it compare with CNNSplitter?",
        ("cnnsplitter",),
        ("loss-below-cnnsplitter", "kernels-below-cnnsplitter", "half-the-time"),
        splitting,
    ),
    Question("worth", "Is a module worth it?", ("worth",), (), worth),
)

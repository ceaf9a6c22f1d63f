"""A network of one's own, named on the command line: found, trained in modules, cut."""

from .cutting import Module, Outcome, cut
from .plan import Plan, planned
from .request import FORMS, Request
from .training import Training, trained

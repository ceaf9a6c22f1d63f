"""What the study found, as numbers: rows of ``results.csv``, measures, verdicts on claims."""

from . import rows
from .record import Made, Record
from .tidy import table

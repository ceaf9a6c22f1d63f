"""Dataclasses whose values pydantic checks; a mistake is one sentence."""

from collections.abc import Iterable
from functools import wraps
from typing import Annotated, Any, TypeVar, dataclass_transform

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from .errors import UsageError, choose

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]

# What to give, by pydantic's kind of mistake; others are said in its own words.
WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "True or False",
    "tuple_type": "a tuple",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than_equal": "a number of at most {le:g}",
    "missing": "more values",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}
T = TypeVar("T")


def one_of(kind: str, allowed: Iterable[str]) -> AfterValidator:
    """Return a check that a text is one of some, which it names."""
    return AfterValidator(lambda given: choose(kind, given, allowed))


@dataclass_transform(frozen_default=True, field_specifiers=(Field,))
def validated(kind: type[T]) -> type[T]:
    """Make a class a frozen dataclass that raises a `UsageError` for a value of the wrong kind.

    A whole number stands for a float, nothing else for anything else.
    """
    made: Any = dataclass(frozen=True, config=ConfigDict(strict=True, allow_inf_nan=False))(kind)
    construct = made.__init__

    @wraps(construct)
    def checked(self: T, *values: Any, **named: Any) -> None:
        try:
            construct(self, *values, **named)
        except ValidationError as error:
            raise UsageError(in_words(error)) from None

    made.__init__ = checked
    return made


def in_words(error: ValidationError) -> str:
    """Return the first mistake as a sentence: what was given, and what to give."""
    first = error.errors()[0]
    found = first.get("ctx", {})
    if isinstance(found.get("error"), UsageError):
        return str(found["error"])
    wanted = WANTED.get(first["type"], first["msg"]).format(**found)
    return f"{first['loc'][0]} {first['input']!r}: give {wanted}."

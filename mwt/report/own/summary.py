"""The end of the command in the terminal: what came out, in a few lines."""

from ...study.own import Module, Outcome

WHOSE = {
    "module": "module",
    "modular": "whole modular network",
    "standard": "network as it was given",
}


def summary(outcome: Outcome) -> str:
    """Return what came out, as text."""
    plan, card = outcome.plan, outcome.card
    lines = [
        f"The whole modular network: accuracy {card.accuracy:.3f} on validation images.",
        *card.advice,
        *(f"Note: {note}." for note in plan.notes),
    ]
    for one in outcome.modules:
        lines += ["", *of_module(outcome, one)]
    return "\n".join(lines)


def of_module(outcome: Outcome, one: Module) -> list[str]:
    """Return the lines of a module."""
    rows = [
        (f"accuracy, {WHOSE[name]}", f"{on['test']:.3f}", f"validation {on['validation']:.3f}")
        for name, on in (one.scores or {}).items()
    ]
    rows += [
        ("kernels kept", f"{share(one.kept, outcome.card.kernels)}", f"{one.kept:,}"),
        ("multiply-adds", share(one.cost.flops, outcome.cost.flops), f"{one.cost.flops:,}"),
        (
            "parameters",
            share(one.cost.parameters, outcome.cost.parameters),
            f"{one.cost.parameters:,}",
        ),
    ]
    wide = max(len(name) for name, _, _ in rows)
    files = [(outcome.plan.folder / one.folder / name, size) for name, size in one.files.items()]
    return [
        f"Module of {', '.join(one.classes)}:",
        *(f"  {name:{wide}}  {value:>6}  {more}" for name, value, more in rows),
        *([f"  {one.note}"] if one.note else []),
        *(f"  {file} ({size:,} bytes)" for file, size in files),
    ]


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent."""
    return f"{part / whole:.0%}"

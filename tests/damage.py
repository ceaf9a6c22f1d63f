"""Files, damaged: bytes changed at random places, also within the parts of an archive."""

import gzip
import io
import random
import re
import zipfile

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
ODD = [
    b"0",
    b"-1",
    b"1e308",
    b"NaN",
    b"99999999999999999999",
    b"3000000000",
    b"null",
    b'"x"',
    b"[]",
]
STEPS = ("flip", "cut", "drop", "double", "insert", "number", "within")


def random_steps(chance: random.Random) -> list[tuple[str, float, float]]:
    """Return one to four steps of damage, each a kind, a place and a value from 0 to 1."""
    draw = chance.random
    return [(chance.choice(STEPS), draw(), draw()) for _ in range(chance.randint(1, 4))]


def damaged(content: bytes, steps) -> bytes:
    """Return bytes after some steps of damage."""
    for at, (kind, where, what) in enumerate(steps):
        if kind == "within":
            return within(content, where, steps[at + 1 :])
        content = changed(content, kind, int(where * len(content)), what)
    return content


def changed(content, kind, at, what):
    """Return bytes after one step."""
    if kind == "flip" and content:
        at = min(at, len(content) - 1)
        return content[:at] + bytes([content[at] ^ (1 << int(what * 7.99))]) + content[at + 1 :]
    if kind == "cut":
        return content[:at]
    if kind == "drop":
        return content[:at] + content[at + 1 + int(what * 50) :]
    if kind == "double":
        return content[:at] + content[at : at + int(what * 200)] + content[at:]
    if kind == "insert":
        return content[:at] + bytes([int(what * 255)]) * 8 + content[at:]
    if kind == "number" and (found := NUMBER.search(content, at)):
        odd = ODD[int(what * 0.999 * len(ODD))]
        return content[: found.start()] + odd + content[found.end() :]
    return content


def within(content, where, steps):
    """Return an archive with one of its parts damaged, whose checksums are right again."""
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.compress(damaged(gzip.decompress(content), steps), 1)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # no archive, or none any more
        return damaged(content, steps)
    # One half of the damage hits the part that says what the others are.
    plan = [name for name in parts if name.endswith("data.pkl")]
    names = plan if plan and where < 0.5 else list(parts)
    name = names[int(where * 0.999 * len(names))]
    parts[name] = damaged(parts[name], steps)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for part, inside in parts.items():
            archive.writestr(part, inside)
    return whole.getvalue()

"""Fuzz the readers of strangers' files, each in a process of its own.

python tests/fuzzing.py MINUTES [KIND ...]
    damages whole files at random
python tests/fuzzing.py MINUTES --guided [KIND ...]
    does so to the binary ones, guided by what of the readers' code a file reaches; needs atheris

Minutes are of one processor and for each kind. Whatever a reader raises but a `UsageError` is
printed with the file that did it; a reader gets a gigabyte of memory beside what it starts with.
"""

import io
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from damage import damaged, random_steps

GUIDED = "--guided" in sys.argv
if GUIDED:
    import atheris

    # torch comes before its importers, so that it is not instrumented, which would take minutes.
    from torch._weights_only_unpickler import Unpickler

    Unpickler.load = atheris.instrument_func(Unpickler.load)
CODE = ["mwt", "pickletools", "tarfile"]
with atheris.instrument_imports(include=CODE) if GUIDED else nullcontext():
    import strangers

MORE = 2**30  # bytes of memory that a reader may take


def limit_memory():
    """Let this process take a gigabyte more than it has."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MORE, resource.RLIM_INFINITY))


class Reader:
    """Reads damaged files of a kind, and counts what comes of it."""

    def __init__(self, kind):
        self.kind, self.counts, self.slowest = kind, Counter(), 0.0
        self.folder = Path(tempfile.mkdtemp())
        strangers.KINDS[kind].write(self.folder)
        self.file = self.folder / strangers.KINDS[kind].file
        self.whole = self.file.read_bytes()
        assert not strangers.read_or_refused(kind, self.folder)
        limit_memory()

    def read(self, content):
        """Read a file; print what it raises, the first time that it is of this type."""
        self.file.write_bytes(content)
        began, came = time.process_time(), ""
        try:
            came = "refused" if strangers.read_or_refused(self.kind, self.folder) else "read"
        except Exception as error:
            came = type(error).__name__
            if not self.counts[came]:
                kept = Path(tempfile.mkdtemp(prefix="found-")) / self.file.name
                kept.write_bytes(content)
                print(self.kind, kept, *traceback.format_exc().splitlines()[-3:], sep="\n")
        self.counts[came] += 1
        self.slowest = max(self.slowest, time.process_time() - began)

    def report(self):
        """Say what came of all files, and remove the folder."""
        print(self.kind, dict(self.counts), f"slowest {self.slowest:.1f} s", flush=True)
        shutil.rmtree(self.folder)


def at_random(reader, minutes):
    """Damage whole files for so many minutes of processor time."""
    chance, end = random.Random(0), time.process_time() + 60 * minutes
    while time.process_time() < end:
        reader.read(damaged(reader.whole, random_steps(chance)))
    reader.report()


def guided(reader, minutes):
    """Let atheris choose what to damage further: what reaches new code."""
    end = time.process_time() + 60 * minutes

    def one_input(content):
        reader.read(content)
        if time.process_time() > end:
            reader.report()
            os._exit(0)

    def mutate(content, most, seed):
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return damaged(content, random_steps(chance))[:most]
        return atheris.Mutate(content, most)

    corpus = Path(tempfile.mkdtemp())
    (corpus / "whole").write_bytes(reader.whole)
    options = [f"-max_len={2 * len(reader.whole) + 1000}", "-verbosity=0", "-rss_limit_mb=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one_input, custom_mutator=mutate)
    atheris.Fuzz()


def main(minutes, kinds):
    """Fuzz one kind here, or several one after the other."""
    if len(kinds) == 1:
        os.environ["MWT_HOME"] = "/nonexistent"
        reader = Reader(kinds[0])
        sys.stderr = io.StringIO()
        (guided if GUIDED else at_random)(reader, minutes)
        return
    every = [k for k, kind in strangers.KINDS.items() if kind.binary or not GUIDED]
    for kind in kinds or every:
        subprocess.run([sys.executable, __file__, *sys.argv[1 : 2 + GUIDED], kind], check=True)


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--guided"]
    main(float(given[0]), given[1:])

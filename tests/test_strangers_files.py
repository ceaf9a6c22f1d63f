"""Whatever a file from a stranger holds, it is read or refused in one sentence."""

import pickle
import pickletools
import resource

import pytest
import strangers
from damage import STEPS, damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mwt
from mwt.support.pickles import read_pickle

SHARE = st.floats(0, 1)
DAMAGE = st.lists(st.tuples(st.sampled_from(STEPS), SHARE, SHARE), max_size=4)
QUICK = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Whole(bytes):
    """A whole file, which a failing test does not print."""

    def __repr__(self):
        return f"{len(self)} bytes"


@pytest.fixture(scope="module", params=strangers.KINDS)
def example(request, tmp_path_factory):
    """A kind of file, its folder, and the whole file."""
    folder = tmp_path_factory.mktemp("stranger")
    kind = strangers.KINDS[request.param]
    kind.write(folder)
    return request.param, folder, Whole((folder / kind.file).read_bytes())


def test_a_whole_file_is_read(example):
    kind, folder, whole = example
    (folder / strangers.KINDS[kind].file).write_bytes(whole)
    assert not strangers.read_or_refused(kind, folder)


@QUICK
@given(steps=DAMAGE)
def test_a_damaged_file_is_read_or_refused_in_one_sentence(example, steps):
    kind, folder, whole = example
    (folder / strangers.KINDS[kind].file).write_bytes(damaged(whole, steps))
    strangers.read_or_refused(kind, folder)


# What was found so; each was a traceback or took gigabytes before.
FOUND = {
    "a profile": [
        b"",
        b"- a\n",
        b"\xfb",
        b"profile: [",
        b"a: \x14",
        b"profile: !!python/name:os.system",
        b"profile: quick\na: &a [x]\nb: &b [*a, *a]\nmodels: [*b, *b]\n",
    ],
    "a run": [b"", b"[" * 100_000, b"{}", b'{"asked": {"stage": "cut", "seed": 0}}'],
    "published weights' card": [
        b"[" * 100_000,
        b"{}",
        b'{"model": ["simcnn"]}',
        b'{"model": "simcnn", "settings": {"width": 1e9}}',
    ],
    "results": [b"", b"\xfb,a\n", b"a,b\n1,2,3\n", b"profile,value\nquick,1\n"],
    "a module's plan": [b"{}", b"[]", b"[" * 100_000, b'{"format": 1}'],
    "a picture": [b"", b"\x89PNG\r\n\x1a\n"],
}


@pytest.mark.parametrize(
    ("kind", "content"), [(kind, text) for kind, texts in FOUND.items() for text in texts]
)
def test_what_was_found_is_refused(kind, content, tmp_path):
    strangers.KINDS[kind].write(tmp_path)
    (tmp_path / strangers.KINDS[kind].file).write_bytes(content)
    assert strangers.read_or_refused(kind, tmp_path)


def test_a_pickle_of_a_few_parts_over_and_over_is_refused(tmp_path):
    content = []
    for _ in range(100):
        content = [content, content]
    (tmp_path / "file").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(mwt.UsageError, match="over and over"):
        read_pickle(tmp_path / "file")


def test_a_pickle_that_asks_for_gigabytes_gets_none(tmp_path):
    content = (
        pickle.PROTO + b"\x02]" + pickle.LONG_BINPUT + (2**31 - 1).to_bytes(4, "little") + b"."
    )
    assert [code.name for code, *_ in pickletools.genops(content)][2] == "LONG_BINPUT"
    (tmp_path / "file").write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(mwt.UsageError, match="cannot be read as a pickle"):
        read_pickle(tmp_path / "file")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB

"""Pickles from strangers: plain data come back, anything else is refused and never runs."""

import pickle

import numpy as np
import pytest
import torch
from small_files import pickled_by_python2

import mwt
from mwt.support import pickles


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({1, 2}), "never loaded"),
        (pickle.dumps(np.datetime64("2024-01-01")), "never loaded"),
        (pickle.dumps(torch.zeros(2)), "torch.*never loaded"),
        (pickle.dumps([1.0] * 50)[:-20], "cannot be read as a pickle"),
        (b"text", "cannot be read as a pickle"),
    ],
)
def test_what_is_no_plain_data_is_refused(content, message, tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(content)
    with pytest.raises(mwt.UsageError, match=message):
        pickles.read_pickle(path)


def pickled_array(dtype_state, content=bytes(16)):
    """Write the pickle of an array of two numbers whose type has the given state."""
    ascii_state = pickle.dumps(dtype_state, protocol=2)[2:-1]
    return (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\n(U\x02V8K\x00K\x01tR" + ascii_state + b"b\x89"
        b"U" + bytes([len(content)]) + content + b"tb."
    )


def test_a_type_whose_fields_lie_outside_of_its_array_is_refused(tmp_path):
    # NumPy's own unpickling takes this, and such an array then writes where it may not.
    field = ("f", (np.dtype("V8"), 1 << 20))
    state = (3, "|", None, ("f",), {field[0]: field[1]}, 8, 1, 0)
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled_array(state))
    with pytest.raises(mwt.UsageError, match="an array of V8, which is never loaded"):
        pickles.read_pickle(path)


def test_a_pickle_cannot_change_what_reads_it(tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(b"\x80\x02cnumpy.core.numeric\n_frombuffer\nN}U\x01xK\x01s\x86b.")
    with pytest.raises(mwt.UsageError):
        pickles.read_pickle(path)
    assert np._core.numeric._frombuffer.__kwdefaults__ is None


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([True, False]),
        np.array(["one", "three"]),
        [1, 2.5, "three", None],
        np.float64(0.5),
        {"a": (np.zeros(2, np.float32), np.ones((1, 3), ">i2"))},
    ],
    ids=["array", "by columns", "truth", "text", "list", "number", "dict"],
)
def test_plain_data_comes_back(value, protocol, tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    np.testing.assert_equal(pickles.read_pickle(path), value)


def test_what_python_2_wrote_comes_back_as_text_and_arrays(tmp_path):
    pixels = np.arange(256, dtype=np.uint8).reshape(2, 128)
    value = {"labels": [6, 9], "data": pixels, "filenames": ["a.png", "b.png"]}
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled_by_python2(value))
    with path.open("rb") as file:  # what NumPy recommends for such files
        np.testing.assert_equal(pickle.load(file, encoding="latin1"), value)
    np.testing.assert_equal(pickles.read_pickle(path), value)


@pytest.mark.parametrize("protocol", range(6))
def test_bytes_come_back_also_as_keys(protocol, tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps({b"one": b"\xff\x00"}, protocol=protocol))
    assert pickles.read_pickle(path) == {b"one": b"\xff\x00"}

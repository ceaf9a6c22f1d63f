"""Large feature maps use the memory of those before them."""

import os
import platform
import resource
from pathlib import Path

import pytest
import torch

from mwt.support.memory import glibc, kept_memory

CPU = torch.device("cpu")
MAP = 40 * 2**20  # bytes: more than the library keeps by itself
MAPS = 20  # of which the first few may need new memory each
PAGES = MAP // resource.getpagesize()

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's memory")


@pytest.fixture(autouse=True)
def as_a_new_process_without_settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("MALLOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    glibc.cache_clear()
    yield
    glibc.cache_clear()


def pages_of_maps(count: int) -> int:
    """Return how many pages the system gave for some maps, one after the other."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        torch.empty(MAP, dtype=torch.uint8).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident() -> int:
    """Return the bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_maps_inside_the_block_use_the_memory_of_those_before_them():
    with kept_memory(CPU):
        pages_of_maps(1)
        assert pages_of_maps(MAPS) < MAPS / 2 * PAGES


def test_a_block_within_another_does_not_end_it():
    with kept_memory(CPU):
        with kept_memory(CPU, give_back=True):
            pages_of_maps(1)
        assert pages_of_maps(MAPS) < MAPS / 2 * PAGES


def test_what_was_kept_goes_back():
    with kept_memory(CPU, give_back=True):
        pages_of_maps(1)
        kept = resident()
    assert kept - resident() > MAP / 2


def test_settings_of_the_environment_stay_as_they_are(monkeypatch):
    assert glibc() is not None
    glibc.cache_clear()
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000000")
    assert glibc() is None
    with kept_memory(CPU):
        assert torch.ones(2).sum() == 2

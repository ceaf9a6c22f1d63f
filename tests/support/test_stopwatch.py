"""Seconds of the processor and of the wall."""

import time

import torch

from mwt.support.stopwatch import Stopwatch, spent

CPU = torch.device("cpu")


def work(seconds):
    """Keep the processor busy for so many of its seconds."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_waiting_takes_seconds_of_the_wall_alone():
    watch = Stopwatch(CPU)
    time.sleep(0.5)
    busy, wall = watch.read()
    assert wall > 0.4
    assert busy < wall / 2


def test_work_takes_seconds_of_the_processor_on_top_of_those_before():
    watch = Stopwatch(CPU, busy=100, wall=200)
    work(0.1)
    busy, wall = watch.read()
    assert 100.1 <= busy < 150
    assert wall > 200


def test_a_paused_stopwatch_counts_again_when_it_begins_again():
    watch = Stopwatch(CPU)
    work(0.1)
    watch.pause()
    first = watch.read()
    work(0.1)
    assert watch.read() == first
    began = time.process_time()
    watch.begin()
    work(0.1)
    busy, wall = watch.read()
    assert first[0] + 0.1 <= busy <= first[0] + time.process_time() - began
    assert wall > first[1]


def test_what_was_spent_is_said_in_words():
    said = {0.4: "0 s", 59.6: "60 s", 95: "2 min", 3590: "1 h 0 min", 8000: "2 h 13 min"}
    assert {seconds: spent(seconds) for seconds in said} == said

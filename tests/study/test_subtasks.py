"""Which classes a module is for."""

import pytest

import mwt
from mwt.study.subtasks import drawn, nested


def test_nested_sub_tasks_begin_with_the_given_classes():
    assert nested([7, 3], [2, 4], 10) == [[7, 3], [7, 3, 0, 1]]


def test_random_sub_tasks_are_distinct_and_repeatable():
    chosen = drawn([2, 5], 6, 10)
    assert [len(subtask) for subtask in chosen] == [2] * 6 + [5] * 6
    assert len(set(map(tuple, chosen))) == 12
    assert all(subtask == sorted(set(subtask)) for subtask in chosen)
    assert chosen == drawn([2, 5], 6, 10)


def test_all_sub_tasks_where_there_are_few():
    assert drawn([3, 2], 3, 3) == [[0, 1, 2], [0, 1], [0, 2], [1, 2]]


def test_number_of_sub_tasks():
    with pytest.raises(mwt.UsageError, match="per_size -1"):
        drawn([2], -1, 10)

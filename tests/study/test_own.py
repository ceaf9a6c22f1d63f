"""What a name on the command line stands for, and weights from a file."""

import pytest
import torch
from torch import nn

from mwt.study.own.naming import made, named
from mwt.study.own.request import class_sets
from mwt.study.own.weights import take_weights
from mwt.support.errors import UsageError


def test_a_function_with_any_keywords_gets_the_number_of_classes():
    text = "torchvision.models:resnet18"
    net = made(text, named(text), classes=5, channels=3, given={})
    assert net.fc.out_features == 5


def test_a_function_whose_keywords_do_not_take_it_is_called_without():
    def fixed(**options):
        return nn.Linear(3, 2, **options)

    assert made("fixed", fixed, classes=5, channels=3, given={"bias": False}).out_features == 2


def test_class_names_may_hold_commas():
    known = ("a", "b", "a,b")
    assert class_sets(["a,b"], known) == (("a,b",),)
    assert class_sets(['"a,b", a'], known) == (("a,b", "a"),)


def test_names_of_data_parallel_are_taken_and_pickled_networks_are_not(tmp_path):
    net, other = nn.Linear(3, 2), nn.Linear(3, 2)
    torch.save({f"module.{n}": t for n, t in net.state_dict().items()}, tmp_path / "parallel.pth")
    assert take_weights(other, tmp_path / "parallel.pth") == ()
    assert torch.equal(net.weight, other.weight)
    torch.save(net, tmp_path / "whole.pth")
    with pytest.raises(UsageError, match="cannot be read as weights"):
        take_weights(other, tmp_path / "whole.pth")

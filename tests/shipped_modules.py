"""Modules to ship, and their cards."""

import torch
from exactness import kernel_count, randomized
from handmade import Handmade
from torch import nn

import mwt
from mwt import shipping
from mwt.shipping import Card


def card_for(classes, side=12):
    names = tuple("abcdefghij"[:classes])
    return Card(names, (3, side, side), (0.4, 0.5, 0.6), (0.2, 0.3, 0.25), 0.9, "run-1")


def cut(net, classes=None, generators=False):
    """A module that has lost about half of its kernels."""
    modular = mwt.to_modular(randomized(net)).eval()
    union = torch.rand(kernel_count(modular)) < 0.5
    return mwt.extract(modular, union, classes, generators=generators)


def handmade(generators=False):
    return cut(Handmade(), generators=generators)


def images(count, side=12):
    return torch.randn(count, 3, side, side)


def shipped(module, folder, card):
    shipping.save(module, folder, card)
    return shipping.load(folder)


def assert_same(module, loaded, inputs):
    assert not loaded.training
    assert torch.equal(loaded(inputs), module.eval()(inputs))
    there, here = loaded.state_dict(), module.state_dict()
    assert there.keys() == here.keys()
    assert all(torch.equal(there[name], here[name]) for name in here)
    assert all(parameter.requires_grad for parameter in loaded.parameters())


class Calls(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)

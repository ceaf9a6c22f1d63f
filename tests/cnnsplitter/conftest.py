"""Fixtures of the tests of CNNSplitter."""

import dataclasses

import pytest
import torch
from small_networks import network

import mwt


@pytest.fixture(scope="module")
def validation():
    data = mwt.data.load("digits", size=32)[1]
    return dataclasses.replace(data, images=data.images[:64], labels=data.labels[:64])


@pytest.fixture(scope="module")
def net(validation):
    """Random kernels below a last layer that fits: the solutions differ in what they know."""
    net = network("simcnn")
    inputs = []
    handle = net.fc_15.register_forward_pre_hook(lambda _layer, given: inputs.append(given[0]))
    mwt.predict(net, validation)
    handle.remove()
    targets = torch.nn.functional.one_hot(validation.labels, 10).float()
    net.fc_15.weight.data = torch.linalg.lstsq(
        inputs[0], targets, driver="gelsd"
    ).solution.T.clone()
    assert mwt.accuracy(net, validation) > 0.7
    return net

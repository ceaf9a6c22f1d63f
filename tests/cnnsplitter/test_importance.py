"""Importance against a plain loop."""

import dataclasses

import pytest
import torch
from small_networks import MODELS, network

import mwt
from mwt.cnnsplitter import kernel_importance


@pytest.mark.parametrize("model", MODELS)
def test_importance_is_that_of_a_plain_loop(model, validation):
    net = network(model).eval()
    last = net.get_submodule("fc_15" if model == "simcnn" else "classifier.2")
    logits = mwt.predict(net, validation)
    # Sure of many samples of the last classes, of none of the first.
    last.weight.data *= torch.linspace(0.1, 8, 10)[:, None] / logits.std(dim=0)[:, None]
    last.bias.data = -mwt.predict(net, validation).mean(dim=0)
    kinds = set()
    found = kernel_importance(net, validation, batch_size=37)
    with torch.inference_mode():
        for label in range(10):
            maps, confident = [], []
            for image in validation.images[validation.labels == label]:
                x = validation.normalized(image[None])
                confident.append(net(x).softmax(1)[0, label] >= 0.9)
                maps.append([layer.sum(dim=(1, 2)) for layer in feature_maps(net, x)])
            used = [m for m, sure in zip(maps, confident, strict=True) if sure] or maps
            kinds.add((any(confident), all(confident)))
            for layer, wanted in zip(found[label], zip(*used, strict=True), strict=True):
                torch.testing.assert_close(layer, torch.stack(wanted).mean(0), rtol=1e-4, atol=1e-4)
    assert {(True, False), (False, False)} <= kinds


def feature_maps(net, x):
    """Return the maps ``(kernels, H, W)`` whose sums count, written out layer by layer."""
    if hasattr(net, "pooled"):
        maps = []
        for number, pooled in enumerate(net.pooled):
            x = torch.relu(net.get_submodule(f"conv_{number}")(x))
            maps.append(x[0])
            x = net.pool(x) if pooled else x
        return maps
    maps = {}
    for number in range(12):
        before = x if number in (2, 6, 10) else None
        layers = net.get_submodule(f"conv_{number}")
        if before is not None:
            saved = before
        x = layers(x)
        maps[number] = x[0]
        if number in (3, 7, 11):
            x = x + saved
            maps[number - 2] = maps[number] = x[0]
    return [maps[number] for number in range(12)]


def test_importance_needs_every_class(net, validation):
    some = dataclasses.replace(validation, labels=validation.labels.clamp(max=8))
    with pytest.raises(mwt.UsageError, match="no image of class 9"):
        kernel_importance(net, some)

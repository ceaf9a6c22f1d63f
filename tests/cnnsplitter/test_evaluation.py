"""Many solutions at once against one by one."""

import numpy as np
import pytest
import torch
from devices import DEVICES
from small_networks import MODELS, network, random_importance

from mwt.cnnsplitter import layout_of, own_logits
from mwt.support.precision import full_float32


def one_by_one(net, masks, classes, images):
    """Mask the kernels of the network itself, one solution after the other."""
    layout, logits = layout_of(net), []
    net.eval()
    with torch.inference_mode():
        for mask, label in zip(masks, classes, strict=True):
            handles = []
            for name, part in zip(layout.names, mask.split(layout.kernels), strict=True):

                def hook(_layer, _inputs, output, part=part):
                    return output * part[:, None, None]

                handles.append(net.get_submodule(name).register_forward_hook(hook))
            logits.append(net(images)[:, label])
            for handle in handles:
                handle.remove()
    return torch.stack(logits)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("device", DEVICES)
def test_batched_logits_are_those_of_one_by_one(model, size, device, monkeypatch):
    net = network(model, width=0.125)
    if size == 64:
        monkeypatch.setattr("mwt.cnnsplitter.evaluation.BYTES", 2**18)  # several passes
        last = net.classifier if model == "rescnn" else net
        name = "2" if model == "rescnn" else "fc_13"
        old = last.get_submodule(name)
        setattr(last, name, torch.nn.Linear(4 * old.in_features, old.out_features))
    layout = layout_of(net.to(device))
    rng = np.random.default_rng(0)
    bits = rng.random((11, layout.genes)) < rng.uniform(0.3, 1, (11, 1))
    masks = layout.masks(bits, random_importance(layout)).to(device)
    classes = torch.arange(11, device=device) % 10
    images = torch.randn(13, 1, size, size, device=device)
    with full_float32():
        wanted = one_by_one(net, masks, classes, images)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    exact = own_logits(net, masks, classes, images, torch.float32)
    assert (exact - wanted).abs().max() <= 1e-4 * wanted.abs().max()
    nearly = own_logits(net, masks, classes, images, torch.bfloat16)
    assert nearly.dtype == torch.float32
    # Two digits, through thirteen layers: 0.01 to 0.06 were seen, by the processor imitated.
    assert (nearly - wanted).abs().max() <= 0.1 * wanted.abs().max()
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])

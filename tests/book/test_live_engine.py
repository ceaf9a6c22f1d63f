"""The page's engine computes what torch computes: every network here, whole and cut."""

import numpy as np
import pytest
import torch
from torch import nn

import mwt
from mwt.models import MODELS
from mwt.report.site.live import HERE
from mwt.report.steps import steps
from mwt.study.weights import round_to_half

ANSWERS = """([steps, image, kept]) => {
  const made = decoded(steps);
  const read = Float32Array.from(image);
  return [answer(made, read), answer(made, read, kept)].map(({ logits, masks }) => ({
    logits: [...logits],
    masks: masks.map((mask) => [...mask]),
  }));
}"""


def random_network(name, seed=3):
    """A modular network, as if trained: masks with zeros, statistics of its own."""
    torch.manual_seed(seed)
    net = mwt.to_modular(MODELS[name](num_classes=5, in_channels=1, width=0.125)).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.normal_(module.bias, 0, 0.5)
    round_to_half(net)
    return net


@pytest.fixture(params=MODELS)
def net(request):
    return random_network(request.param)


@torch.no_grad()
def test_the_engine_computes_what_torch_computes(net, page):
    page.goto("about:blank")
    page.add_script_tag(path=HERE / "live_engine.js")
    image = torch.randn(1, 1, 32, 32)
    logits = net(image)[0].numpy()
    masks = mwt.masks(net)
    zeros = sum(int((mask == 0).sum()) for mask in masks)
    assert 0 < zeros < sum(mask.numel() for mask in masks)
    kept = [torch.rand(mask.shape[1]) < 0.7 for mask in masks]
    module = mwt.extract(net, torch.cat(kept), generators=True)(image)[0].numpy()
    bits = [[int(bit) for bit in layer] for layer in kept]
    whole, cut = page.evaluate(ANSWERS, [steps(net), image.flatten().tolist(), bits])
    near = {"atol": 1e-4 * float(np.abs(logits).max()), "rtol": 1e-4}
    np.testing.assert_allclose(whole["logits"], logits, **near)
    np.testing.assert_allclose(cut["logits"], module, **near)
    assert not np.allclose(cut["logits"], logits, **near)
    for found, mask in zip(whole["masks"], masks, strict=True):
        np.testing.assert_allclose(found, mask[0].numpy(), atol=1e-4)
    assert page.problems == []


def test_other_layers_are_refused_by_name():
    class Strange(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(1, 4, 3)
            self.second = nn.Conv2d(4, 4, 3)
            self.norm = nn.BatchNorm2d(4)
            self.curve = nn.Sigmoid()
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            x = self.curve(self.norm(self.second(self.first(x))))
            return self.head(x.mean(dim=(2, 3)))

    net = mwt.to_modular(Strange())
    round_to_half(net)
    with pytest.raises(mwt.UsageError, match="curve: Sigmoid"):
        steps(net)


def test_weights_that_half_precision_does_not_hold_are_refused():
    with pytest.raises(ValueError, match="half precision"):
        steps(mwt.to_modular(mwt.models.simcnn(in_channels=1, width=0.0625)))

"""CNNSplitter's modules: cut, used together, measured; its download read without running any."""

import pickle

import numpy as np
import pytest
import torch
from exactness import randomized
from torch import nn

import mwt
from mwt import cnnsplitter
from mwt.cnnsplitter import downloads, modules


@pytest.fixture(scope="module")
def digits32():
    return mwt.data.load("digits", size=32)


@pytest.fixture(scope="module", params=["simcnn", "rescnn"])
def net(request):
    torch.manual_seed(0)
    net = getattr(mwt.models, request.param)(in_channels=1, width=0.125).eval()
    net.name = request.param
    return randomized(net)


def random_masks(net, seed=0):
    """Masks that the search could find: of genes, so that shortcut sums fit."""
    layout = cnnsplitter.layout_of(net)
    torch.manual_seed(seed)
    importance = [torch.rand(count) for count in layout.kernels]
    bits = torch.rand(10, layout.genes) < 0.5
    return layout.masks(bits, importance)


def test_modules_give_the_logits_of_the_network_with_only_their_kernels(net, digits32):
    test = digits32[2]
    masks = random_masks(net)
    images = test.normalized(test.images[:50])
    expected = cnnsplitter.own_logits(
        net, masks[[4, 7]], torch.tensor([4, 7]), images, torch.float32
    )
    found = [module(images)[:, 0] for module in modules.modules_of(net, masks, [4, 7])]
    assert (torch.stack(found) - expected).abs().max() <= 1e-4 * expected.abs().max()


def test_the_largest_own_class_logit_names_the_class(net, digits32):
    part = digits32[2].subset([7, 4])
    cut = modules.modules_of(net, random_masks(net), [7, 4])
    logits = modules.joint_logits(cut, part)
    assert logits.shape == (len(part), 2)
    hits = [max(range(2), key=row.__getitem__) for row in logits.tolist()]
    share = np.mean([a == b for a, b in zip(hits, part.labels.tolist(), strict=True)])
    assert modules.joint_accuracy(cut, part) == share


def test_kernels_by_sum_and_by_union():
    masks = torch.tensor([[True, True, False, False], [False, True, True, False]])
    assert modules.retention_by_sum(masks, [0, 1]) == 1.0
    assert modules.retention_by_union(masks, [0, 1]) == 0.75
    assert modules.retention_by_sum(masks, [1]) == modules.retention_by_union(masks, [1]) == 0.5


def test_cohesion_is_of_what_fires_in_the_module(net, digits32):
    test = digits32[2]
    masks = random_masks(net)
    found = modules.activation_cohesion(net, masks, test)
    own = test.subset([3])
    (module,) = modules.modules_of(net, masks, [3])
    fired = []
    for m in module.modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(lambda _m, _x, y: fired.append(y.relu().mean((2, 3)) > 0))
    with torch.inference_mode():
        module(own.normalized(own.images))
    bits = torch.cat(fired, dim=1)
    pairs = [(a & b).sum() / (a | b).sum() for i, a in enumerate(bits) for b in bits[i + 1 :]]
    assert found[3] == pytest.approx(float(torch.stack(pairs).mean()), abs=1e-6)
    assert len(found) == 10


def written(folder, net, rows=5):
    """Write a download in CNNSplitter's formats."""
    layout = cnnsplitter.layout_of(net)
    rng = np.random.default_rng(0)
    torch.save(net.state_dict(), folder / "entire_model.pth")
    (folder / "kernel_importance").mkdir()
    (folder / "ga").mkdir()
    importance = [[rng.random(count).tolist() for count in layout.kernels] for _ in range(10)]
    (folder / "kernel_importance/avg_L1.pkl").write_bytes(pickle.dumps(importance))
    populations = rng.integers(0, 2, (10, rows, layout.genes))
    for label, population in enumerate(populations):
        file = folder / f"ga/gen_3_exp_{label}_pop.pkl"
        file.write_bytes(pickle.dumps(population, protocol=label % 6))
    return layout, importance, populations


def test_a_download_becomes_modules(net, tmp_path):
    layout, importance, populations = written(tmp_path, net)
    download = downloads.load(tmp_path, net.name, width=0.125)
    rows = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    masks = download.masks(3, rows)
    for label, row in enumerate(rows):
        layers = [torch.tensor(layer, dtype=torch.float32) for layer in importance[label]]
        expected = layout.masks(populations[label][row][None], layers)
        assert torch.equal(masks[label], expected[0])
    images = torch.randn(2, 1, 32, 32)
    assert torch.equal(download.net(images), net(images))
    (module,) = modules.modules_of(download.net, masks, [8])
    assert module(images).shape == (2, 1)


def test_rows_and_files_that_do_not_exist(net, tmp_path):
    written(tmp_path, net)
    download = downloads.load(tmp_path, net.name, width=0.125)
    with pytest.raises(mwt.UsageError, match="row 5 of class 0: generation 3 has rows 0 to 4"):
        download.masks(3, [5] * 10)
    with pytest.raises(mwt.UsageError, match="one row a class"):
        download.masks(3, [0])
    with pytest.raises(mwt.UsageError, match=r"gen_4_exp_0_pop\.pkl"):
        download.masks(4, [0] * 10)
    other = {"simcnn": "rescnn", "rescnn": "simcnn"}[net.name]
    with pytest.raises(mwt.UsageError, match=f"holds a {net.name}"):
        downloads.load(tmp_path, other, width=0.125)


class Hostile:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


@pytest.mark.parametrize("place", ["alone", "in a list", "in an array"])
def test_a_hostile_pickle_is_refused_by_name_and_never_runs(place, net, tmp_path):
    written(tmp_path, net)
    trace = tmp_path / "trace"
    value = {
        "alone": Hostile(trace),
        "in a list": [[1.0], [Hostile(trace)]],
        "in an array": np.array([Hostile(trace)], dtype=object),
    }[place]
    path = tmp_path / "kernel_importance/avg_L1.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(mwt.UsageError, match=r"io\.open, which is never loaded"):
        downloads.load(tmp_path, net.name, width=0.125)
    assert not trace.exists()

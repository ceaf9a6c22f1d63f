"""What networks take, and masks like the published ones."""

import json

import pytest
import torch

import mwt
from mwt.results.rows import of_worth
from mwt.shipping import Card
from mwt.study.worth import BATCHES, kept_shares, random_union, worth


def published(tmp_path):
    """Two layers of two and four kernels, kept at so many of three thresholds."""
    file = tmp_path / "explorer.json"
    content = {
        "layers": [["conv_1", 2], ["conv_2", 4]],
        "thresholds": [0.5, 0.7, 0.9],
        "kept": ["303100", "033200"],
    }
    file.write_text(json.dumps(content))
    return file


def test_shares_are_those_of_the_union(tmp_path):
    file = published(tmp_path)
    assert kept_shares(file, 0.9, [0]) == {"conv_1": 0.5, "conv_2": 0.25}
    assert kept_shares(file, 0.9, [0, 1]) == {"conv_1": 1.0, "conv_2": 0.25}
    assert kept_shares(file, 0.7, [1]) == {"conv_1": 0.5, "conv_2": 0.5}
    with pytest.raises(mwt.UsageError, match=r"no threshold 0\.8"):
        kept_shares(file, 0.8, [0])


def test_random_masks_have_the_shares_and_are_nested():
    modular = mwt.to_modular(mwt.models.simcnn(width=0.25))
    blocks = [(name, block.kernels) for name, block in mwt.masked_blocks(modular)]
    few, more = (
        random_union(modular, dict.fromkeys(dict(blocks), share), seed=3) for share in (0.25, 0.5)
    )
    counts = [count for _, count in blocks]
    assert [part.sum().item() for part in few.split(counts)] == [count // 4 for count in counts]
    assert (few <= more).all()
    none = random_union(modular, dict.fromkeys(dict(blocks), 0.0), seed=3)
    assert all(part.sum() == 1 for part in none.split(counts))


def test_what_a_module_takes_becomes_rows():
    net = mwt.models.simcnn(width=0.1).eval()
    modular = mwt.to_modular(net).eval()
    union = torch.arange(sum(b.kernels for _, b in mwt.masked_blocks(modular))) % 2 == 0
    nets = {"model": net, "module": mwt.extract(modular, union, [0, 1])}
    names = tuple("abcdefghij")
    card = Card(names, (3, 32, 32), (0.5,) * 3, (0.2,) * 3)
    cards = {"model": card, "module": Card(names[:2], *list(vars(card).values())[1:])}
    found = worth(nets, cards, repeats=1)
    model, module = found["model"], found["module"]
    stem = net.get_submodule("conv_0").out_channels
    assert model.kernels == stem + len(union)
    assert module.kernels == stem + union.sum()
    assert module.flops == mwt.metrics.flops(nets["module"], (3, 32, 32)) < model.flops
    assert module.bytes < model.bytes
    assert model.bytes > 4 * model.parameters
    assert set(module.latency_ms) == set(module.optimized_ms) == set(BATCHES)
    assert all(taken > 0 for taken in module.optimized_ms.values())
    by_method = {("standard", "all"): model, ("module-plain", "0 1"): module}
    rows = list(of_worth(by_method, 0.9, "a machine"))
    flops = {(r["method"], r["classes"]): r["value"] for r in rows if r["quantity"] == "flops"}
    assert flops == {key: one.flops for key, one in by_method.items()}
    timed = [r for r in rows if r["quantity"] == "optimized_ms_batch_64"]
    assert [r["machine"] for r in timed] == ["a machine"] * 2

"""Which public networks modules can be cut out of: each by name, exact, or refused and why.

    python benchmarks/networks.py OUT.jsonl [NAME ...] [--families] [--seconds 120]

Networks of torchvision, and of timm where that is installed (it is not needed for anything else):
all classifiers that have batch norm and `Conv2d` layers. Each gets random weights and the smallest
usual images that it takes; modules of three random masks, two with their mask generators, are
compared with the masked network (again in double precision where rounding may be what differs). A
line of JSON each is added to OUT.jsonl; a network that has its line there is skipped, so that a run
can be stopped and goes on later. Then it says how many are exact. ``--families`` tries one network
of each file of models. A network that takes longer than ``--seconds`` (in a process of its own) or
more memory than there is gets a line that says so.
"""

import argparse
import copy
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import mwt
from mwt.masking.blocks import masked_blocks
from mwt.surgery.example import example, untouched
from mwt.surgery.trial import Bits, outputs, unlike_at_the_start

EXACT = 1e-4  # of the largest logit
SMALL = ("atto", "femto", "pico", "nano", "tiny", "small", "050", "x0_5", "b0", "18", "26", "s0")
SHARES = (0.3, 0.6, 0.9)  # of the kernels that the random masks keep


def of_torchvision() -> dict[str, tuple[str, Callable[[], nn.Module]]]:
    """Return torchvision's classifiers by name, each with its file and what makes it."""
    from torchvision import models

    def made(name: str) -> Callable[[], nn.Module]:
        plain = {"aux_logits": False} if name in ("googlenet", "inception_v3") else {}
        start = {"init_weights": False} if plain else {}
        return lambda: models.get_model(name, weights=None, **plain, **start)

    names = models.list_models(module=models)
    return {
        f"torchvision/{name}": (models.get_model_builder(name).__module__, made(name))
        for name in names
    }


def of_timm() -> dict[str, tuple[str, Callable[[], nn.Module]]]:
    """Return timm's models by name, each with its file and what makes it; none without timm."""
    try:
        import timm
    except ImportError:
        return {}

    def made(name: str) -> Callable[[], nn.Module]:
        return lambda: timm.create_model(name, pretrained=False)

    return {
        f"timm/{name}": (str(timm.model_entrypoint(name).__module__), made(name))
        for name in timm.list_models()
    }


def has_batch_norm(net: nn.Module) -> bool:
    """Tell whether a network is a convolutional one with batch norm."""
    norms = (nn.BatchNorm2d, nn.SyncBatchNorm)
    kinds = [any(isinstance(m, kind) for m in net.modules()) for kind in (nn.Conv2d, norms)]
    return all(kinds)


def has_attention(net: nn.Module) -> bool:
    """Tell whether a network is made of attention between positions, by its layers' classes."""
    words = ("Attention", "Attn", "MHSA", "Mhsa", "MultiQuery", "Transformer")
    channels = ("Channel", "Spatial", "Efficient", "Eca", "Cbam", "SplitAttn", "Radix", "Selective")
    names = {type(module).__name__ for module in net.modules()}
    return any(
        any(word in name for word in words) and not any(word in name for word in channels)
        for name in names
    )


def tried(make: Callable[[], nn.Module]) -> dict[str, Any]:
    """Try one network; say what came out."""
    torch.manual_seed(0)
    net = make().eval()
    if not has_batch_norm(net):
        return {"result": "no batch norm"}
    found: dict[str, Any] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "attention": has_attention(net),
    }
    images = example(net)
    if images is None:
        return found | {"result": "runs on no usual size"}
    found["size"] = images.shape[-1]
    try:
        modular = mwt.to_modular(net)
        del net
        unlike = unlike_at_the_start(modular)
        blocks = list(masked_blocks(unlike))
        convolutions = sum(isinstance(m, nn.Conv2d) for m in modular.modules())
        found |= {"masked": len(blocks), "convolutions": convolutions}
        found["kernels"] = sum(block.kernels for _, block in blocks)
        differences = list(compared(unlike, images))
        if max(differences) > EXACT:  # rounding grows in untrained networks whose maps do
            differences = list(compared(unlike.double(), images.double()))
            found["precision"] = "double"
    except mwt.UsageError as error:
        return found | {"result": "refused", "why": str(error)}
    except Exception as error:
        return found | {"result": "failed", "why": f"{type(error).__name__}: {error}"[:500]}
    exact = max(differences) <= EXACT
    return found | {"result": "exact" if exact else "inexact", "difference": max(differences)}


def compared(modular: nn.Module, images: Tensor) -> Iterator[float]:
    """Yield the difference of each random module from the masked network, of the largest logit."""
    blocks = [block for _, block in masked_blocks(modular)]
    kernels = [block.kernels for block in blocks]
    torch.manual_seed(1)  # the same masks in both precisions
    for share, generators in zip(SHARES, (True, False, True), strict=True):
        union = torch.rand(sum(kernels)) < share
        module = mwt.extract(modular, union, generators=generators)
        masked = copy.deepcopy(modular, {id(p): p for p in modular.parameters()})
        parts = zip(masked_blocks(masked), union.split(kernels), strict=True)
        for (_, block), bits in parts:
            block.generator = Bits(block.generator, bits, generators)  # type: ignore[assignment]
        with untouched(masked), untouched(module):
            expected, found = outputs(masked(images)), outputs(module(images))
        pairs = zip(expected, found, strict=True)
        yield max(float((a - b).abs().max() / a.abs().max().clamp(min=1e-6)) for a, b in pairs)


def one(name: str, queue: Any) -> None:
    """Try one network in a process of its own."""
    torch.set_num_threads(1)
    known = of_torchvision() if name.startswith("torchvision/") else of_timm()
    queue.put(tried(known[name][1]))


def in_time(name: str, seconds: float) -> dict[str, Any]:
    """Try one network; give up after so many seconds, or when its process ends without a word."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=one, args=(name, queue))
    process.start()
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            found: dict[str, Any] = queue.get(timeout=0.5)
            process.join()
            return found
        except Exception:  # nothing there yet
            if not process.is_alive() and queue.empty():
                return {"result": "failed", "why": f"its process ended ({process.exitcode})"}
    process.kill()
    process.join()
    return {"result": "not tried", "why": f"takes more than {seconds:.0f} seconds"}


def families(names: dict[str, str]) -> list[str]:
    """Return one network of each file of models, a small one where the name says so.

    To make them all only to count their parameters would take longer than to try the few.
    """
    found: dict[str, list[tuple[bool, int, str]]] = {}
    for name, home in names.items():
        small = any(word in name.split("/")[1] for word in SMALL)
        found.setdefault(home, []).append((not small, len(name), name))
    return sorted(min(candidates)[2] for candidates in found.values())


def report(rows: list[dict[str, Any]]) -> None:
    """Say how many networks are exact, of each collection, and what is most often in the way."""
    for attention in (False, True):
        for collection in ("torchvision", "timm"):
            mine = [r for r in rows if r["name"].startswith(f"{collection}/")]
            mine = [r for r in mine if "parameters" in r and r["attention"] is attention]
            counts = Counter(row["result"] for row in mine)
            tested = len(mine) - counts["not tried"]
            if tested:
                kind = "with attention" if attention else "convolutional"
                share = f"{counts['exact']} of {tested} exact ({counts['exact'] / tested:.0%})"
                print(f"{collection}, {kind}: {share}; {dict(counts)}")
    whys = Counter(str(row.get("why"))[:160] for row in rows if row.get("why"))
    for why, count in whys.most_common(25):
        print(f"{count:4}  {why}")


def main() -> None:
    """Try the networks that have no line yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="names or parts of them; default: all")
    parser.add_argument("--families", action="store_true")
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    networks = of_torchvision() | of_timm()
    parts = [part for part in asked.names if part not in networks]
    wanted = [
        name
        for name in networks
        if not asked.names or name in asked.names or any(part in name for part in parts)
    ]
    if asked.families:
        wanted = families({name: networks[name][0] for name in wanted})
    lines = asked.out.read_text().splitlines() if asked.out.exists() else []
    rows = [json.loads(line) for line in lines]
    done = {row["name"] for row in rows}
    for name in [name for name in wanted if name not in done]:
        row = {"name": name, "file": networks[name][0]} | in_time(name, asked.seconds)
        rows.append(row)
        with asked.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(name, row["result"], str(row.get("why", row.get("difference", "")))[:200], flush=True)
    report(rows)


if __name__ == "__main__":
    main()

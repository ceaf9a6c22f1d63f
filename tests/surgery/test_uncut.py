"""Many modules asked without being cut out answer as each of them does, cut out."""

import pytest
import torch
from exactness import kernel_count, randomized
from handmade import Handmade

import mwt
from mwt.masking.samples import KernelUse
from mwt.surgery.extraction import folded_scale
from mwt.surgery.uncut import Uncut

IMAGES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(2))


@pytest.fixture(params=["resnet18", "vgg16", "simcnn", "rescnn", "handmade"])
def modular(request):
    models = vars(mwt.models)
    net = Handmade() if request.param == "handmade" else models[request.param](width=0.125)
    return mwt.to_modular(randomized(net)).eval()


@pytest.fixture
def unions(modular):
    """Six unions; they differ from each other after different shares of the kernels."""
    count = kernel_count(modular)
    bits = (torch.rand(1, count) < 0.6).repeat(6, 1)
    for row, share in enumerate((1.0, 0.9, 0.6, 0.3, 0.1)):
        start = int(share * count)
        bits[row, start:] = torch.rand(count - start) < 0.6
    return bits[torch.randperm(6)]


def close(found, expected):
    assert (found - expected).abs().max() <= 1e-4 * max(1e-3, expected.abs().max().item())


def test_modules_that_keep_their_generators(modular, unions):
    before = modular(IMAGES)
    found = dict(Uncut(modular, unions.float()).logits(IMAGES, list(range(6))))
    assert set(found) == set(range(6))
    for module, logits in found.items():
        close(logits, mwt.extract(modular, unions[module], generators=True)(IMAGES))
    assert torch.equal(modular(IMAGES), before)


def test_folded_modules(modular, unions):
    layers = tuple(
        (name, block.kernels) for name, block in mwt.masking.blocks.masked_blocks(modular)
    )
    uses = torch.rand(5, unions.shape[1])
    samples = KernelUse(frequency=uses.double(), mean=uses, layers=layers)
    subtasks = [[0, 1], [2, 4], [0, 3], [1, 2, 3], [0, 1, 4], [3, 4]]
    scales = torch.stack([folded_scale(samples, classes) for classes in subtasks])
    for module, logits in Uncut(modular, unions * scales, folded=True).logits(IMAGES, [4, 1]):
        folded = mwt.extract(modular, unions[module], subtasks[module], fold=samples)
        close(logits[:, subtasks[module]], folded(IMAGES))


def test_other_images_get_answers_of_their_own(modular, unions):
    modules = Uncut(modular, unions.float())
    first, second = (dict(modules.logits(images, [0, 3])) for images in (IMAGES, IMAGES.flip(0)))
    for module in (0, 3):
        close(second[module].flip(0), first[module])

"""CNNSplitter's search: each rule, array operations against plain loops, and interruptions."""

import dataclasses
import importlib
import itertools
import random
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

import mwt
from mwt.cnnsplitter import PUBLISHED, importance, layout_of, own_logits, search, settings_for
from mwt.cnnsplitter.ensembles import (
    Scoring,
    accuracy_weight,
    all_jaccards,
    cooperate,
    staying,
)
from mwt.cnnsplitter.population import first, following, ranked
from mwt.cnnsplitter.state import FILE, load

MODELS = ("simcnn", "rescnn")
CIFAR = PUBLISHED["simcnn", "cifar10"]


def network(model, width=0.0625, seed=0):
    torch.manual_seed(seed)
    return mwt.models.MODELS[model](in_channels=1, width=width)


def random_importance(layout, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(kernels, generator=generator) for kernels in layout.kernels]


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


def small(**changes):
    mild = {"ratios_sensitive": (0.8, 0.9, 1.0), "ratios_other": (0.8, 0.9)}
    return settings_for("simcnn", "digits", **{"population": 6, "generations": 4} | mild | changes)


# --- settings


def test_settings_are_the_published_rows_and_scale_with_the_population():
    assert settings_for("rescnn", "svhn") == PUBLISHED["rescnn", "svhn"]
    assert settings_for("rescnn", "mnist5k") == PUBLISHED["rescnn", "cifar10"]
    for row in PUBLISHED.values():
        sizes = (row.population, row.generations, row.parents, row.kept, row.survivors)
        assert sizes == (100, 200, 50, 20, (50, 500))
    smaller = settings_for("simcnn", "svhn", population=20)
    assert (smaller.parents, smaller.kept, smaller.gamma) == (10, 4, 0.95)
    assert settings_for("simcnn", "svhn", population=20, parents=3, kept=2).parents == 3
    assert [CIFAR.bound(n) for n in (2, 3, 4, 5, 8, 10, 20)] == [
        *(0.95, 0.95, 0.95, 0.95, 0.85, 0.80, 0.80)
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"populaton": 3}, "did you mean 'population'"),
        ({"population": 1}, "population 1"),
        ({"population": "9"}, "population '9'"),
        ({"generations": 0}, "generations 0"),
        ({"kept": 100}, "kept 100: give a whole number from 1 to 99"),
        ({"parents": 101}, "parents 101"),
        ({"mutation": 0.0}, "mutation"),
        ({"gamma": 1.5}, "gamma"),
        ({"bounds": (0.9, 0.9)}, "give 4 numbers"),
        ({"survivors": (50, 20)}, "survivors"),
        ({"ratios_other": ()}, "ratios_other"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(mwt.UsageError, match=message):
        settings_for("simcnn", "cifar10", **changes)


def test_other_networks_are_refused():
    with pytest.raises(mwt.UsageError, match="rescnn and simcnn"):
        settings_for("vgg16", "cifar10")
    with pytest.raises(mwt.UsageError, match="SimCNN and ResCNN, not ResNet"):
        layout_of(mwt.models.resnet18(width=0.125))


# --- genes


@pytest.mark.parametrize(
    ("model", "genes", "kernels"), [("simcnn", 940, 4224), ("rescnn", 630, 4288)]
)
def test_number_of_genes(model, genes, kernels):
    with torch.device("meta"):
        layout = layout_of(mwt.models.MODELS[model]())
    assert (layout.genes, sum(layout.kernels)) == (genes, kernels)
    for block in layout.blocks:
        assert block.groups == (10 if layout.kernels[block.convolutions[0]] < 256 else 100)


def test_rescnn_shares_the_genes_of_what_its_shortcuts_add():
    layout = layout_of(network("rescnn", width=0.25))
    assert [block.convolutions for block in layout.blocks] == [
        *((0,), (2,), (1, 3), (4,), (6,), (5, 7), (8,), (10,), (9, 11))
    ]
    bits = np.random.default_rng(0).integers(2, size=(9, layout.genes))
    values = random_importance(layout)
    masks = layout.masks(bits, values)
    for one, other in ((1, 3), (5, 7), (9, 11)):
        parts = masks.split(layout.kernels, dim=1)
        assert torch.equal(parts[one], parts[other])
        values[other] = values[other].flip(0)  # the first one's importance decides
        assert torch.equal(layout.masks(bits, values), masks)
        values[one] = values[one].flip(0)
        assert not torch.equal(layout.masks(bits, values), masks)
        masks = layout.masks(bits, values)


def test_groups_are_of_kernels_sorted_by_importance():
    layout = layout_of(network("simcnn", width=0.25))  # layers of 16 to 128 kernels in 10 groups
    values = [torch.rand(kernels).mul(6).round() for kernels in layout.kernels]  # with equal ones
    bits = torch.eye(layout.genes, dtype=torch.uint8)
    masks = layout.masks(bits, values).split(layout.kernels, dim=1)
    gene = 0
    for layer, block in enumerate(layout.blocks):
        order = sorted(range(layout.kernels[layer]), key=lambda k: (-values[layer][k], k))
        for group in np.array_split(order, block.groups):
            assert masks[layer][gene].nonzero().flatten().tolist() == sorted(group)
            gene += 1


def test_a_layer_left_empty_keeps_its_kernel_0():
    layout = layout_of(network("rescnn", width=0.25))
    bits = torch.ones(2, layout.genes, dtype=torch.uint8)
    bits[1] = 0
    full, empty = layout.masks(bits, random_importance(layout))
    assert full.all()
    for layer in empty.split(layout.kernels):
        assert layer.nonzero().flatten().tolist() == [0]


def test_bits_and_importance_of_another_network_are_refused():
    layout = layout_of(network("simcnn"))
    with pytest.raises(mwt.UsageError, match="solutions have 114"):
        layout.masks(np.zeros((1, 940)), random_importance(layout))
    with pytest.raises(mwt.UsageError, match="measure it on this network"):
        layout.masks(np.zeros((1, 114)), random_importance(layout_of(network("rescnn"))))


# --- importance


@pytest.mark.parametrize("model", MODELS)
def test_importance_is_that_of_a_plain_loop(model, validation):
    net = network(model).eval()
    last = net.get_submodule("fc_15" if model == "simcnn" else "classifier.2")
    logits = mwt.predict(net, validation)
    # Sure of many samples of the last classes, of none of the first.
    last.weight.data *= torch.linspace(0.1, 8, 10)[:, None] / logits.std(dim=0)[:, None]
    last.bias.data = -mwt.predict(net, validation).mean(dim=0)
    kinds = set()
    found = importance(net, validation, batch_size=37)
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
            maps[number - 2] = x[0]
    return [maps[number] for number in range(12)]


def test_importance_needs_every_class(net, validation):
    some = dataclasses.replace(validation, labels=validation.labels.clamp(max=8))
    with pytest.raises(mwt.UsageError, match="no image of class 9"):
        importance(net, some)


# --- populations


def test_first_population_switches_on_as_many_groups_as_its_ratios_say():
    layout = layout_of(network("rescnn", width=0.5))  # blocks of 10 and of 100 groups
    settings = settings_for("rescnn", "svhn", population=200)
    population = first(layout, settings, np.random.default_rng(0))
    assert population.dtype == np.uint8
    assert population.shape == (200, layout.genes)
    start = 0
    for position, block in enumerate(layout.blocks):
        ratios = (0.3, 0.4, 0.5) if position in (2, 3, 5) else (0.2, 0.3)
        on = population[:, start : start + block.groups].sum(axis=1)
        assert set(on.tolist()) == {int(block.groups * r) for r in ratios}
        start += block.groups


@pytest.mark.parametrize("groups", [10, 100])
def test_first_population_prefers_important_groups(groups):
    layout = layout_of(network("rescnn", width=0.5))
    settings = settings_for(
        "rescnn", "svhn", population=2000, sensitive=(), ratios_other=(1 / groups,)
    )
    wanted = np.exp((groups - 1 - np.arange(groups)) / 10)
    wanted /= wanted.sum()
    population = first(layout, settings, np.random.default_rng(0))
    parts = np.split(population, np.cumsum([b.groups for b in layout.blocks])[:-1], axis=1)
    draws = np.concatenate([part for part in parts if part.shape[1] == groups])
    assert (draws.sum(axis=1) == 1).all()  # one group is on: the first draw
    deviation = np.sqrt(wanted * (1 - wanted) / len(draws))
    assert (abs(draws.mean(axis=0) - wanted) < 4.5 * deviation).all()


def global_random_state():
    numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
    return numpy_state, random.getstate(), torch.get_rng_state().tolist()


def test_following_population_keeps_the_best_and_breeds_from_the_parents():
    settings = settings_for("simcnn", "cifar10")
    population = np.zeros((100, 940), dtype=np.uint8)
    population[50:] = 1  # the fitter half
    population[50::2, :470] = 0
    fitness = np.r_[np.zeros(50), np.linspace(1, 2, 50)]
    state = global_random_state()
    after = following(population, fitness, settings, seed=5)
    assert global_random_state() == state
    assert after.dtype == np.uint8
    np.testing.assert_array_equal(after[:20], population[ranked(fitness)[:20]])
    np.testing.assert_array_equal(after, following(population, fitness, settings, seed=5))
    assert (after[20:] != following(population, fitness, settings, seed=6)[20:]).any()
    # All parents have ones in the second half, so zeros there are mutations: half of 5 percent.
    assert 0.02 < (after[20:, 470:] == 0).mean() < 0.03


def test_crossover_is_at_a_single_point_of_consecutive_parents():
    settings = settings_for("simcnn", "cifar10", population=10, parents=3, mutation=0.001)
    population = np.arange(10)[:, None] % 2 * np.ones((1, 500))
    after = following(population.astype(np.uint8), -np.arange(10.0), settings, seed=0)
    parents = population[:3]
    for number, child in enumerate(after[settings.kept :]):
        before, behind = parents[number % 3], parents[(number + 1) % 3]
        differences = [
            (child != np.r_[before[:point], behind[point:]]).sum() for point in range(500)
        ]
        assert min(differences) <= 1  # one gene is drawn anew


# --- evaluation


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
def test_batched_logits_are_those_of_one_by_one(model, size, monkeypatch):
    net = network(model, width=0.125)
    if size == 64:
        monkeypatch.setattr("mwt.cnnsplitter.evaluation.BYTES", 2**18)  # several passes
        last = net.classifier if model == "rescnn" else net
        name = "2" if model == "rescnn" else "fc_13"
        old = last.get_submodule(name)
        setattr(last, name, torch.nn.Linear(4 * old.in_features, old.out_features))
    layout = layout_of(net)
    rng = np.random.default_rng(0)
    bits = rng.random((11, layout.genes)) < rng.uniform(0.3, 1, (11, 1))
    masks = layout.masks(bits, random_importance(layout))
    classes = torch.arange(11) % 10
    images = torch.randn(13, 1, size, size)
    wanted = one_by_one(net, masks, classes, images)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    exact = own_logits(net, masks, classes, images, torch.float32)
    assert (exact - wanted).abs().max() <= 1e-4 * wanted.abs().max()
    nearly = own_logits(net, masks, classes, images, torch.bfloat16)
    assert nearly.dtype == torch.float32
    assert (nearly - wanted).abs().max() <= 0.05 * wanted.abs().max()
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])


# --- ensembles


def random_scoring(classes, population, seed, **changes):
    rng = np.random.default_rng(seed)
    masks = rng.random((classes * population, 30)) < rng.uniform(
        0.2, 0.9, (classes * population, 1)
    )
    masks[:, 0] = True
    labels = np.r_[np.arange(classes), rng.integers(classes, size=40)]
    logits = rng.normal(size=(classes, population, len(labels))).astype(np.float32)
    logits += 2 * (labels == np.arange(classes)[:, None])[:, None]  # better than chance
    settings = settings_for("simcnn", "cifar10", **{"bounds": (0.0,) * 4} | changes)
    return masks, Scoring(logits, labels, all_jaccards(masks), settings, weight=1.1)


def slow_score(rows, classes, masks, scoring):
    """Accuracy, difference and fitness of one ensemble, in plain Python."""
    hits = total = 0
    for sample, label in enumerate(scoring.labels):
        if label in classes:
            logits = {c: scoring.logits[c, r, sample] for c, r in zip(classes, rows, strict=True)}
            hits += max(logits, key=logits.get) == label
            total += 1
    population = scoring.logits.shape[1]
    sets = [set(masks[c * population + r].nonzero()[0]) for c, r in zip(classes, rows, strict=True)]
    pairs = [1 - len(a & b) / len(a | b) for a, b in itertools.combinations(sets, 2)]
    difference = sum(pairs) / len(pairs)
    return hits / total, difference, 1.1 * hits / total + 0.1 * difference


@pytest.mark.parametrize(("classes", "population"), [(2, 6), (3, 4), (4, 3), (5, 2), (7, 2)])
def test_cooperative_fitness_is_that_of_a_slow_loop(classes, population):
    # Few enough that every ensemble stays at every stage.
    masks, scoring = random_scoring(classes, population, seed=classes)
    result = cooperate(scoring, np.random.default_rng(0))
    best, fitness = (0.0, 0.0, 0.0), np.zeros((classes, population))
    for rows in itertools.product(range(population), repeat=classes):
        score = slow_score(rows, range(classes), masks, scoring)
        best = max(best, score, key=lambda s: s[2])
        for label, row in enumerate(rows):
            fitness[label, row] = max(fitness[label, row], score[2])
    np.testing.assert_allclose(result.fitness, fitness, rtol=1e-5)
    found = (result.accuracy, result.difference, result.ensemble_fitness)
    np.testing.assert_allclose(found, best, rtol=1e-5)
    np.testing.assert_allclose(slow_score(result.best, range(classes), masks, scoring), best, 1e-5)


def test_ten_classes_meet_as_2_4_8_and_10(monkeypatch):
    stages = []

    def watched(accuracy, fitness, champion, settings, classes):
        kept = staying(accuracy, fitness, champion, settings, classes)
        stages.append((len(classes), len(accuracy), len(kept)))
        return kept

    monkeypatch.setattr("mwt.cnnsplitter.ensembles.staying", watched)
    _, scoring = random_scoring(10, 30, seed=0)
    result = cooperate(scoring, np.random.default_rng(0))
    sizes = [2, 2, 2, 2, 2, 4, 4, 8, 10]
    products = [30 * 30] * 5 + [500 * 500] * 4
    assert stages == [(n, m, 500) for n, m in zip(sizes, products, strict=True)]
    assert (result.fitness == 0).any()  # solutions that are in no ensemble which stayed
    assert result.fitness.max() == pytest.approx(result.ensemble_fitness)
    other = cooperate(scoring, np.random.default_rng(1))
    assert (other.fitness != result.fitness).any()  # classes shuffled otherwise


@pytest.mark.parametrize(("good", "stay"), [(0, 50), (20, 50), (50, 50), (70, 70), (700, 500)])
def test_50_to_500_ensembles_stay(good, stay):
    rng = np.random.default_rng(good)
    accuracy = rng.uniform(0.5, 0.84, 1000)
    accuracy[rng.permutation(1000)[:good]] = rng.uniform(0.85, 0.95, good)
    fitness = rng.random(1000)  # unlike accuracy: a rule of its own
    classes = np.arange(8)  # bound 0.85
    kept = staying(accuracy, fitness, None, CIFAR, classes)
    assert len(set(kept.tolist())) == stay
    order = sorted(range(1000), key=lambda i: -accuracy[i])
    # The most accurate stay, ranked by fitness.
    assert kept.tolist() == sorted(order[:stay], key=lambda i: -fitness[i])
    worst = order[-1]
    with_champion = staying(accuracy, fitness, worst, CIFAR, classes)
    assert worst in with_champion
    assert len(with_champion) == min(stay + 1, 500)
    assert staying(accuracy, fitness, order[0], CIFAR, classes).tolist() == kept.tolist()


def test_last_best_ensemble_always_stays():
    masks, scoring = random_scoring(10, 12, seed=1, survivors=(2, 3))
    champion = np.full(10, 7)
    weak = Scoring(**{**vars(scoring), "logits": scoring.logits.copy(), "champion": champion})
    weak.logits[:, 7] -= np.linspace(0, 3, 10)[:, None]
    result = cooperate(weak, np.random.default_rng(0))
    score = slow_score(champion, range(10), masks, weak)[2]
    assert result.ensemble_fitness > score + 0.01
    np.testing.assert_allclose(result.fitness[np.arange(10), champion].min(), score, rtol=1e-5)


def test_weight_of_accuracy():
    assert accuracy_weight(0.9, None) == 0.9
    assert accuracy_weight(0.9, 0.6) == pytest.approx(1.2)
    assert accuracy_weight(0.9, 0.95) == 0.9


# --- the search


def same(one, other):
    np.testing.assert_array_equal(one.populations, other.populations)
    np.testing.assert_array_equal(one.bits, other.bits)
    assert torch.equal(one.masks, other.masks)
    assert (one.accuracy, one.difference) == (other.accuracy, other.difference)
    strip = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in f.history]
        for f in (one, other)
    ]
    assert strip[0] == strip[1]


def test_search_keeps_or_improves_its_best(net, validation):
    found = search(net, validation, small(generations=6), seed=1, label=None)
    scores = [0.9 * row["accuracy"] + 0.1 * row["difference"] for row in found.history]
    assert scores[-1] > scores[0]
    assert found.history[found.generation - 1]["accuracy"] == pytest.approx(found.accuracy, abs=0.1)
    assert scores[found.generation - 1] == max(scores)
    assert found.masks.shape == (10, sum(found.layout.kernels))
    for label, bits in enumerate(found.bits):
        mask = found.layout.masks(bits[None], found.importance[label])[0]
        assert torch.equal(mask, found.masks[label])
    assert [row["generation"] for row in found.history] == [1, 2, 3, 4, 5, 6]
    logits = own_logits(
        net, found.masks, torch.arange(10), validation.normalized(validation.images), torch.float32
    )
    hits = (logits.argmax(dim=0) == validation.labels).double().mean()
    assert found.accuracy == hits.item()


def test_same_seed_same_search_whatever_the_global_random_state(net, validation):
    settings = small(generations=2)
    one = search(net, validation, settings, seed=3, label=None)
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    torch.manual_seed(1)
    same(one, search(net, validation, settings, seed=3, label=None))
    other = search(net, validation, settings, seed=4, label=None)
    assert (one.populations != other.populations).any()


def test_best_ensemble_of_the_last_generation_stays_in_the_populations(net, validation, tmp_path):
    bests = []
    for generations in (1, 2, 3):
        settings = small(generations=generations)
        found = search(
            net, validation, settings, seed=2, folder=tmp_path / str(generations), label=None
        )
        for last in bests[-1:]:
            np.testing.assert_array_equal(found.populations[:, 0], last)
        state = np.isinf(load_any(tmp_path / str(generations)).fitness)
        assert (state.sum(axis=1) == 1).all()
        bests.append(found.populations[state])


def load_any(folder):
    """Return the state in a folder, whichever search's it is."""
    from safetensors import safe_open

    with safe_open(folder / FILE, framework="numpy") as file:
        return load(folder, file.metadata()["identity"])


@pytest.mark.parametrize("generation", [1, 3])
def test_interrupted_search_ends_as_an_uninterrupted_one(
    net, validation, tmp_path, monkeypatch, generation
):
    whole = search(net, validation, small(), seed=5, label=None)
    calls = itertools.count(1)
    module = importlib.import_module("mwt.cnnsplitter.search")  # not the function of that name
    original = module.cooperate

    def failing(*args):
        if next(calls) > generation:
            raise KeyboardInterrupt
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(module, "cooperate", failing)
        with pytest.raises(KeyboardInterrupt):
            search(net, validation, small(), seed=5, folder=tmp_path, label=None)
    assert load_any(tmp_path).generation == generation
    same(whole, search(net, validation, small(), seed=5, folder=tmp_path, label=None))
    same(whole, search(net, validation, small(), seed=5, folder=tmp_path, label=None))  # finished
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    with pytest.raises(mwt.UsageError, match="another search"):
        search(net, validation, small(), seed=6, folder=tmp_path, label=None)


KILLED = """
import dataclasses, importlib, itertools, sys, time, torch, mwt
from pathlib import Path
from mwt.cnnsplitter import search, settings_for
torch.set_num_threads(1)
module = importlib.import_module("mwt.cnnsplitter.search")
original, calls = module.cooperate, itertools.count(1)
def stuck(*args):
    if next(calls) == 3:
        print("in the third generation", flush=True)
        time.sleep(600)
    return original(*args)
module.cooperate = stuck
net = mwt.models.rescnn(in_channels=1, width=0.0625)
net.load_state_dict(torch.load(sys.argv[1], weights_only=True))
data = mwt.data.load("digits", size=32)[1]
data = dataclasses.replace(data, images=data.images[:64], labels=data.labels[:64])
settings = settings_for("rescnn", "digits", population=6, generations=4)
search(net, data, settings, seed=1, folder=Path(sys.argv[2]), label=None)
"""


def test_search_killed_in_mid_search_ends_as_an_uninterrupted_one(validation, tmp_path):
    net = network("rescnn")
    torch.save(net.state_dict(), tmp_path / "net.pt")
    arguments = [sys.executable, "-c", KILLED, tmp_path / "net.pt", tmp_path / "state"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in the third generation\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert load_any(tmp_path / "state").generation == 2
    settings = settings_for("rescnn", "digits", population=6, generations=4)
    whole = search(net, validation, settings, seed=1, label=None)
    same(whole, search(net, validation, settings, 1, tmp_path / "state", label=None))


def test_data_and_settings_that_do_not_fit_are_refused(net, validation):
    with pytest.raises(mwt.UsageError, match="3 classes of data for a network with 10 outputs"):
        search(net, validation.subset([0, 1, 2]), small(), label=None)
    with pytest.raises(mwt.UsageError, match="0 to 12"):
        search(net, validation, small(sensitive=(13,)), label=None)
    with pytest.raises(mwt.UsageError, match="seed -1"):
        search(net, validation, small(), seed=-1, label=None)


def test_other_numbers_of_classes(validation):
    net = network("simcnn")
    net.fc_15 = torch.nn.Linear(32, 3)
    found = search(net, validation.subset([2, 4, 7]), small(generations=2), label=None)
    assert found.masks.shape[0] == 3

"""A damaged file of the store is noticed, kept under another name, said so, and made again."""

import json
import shutil

import pytest
import torch
from published_study import forget

import mwt
from mwt import cnnsplitter
from mwt.study import stages
from mwt.study.config import Config
from mwt.study.stages import measuring, modularizing

CPU = torch.device("cpu")
CONFIG = Config(dataset="digits", image_size=8, width=0.0625, epochs=1)
OTHER = Config(dataset="digits", image_size=8, width=0.0625, epochs=1, seed=1)


def half(path, _other):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path, _other):
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 2
    path.write_bytes(content)


def emptied(path, _other):
    path.write_bytes(b"")


def swapped(path, other):
    shutil.copyfile(other, path)


def of_another_version(path, _other):
    if path.suffix == ".json":
        path.write_text(json.dumps({"version": 99, "content": []}))
    else:
        path.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ")


DAMAGES = [half, flipped, emptied, swapped, of_another_version]
# The files of a store, each with the stage that reads it.
FILES = {
    "trained-modular-*/result.json": lambda c: stages.trained(c, "modular", CPU).weights,
    "trained-modular-*/weights.safetensors": lambda c: stages.network(c, "modular", CPU)(IMAGES),
    "frequencies-modular-*/result.json": lambda c: stages.sampled(c, CPU).train.layers,
    "frequencies-modular-*/tensors.safetensors": lambda c: stages.sampled(c, CPU).train.frequency,
    "test-masks-modular-*/tensors.safetensors": lambda c: modularizing.masks_of_test(c, CPU).binary,
    "answers-modular-*/logits.safetensors": lambda c: measuring.answers(c, "modular", CPU),
    "modularized-modular-*/result.json": lambda c: stages.modularized(c, 0.9, CPU).cohesion,
}
IMAGES = torch.rand(3, 1, 8, 8)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store with the runs of two seeds, and what each of its files gives."""
    home = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MWT_HOME", str(home))
        forget()
        found = {name: [read(config) for config in (CONFIG, OTHER)] for name, read in FILES.items()}
    return home, found


def same(one, other):
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_of_a_run_is_made_again(name, damaged, whole, tmp_path, monkeypatch, capsys):
    home = shutil.copytree(whole[0], tmp_path / "home")
    monkeypatch.setenv("MWT_HOME", str(home))
    forget()
    wanted, of_other = whole[1][name]
    files = set((home / "runs").glob(name))
    (file,) = [path for path in files if is_of(path.parent, seed=0)]
    (other,) = files - {file}
    damaged(file, other)
    capsys.readouterr()
    found = FILES[name](CONFIG)
    assert same(found, wanted)
    assert same(FILES[name](OTHER), of_other)
    lines = [line for line in capsys.readouterr().err.splitlines() if "is damaged" in line]
    assert len(lines) == 1
    assert file.parent.name in lines[0]
    assert f"kept as {file.parent.name}.damaged-1 and made again" in lines[0]
    assert (home / "runs" / f"{file.parent.name}.damaged-1" / file.name).is_file()
    forget()
    assert same(FILES[name](CONFIG), wanted)  # from the store, without another word
    assert "is damaged" not in capsys.readouterr().err


def is_of(folder, seed):
    record = next(f for f in folder.glob("*.json"))
    return json.loads(record.read_text())["asked"]["seed"] == seed


@pytest.mark.parametrize("damaged", DAMAGES[:-1], ids=lambda damage: damage.__name__)
def test_a_damaged_checkpoint_is_begun_anew(damaged, tmp_path, capsys):
    train, validation, _ = mwt.data.load("digits")

    def trained(file, epochs=2):
        torch.manual_seed(0)
        net = mwt.models.resnet18(10, 1, 1 / 16)
        mwt.fit(net, train, validation, epochs=epochs, checkpoint=file, label=None)
        return net.state_dict()

    file, other = tmp_path / "run.pt", tmp_path / "other.safetensors"
    wanted = trained(file)
    other.write_bytes(b"something else" * 1000)
    damaged(file, other)
    found = trained(file)
    assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())
    assert "run.pt is damaged" in capsys.readouterr().err
    assert (tmp_path / "run.pt.damaged-1").exists()


def test_a_checkpoint_of_nan_is_refused(tmp_path):
    train, validation, _ = mwt.data.load("digits")
    net, file = mwt.models.resnet18(10, 1, 1 / 16), tmp_path / "run.pt"
    how = {"epochs": 1, "checkpoint": file, "label": None}
    mwt.fit(net, train, validation, **how)
    state = torch.load(file, weights_only=True)
    state["model"]["fc.bias"][0] = float("nan")
    torch.save(state, file)
    with pytest.raises(mwt.UsageError, match="no finite numbers: delete it"):
        mwt.fit(mwt.models.resnet18(10, 1, 1 / 16), train, validation, **how)


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_search_is_begun_anew(damaged, tmp_path, capsys):
    validation = mwt.data.load("digits", size=32)[1]
    torch.manual_seed(0)
    net = mwt.models.simcnn(10, 1, 1 / 16)
    settings = cnnsplitter.settings_for("simcnn", "cifar10", population=4, generations=1)
    settings = settings.resolved(CPU)

    def searched(folder, seed=0):
        return cnnsplitter.search(net, validation, settings, seed, folder, None).populations

    wanted = searched(tmp_path / "one")
    searched(tmp_path / "other", seed=1)
    file, other = (tmp_path / name / "search.safetensors" for name in ("one", "other"))
    if damaged is swapped:  # a whole file, but of another search
        damaged(file, other)
        with pytest.raises(mwt.UsageError, match="of another search"):
            searched(tmp_path / "one")
        return
    damaged(file, other)
    assert (searched(tmp_path / "one") == wanted).all()
    assert "search.safetensors is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_copy_of_the_data_is_made_again(damaged, tmp_path, capsys):
    wanted = mwt.data.load("mnist5k", root=tmp_path)[2]
    file, other = tmp_path / "mnist5k.safetensors", tmp_path / "other.safetensors"
    other.write_bytes(file.read_bytes().replace(b"test_labels", b"test_lebals"))
    damaged(file, other)
    found = mwt.data.load("mnist5k", root=tmp_path)[2]
    assert torch.equal(found.images, wanted.images)
    assert torch.equal(found.labels, wanted.labels)
    assert "mnist5k.safetensors is damaged" in capsys.readouterr().err
    assert (tmp_path / "mnist5k.safetensors.damaged-1").exists()

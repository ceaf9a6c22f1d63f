"""``python -m mwt modularize``: from a file and pictures to modules, without writing code."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import onnxruntime
import own
import pytest
import torch
from safetensors.torch import load_file, save_file

import mwt
from mwt.report.own.command import main
from mwt.study.own.training import trained

FAST = ("--epochs", "3", "--batch-size", "16", "--no-onnx")
EVIL = own.CLASSES[2]


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """What somebody has: a file, pictures, and weights of a training of their own."""
    folder = tmp_path_factory.mktemp("brought")
    own.network(folder)
    own.pictures(folder)
    sys.path.insert(0, str(folder))
    nets = __import__("nets")
    torch.save({"state_dict": nets.Tiny(3).state_dict()}, folder / "own.pth")
    torch.save(nets.Tiny(1000).state_dict(), folder / "thousand.pth")
    save_file(nets.Tiny(3, width=4).state_dict(), folder / "narrow.safetensors")
    (folder / "broken.py").write_text("import nothing_like_it\n")
    (folder / "broken.pth").write_bytes(b"no weights")
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("nets")


@pytest.fixture
def at_home(brought, monkeypatch):
    monkeypatch.chdir(brought)


def run(*words):
    main(["modularize", *map(str, words)])


@pytest.fixture(scope="module")
def made(brought, tmp_path_factory):
    """What the command made of two sets of classes."""
    folder = tmp_path_factory.mktemp("made") / "out"
    sets = ("--classes", f"cat,{EVIL}", "--classes", "dog")
    words = ("--epochs", 8, "--batch-size", 16, "--output", folder, *sets)
    run(f"{brought}/nets.py:Tiny", brought / "pictures", *words)
    return folder


def report(folder):
    return json.loads((folder / "report.json").read_text())


def test_a_file_and_pictures_become_modules_that_compute(made):
    first, second = report(made)["modules"]
    assert first["classes"] == ["cat", EVIL]
    assert set(first["files"]) == {"module.json", "module.onnx", "module.safetensors"}
    module, card = mwt.shipping.load(made / first["folder"])
    test = mwt.data.load(made.parents[1] / "brought0/pictures")[2].subset([1, 0])
    assert card.classes == tuple(test.classes)
    assert mwt.accuracy(module, test) == first["accuracy"]["module"]["test"]
    images = card.normalized(test.images)
    session = onnxruntime.InferenceSession(made / first["folder"] / "module.onnx")
    (logits,) = session.run(["logits"], {"images": images.numpy()})
    assert torch.allclose(torch.from_numpy(logits), module(images), atol=1e-4)
    assert first["accuracy"]["module"]["test"] > 0.8
    assert first["kernels"] <= report(made)["report card on validation images"]["kernels"]
    assert second["accuracy"] is None  # one class is told from nothing


def test_the_page_says_what_came_out_and_takes_names_as_text(made):
    page = (made / "report.html").read_text()
    first = report(made)["modules"][0]
    assert f"{first['accuracy']['module']['test']:.3f}" in page
    assert f"{first['flops']:,}" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
    for file, size in first["files"].items():
        assert f"{size:,} bytes" in page
        assert (made / first["folder"] / file).stat().st_size == size


def test_asked_again_it_finds_the_network_and_cuts_others(made, brought, capsys, monkeypatch):
    before = (made / "training/network.safetensors").stat().st_mtime_ns
    net, words = f"{brought}/nets.py:Tiny", ("--epochs", 8, "--batch-size", 16, "--output", made)
    monkeypatch.setattr("mwt.study.own.training.fit", None)  # nothing is trained
    some = ("--classes", "cat,dog", "--threshold", 0.5, "--form", "folded", "--no-onnx")
    run(net, brought / "pictures", *words, *some)
    said = capsys.readouterr().out
    assert "The trained network is in" in said
    assert "Module of cat, dog:" in said
    assert (made / "training/network.safetensors").stat().st_mtime_ns == before
    assert (made / "module-cat+dog/module.safetensors").exists()
    assert not (made / "module-cat+dog/module.onnx").exists()


def test_killed_it_goes_on_where_it_was(brought, tmp_path):
    words = [f"{brought}/nets.py:Tiny", f"{brought}/pictures", "--epochs", "30", "--no-onnx"]
    words += ["--batch-size", "16", "--output", f"{tmp_path}/out"]
    program = (
        "import sys, torch; torch.set_num_threads(1)\n"
        "from mwt.training import checkpoint; checkpoint.CHECKPOINT_SECONDS = 0\n"
        "from mwt.report.own.command import main; main(['modularize', *sys.argv[1:]])"
    )
    kept = tmp_path / "out/training/checkpoint.pt"
    job = subprocess.Popen([sys.executable, "-c", program, *words], env=os.environ)
    while not kept.exists():
        assert job.poll() is None
        time.sleep(0.01)
    job.send_signal(signal.SIGKILL)
    job.wait()
    before = torch.load(kept, weights_only=True)["history"]
    assert 0 < len(before) < 30
    run(*words)
    history = json.loads((tmp_path / "out/training/result.json").read_text())["history"]
    assert history[: len(before)] == before  # with the seconds that they took: not done again
    assert len(history) == 30
    words[-1] = f"{tmp_path}/other"
    run(*words)
    whole = json.loads((tmp_path / "other/training/result.json").read_text())["history"]
    assert [row["loss"] for row in history] == pytest.approx([row["loss"] for row in whole])


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize(
    "network",
    ["nets:Tiny", "nets:ready", "nets:needy --arg depth=4", "resnet18 --arg width=0.0625"],
)
def test_networks_are_named_in_many_ways(network, tmp_path):
    run(*network.split(), "pictures", *FAST, "--epochs", "1", "--output", tmp_path / "out")
    assert report(tmp_path / "out")["modules"][0]["folder"] == "module-all"


@pytest.mark.usefixtures("at_home")
def test_grey_pictures_are_given_to_a_network_of_rgb_three_times(tmp_path, capsys):
    own.pictures(tmp_path, channels=1)
    words = (*FAST, "--output", tmp_path / "out", "--classes", "cat,dog")
    run("nets:ready", tmp_path / "pictures", *words)
    assert "one channel is given three times" in capsys.readouterr().out
    _, card = mwt.shipping.load(tmp_path / "out/module-cat+dog")
    assert card.input_shape == (3, 12, 12)


@pytest.mark.usefixtures("at_home")
def test_training_begins_from_weights(brought, tmp_path, monkeypatch, capsys):
    kept = {}

    def seen(plan):
        kept.update(plan.modular.state_dict(), notes=plan.notes)
        return trained(plan)

    monkeypatch.setattr("mwt.report.own.command.trained", seen)
    run("nets:Tiny", "pictures", *FAST, "--weights", "own.pth", "--output", tmp_path / "one")
    file = torch.load(brought / "own.pth")["state_dict"]
    assert torch.equal(kept["head.weight"], file["head.weight"])
    assert torch.equal(kept["body.1.0.conv.weight"], file["body.1.0.weight"])
    assert "standard" in report(tmp_path / "one")["modules"][0]["accuracy"]
    run("nets:Tiny", "pictures", *FAST, "--weights", "thousand.pth", "--output", tmp_path / "two")
    assert "begin anew" in kept["notes"][0]
    assert kept["head.weight"].shape == (3, 16)
    assert "standard" not in report(tmp_path / "two")["modules"][0]["accuracy"]
    assert "head.weight, head.bias begin anew" in capsys.readouterr().out


@pytest.mark.usefixtures("at_home")
def test_modules_are_trained_on(tmp_path):
    words = (*FAST, "--form", "plain", "--classes", "cat,dog", "--output", tmp_path / "out")
    run("nets:Tiny", "pictures", *words)
    weights = tmp_path / "out/module-cat+dog/module.safetensors"
    before = load_file(weights)
    run("nets:Tiny", "pictures", *words, "--finetune", "2", "--finetune-lr", "0.05")
    after = load_file(weights)
    assert before.keys() == after.keys()
    assert not torch.equal(before["head.weight"], after["head.weight"])


PICTURES = ("nets:Tiny", "pictures")


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("resnet8", "pictures"), "did you mean 'resnet18'?"),
        (("nets.py:Tiny", "picturs"), "give the path of a folder"),
        (("nest.py:Tiny", "pictures"), "there is no file nest.py"),
        (("nets.py:Tyni", "pictures"), "did you mean 'Tiny'?"),
        (("broken.py:Net", "pictures"), "ModuleNotFoundError: No module named 'nothing_like_it'"),
        (("no_such_package:Net", "pictures"), "no_such_package cannot be imported"),
        (("nets:Settings", "pictures"), "a class that is no torch.nn.Module"),
        (("nets:SIZE", "pictures"), "nets:SIZE is a dict, not a network"),
        (("nets:forgetful", "pictures"), "returns a NoneType"),
        (("nets:needy", "pictures"), "missing 1 required positional argument: 'depth'"),
        (("nets:ready", "pictures", "--arg", "width=2"), "takes no --arg width"),
        ((*PICTURES, "--arg", "width"), "give 'width' as NAME=VALUE"),
        (("nets:Branching", "pictures"), "cannot be traced"),
        (("nets:Plain", "pictures"), "has no convolution to mask"),
        (("vgg16", "pictures"), "does not take images of shape (3, 12, 12)"),
        ((*PICTURES, "--classes", "cat,dgo"), "did you mean 'dog'?"),
        ((*PICTURES, "--classes", "cat,cat"), "class 'cat' is given twice"),
        ((*PICTURES, "--classes", ","), "names no class"),
        ((*PICTURES, "--classes", "cat,dog", "--classes", "dog,cat"), "is given twice"),
        ((*PICTURES, "--classes", "cat", "--finetune", "1"), "give each --classes two or more"),
        ((*PICTURES, "--threshold", "0"), "threshold 0.0: give a number above 0"),
        ((*PICTURES, "--lr", "nan"), "lr nan: give a finite number"),
        ((*PICTURES, "--epochs", "0"), "epochs 0: give a number of at least 1"),
        ((*PICTURES, "--epochs", "many"), "invalid int value: 'many'"),
        ((*PICTURES, "--device", "gpu"), "unknown device 'gpu'"),
        ((*PICTURES, "--form", "cut"), "invalid choice: 'cut'"),
        ((*PICTURES, "--colour"), "unrecognized arguments: --colour"),
        ((*PICTURES, "--weights", "none.pth"), "there is no file none.pth"),
        ((*PICTURES, "--weights", "broken.pth"), "broken.pth cannot be read as weights"),
        ((*PICTURES, "--weights", "narrow.safetensors"), "has the shape (4, 3, 3, 3)"),
        (("resnet18", "pictures", "--weights", "own.pth"), "holds weights of another network"),
        ((*PICTURES, "--output", "pictures"), "is not empty"),
        ((*PICTURES, "--output", "nets.py"), "nets.py is a file"),
        (("nets:Tiny", "digits", "--flip"), "flip=True is for folders of your own"),
        (("nets:Tiny",), "the following arguments are required: data"),
        ((), "required: network, data"),
    ],
)
def test_a_mistake_is_one_sentence_before_any_training(words, sentence, monkeypatch, capsys):
    monkeypatch.setattr("mwt.study.own.training.fit", None)
    with pytest.raises(SystemExit) as stopped:
        run(*words)
    said = f"{stopped.value.code}{capsys.readouterr().err}"
    assert sentence in said
    assert stopped.value.code
    assert said.strip().count("\n") == 0
    assert not list(Path.cwd().glob("modules-*"))


@pytest.mark.usefixtures("at_home")
def test_a_folder_of_another_training_is_left_alone(made):
    words = ("--batch-size", 16, "--output", made, "--epochs", 9)
    with pytest.raises(SystemExit, match="epochs 8, not 9"):
        run("nets.py:Tiny", "pictures", *words)


def test_help_is_there_and_gives_the_defaults(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["modularize", "--help"])
    assert stopped.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "MyNet path/to/pictures --classes cat,dog" in text
    assert "passes over the training images (default: 30)" in text
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "modularize" in capsys.readouterr().out

"""From a stranger's files nothing runs, and what is damaged is named."""

import json

import pytest
from safetensors.torch import load_file, save_file
from shipped_modules import card_for, handmade, images

import mwt
from mwt import shipping


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sent")
    shipping.save(mwt.with_head(handmade(), 5, 2), folder, card_for(2))
    return folder


@pytest.fixture
def received(sent, tmp_path):
    """A copy of the folder, and a function that changes its JSON and loads it."""
    weights = load_file(sent / "module.safetensors")

    def refusal(change):
        content = json.loads((sent / "module.json").read_text())
        change(content)
        (tmp_path / "module.json").write_text(json.dumps(content))
        save_file(weights, tmp_path / "module.safetensors")
        with pytest.raises(mwt.UsageError) as error:
            shipping.load(tmp_path)
        assert not (tmp_path / "ran").exists()
        return str(error.value)

    return refusal


def call(content, op, target=None):
    nodes = content["architecture"]["nodes"]
    return next(n for n in nodes if n["op"] == op and target in (None, n["target"]))


@pytest.mark.parametrize(
    "target",
    [
        *("os.system", "builtins.eval", "torch.load", "torch.from_file", "torch.hub.load"),
        *("torch.nn.functional.importlib.import_module", "operator.attrgetter"),
    ],
)
def test_a_function_that_is_not_allowed_is_refused_by_name(received, target):
    assert target in received(lambda c: call(c, "call_function").update(target=target))


@pytest.mark.parametrize("target", ["__reduce_ex__", "numpy", "apply_", "share_memory_", "_make"])
def test_a_method_that_is_not_allowed_is_refused_by_name(received, target):
    assert target in received(lambda c: call(c, "call_method").update(target=target))


@pytest.mark.parametrize("name", ["torch.nn.Module", "subprocess.Popen", "torch.nn.DataParallel"])
def test_a_layer_that_is_not_allowed_is_refused_by_name(received, name):
    def change(content):
        next(iter(content["architecture"]["layers"].values()))["class"] = name

    assert name in received(change)


def test_an_attribute_that_is_not_allowed_is_refused_by_name(received):
    change = {"target": "builtins.getattr", "args": [{"node": "input_1"}, "__class__"]}
    assert "__class__" in received(lambda c: call(c, "call_function").update(change))


CODE = "__import__('pathlib').Path('ran').touch()"


@pytest.mark.parametrize(
    ("op", "change"),
    [
        ("placeholder", {"target": f"x, y={CODE}"}),
        ("placeholder", {"name": f"x={CODE}"}),
        ("placeholder", {"target": "lambda"}),
        ("placeholder", {"args": [{"node": "x"}]}),
        ("call_function", {"kwargs": {f"dim={CODE}, a": 1}}),
        ("call_function", {"name": f"x = {CODE}; y"}),
        ("call_method", {"target": f"relu(); {CODE}; x.relu"}),
        ("call_module", {"target": f'0", {CODE}, "'}),
        ("call_module", {"target": "0.__class__"}),
        ("get_attr", {"target": f'0"); {CODE}; ("'}),
        ("call_module", {"op": f"call_module; {CODE}"}),
        ("call_function", {"args": [{"node": CODE}]}),
        ("call_function", {"args": [{"constant": CODE}]}),
        ("call_function", {"args": [{"eval": CODE}]}),
        ("output", {"args": [{"float": CODE}]}),
    ],
)
def test_no_name_or_argument_becomes_code(received, tmp_path, monkeypatch, op, change):
    monkeypatch.chdir(tmp_path)

    def put(content):
        call(content, "call_module" if op == "get_attr" else op).update({"op": op} | change)

    assert received(put)


def test_words_that_look_like_code_stay_words(sent, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = json.loads((sent / "module.json").read_text())
    call(content, "call_method", "view")["args"].append(f"'); {CODE}; ('")
    (tmp_path / "module.json").write_text(json.dumps(content))
    (tmp_path / "module.safetensors").write_bytes((sent / "module.safetensors").read_bytes())
    module, _ = shipping.load(tmp_path)
    with pytest.raises(TypeError):
        module(images(1))
    assert not (tmp_path / "ran").exists()


def test_names_of_layers_and_tensors_are_checked(received):
    def layer(content):
        layers = content["architecture"]["layers"]
        layers["__class__"] = layers["2"]

    def tensor(content):
        content["architecture"]["tensors"]["2.forward"] = {}

    assert "__class__" in received(layer)
    assert "'2.forward' is a method" in received(tensor)


def test_a_zero_fill_takes_no_attribute_that_is_not_its_own(received):
    def change(content):
        layers = content["architecture"]["layers"].values()
        fill = next(layer for layer in layers if layer["class"].endswith("ZeroFill"))
        fill["arguments"]["forward"] = 1

    assert "'forward' is not free" in received(change)


def test_weights_that_do_not_fit(received):
    def change(**arguments):
        def put(content):
            content["architecture"]["layers"]["2"]["arguments"].update(arguments)

        return received(put)

    assert "do not fit the architecture in module.json, first at '2.weight'" in change(
        in_features=6
    )
    assert "do not fit the architecture in module.json, first at '2.bias'" in change(bias=False)
    assert "device" in change(device="cpu")


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_another_format(received, version):
    assert "this version of mwt reads 1" in received(lambda c: c.update(format=version))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("card"),
        lambda c: c["card"].update(color="red"),
        lambda c: c["card"].update(std=[0, 1, 1]),
        lambda c: c["card"].update(classes=[1, 2]),
        lambda c: c["architecture"].update(nodes={}),
        lambda c: c["architecture"]["nodes"].pop(),
        lambda c: c["architecture"].update(layers=[]),
        lambda c: c["architecture"]["layers"].pop("2"),
    ],
)
def test_a_damaged_description(received, change):
    assert "module.json is" in received(change)


@pytest.mark.parametrize("name", ["module.json", "module.safetensors"])
@pytest.mark.parametrize("keep", [0, 0.5, None])
def test_a_file_that_is_missing_or_cut_off(sent, tmp_path, name, keep):
    for file in sent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    content = (tmp_path / name).read_bytes()
    if keep is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content[: int(keep * len(content))])
    with pytest.raises(mwt.UsageError, match="there is no" if keep is None else "is damaged") as e:
        shipping.load(tmp_path)
    assert name in str(e.value)

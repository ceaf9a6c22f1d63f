"""The store: a run is found by what was asked for, and appears whole or not at all."""

import json
import shutil

import pytest
import torch
from safetensors.torch import save_model

import mwt
from mwt.data import Dataset
from mwt.study import stages
from mwt.study.config import Config
from mwt.study.provenance import machine
from mwt.study.stages.networks import data_of, stored_network, train, untrained_network
from mwt.study.store import find_run, found_or_made
from mwt.support.files import digest, save_json

SMALL = Config(dataset="digits", image_size=8, width=0.0625, epochs=1, finetune_epochs=1)
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _store(tmp_path, monkeypatch):
    monkeypatch.setenv("MWT_HOME", str(tmp_path))


def no_work(*_):
    raise AssertionError("this was made before")


def no_power(*_):
    raise KeyboardInterrupt


def power_cut(run):
    (run.path / "half.txt").write_text("half")
    raise KeyboardInterrupt


def test_a_run_is_found_by_what_changes_its_result():
    config, other = Config(), Config(alpha=1.0)
    assert find_run("trained", config, "modular") == find_run("trained", Config(), "modular")
    assert find_run("trained", config, "modular") != find_run("trained", other, "modular")
    assert find_run("trained", config, "modular") != find_run("trained", config, "standard")
    assert find_run("trained", config, "standard") == find_run(
        "trained", other, "standard"
    )  # no masks
    assert find_run("trained", config, "modular") == find_run(
        "trained", Config(finetune_epochs=1), "modular"
    )
    assert find_run("trained", config, "modular") != find_run(
        "trained", Config(half_weights=True), "modular"
    )
    assert find_run("cut", config) != find_run("cut", other)
    assert find_run("cut", config) == find_run("cut", Config(finetune_epochs=1))
    assert find_run("finetuned", config) != find_run("finetuned", Config(finetune_epochs=1))
    assert find_run("cut", config, threshold=0.5) != find_run("cut", config, threshold=0.6)


def test_where_a_network_is_trained_decides_a_precision_of_auto_but_not_its_run(monkeypatch):
    config = Config(training_precision="auto")
    found = set()
    for made_for_it in (True, False):
        monkeypatch.setattr("mwt.support.precision.made_for_bfloat16", lambda _, m=made_for_it: m)
        assert config.amp(CPU) == made_for_it
        found.add(find_run("trained", config, "modular"))
    assert len(found) == 1
    assert found != {find_run("trained", Config(training_precision="bfloat16"), "modular")}
    assert Config(training_precision="bfloat16").amp(CPU)
    assert not Config().amp(CPU)


def test_the_standard_network_may_have_a_learning_rate_of_its_own():
    config = Config(lr=0.05, standard_lr=0.02)
    assert find_run("trained", config, "modular") == find_run("trained", Config(lr=0.05), "modular")
    assert find_run("trained", config, "standard") == find_run(
        "trained", Config(lr=0.02), "standard"
    )
    assert find_run("cut", config) != find_run("cut", Config(lr=0.05))


def test_a_released_file_is_known_by_its_content(tmp_path):
    files = [tmp_path / name for name in ("a.pth", "copy.pth", "b.pth")]
    for file, content in zip(files, (b"weights", b"weights", b"others"), strict=True):
        file.write_bytes(content)
    same, copy, other = (
        find_run("trained", Config(released=(("modular", str(file)),)), "modular") for file in files
    )
    assert same == copy != other
    only_modular = Config(released=(("modular", str(files[0])),))
    assert find_run("trained", only_modular, "standard") == find_run(
        "trained", Config(), "standard"
    )


def test_whole_numbers_ask_for_the_same_run_as_floats():
    assert find_run("cut", Config(alpha=1, width=1)) == find_run(
        "cut", Config(alpha=1.0, width=1.0)
    )


def test_what_was_made_is_found_again():
    made = found_or_made("modular", SMALL, CPU, lambda run: {"value": 1.5}, threshold=0.9)
    again = found_or_made("modular", SMALL, CPU, no_work, threshold=0.9)
    assert made == again
    assert again.result() == {"value": 1.5}
    asked = json.loads((again.path / "result.json").read_text())["asked"]
    assert (asked["dataset"], asked["threshold"]) == ("digits", 0.9)


def test_an_interrupted_run_is_not_finished_and_is_made_again():
    with pytest.raises(KeyboardInterrupt):
        found_or_made("modular", SMALL, CPU, power_cut)
    assert not find_run("modular", SMALL).finished()
    assert found_or_made("modular", SMALL, CPU, lambda run: {"value": 2}).result() == {"value": 2}


def test_a_training_that_is_killed_before_its_result_is_not_trained_again(monkeypatch):
    whole = stages.trained(SMALL, "modular", CPU)
    find_run("trained", SMALL, "modular").path.rename(find_run("other", SMALL).path)
    with monkeypatch.context() as broken:
        broken.setattr("mwt.study.stages.networks.save_tensors", no_power)
        with pytest.raises(KeyboardInterrupt):
            stages.trained(SMALL, "modular", CPU)
    monkeypatch.setattr(Dataset, "shuffled_batches", no_work)  # which each epoch asks for
    again = stages.trained(SMALL, "modular", CPU)
    assert again.weights == whole.weights


def test_what_follows_a_training_fails_without_losing_it(monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("mwt.study.stages.measuring.predict", no_work)
        stages.trained(SMALL, "standard", CPU)
        with pytest.raises(AssertionError, match="made before"):
            stages.scored(SMALL, "standard", CPU)
    assert find_run("trained", SMALL, "standard").finished()
    net, test = stages.network(SMALL, "standard", CPU), data_of(SMALL, CPU)[2]
    assert stages.scored(SMALL, "standard", CPU).accuracy == mwt.accuracy(net, test)


def test_a_network_that_was_trained_again_is_not_combined_with_the_old_ones_masks():
    first = stages.modularized(SMALL, 0.5, CPU)
    run = find_run("trained", SMALL, "modular")
    shutil.rmtree(run.path)
    stored_network.cache_clear()
    # As another processor would: other weights from the same settings.
    other = untrained_network(SMALL, "modular", CPU)
    torch.nn.init.constant_(other.layer4[0].conv1.generator.excite.bias, -1.0)
    run.path.mkdir()
    save_model(other, str(run.path / "weights.safetensors"))
    weights = digest(run.path / "weights.safetensors")
    result = {"history": [{"seconds": 1.0}], "weights": weights}
    found_or_made("trained", SMALL, CPU, lambda _: result, "modular")
    second = stages.modularized(SMALL, 0.5, CPU)
    assert first.run != second.run
    assert first.sampled.run != second.sampled.run
    assert not torch.equal(first.modules, second.modules)


def test_weights_that_are_not_the_runs_are_refused_where_there_are_no_checksums():
    stages.trained(SMALL, "modular", CPU)
    run = find_run("trained", SMALL, "modular")
    older = {name: value for name, value in run.record().items() if name not in ("seal", "files")}
    save_json(run.path / "result.json", older)
    stored_network.cache_clear()
    save_model(untrained_network(SMALL, "modular", CPU), str(run.path / "weights.safetensors"))
    with pytest.raises(mwt.UsageError, match="is not the file that this run was finished with"):
        stages.network(SMALL, "modular", CPU)


def test_a_trained_network_comes_back_with_its_weights(tmp_path):
    direct = untrained_network(SMALL, "modular", CPU)
    history = train(direct, SMALL, "modular", CPU, tmp_path / "checkpoint.pt", None, None)
    stages.trained(SMALL, "modular", CPU)
    stored_network.cache_clear()
    back = stages.network(SMALL, "modular", CPU)
    weights = zip(direct.state_dict().values(), back.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights)
    found = stages.trained(SMALL, "modular", CPU).history
    assert [row["loss"] for row in found] == [row["loss"] for row in history]
    assert not list(find_run("trained", SMALL, "modular").path.glob("checkpoint*"))


def test_a_sub_task_in_every_form():
    module = stages.reused(SMALL, 0.5, [4, 2], CPU)
    forms = {"module-masked", "module-folded", "module-plain"}
    assert set(module.accuracy) == {"standard", "modular", *forms}
    assert 0 <= module.finetuned.accuracy <= 1
    costs = module.costs.of
    assert set(costs) == {"standard", "module-masked", "module-folded"}
    assert costs["standard"].flops > costs["module-masked"].flops > costs["module-folded"].flops
    assert 0 < module.kernel_retention_rate <= 1
    assert module.test_images == 60
    modules = stages.modularized(SMALL, 0.5, CPU)
    union = (modules.modules[4] | modules.modules[2]).double().mean().item()
    assert module.kernel_retention_rate == pytest.approx(union)


def test_what_costs_time_is_made_only_where_it_is_asked_for():
    module = stages.reused(SMALL, 0.5, [4, 2], CPU, finetune=False, costs=False)
    assert module.finetuned is module.costs is None
    more = stages.reused(SMALL, 0.5, [4, 2], CPU, costs=False)
    assert more.run == module.run != more.finetuned.run


def test_nothing_is_lost_where_there_is_no_git(monkeypatch):
    monkeypatch.setenv("PATH", "")
    made = found_or_made("modular", SMALL, CPU, lambda run: {"value": 1})
    assert made.record()["made"]["commit"] == "unknown, without git"


def test_what_was_measured_on_a_shared_gpu_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "GPU of 2030")
    monkeypatch.setenv("MWT_JOBS", "2")
    assert "GPU of 2030, 2 jobs at once, " in machine(torch.device("cuda"))
    assert "jobs" not in machine(torch.device("cpu"))
    monkeypatch.setenv("MWT_JOBS", "1")
    alone = machine(torch.device("cuda"))
    assert "GPU of 2030, " in alone
    assert "jobs" not in alone

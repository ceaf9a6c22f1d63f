"""One loop: repeatable, resumable, and honest about which epoch it keeps."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

import mwt
from mwt.training import checkpoint
from mwt.training import loop as training

SETTINGS = {"epochs": 3, "lr": 0.1, "batch_size": 64}


def network(modular=True):
    torch.manual_seed(3)
    net = mwt.models.resnet18(in_channels=1, width=0.0625)
    return mwt.to_modular(net) if modular else net


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture(scope="module")
def few(digits):
    train, validation, _ = digits
    return train.subset([0, 1, 2]), validation.subset([0, 1, 2])


def test_same_seed_same_weights(few):
    one, two, other = network(), network(), network()
    history = mwt.fit(one, *few, **SETTINGS)
    torch.rand(5)  # the caller's random numbers do not matter
    assert [h["loss"] for h in mwt.fit(two, *few, **SETTINGS)] == [h["loss"] for h in history]
    mwt.fit(other, *few, **SETTINGS, seed=1)
    assert torch.equal(weights(one), weights(two))
    assert not torch.equal(weights(one), weights(other))


def test_callers_random_state_is_left_alone(few):
    model = network()
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    mwt.fit(model, *few, epochs=1)
    assert torch.equal(torch.rand(3), expected)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("keep", ["last", "best"])
def test_an_interrupted_training_goes_on_exactly(few, tmp_path, monkeypatch, keep):
    whole, part = network(), network()
    history = mwt.fit(whole, *few, **SETTINGS, keep=keep)
    monkeypatch.setattr(checkpoint, "CHECKPOINT_SECONDS", 0)
    file = tmp_path / "checkpoint.pt"
    score, calls = training.validation_accuracy, []

    def power_cut(*args):
        calls.append(1)
        if len(calls) == 3:
            raise Interrupted
        return score(*args)

    monkeypatch.setattr(training, "validation_accuracy", power_cut)
    with pytest.raises(Interrupted):
        mwt.fit(part, *few, **SETTINGS, keep=keep, checkpoint=file)
    assert file.exists()
    monkeypatch.setattr(training, "validation_accuracy", score)
    again = network()
    resumed = mwt.fit(again, *few, **SETTINGS, keep=keep, checkpoint=file)
    assert torch.equal(weights(again), weights(whole))
    assert [h["loss"] for h in resumed] == [h["loss"] for h in history]
    # Once done, the same call finds that nothing is left to do.
    done = network()
    assert mwt.fit(done, *few, **SETTINGS, keep=keep, checkpoint=file) == resumed
    assert torch.equal(weights(done), weights(whole))


def test_an_interrupt_from_the_keyboard_leaves_a_clean_state(few, tmp_path, monkeypatch):
    settings = SETTINGS | {"epochs": 8}
    whole = network()
    history = mwt.fit(whole, *few, **settings)
    monkeypatch.setattr(checkpoint, "CHECKPOINT_SECONDS", 0)
    held = {"checkpoint": tmp_path / "checkpoint.pt"}
    for after in (0.0, 0.02, 0.05, 0.1):  # from the end of the first epoch on
        keys = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))

        def interrupt(_model, keys=keys):
            if keys.ident is None:  # once: a second one would be for whoever runs the tests
                keys.start()
            return {}

        def train_and_wait(model, interrupt=interrupt):
            mwt.fit(model, *few, **settings, **held, on_epoch=interrupt)
            interrupt(model)  # where no epoch was left to do
            time.sleep(5)  # where it was done before

        stopped, random_state = network(), torch.get_rng_state()
        with pytest.raises(KeyboardInterrupt):
            train_and_wait(stopped)
        assert torch.equal(torch.get_rng_state(), random_state)
        assert stopped.training
        assert stopped(few[0].normalized(few[0].images[:2])).isfinite().all()
    again = network()
    resumed = mwt.fit(again, *few, **settings, **held)
    assert [h["loss"] for h in resumed] == [h["loss"] for h in history]
    assert torch.equal(weights(again), weights(whole))
    assert not list(tmp_path.glob(".*"))  # no half-written file


def test_best_epoch_is_the_one_with_the_best_validation_accuracy(few, monkeypatch):
    kept, shorter = network(), network()
    scores = iter([0.2, 0.9, 0.4, 0.1])
    with monkeypatch.context() as patch:
        patch.setattr(training, "validation_accuracy", lambda *_: next(scores))
        mwt.fit(kept, *few, epochs=4, lr=0.1, batch_size=64, keep="best")
    mwt.fit(shorter, *few, epochs=2, anneal_epochs=4, lr=0.1, batch_size=64)
    assert torch.equal(weights(kept), weights(shorter))


def test_history_of_a_modular_and_of_a_plain_network(few):
    row = mwt.fit(network(), *few, epochs=1)[-1]
    assert row["loss"] == pytest.approx(
        row["cross_entropy"] + 0.5 * row["cohesion"] + 1.5 * row["coupling"], abs=1e-4
    )
    plain = mwt.fit(network(modular=False), *few, epochs=1)[-1]
    assert (plain["cohesion"], plain["coupling"], plain["kernel_rate"]) == (0, 0, 1)
    assert plain["loss"] == plain["cross_entropy"]


def test_modular_training_separates_the_masks(trained, samples):
    modules = mwt.module_masks(samples, 0.9)
    assert mwt.metrics.cohesion(samples, modules) > mwt.metrics.coupling(modules) + 0.1


def test_weights_of_the_losses_matter(few):
    one, two = network(), network()
    mwt.fit(one, *few, epochs=1)
    mwt.fit(two, *few, epochs=1, beta=0.0)
    assert not torch.equal(weights(one), weights(two))


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_schedules_end_near_zero(few, schedule):
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scheduler = training.make_schedule(optimizer, schedule, 20, 20)
    for _ in range(20):
        optimizer.step()
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] < 1e-3


def test_cosine_over_twice_the_epochs_ends_half_way(few):
    optimizer = torch.optim.SGD(network().parameters(), 0.1)
    scheduler = training.make_schedule(optimizer, "cosine", 20, 40)
    for _ in range(20):
        optimizer.step()
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05)


def test_bfloat16_and_channels_last_are_used(few):
    net = mwt.models.resnet18(in_channels=1, width=0.125)
    seen = set()

    def look(_layer, _inputs, out):
        seen.add((out.dtype, out.is_contiguous(memory_format=torch.channels_last)))

    hook = net.conv1.register_forward_hook(look)
    history = mwt.fit(net, *few, epochs=2, lr=0.1, amp=True, channels_last=True)
    hook.remove()
    assert (torch.bfloat16, True) in seen
    assert history[-1]["loss"] < history[0]["loss"]


def test_tensorboard_logs_on_request(few, tmp_path):
    history = mwt.fit(network(), *few, epochs=1, tensorboard=tmp_path / "logs")
    logged = EventAccumulator(str(tmp_path / "logs")).Reload().Scalars("loss")
    assert [point.value for point in logged] == pytest.approx([history[0]["loss"]])


def test_restricted_accuracy_is_that_of_the_restricted_logits(digits):
    class Fixed(nn.Module):
        def forward(self, images):
            logits = torch.zeros(3, 10)
            logits[:, 7] = 9.0  # the largest, but not of the sub-task
            logits[[0, 1, 2], [5, 2, 5]] = 1.0
            return logits

    two = digits[2].subset([5, 2])
    labels = torch.tensor([0, 1, 1])
    data = replace(two, images=two.images[:3], labels=labels)
    assert mwt.accuracy(Fixed(), data, [5, 2]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("epochs", -3), ("batch_size", 0)])
def test_impossible_numbers(few, name, value):
    with pytest.raises(mwt.UsageError, match=name):
        mwt.fit(network(), *few, **{name: value})


def test_what_is_measured_after_each_epoch_joins_the_history(few):
    history = mwt.fit(network(), *few, epochs=2, on_epoch=lambda model: {"answer": 42.0})
    assert [row["answer"] for row in history] == [42.0, 42.0]


def test_annealing_epochs_go_with_the_cosine(few):
    with pytest.raises(mwt.UsageError, match="anneal_epochs goes with"):
        mwt.fit(network(), *few, epochs=1, schedule="one-cycle", anneal_epochs=2)


def test_unknown_schedule(few):
    with pytest.raises(mwt.UsageError, match="did you mean 'cosine'"):
        mwt.fit(network(), *few, schedule="cosin")


def test_data_that_a_network_cannot_be_trained_on_are_refused_at_once(few):
    train, validation = few
    with pytest.raises(mwt.UsageError, match="no validation images"):
        mwt.fit(
            network(),
            train,
            replace(validation, images=validation.images[:0], labels=validation.labels[:0]),
        )
    with pytest.raises(mwt.UsageError, match="2 outputs, but the data have 3 classes"):
        mwt.fit(mwt.models.resnet18(2, in_channels=1, width=0.0625), *few)
    with pytest.raises(mwt.UsageError, match=r"does not take images of shape \(1, 8, 8\)"):
        mwt.fit(mwt.models.resnet18(width=0.0625), *few)


class Giving(nn.Module):
    """A small network whose outputs a test decides, in training or always."""

    def __init__(self, method):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.small, self.fc = nn.BatchNorm2d(4), nn.Linear(4, 3)
        self.method = method

    def forward(self, x):
        return self.method(self, self.bn(self.conv(x)))


def logits(net, x):
    return net.fc(x.mean((2, 3)))


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (lambda net, x: (logits(net, x), x), r"gives a tuple, not one tensor of logits: let"),
        (lambda net, x: {"out": logits(net, x)}, r"gives a dict, not one tensor of logits: let"),
        (
            lambda net, x: [logits(net, x)] if net.training else logits(net, x),
            r"gives a list, not one tensor of logits: .*aux_logits=False",
        ),
        (
            lambda net, x: logits(net, x)[:, :, None, None],
            r"shape \(2, 3, 1, 1\) for 2 images, not \(2, classes\): .*nn\.Flatten",
        ),
        (lambda net, x: logits(net, x).mean(0, keepdim=True), r"shape \(1, 3\) for 2 images"),
        (lambda net, x, y: logits(net, x), r"images of shape \(1, 8, 8\).*positional argument"),
    ],
)
def test_outputs_that_are_no_logits_are_refused_in_a_sentence_before_training(few, method, message):
    net = Giving(method)
    before = weights(net)
    with pytest.raises(mwt.UsageError, match=message) as error:
        mwt.fit(net, *few, epochs=1)
    assert "\n" not in str(error.value)
    assert torch.equal(weights(net), before)


def test_predict_refuses_what_are_no_logits(few):
    with pytest.raises(mwt.UsageError, match="gives a tuple, not one tensor of logits"):
        mwt.accuracy(Giving(lambda net, x: (logits(net, x), x)), few[1])


def test_batches_of_one_where_batch_norm_needs_two(few):
    net = Giving(lambda net, x: logits(net, net.small(x.mean((2, 3), keepdim=True))))
    with pytest.raises(mwt.UsageError, match=r"in batches of 1: .*; give a batch_size of at least"):
        mwt.fit(net, *few, epochs=1, batch_size=1)
    assert mwt.fit(net, *few, epochs=1, batch_size=2)


def test_trying_a_network_leaves_its_statistics_and_random_numbers(few):
    net = Giving(logits)
    torch.manual_seed(4)
    expected = torch.rand(2)
    torch.manual_seed(4)
    with pytest.raises(mwt.UsageError, match="3 outputs, but"):
        mwt.fit(net, *[replace(part, classes=("a", "b", "c", "d")) for part in few], epochs=1)
    assert torch.equal(torch.rand(2), expected)
    assert not net.bn.running_mean.any()


@pytest.mark.parametrize("seed", [2**64, 2**70, -1, 0.5, None])
def test_seeds_that_torch_cannot_take(few, seed):
    with pytest.raises(mwt.UsageError, match=r"seed .*: give a whole number from 0 to 1844674407"):
        mwt.fit(network(), *few, epochs=1, seed=seed)


def test_the_greatest_seed(few):
    assert mwt.fit(Giving(logits), *few, epochs=1, seed=2**64 - 1)


def test_a_failure_leaves_the_network_in_training_mode(few):
    def fail(*_):
        raise Interrupted

    model = network().train()
    hook = model.conv1.register_forward_hook(fail)
    with pytest.raises(Interrupted):
        mwt.sample_masks(model, few[0])
    hook.remove()
    assert all(layer.training for layer in model.modules())


def test_a_checkpoint_of_another_training_is_refused_in_a_sentence(few, tmp_path):
    file = tmp_path / "checkpoint.pt"
    mwt.fit(network(), *few, epochs=1, checkpoint=file)
    with pytest.raises(mwt.UsageError, match=r"another training \(epochs 1, not 2; lr 0.05, not"):
        mwt.fit(network(), *few, epochs=2, lr=0.1, checkpoint=file)
    with pytest.raises(mwt.UsageError, match="another network"):
        mwt.fit(network(modular=False), *few, epochs=1, checkpoint=file)
    with pytest.raises(mwt.UsageError, match="another training data"):
        mwt.fit(network(), few[1], few[1], epochs=1, checkpoint=file)
    mwt.fit(network(), *few, epochs=1, checkpoint=file)


def test_seeding_leaves_the_callers_random_numbers_as_they_were():
    torch.manual_seed(7)
    expected = torch.rand(2)
    torch.manual_seed(7)
    with training.seeded(3, torch.device("cpu")):
        inside = torch.rand(2)
    assert torch.equal(torch.rand(2), expected)
    torch.manual_seed(3)
    assert torch.equal(inside, torch.rand(2))


def test_channels_last_is_left_where_its_gradients_write_outside_of_their_memory(few):
    model = mwt.models.resnet18(3, in_channels=1, width=0.0625)
    mwt.fit(model, *few, epochs=1, channels_last=True)
    assert not model.layer2[0].conv1.weight.is_contiguous(memory_format=torch.channels_last)
    wider = mwt.models.resnet18(3, in_channels=1, width=0.125)
    mwt.fit(wider, *few, epochs=1, channels_last=True)
    assert wider.layer2[0].conv1.weight.is_contiguous(memory_format=torch.channels_last)

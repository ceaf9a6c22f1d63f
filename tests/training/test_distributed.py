"""Two processes give what one process gives with all images of a batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import several_processes
import torch
from torch import nn

import mwt
from mwt.masking.blocks import masked_blocks
from mwt.training import distributed
from mwt.training.stepping import total_loss


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What one process found, and what each of two found."""
    alone, folder = tmp_path_factory.mktemp("alone"), tmp_path_factory.mktemp("two")
    several_processes.main(alone, started=False)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    command += ["--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"]
    done = subprocess.run(
        [*command, str(Path(several_processes.__file__)), str(folder)],
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},  # whatever the machine is called
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    files = [alone / "alone.pt", folder / "0.pt", folder / "1.pt"]
    return [torch.load(file) for file in files], folder


@pytest.mark.parametrize("kind", several_processes.KINDS)
def test_losses_and_gradients_are_those_of_the_whole_batch(found, kind):
    (alone, *two), _ = found
    for one in two:
        torch.testing.assert_close(one[kind]["figures"], alone[kind]["figures"], rtol=0, atol=1e-5)
        torch.testing.assert_close(
            one[kind]["gradients"], alone[kind]["gradients"], rtol=0, atol=1e-5
        )
    assert alone[kind]["gradients"].abs().max() > 1e-2


def test_pairs_of_images_in_two_processes_count(found):
    (alone, *_), _ = found
    entropy, cohesion, coupling = alone["frozen batch norm"]["figures"][1:4]
    net, few = several_processes.network("frozen batch norm").double(), several_processes.data()
    halves = few.normalized(few.images).double().chunk(2), few.labels.chunk(2)
    each = [
        total_loss(net, net(images), labels, 0.5, 1.5)[1]
        for images, labels in zip(*halves, strict=True)
    ]
    apart = torch.stack(each).mean(dim=0)
    assert apart[1] == pytest.approx(float(entropy), abs=1e-5)
    assert abs(float(apart[2] - cohesion)) > 1e-4  # ten times what may differ above
    assert abs(float(apart[3] - coupling)) > 1e-4


def test_a_training_by_two_is_that_of_one(found):
    (alone, *two), folder = found
    for one in two:
        assert torch.equal(one["training"]["weights"], two[0]["training"]["weights"])
        torch.testing.assert_close(one["training"], alone["training"], rtol=1e-3, atol=1e-3)
    assert (folder / "checkpoint.pt").exists()


def test_a_joint_batch_norm_alone_is_a_batch_norm():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(4)
    nn.init.uniform_(norm.weight)
    nn.init.uniform_(norm.bias)
    (joint,) = distributed.synchronized(nn.Sequential(norm))
    assert isinstance(joint, distributed.JointBatchNorm2d)
    images = torch.randn(8, 4, 5, 5)
    torch.testing.assert_close(joint(images), norm(images))
    torch.testing.assert_close(joint.running_var, norm.running_var)
    torch.testing.assert_close(joint.eval()(images), norm.eval()(images))


def test_modules_of_a_network_with_joint_batch_norms_are_exact():
    net = several_processes.network("joint batch norm").eval()
    images = torch.randn(3, 1, 32, 32)
    expected = net(images)
    kernels = sum(block.kernels for _, block in masked_blocks(net))
    whole = mwt.extract(net, torch.ones(kernels, dtype=torch.bool), generators=True)
    torch.testing.assert_close(whole(images), expected)


def test_batches_that_cannot_be_parted_are_refused(monkeypatch):
    monkeypatch.setattr(distributed, "count", lambda: 3)
    with pytest.raises(mwt.UsageError, match="batches of 8 images for 3 processes: take a multip"):
        distributed.check_batch(8)

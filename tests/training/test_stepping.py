"""A step of training can be recorded for CUDA: it never asks what a number is."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import mwt
from mwt.training.stepping import make_step

WAITING = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "unique_dim", "_unique2"}


class NeverWaiting(TorchDispatchMode):
    """Fail where a GPU would have to finish before the processor goes on."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        assert name not in WAITING, f"{name} waits for the device"
        return function(*args, **kwargs or {})


def stepping(net, amp=False):
    optimizer = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, nesterov=True, fused=True)
    step = make_step(net.train(), optimizer, 0.5, 1.5, amp, False)
    with NeverWaiting():
        return step(torch.rand(4, 3, 32, 32), torch.tensor([0, 1, 1, 2]))


@pytest.mark.parametrize("amp", [False, True])
@pytest.mark.parametrize("modular", [False, True])
@pytest.mark.parametrize("model", mwt.models.MODELS)
def test_a_step_never_looks_at_numbers(model, modular, amp):
    net = mwt.models.MODELS[model](3, 3, 0.0625)
    assert stepping(mwt.to_modular(net) if modular else net, amp).isfinite().all()


def test_a_network_that_looks_is_found():
    class Looking(torch.nn.Flatten):
        def forward(self, x):
            return super().forward(x) * x.max().item()

    with pytest.raises(AssertionError, match="_local_scalar_dense waits"):
        stepping(torch.nn.Sequential(Looking(), torch.nn.Linear(3072, 3)))

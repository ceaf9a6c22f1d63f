"""What several tests use: small data, small trained networks."""

import pytest
import torch

import mwt


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def digits():
    return mwt.data.load("digits")


@pytest.fixture(scope="session")
def trained(digits):
    """A modular ResNet18, trained for long enough that its masks differ between classes."""
    train, validation, _ = digits
    torch.manual_seed(0)
    modular = mwt.to_modular(mwt.models.resnet18(in_channels=1, width=0.125))
    mwt.fit(modular, train, validation, epochs=6, lr=0.2, batch_size=64, schedule="one-cycle")
    return modular


@pytest.fixture(scope="session")
def samples(trained, digits):
    return mwt.sample_masks(trained, digits[0])


def randomized(net, seed=0):
    """Give batch norms statistics and scales as training does: none of them 0 or 1."""
    torch.manual_seed(seed)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.uniform_(0.5, 1.5)
            for tensor in (module.bias.data, module.running_mean):
                tensor.uniform_(-0.5, 0.5)
    return net

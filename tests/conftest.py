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

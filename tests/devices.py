"""The devices that a test is for: the CPU always, CUDA where it is (`make cuda-check`)."""

import pytest
import torch

CUDA = pytest.param(
    "cuda",
    marks=[
        pytest.mark.cuda,
        pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA"),
    ],
)
DEVICES = ["cpu", CUDA]

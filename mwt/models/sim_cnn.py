"""SimCNN: VGG16's convolutions as a plain chain without batch norm (CNNSplitter, ASE 2022)."""

import torch
from torch import Tensor, nn

from .vgg import LAYERS, check_sizes, he_normal, scaled


class SimCNN(nn.Module):
    """Thirteen convolutions with ReLU, five poolings, a classifier of three linear layers.

    The attributes ``conv_0`` to ``conv_12`` and ``fc_13`` to ``fc_15`` have the authors' names.
    """

    def __init__(self, num_classes: int, in_channels: int, width: float) -> None:
        super().__init__()
        self.pooled: list[bool] = []  # for each convolution, whether a pooling follows it
        channels = in_channels
        for layer in LAYERS:
            if isinstance(layer, str):
                self.pooled[-1] = True
                continue
            out = scaled(layer, width)
            self.add_module(f"conv_{len(self.pooled)}", nn.Conv2d(channels, out, 3, padding=1))
            self.pooled.append(False)
            channels = out
        hidden = scaled(512, width)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout()
        self.fc_13 = nn.Linear(channels, hidden)
        self.fc_14 = nn.Linear(hidden, hidden)
        self.fc_15 = nn.Linear(hidden, num_classes)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(N, C, 32, 32)`` to logits ``(N, num_classes)``."""
        for number, pooled in enumerate(self.pooled):
            x = self.relu(self.get_submodule(f"conv_{number}")(x))
            x = self.pool(x) if pooled else x
        x = torch.flatten(x, 1)
        x = self.relu(self.fc_13(self.dropout(x)))
        x = self.relu(self.fc_14(self.dropout(x)))
        return self.fc_15(x)


def simcnn(num_classes: int = 10, in_channels: int = 3, width: float = 1.0) -> SimCNN:
    """Build SimCNN (13 convolutions, 4,224 kernels at width 1), with the parameters of `resnet18`.

    Returns
    -------
    SimCNN
        A plain network for images of 32 x 32, freshly initialized. It has no batch norm;
        `to_modular` gives one to every convolution that it masks.
    """
    check_sizes(num_classes, in_channels, width)
    return SimCNN(num_classes, in_channels, width)

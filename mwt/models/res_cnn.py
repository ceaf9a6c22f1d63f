"""ResCNN: a chain of convolutions with three shortcuts, no batch norm (CNNSplitter, ASE 2022)."""

from torch import Tensor, nn

from .vgg import check_sizes, he_normal, scaled

CHANNELS = (64, 128, 128, 128, 256, 512, 512, 512, 512, 512, 512, 512)
POOLED = (1, 4, 5, 8, 9)  # convolutions that a pooling follows
SUMS = {3: 2, 7: 6, 11: 10}  # after the first, the input of the second is added


class ResCNN(nn.Module):
    """Twelve convolutions with ReLU, three shortcut sums, five poolings, one linear layer.

    The attributes ``conv_0`` to ``conv_11`` and ``classifier`` have the authors' names.
    """

    def __init__(self, num_classes: int, in_channels: int, width: float) -> None:
        super().__init__()
        channels = in_channels
        for number, full in enumerate(CHANNELS):
            out = scaled(full, width)
            layers = [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
            if number in POOLED:
                layers.append(nn.MaxPool2d(2))
            self.add_module(f"conv_{number}", nn.Sequential(*layers))
            channels = out
        head = nn.Linear(channels, num_classes)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(), head)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(N, C, 32, 32)`` to logits ``(N, num_classes)``."""
        inputs = {}
        for number in range(len(CHANNELS)):
            inputs[number] = x
            x = self.get_submodule(f"conv_{number}")(x)
            if number in SUMS:
                x = x + inputs[SUMS[number]]
        return self.classifier(x)


def rescnn(num_classes: int = 10, in_channels: int = 3, width: float = 1.0) -> ResCNN:
    """Build ResCNN (12 convolutions, 4,288 kernels at width 1), with the parameters of `resnet18`.

    Returns
    -------
    ResCNN
        A plain network for images of 32 x 32, freshly initialized. It has no batch norm;
        `to_modular` gives one to every convolution that it masks.
    """
    check_sizes(num_classes, in_channels, width)
    return ResCNN(num_classes, in_channels, width)

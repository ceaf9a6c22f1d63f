"""VGG16 with batch normalization, for images of 32 x 32 (Simonyan and Zisserman, 2015)."""

from torch import Tensor, nn

from ..support.errors import UsageError

WIDEST = 8  # times the published width, with a gigabyte of weights
LAYERS = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M")


class VGG(nn.Module):
    """Convolutions with batch norm and ReLU, five poolings, a classifier of three linear layers."""

    def __init__(self, num_classes: int, in_channels: int, width: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for layer in LAYERS:
            if isinstance(layer, str):
                layers.append(nn.MaxPool2d(2))
                continue
            out = scaled(layer, width)
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        hidden = scaled(512, width)
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(channels, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(N, C, 32, 32)`` to logits ``(N, num_classes)``."""
        return self.classifier(self.features(x).flatten(1))


def scaled(channels: int, width: float) -> int:
    """Return the number of channels at a width multiplier, at least 1."""
    return max(1, round(channels * width))


def check_sizes(num_classes: int, in_channels: int, width: float) -> None:
    """Refuse sizes of which no network can be built."""
    counts = (num_classes, in_channels)
    whole = all(isinstance(count, int) and count > 0 for count in counts)
    if not whole or not isinstance(width, int | float) or not 0 < width <= WIDEST:
        raise UsageError(
            f"num_classes {num_classes!r}, in_channels {in_channels!r} and width {width!r}: give "
            f"two whole numbers of at least 1, and a width above 0, up to {WIDEST}."
        )


def he_normal(net: nn.Module) -> None:
    """Draw weights so that activations keep their size without BN (He et al., 2015)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def vgg16(num_classes: int = 10, in_channels: int = 3, width: float = 1.0) -> VGG:
    """Build VGG16 (13 convolutions, 4,224 kernels at width 1), with the parameters of `resnet18`.

    Returns
    -------
    VGG
        A plain network for images of 32 x 32, freshly initialized.
    """
    check_sizes(num_classes, in_channels, width)
    return VGG(num_classes, in_channels, width)

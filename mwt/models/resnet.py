"""ResNet18 with the stem for small images (He et al., 2016)."""

from torch import Tensor, nn

from .vgg import check_sizes, scaled


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a shortcut; a 1 x 1 convolution where the shapes differ."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = nn.Sequential()
        if stride != 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` to ``(N, channels, H / stride, W / stride)``."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + self.downsample(x))


class ResNet(nn.Module):
    """A 3 x 3 stem, four stages of two blocks, average pooling and one linear layer."""

    def __init__(self, num_classes: int, in_channels: int, width: float) -> None:
        super().__init__()
        widths = [scaled(channels, width) for channels in (64, 128, 256, 512)]
        self.conv1 = nn.Conv2d(in_channels, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.layer1 = stage(widths[0], widths[0], stride=1)
        self.layer2 = stage(widths[0], widths[1], stride=2)
        self.layer3 = stage(widths[1], widths[2], stride=2)
        self.layer4 = stage(widths[2], widths[3], stride=2)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[3], num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(N, C, H, W)`` to logits ``(N, num_classes)``."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.pool(x).flatten(1))


def stage(in_channels: int, channels: int, stride: int) -> nn.Sequential:
    """Return two blocks, the first of which may halve the image."""
    return nn.Sequential(
        BasicBlock(in_channels, channels, stride), BasicBlock(channels, channels, stride=1)
    )


def resnet18(num_classes: int = 10, in_channels: int = 3, width: float = 1.0) -> ResNet:
    """Build ResNet18 (20 convolutions, 4,800 kernels at width 1).

    Parameters
    ----------
    num_classes
        Number of classes, the length of the logits.
    in_channels
        Channels of the input image: 3 for RGB, 1 for grey.
    width
        Multiplier of every layer's channels.

    Returns
    -------
    ResNet
        A plain network for images of 8 x 8 and more, freshly initialized.
    """
    check_sizes(num_classes, in_channels, width)
    return ResNet(num_classes, in_channels, width)

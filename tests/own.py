"""A network file and a folder of pictures, as somebody may bring them, small enough for seconds."""

import torch
from torchvision.transforms.functional import to_pil_image

NETWORK = '''
import torch
from torch import nn

SIZE = {"channels": 8}


class Tiny(nn.Module):
    """Three blocks and a linear layer."""

    def __init__(self, num_classes=10, in_channels=3, width=8):
        super().__init__()

        def block(inputs, kernels):
            conv = nn.Conv2d(inputs, kernels, 3, padding=1)
            return nn.Sequential(conv, nn.BatchNorm2d(kernels), nn.ReLU(), nn.MaxPool2d(2))

        self.body = nn.Sequential(
            block(in_channels, width), block(width, 2 * width), block(2 * width, 2 * width)
        )
        self.head = nn.Linear(2 * width, num_classes)

    def forward(self, x):
        return self.head(self.body(x).mean(dim=(2, 3)))


class Branching(Tiny):
    """Cannot be traced."""

    def forward(self, x):
        return super().forward(x) if x.sum() > 0 else super().forward(-x)


class Plain(nn.Module):
    """Has no convolution."""

    def __init__(self, num_classes, in_channels):
        super().__init__()
        self.head = nn.Linear(in_channels, num_classes)

    def forward(self, x):
        return self.head(x.mean(dim=(2, 3)))


class Settings:
    """Is no network."""


def needy(num_classes, depth):
    """Needs an argument that the data do not give."""
    return Tiny(num_classes, width=depth)


def forgetful():
    """Returns nothing."""


ready = Tiny(5)
'''
CLASSES = ("cat", "dog", "<img src=x onerror=alert(1)>")


def network(folder):
    """Write the file of the network; return its path."""
    path = folder / "nets.py"
    path.write_text(NETWORK)
    return path


def pictures(folder, per_class=20, channels=3, size=12):
    """Write pictures with one bright corner, another one for each class; return their folder."""
    generator = torch.Generator().manual_seed(0)
    for label, name in enumerate(CLASSES):
        (folder / "pictures" / name).mkdir(parents=True)
        for number in range(per_class):
            image = torch.rand(channels, size, size, generator=generator) / 2
            row, column = divmod(label, 2)
            image[:, row * size // 2 :, column * size // 2 :][:, : size // 2, : size // 2] += 0.5
            to_pil_image(image).save(folder / "pictures" / name / f"{number}.png")
    return folder / "pictures"

"""Plain networks, each written once; nothing here knows about masks."""

from .resnet import resnet18
from .vgg import vgg16

MODELS = {"resnet18": resnet18, "vgg16": vgg16}

__all__ = ["MODELS", "resnet18", "vgg16"]

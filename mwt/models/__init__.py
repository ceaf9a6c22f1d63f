"""Plain networks, each written once; nothing here knows about masks."""

from .rescnn import rescnn
from .resnet import resnet18
from .simcnn import simcnn
from .vgg import vgg16

MODELS = {"resnet18": resnet18, "vgg16": vgg16, "simcnn": simcnn, "rescnn": rescnn}

__all__ = ["MODELS", "rescnn", "resnet18", "simcnn", "vgg16"]

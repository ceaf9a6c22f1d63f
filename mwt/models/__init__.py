"""Plain networks, each written once; nothing here knows about masks."""

from .initialization import INITIALIZATIONS, start_as_authors
from .rescnn import rescnn
from .resnet import resnet18
from .simcnn import simcnn
from .vgg import vgg16

MODELS = {"resnet18": resnet18, "vgg16": vgg16, "simcnn": simcnn, "rescnn": rescnn}

__all__ = [
    "INITIALIZATIONS",
    "MODELS",
    "rescnn",
    "resnet18",
    "simcnn",
    "start_as_authors",
    "vgg16",
]

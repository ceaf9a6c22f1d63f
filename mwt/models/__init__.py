"""Plain networks, each written once; nothing here knows about masks."""

from .initialization import INITIALIZATIONS, start_as_authors
from .res_cnn import rescnn
from .resnet import resnet18
from .sim_cnn import simcnn
from .vgg import WIDEST, vgg16

MODELS = {"resnet18": resnet18, "vgg16": vgg16, "simcnn": simcnn, "rescnn": rescnn}

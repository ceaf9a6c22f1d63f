"""How texts write the names of networks and data sets."""

from collections.abc import Iterable

WRITTEN = {
    "vgg16": "VGG16",
    "resnet18": "ResNet18",
    "simcnn": "SimCNN",
    "rescnn": "ResCNN",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "svhn": "SVHN",
    "mnist5k": "5,000 MNIST digits",
    "shapes100": "100 drawn classes",
}


def display_name(name: str) -> str:
    """Return the name of a network or a data set as text has it; of others, as it is."""
    return WRITTEN.get(name, name)


def display_names(names: Iterable[str]) -> str:
    """Return several names as a sentence has them: ``SimCNN and ResCNN``."""
    *first, last = map(display_name, names)
    return f"{', '.join(first)} and {last}" if first else last

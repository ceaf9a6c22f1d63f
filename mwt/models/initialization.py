"""Where the weights of a network start."""

from torch import nn

from .vgg import VGG

INITIALIZATIONS = ("default", "authors")


def start_as_authors(net: nn.Module) -> None:
    """Draw the weights anew as the paper's authors do for their modular networks.

    Convolutions are Kaiming-normal by their fan-out, with zero biases; the linear layers of VGG16
    are normal with a deviation of 0.01, with zero biases. The default is each network's own:
    torch's for VGG16 and ResNet18, Kaiming-normal by the fan-in for SimCNN and ResCNN.

    Parameters
    ----------
    net
        One of this package's networks; it is changed in place.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear) and isinstance(net, VGG):
            nn.init.normal_(module.weight, std=0.01)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)

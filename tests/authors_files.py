"""Files as the authors write them, and what their names mean, written out by hand."""

import math

import torch
from torch.nn import functional as F

WIDTH = 0.125
NETWORKS = ["vgg16", "resnet18", "simcnn", "rescnn"]
FORMS = ["standard", "modular"]
VGG = [8, 8, 16, 16, 32, 32, 32, 64, 64, 64, 64, 64, 64]
RESCNN = [8, 16, 16, 16, 32, 64, 64, 64, 64, 64, 64, 64]
# Where the convolutions of VGG16 stand in its two files, counted by hand.
PLACES = {
    "standard": [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40],
    "modular": [0, 3, 6, 8, 11, 13, 15, 18, 20, 22, 25, 27, 29],
}


class Weights(dict):
    """A state dict in the making, of random numbers that keep signals and masks alive."""

    def linear(self, name, inputs, outputs, bias=True, size=()):
        self[f"{name}.weight"] = torch.randn(outputs, inputs, *size) * math.sqrt(
            2 / (inputs * math.prod(size))
        )
        if bias:
            self[f"{name}.bias"] = torch.rand(outputs) - 0.3

    def norm(self, name, channels):
        self[f"{name}.weight"] = torch.rand(channels) + 0.5
        self[f"{name}.bias"] = torch.rand(channels) - 0.5
        self[f"{name}.running_mean"] = torch.rand(channels) - 0.5
        self[f"{name}.running_var"] = torch.rand(channels) + 0.5
        self[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def unit(self, form, name, bn, inputs, outputs, size=3, bias=True):
        """Add a convolution: masked, with its own norm, or plain, with or without one."""
        if form == "standard":
            self.linear(name, inputs, outputs, bias, (size, size))
            if bn:
                self.norm(bn, outputs)
            return
        self.linear(f"{name}.conv", inputs, outputs, bias, (size, size))
        self.norm(f"{name}.bn", outputs)
        hidden = outputs if outputs < 128 else outputs // 2
        self.linear(f"{name}.mask_generator.mask_generator.0", inputs, hidden, bias=False)
        self.linear(f"{name}.mask_generator.mask_generator.2", hidden, outputs)


def chain(form, names, channels, inputs, norms=None):
    """Return the weights of a chain of convolutions, of which the first is never masked."""
    state = Weights()
    for number, (name, outputs) in enumerate(zip(names, channels, strict=True)):
        bn = norms[number] if norms else None
        state.unit(form if number else "standard", name, bn, inputs, outputs)
        inputs = outputs
    return state


def written(model, form, classes=10, channels=3):
    """Return a state dict with the names of the authors' files, an eighth as wide."""
    torch.manual_seed(0)
    if model == "resnet18":
        return written_resnet(form, classes, channels)
    if model == "vgg16":
        names, norms = ([f"features.{i + j}" for i in PLACES[form]] for j in (0, 1))
        state = chain(form, names, VGG, channels, norms)
        head = ["classifier.0", "classifier.3", "classifier.6"]
    elif model == "simcnn":
        state = chain(form, [f"conv_{i}" for i in range(13)], VGG, channels)
        head = ["fc_13", "fc_14", "fc_15"]
    else:
        state = chain(form, [f"conv_{i}.0" for i in range(12)], RESCNN, channels)
        head = ["classifier.2"]
    for name in head:
        state.linear(name, 64, classes if name == head[-1] else 64)
    return dict(state)


def written_resnet(form, classes, channels):
    state = Weights()
    state.unit("standard", "conv1", "bn1", channels, 8, bias=False)
    inputs = 8
    for stage, outputs in enumerate((8, 16, 32, 64), start=1):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            state.unit(form, f"{at}.conv1", f"{at}.bn1", inputs, outputs, bias=False)
            state.unit(form, f"{at}.conv2", f"{at}.bn2", outputs, outputs, bias=False)
            if inputs != outputs:
                names = f"{at}.downsample.0", f"{at}.downsample.1"
                state.unit(form, *names, inputs, outputs, size=1, bias=False)
            inputs = outputs
    state.linear("fc", 64, classes)
    return dict(state)


class Meant:
    """The forward pass that a file means, straight from the names in it, in double precision."""

    def __init__(self, state):
        self.state = {name: tensor.double() for name, tensor in state.items()}
        self.masks = []

    def linear(self, name, x):
        return F.linear(x, self.state[f"{name}.weight"], self.state.get(f"{name}.bias"))

    def conv(self, name, x, stride):
        weight, bias = self.state[f"{name}.weight"], self.state.get(f"{name}.bias")
        return F.conv2d(x, weight, bias, stride, padding=weight.shape[-1] // 2)

    def norm(self, name, x):
        parts = ("running_mean", "running_var", "weight", "bias")
        mean, variance, scale, shift = (
            self.state[f"{name}.{part}"][:, None, None] for part in parts
        )
        return (x - mean) / (variance + 1e-5).sqrt() * scale + shift

    def unit(self, name, bn, x, stride=1):
        if f"{name}.weight" in self.state:
            out = self.conv(name, x, stride)
            return self.norm(bn, out) if f"{bn}.weight" in self.state else out
        generator = f"{name}.mask_generator.mask_generator"
        pooled = F.adaptive_avg_pool2d(x, 1).flatten(1)
        hidden = F.relu(self.linear(f"{generator}.0", pooled))
        self.masks.append(F.relu(torch.tanh(self.linear(f"{generator}.2", hidden))))
        out = self.norm(f"{name}.bn", self.conv(f"{name}.conv", x, stride))
        return out * self.masks[-1][:, :, None, None]

    def vgg16(self, x):
        # The gaps between the numbers are what has no weights: a ReLU, and after some a pooling.
        numbers = sorted({int(name.split(".")[1]) for name in self.state if "features" in name})
        standard = "features.4.weight" in self.state
        convs = numbers[::2] if standard else [numbers[0], *numbers[2:]]
        for place, after in zip(convs, [*convs[1:], 10**6], strict=True):
            x = F.relu(self.unit(f"features.{place}", f"features.{place + 1}", x))
            taken = 3 if standard or place == 0 else 2
            x = F.max_pool2d(x, 2) if after > place + taken else x
        x = F.relu(self.linear("classifier.0", x.flatten(1)))
        return self.linear("classifier.6", F.relu(self.linear("classifier.3", x)))

    def simcnn(self, x):
        for number in range(13):
            x = F.relu(self.unit(f"conv_{number}", None, x))
            x = F.max_pool2d(x, 2) if number in (1, 3, 6, 9, 12) else x
        x = F.relu(self.linear("fc_13", x.flatten(1)))
        return self.linear("fc_15", F.relu(self.linear("fc_14", x)))

    def rescnn(self, x):
        start = x
        for number in range(12):
            start = x if number in (2, 6, 10) else start
            x = F.relu(self.unit(f"conv_{number}.0", None, x))
            x = F.max_pool2d(x, 2) if number in (1, 4, 5, 8, 9) else x
            x = x + start if number in (3, 7, 11) else x
        return self.linear("classifier.2", x.flatten(1))

    def resnet18(self, x):
        x = F.relu(self.unit("conv1", "bn1", x))
        for at in (f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)):
            stride = 2 if at in ("layer2.0", "layer3.0", "layer4.0") else 1
            out = F.relu(self.unit(f"{at}.conv1", f"{at}.bn1", x, stride))
            out = self.unit(f"{at}.conv2", f"{at}.bn2", out)
            if any(name.startswith(f"{at}.downsample") for name in self.state):
                x = self.unit(f"{at}.downsample.0", f"{at}.downsample.1", x, stride)
            x = F.relu(out + x)
        return self.linear("fc", x.mean(dim=(2, 3)))

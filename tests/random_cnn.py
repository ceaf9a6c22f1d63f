"""Random small CNNs of the parts that can be followed, for the tests of extraction."""

import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torchvision.ops import SqueezeExcitation

# For tests that draw such networks: the same ones in every run, however long one takes.
RANDOM_NETWORKS = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def batch_norm(channels):
    return nn.BatchNorm2d(channels)


class Act(nn.Module):
    """An activation as a module, a function or a method."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.layer = {"silu": nn.SiLU(), "prelu": nn.PReLU(), "sigmoid": nn.Sigmoid()}.get(kind)

    def forward(self, x):
        if self.layer:
            return self.layer(x)
        calls = {
            "relu": lambda: x.relu(),
            "relu_": lambda: x.relu_(),
            "leaky": lambda: F.leaky_relu(x, 0.1),
            "tanh": lambda: torch.tanh(x),
            "relu6": lambda: F.relu6(x, inplace=True),
            "clamp": lambda: x.clamp(0.2, 2.0),
        }
        return calls[self.kind]()


class ConvBN(nn.Module):
    def __init__(self, a, b, act, size=3, **options):
        super().__init__()
        padding = options.get("dilation", 1) * (size // 2)
        bias = options.pop("bias", False)
        self.conv = nn.Conv2d(a, b, size, padding=padding, bias=bias, **options)
        self.bn = batch_norm(b)
        self.act = act

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class NormAct(nn.BatchNorm2d):
    """A batch norm with an activation inside: a layer, or a function and the parent's method."""

    def __init__(self, channels, act):
        super().__init__(channels)
        self.act = act

    def forward(self, x):
        return self.act(super().forward(x))


class NormLast(nn.Module):
    """A convolution, an activation, a dropout or a pooling, and then a batch norm."""

    def __init__(self, a, b, act, how):
        super().__init__()
        self.conv = nn.Conv2d(a, b, 3, padding=1)
        self.norm = nn.SyncBatchNorm(b) if how == 3 else batch_norm(b)
        self.relu, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.2)
        self.act, self.how = act, how

    def forward(self, x):
        x = self.conv(x)
        if self.how == 0:
            x = F.leaky_relu(x, 0.2)
        elif self.how == 1:
            x = self.drop(self.relu(x))
        elif self.how == 2:
            x = F.max_pool2d(x.tanh(), 3, stride=1, padding=1)
        return self.act(self.norm(x))


class Residual(nn.Module):
    """A sum as an operator, a function or in place, with or without a projection."""

    def __init__(self, a, b, act, how):
        super().__init__()
        self.body = nn.Sequential(nn.Sequential(ConvBN(a, b, act), ConvBN(b, b, nn.Identity())))
        self.short = nn.Identity() if a == b else ConvBN(a, b, nn.Identity(), size=1)
        self.act, self.how = act, how

    def forward(self, x):
        if self.how == 3:  # activated first: the shortcut may be the very tensor that changes
            skip = self.short(x)
            return self.body(self.act(x)) + skip
        y, x = self.body(x), self.short(x)
        if self.how == 0:
            y += x
        elif self.how == 1:
            y = torch.add(y, x)
        else:
            y = 0.5 * (y - x)
        return self.act(y)


class Branches(nn.Module):
    """A concatenation of two convolutions and the input."""

    def __init__(self, a, b, act):
        super().__init__()
        self.left, self.right = ConvBN(a, b, act), ConvBN(a, b, act, size=1)

    def forward(self, x):
        return torch.cat([self.left(x), x, self.right(x)], dim=1)


class Dense(nn.Module):
    """Batch norm first, a convolution without one last, as in DenseNet."""

    def __init__(self, a, b, act):
        super().__init__()
        self.bn, self.act, self.conv = batch_norm(a), act, ConvBN(a, b, act)
        self.grow = nn.Conv2d(b, 3, 3, padding=1)

    def forward(self, x):
        return torch.cat((x, self.grow(self.conv(self.act(self.bn(x))))), 1)


class Squeeze(nn.Module):
    """Squeeze-and-excitation with linear layers, reshapings and sizes."""

    def __init__(self, a, how):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(a, 4), nn.ReLU(), nn.Linear(4, a), nn.Sigmoid())
        self.how = how

    def forward(self, x):
        if self.how == 0:
            n, c, _, _ = x.size()
            y = F.adaptive_avg_pool2d(x, 1).view(n, c)
            return x * self.fc(y).view(n, c, 1, 1).expand_as(x)
        if self.how == 1:
            return self.fc(x.mean((2, 3)))[:, :, None, None] * x
        y = self.fc(x.mean(3).mean(2)).unsqueeze(-1).unsqueeze(-1)
        return torch.mul(x, y)


class Gate(nn.Module):
    """One gate for all channels of a position."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 3, padding=1)

    def forward(self, x):
        y = torch.cat([x.mean(1, keepdim=True), torch.max(x, dim=1, keepdim=True)[0]], dim=1)
        return x * torch.sigmoid(self.conv(y))


class Scale(nn.Module):
    """A parameter that the forward method reads."""

    def __init__(self, a, how):
        super().__init__()
        self.gamma = nn.Parameter(torch.rand(a, 1, 1) + 0.5)
        self.how = how

    def forward(self, x):
        return x * self.gamma if self.how else x + self.gamma


class Resized(nn.Module):
    def __init__(self, how):
        super().__init__()
        self.up = nn.Upsample(scale_factor=2)
        self.how = how

    def forward(self, x):
        if self.how == 0:
            return F.max_pool2d(self.up(x), 2)
        if self.how == 1:
            return F.interpolate(F.pad(x, (1, 1, 0, 0)), size=x.shape[2:])
        return F.avg_pool2d(F.dropout(x, 0.3, self.training), 3, stride=1, padding=1) / 2


class Shuffle(nn.Module):
    """Channels in another order."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def forward(self, x):
        if self.how == 0:
            return F.channel_shuffle(x, x.size(1))
        if self.how == 1:
            n, c, h, w = x.shape
            return x.view(n, 1, c, h, w).transpose(1, 2).reshape(n, c, h, w)
        return torch.roll(x, 1, dims=1)


class LayerNorm(nn.Module):
    """Over the channels of each position, as in ConvNeXt."""

    def __init__(self, a, how):
        super().__init__()
        self.norm, self.how = nn.LayerNorm(a), how

    def forward(self, x):
        if self.how % 2:
            return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()
        return F.layer_norm(x, x.shape[1:2] + x.shape[2:])


class Transposed(nn.Module):
    """A transposed convolution, whose weights have the inputs first."""

    def __init__(self, a, b, how):
        super().__init__()
        groups = a if how == 0 else 1
        self.conv = nn.ConvTranspose2d(a, a if how == 0 else b, 3, 1, 1, groups=groups)

    def forward(self, x):
        return self.conv(x)


class LinearUnit(nn.Module):
    """Gated linear units, pixel shuffle: fewer channels than are read."""

    def __init__(self, a, how):
        super().__init__()
        self.how = how
        self.conv = ConvBN(a, 8, nn.Identity())
        self.layer = (nn.GLU(1), nn.PixelShuffle(2))[how % 2]

    def forward(self, x):
        return F.adaptive_avg_pool2d(self.layer(self.conv(x)), 4)


class Compared(nn.Module):
    """Comparisons and other operations on two tensors that are broadcast, in both orders."""

    def __init__(self, a, how):
        super().__init__()
        self.how = how
        self.gate = ConvBN(a, 1, nn.Identity(), size=1)

    def forward(self, x):
        mean = self.gate(x) if self.how % 2 else x.mean(1, keepdim=True)
        if self.how == 0:
            return x * (mean < x)
        if self.how == 1:
            return torch.where(x.ge(mean), x, mean) + torch.maximum(mean, x)
        if self.how == 2:
            return mean.clamp(-x.abs(), x.abs()) + torch.lerp(mean, x, 0.3)
        return torch.addcmul(mean, x, mean) + (mean.abs() + 1) ** torch.tanh(x)


class Sizes(nn.Module):
    """Sizes that Python loops over and decides by."""

    def __init__(self, a):
        super().__init__()
        self.conv = ConvBN(a, a, nn.Identity())

    def forward(self, x):
        y = self.conv(x)
        count = 1
        for size in y.size()[2:]:
            count *= size
        if x.shape[1:] == y.shape[1:]:
            y = y + x
        return y.view(len(x), -1, count).view(len(y), -1, *x.shape[2:])


class Head(nn.Module):
    def __init__(self, a, how):
        super().__init__()
        self.how = how
        self.fc = nn.Linear(a * (4 if how == 1 else 1), 5)
        self.conv = nn.Conv2d(a, 5, 1)
        self.hidden = nn.Sequential(nn.Linear(a, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 5))

    def forward(self, x):
        if self.how == 0:
            return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))
        if self.how == 1:
            return self.fc(F.adaptive_avg_pool2d(x, 2).view(x.size(0), -1))
        if self.how == 2:
            return self.conv(x).mean([2, 3])
        if self.how == 3:
            return self.hidden(x.flatten(2).mean(-1))
        return self.fc(F.adaptive_max_pool2d(x, 1).squeeze(3).squeeze(-1))


class Random(nn.Module):
    def __init__(self, stem, blocks, head):
        super().__init__()
        self.stem, self.blocks, self.head = stem, nn.Sequential(*blocks), head

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


ACTS = st.sampled_from(
    ["relu", "relu_", "leaky", "tanh", "relu6", "clamp", "silu", "prelu", "sigmoid"]
)
KINDS = (
    *("conv", "strided", "depthwise", "grouped", "bare-depthwise", "residual", "branches"),
    *("dense", "squeeze", "torchvision-squeeze", "gate", "scale", "resized"),
    *("shuffle", "group-norm", "layer-norm", "transposed", "linear-unit", "compared", "sizes"),
    *("norm-act", "norm-last"),
)


def block(kind, a, b, act, bias, how):
    """A block of ``a`` channels, and the number of channels that it gives."""
    made = {
        "conv": lambda: (ConvBN(a, b, act, dilation=2, bias=bias), b),
        "strided": lambda: (ConvBN(a, b, act, stride=2, bias=bias), b),
        "depthwise": lambda: (ConvBN(a, a, act, groups=a, bias=bias), a),
        "grouped": lambda: (ConvBN(a, a, act, groups=2 - a % 2, bias=bias), a),
        "bare-depthwise": lambda: (nn.Conv2d(a, a, 3, padding=1, groups=a, bias=bias), a),
        "norm-act": lambda: (nn.Sequential(nn.Conv2d(a, b, 3, padding=1), NormAct(b, act)), b),
        "norm-last": lambda: (NormLast(a, b, act, how), b),
        "residual": lambda: (Residual(a, b, act, how), b),
        "branches": lambda: (Branches(a, b, act), a + 2 * b),
        "dense": lambda: (Dense(a, b, act), a + 3),
        "squeeze": lambda: (Squeeze(a, how), a),
        "torchvision-squeeze": lambda: (SqueezeExcitation(a, 4), a),
        "gate": lambda: (Gate(), a),
        "scale": lambda: (Scale(a, how), a),
        "resized": lambda: (Resized(how), a),
        "shuffle": lambda: (Shuffle(how), a),
        "group-norm": lambda: (nn.GroupNorm(2 - a % 2, a), a),
        "layer-norm": lambda: (LayerNorm(a, how), a),
        "transposed": lambda: (Transposed(a, b, how), a if how == 0 else b),
        "linear-unit": lambda: (LinearUnit(a, how), 2 if how % 2 else 4),
        "compared": lambda: (Compared(a, how), a),
        "sizes": lambda: (Sizes(a), a),
    }
    return made[kind]()


@st.composite
def networks(draw):
    """A network of one to five random blocks; its activation may be shared by all of them."""
    shared, channels = Act(draw(ACTS)), 6
    stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1), batch_norm(channels), shared)
    blocks = [ConvBN(channels, channels, shared)]
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5)):
        act = shared if draw(st.booleans()) else Act(draw(ACTS))
        wide = draw(st.sampled_from([channels, 4, 8]))
        made, channels = block(
            kind, channels, wide, act, draw(st.booleans()), draw(st.integers(0, 3))
        )
        blocks.append(made)
    return Random(stem, blocks, Head(channels, draw(st.integers(0, 4))))

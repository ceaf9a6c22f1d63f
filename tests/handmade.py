"""A network with every kind of layer and join that modules are cut through."""

import torch
from torch import nn


class Handmade(nn.Module):
    """Concatenation, functional calls, a shared activation and a sum of two different branches."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.stem_bn = nn.BatchNorm2d(8)
        self.left = nn.Sequential(nn.Conv2d(8, 6, 3, padding=1), nn.BatchNorm2d(6))
        self.right = nn.Sequential(nn.Conv2d(8, 6, 1), nn.BatchNorm2d(6))
        self.act = nn.ReLU()
        self.mix = nn.Sequential(nn.Conv2d(12, 10, 3, stride=2, dilation=2), nn.BatchNorm2d(10))
        self.norm = nn.BatchNorm2d(10)
        self.fc = nn.Linear(10 * 4, 5)

    def forward(self, x):
        x = self.act(self.stem_bn(self.stem(x)))
        left, right = self.left(x), self.right(x)
        x = torch.cat([self.act(left + right), self.act(left)], dim=1)
        x = self.norm(torch.relu(self.mix(x)))
        x = nn.functional.adaptive_avg_pool2d(x, 2)
        return self.fc(x.view(x.size(0), -1))

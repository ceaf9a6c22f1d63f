"""Averages of whole maps and their products: the quick ones of narrow maps are those of others."""

import pytest
import torch

from mwt.masking import whole_maps
from mwt.masking.whole_maps import averages, scaled


def found(channels, dtype, layout):
    torch.manual_seed(0)
    maps = torch.randn(5, channels, 6, 7, dtype=dtype).to(memory_format=layout).requires_grad_()
    values = torch.rand(5, channels, dtype=dtype, requires_grad=True)
    means, products = averages(maps), scaled(maps, values)
    loss = (means.float() * 3 + 1).pow(2).sum() + (products.float() + 1).pow(2).sum()
    return means, products, *torch.autograd.grad(loss, (maps, values))


@pytest.mark.parametrize("channels", [1, 8, 16, 48])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_narrow_maps_give_the_same_numbers_bit_by_bit(monkeypatch, channels, dtype, layout):
    quick = found(channels, dtype, layout)
    monkeypatch.setattr(whole_maps, "is_narrow", lambda _: False)
    for one, other in zip(quick, found(channels, dtype, layout), strict=True):
        assert torch.equal(one, other)


def test_only_maps_that_need_it_are_narrow():
    maps = torch.zeros(2, 8, 4, 4, dtype=torch.bfloat16).to(memory_format=torch.channels_last)
    assert whole_maps.is_narrow(maps)
    assert not whole_maps.is_narrow(maps.float())
    assert not whole_maps.is_narrow(maps.contiguous())
    assert not whole_maps.is_narrow(maps.expand(2, 8, 4, 4).repeat(1, 4, 1, 1))

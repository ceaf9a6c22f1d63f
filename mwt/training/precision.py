"""In which precision a device is to compute: what is asked for, and what it does itself."""

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PRECISIONS = ("auto", *DTYPES)


def resolved(precision: str, device: torch.device) -> str:
    """Return the precision that ``auto`` is on a device; any other is what it is.

    Parameters
    ----------
    precision
        One of `PRECISIONS`.
    device
        Where to compute: ``auto`` is bfloat16 where it computes with that itself, else float32.
    """
    if precision != "auto":
        return precision
    return "bfloat16" if made_for_bfloat16(device) else "float32"


def made_for_bfloat16(device: torch.device) -> bool:
    """Tell whether a device computes with bfloat16 itself.

    One that only imitates it is several times slower with it.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )

"""How time and memory grow: what was measured, the laws, and what they say of ImageNet."""

import pandas as pd
from IPython.display import HTML

from ...results import growth
from .base import html_table
from .speed import NARROW, duration

TRAINING, MASKS = "Modular training, an epoch", "Finding the masks of all images"
EPOCHS = 90  # of a usual training on ImageNet
GB = 1e9
TO = f"{NARROW}–\N{WORD JOINER}{NARROW}"  # stays on one line


def number(value: float) -> str:
    """Return a size as text."""
    return f"{value:,.0f}"


def span(low: float, high: float) -> str:
    """Return a range of sizes as text."""
    return f"{number(low)}–{number(high)}"


def grown(rows: pd.DataFrame) -> HTML:
    """Return each part's exponent over each size, and time and memory at both ends."""
    lines = []
    found = growth.laws(rows)
    for (part, axis), some in rows.groupby(["part", "axis"], sort=False):
        some = some.sort_values("size")
        first, last = some.iloc[0], some.iloc[-1]
        law = found[str(part), str(axis)]
        lines.append(
            {
                "over": axis,
                "part": part,
                "sizes": span(first["size"], last["size"]),
                "fixed": duration(law.fixed) if law else float("nan"),
                "exponent": law.exponent if law else float("nan"),
                "law from": number(law.first) if law else float("nan"),
                "time": f"{duration(first['seconds'])}{TO}{duration(last['seconds'])}",
                "memory, MiB": span(first["memory_mib"], last["memory_mib"]),
            }
        )
    caption = (
        "Time and memory at the smallest and at the largest size. Time is a fixed part, and one "
        "that grows like the size to the power of the exponent. From the size on that is named, "
        f"this law is off by {growth.NEAR:g} times at most. "
        "Memory: the most that the process held beyond the imported packages."
    )
    formats = {"exponent": "{:.2f}".format}
    return html_table(pd.DataFrame(lines).set_index("over"), caption, formats, groups="part")


def imagenet_sizes(rows: pd.DataFrame) -> dict[str, float]:
    """Return the sizes of a study of ImageNet with the widest network that was measured."""
    return growth.IMAGENET | {"kernels": float(rows["kernels"].max())}


def imagenet(rows: pd.DataFrame) -> HTML | None:
    """Return what each part would take on ImageNet, on one core of the machine that measured.

    Parts without a law over some size are left out; None if that leaves none.
    """
    lines = []
    for part, some in rows.groupby("part", sort=False):
        if not set(some["axis"]) <= set(imagenet_sizes(rows)):
            continue  # a sub-task of ten classes is none of a thousand
        found = growth.beyond(rows, str(part), imagenet_sizes(rows))
        if found is None:
            continue
        lines.append(
            {
                "part": part,
                "on one core": days(found.seconds),
                "times the largest measured": f"{found.times:,.{found.times < 100:d}f}",
            }
        )
    caption = (
        "On paper: the laws above, carried on to sizes that were not measured, as if each size "
        "acted by itself. Cohesion would take less: it compares the images of a class, and the "
        "more classes there are, the fewer images has each."
    )
    return html_table(pd.DataFrame(lines).set_index("part"), caption) if lines else None


def days(seconds: float) -> str:
    """Return a time as text, a long one in days."""
    return f"{seconds / 86_400:,.0f} days" if seconds > 4 * 86_400 else duration(seconds)


def sentences(rows: pd.DataFrame) -> list[str]:
    """Say what of ImageNet would fit and what would not."""
    sizes = imagenet_sizes(rows)
    images, kernels = sizes["images"], sizes["kernels"]
    held, masks = 3 * images * sizes["pixels"] / GB, images * kernels / GB
    training = growth.beyond(rows, TRAINING, sizes)
    said = [
        f"ImageNet has {number(images)} training images, {number(sizes['classes'])} classes, and "
        f"usually {sizes['pixels'] ** 0.5:.0f} × {sizes['pixels'] ** 0.5:.0f} pixels. The widest "
        f"ResNet18 here has {number(kernels)} masked kernels.",
        f"A data set lies in memory, a byte for each value of a pixel: {number(held)} GB. So the "
        "package ends here first. Such images must be read while the network trains, which it does "
        "not do.",
        f"The masks of all images take a byte for each kernel, {masks:.1f} GB; the module masks of "
        f"all classes {number(sizes['classes'] * kernels / 1e6)} MB.",
    ]
    if training:
        said.append(
            f"{EPOCHS} epochs of modular training would take {days(EPOCHS * training.seconds)} of "
            "one core: that is work for many GPUs."
        )
    return said

"""What to do about modules that do not separate: rules with measured limits.

The limits lie between the trainings of ``notebooks/walks/separate.ipynb`` whose modules separate
and those whose modules do not: a small CNN on scikit-learn's digits, with its training length,
beta, width, learning rate and threshold varied one at a time. A test holds the rules against what
that notebook measured. On other data and networks they say where to look first, no more.
"""

from dataclasses import dataclass

SEPARATE = 0.6  # coupling below which modules separate
IN_USE = 0.5  # KRR above which masks still let nearly all kernels pass; a collapse kept far fewer
NARROW = 2.0  # kernels of a layer for each class, on average, below which classes have to share
LOSS = 0.03  # of accuracy, against the standard network; chosen: what chance moves it by, at most
ALIKE = 0.9  # cohesion below which a class's images disagree: at thresholds of 0.3 and less
USUAL = 0.9  # threshold above which modules lose the kernels that tell classes apart
NEARER = 0.05  # fall of the coupling that makes a lower threshold worth a look


@dataclass(frozen=True)
class Measures:
    """What the advice is derived from; all but the last two are shares in [0, 1].

    Attributes
    ----------
    kernel_retention_rate, cohesion, coupling
        Of the class modules.
    shared
        Of the kernels that are in any module, the share that is in all.
    threshold
        Of the modules.
    coupling_at_usual
        The coupling at the threshold 0.9.
    kernels_per_class
        Masked kernels of a layer for each class, averaged over the layers.
    accuracy_loss
        The standard network's accuracy minus that of the modular one; None if not known.
    """

    kernel_retention_rate: float
    cohesion: float
    coupling: float
    shared: float
    threshold: float
    coupling_at_usual: float
    kernels_per_class: float
    accuracy_loss: float | None = None


def advice(found: Measures) -> tuple[str, ...]:
    """Return one to three sentences: which number is the problem, and what to do about it."""
    said = [overlap(found)] if found.coupling >= SEPARATE else []
    if found.accuracy_loss is not None and found.accuracy_loss > LOSS and not collapsed(found):
        said.append(
            f"Accuracy is {found.accuracy_loss:.3f} below that of the standard network: train "
            "longer, make the network wider, or lower beta."
        )
    if found.cohesion < ALIKE:
        said.append(
            f"Cohesion is low ({found.cohesion:.2f}): the images of a class do not use all of its "
            "module, so raise the threshold."
        )
    return tuple(said) or (
        f"The modules separate: coupling is {found.coupling:.2f} and cohesion "
        f"{found.cohesion:.2f}. Nothing needs to be changed.",
    )


def collapsed(found: Measures) -> bool:
    """Tell whether few kernels are left, and those are common to all classes."""
    return found.coupling >= SEPARATE and found.kernel_retention_rate <= IN_USE


def overlap(found: Measures) -> str:
    """Say why the modules overlap, and what helps."""
    if found.threshold > USUAL and found.coupling_at_usual < found.coupling - NEARER:
        return (
            f"Coupling is high ({found.coupling:.2f}) because the threshold is: at {USUAL:g} it is "
            f"{found.coupling_at_usual:.2f}, so lower the threshold."
        )
    if collapsed(found):
        lost = found.accuracy_loss or 0
        too = f" Accuracy is {lost:.3f} below that of the standard network, too."
        return (
            f"Coupling is high ({found.coupling:.2f}) although few kernels are kept (KRR "
            f"{found.kernel_retention_rate:.2f}): the masks prune the network and do not tell the "
            f"classes apart, so lower beta.{too if lost > LOSS else ''}"
        )
    if found.kernels_per_class < NARROW:
        return (
            f"Coupling is high ({found.coupling:.2f}) and a layer has only "
            f"{found.kernels_per_class:.1f} kernels for each class: the classes have to share "
            "them, so make the network wider."
        )
    return (
        f"Coupling is high ({found.coupling:.2f}) because most kernels are still in use (KRR "
        f"{found.kernel_retention_rate:.2f}): train longer first; if that is not enough, raise "
        "the learning rate or beta."
    )

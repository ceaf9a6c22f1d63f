"""What the stages of the study find; each with the name of the run that found it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor

from ..masking.samples import KernelUse
from ..training.checkpoint import History


@dataclass(frozen=True)
class Trained:
    """How the training of a network went.

    Attributes
    ----------
    weights
        Digest of its weights: what all that is derived from them is found by.
    seconds
        Of the processor or the device that trained it (`mwt.support.stopwatch`); None where the
        authors trained it.
    """

    run: str
    machine: str
    weights: str
    history: History
    seconds: float | None


@dataclass(frozen=True)
class Scored:
    """A network's accuracy on the test images."""

    run: str
    accuracy: float
    test_images: int


@dataclass(frozen=True)
class Cost:
    """What a network costs: multiply-adds of an image, parameters, milliseconds of 100 images."""

    flops: int
    parameters: int
    latency_ms: float


@dataclass(frozen=True)
class FullCost:
    """What a network costs at full width: multiply-adds of an image, weights, times of a pass."""

    flops: int
    parameters: int
    bytes: int
    latency_1_ms: float
    latency_64_ms: float


OneCost = TypeVar("OneCost", Cost, FullCost)


@dataclass(frozen=True)
class Costs(Generic[OneCost]):
    """What networks cost, by method, their latencies measured in turn on one machine."""

    run: str
    machine: str
    of: dict[str, OneCost]


@dataclass(frozen=True)
class Networks:
    """The standard and the modular network of one seed, by method."""

    trained: dict[str, Trained]
    scored: dict[str, Scored]
    costs: Costs[Cost]


@dataclass(frozen=True)
class Sampled:
    """How the classes use the kernels.

    Attributes
    ----------
    run, machine
        Of the sample masks of the training data.
    train
        How the classes of the training data use the kernels.
    seconds
        How long it took to see.
    test
        Returns the cohesion of a threshold's modules within each layer, of the test data.
    """

    run: str
    machine: str
    train: KernelUse
    seconds: float
    test: Callable[[float], list[float]]


@dataclass(frozen=True)
class Modularized:
    """The module masks ``(classes, K)`` of a threshold, and how modular they are."""

    run: str
    method: str  # modular, or standard: then they say which kernels fire
    threshold: float
    modules: Tensor
    sampled: Sampled
    kernel_retention_rate: list[float]
    cohesion: list[float]
    coupling: float

    @property
    def layers(self) -> tuple[tuple[str, int], ...]:
        """Name and number of kernels of each masked layer."""
        return self.sampled.train.layers


@dataclass(frozen=True)
class Finetuned:
    """What a sub-task's module scores after fine-tuning, and how long that took."""

    run: str
    machine: str
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Reused:
    """A sub-task's module as it was cut, and what more was asked of it."""

    run: str
    threshold: float
    classes: list[int]
    kernel_retention_rate: float
    accuracy: dict[str, float]  # by method: standard, modular (uncut), and each form of the module
    test_images: int
    finetuned: Finetuned | None = None
    costs: Costs[Cost] | None = None


@dataclass(frozen=True)
class SmallNetwork:
    """A standard network of a module's multiply-adds, trained on the sub-task alone."""

    run: str
    machine: str
    width: float
    flops: int
    module_flops: int
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Worth:
    """The module of a sub-task: what it scores and costs, beside a small network."""

    threshold: float
    classes: list[int]
    reused: Reused | None  # None of a single class, of which there is nothing to tell apart
    small: SmallNetwork | None
    full: Costs[FullCost]


@dataclass(frozen=True)
class SmallSubtasks:
    """How often the modules of all pairs and triples of classes are right.

    Attributes
    ----------
    subtasks
        Their classes, ascending; pairs before triples.
    test_images
        How many images of each sub-task were asked for.
    correct
        How many of them each method got right: ``standard``, ``module-masked``, ``module-folded``.
    """

    run: str
    threshold: float
    subtasks: list[list[int]]
    test_images: list[int]
    correct: dict[str, list[int]]


@dataclass(frozen=True)
class Split:
    """CNNSplitter's modules ``(classes, K)`` of a standard network, and how they were found."""

    run: str
    machine: str
    masks: Tensor
    history: History
    generation: int
    validation_accuracy: float
    difference: float
    kernel_retention_rate: list[float]
    cohesion: list[float]
    coupling: float
    search_seconds: float


@dataclass(frozen=True)
class SplitReuse:
    """CNNSplitter's modules of a sub-task: what they score together, and what they cost."""

    run: str
    classes: list[int]
    accuracy: float
    test_images: int
    retention_by_sum: float
    retention_by_union: float
    flops: int
    parameters: int

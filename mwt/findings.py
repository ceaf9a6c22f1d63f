"""What the stages of the study find; each with the name of the run that found it."""

from dataclasses import dataclass

from torch import Tensor, nn

from .checkpoint import History


@dataclass(frozen=True)
class Trained:
    """A trained network, with what its training found."""

    run: str
    model: nn.Module
    history: History
    accuracy: float
    test_images: int
    train_seconds: float | None  # None where the authors trained it
    flops: int
    parameters: int
    latency_ms: float


@dataclass(frozen=True)
class Modularized:
    """The module masks ``(classes, K)`` of a threshold, and how modular they are."""

    run: str
    method: str  # modular, or standard: then they say which kernels fire
    threshold: float
    modules: Tensor
    layers: tuple[tuple[str, int], ...]
    kernel_retention_rate: list[float]
    cohesion: list[float]
    coupling: float
    modularize_seconds: float


@dataclass(frozen=True)
class Finetuned:
    """What a sub-task's module scores after fine-tuning, and how long that took."""

    run: str
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Cost:
    """What a sub-task's folded module costs; the standard model's latency, measured in turn."""

    run: str
    flops: int
    parameters: int
    latency_ms: float
    standard_latency_ms: float


@dataclass(frozen=True)
class Reused:
    """A sub-task's module as it was cut, and what more was asked of it."""

    run: str
    threshold: float
    classes: list[int]
    kernel_retention_rate: float
    accuracy: dict[str, float]  # by method: standard, modular (uncut), module-plain, module-folded
    test_images: int
    finetuned: Finetuned | None = None
    cost: Cost | None = None


@dataclass(frozen=True)
class Explored:
    """Modules over a fine grid of thresholds; what those of sub-tasks score, folded."""

    run: str
    modules: list[Modularized]  # one for each threshold
    subtasks: list[list[int]]
    folded: list[list[float]]  # test accuracy, by threshold and sub-task


@dataclass(frozen=True)
class Split:
    """CNNSplitter's modules ``(classes, K)`` of a standard network, and how they were found."""

    run: str
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

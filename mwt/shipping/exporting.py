"""A module in the formats of others: a program of torch.export, and ONNX."""

import copy
import dataclasses
import importlib.util
import io
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from ..masking.blocks import is_modular
from ..support.errors import UsageError
from ..support.files import atomic_write
from ..surgery.tracing import first_sentence
from .card import Card
from .optimizing import optimized

TOLERANCE = 1e-4  # between a module's and its export's logits, as a share of the largest
ONNX_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
INPUT = "float32 (N, C, H, W): pixels scaled to [0, 1], minus mean, divided by std"


def export_program(module: nn.Module, path: Path | str, card: Card) -> None:
    """Write a module as a program of ``torch.export``, for any number of images at a time.

    The program is that of the `optimized` module.

    ``torch.export.load(path).module()`` gives it back, without mwt. It unpickles, so it is not for
    files from strangers, as `mwt.shipping.load` is.

    Parameters
    ----------
    module
        What `mwt.extract` returns, alone or with more layers behind it.
    path
        Of the file, by custom ``.pt2``.
    card
        Goes into the file as ``card.json``, one of the ``extra_files`` of ``torch.export.load``.
        The program takes images as the module does: normalized with the card's mean and deviation.

    Raises
    ------
    UsageError
        If the network is still modular, does not fit the card, or cannot be exported.
    """
    content = io.BytesIO()
    extra = {"card.json": json.dumps(dataclasses.asdict(card))}
    torch.export.save(exported(module, card), content, extra_files=extra)
    with atomic_write(Path(path)) as temporary:
        temporary.write_bytes(content.getvalue())


def export_onnx(module: nn.Module, path: Path | str, card: Card) -> None:
    """Write an `optimized` module as an ONNX file, for any number of images at a time.

    Input ``images``, output ``logits``. The file takes images as the module does: normalized with
    the card's mean and deviation, which are in its metadata with the names of the classes and all
    else on the card, each as JSON (``session.get_modelmeta().custom_metadata_map``). Before the
    file appears, ONNX Runtime must compute what the module does on random images.

    Parameters
    ----------
    module
        What `mwt.extract` returns, alone or with more layers behind it.
    path
        Of the file, by custom ``.onnx``.
    card
        What the receiver must know.

    Raises
    ------
    UsageError
        If the packages of ONNX are missing, the network is still modular, it does not fit the card,
        or an operation of it cannot be exported.
    RuntimeError
        If ONNX Runtime's logits differ by more than 1e-4 of the largest.
    """
    absent = [name for name in ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise UsageError(
            f"exporting to ONNX needs {' and '.join(absent)}: "
            "pip install onnx onnxruntime onnxscript."
        )
    import onnx

    network = exported(module, card)
    try:
        program = torch.onnx.export(
            network, input_names=["images"], output_names=["logits"], verbose=False
        )
    except torch.onnx.errors.OnnxExporterError as error:
        reason: BaseException = error
        while reason.__cause__ is not None:
            reason = reason.__cause__
        raise UsageError(
            f"torch.onnx cannot write this module ({first_sentence(reason)}): use "
            "mwt.shipping.save or export_program for it."
        ) from error
    assert program is not None
    facts = {name: json.dumps(value) for name, value in dataclasses.asdict(card).items()}
    program.model.metadata_props.update(facts, images=json.dumps(INPUT))
    with atomic_write(Path(path)) as temporary:
        program.save(temporary)
        onnx.checker.check_model(temporary, full_check=True)
        check_onnx(module, temporary, card)


def check_onnx(module: nn.Module, path: Path, card: Card) -> None:
    """Refuse an ONNX file that computes something else than the module."""
    import onnxruntime  # type: ignore[import-untyped]

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for count in (1, 5):
        images = random_images(card, count)
        wanted = logits(copied(module), images)
        given = torch.from_numpy(session.run(["logits"], {"images": images.numpy()})[0])
        difference = ((given - wanted).abs().max() / wanted.abs().max()).item()
        if not difference <= TOLERANCE:
            raise RuntimeError(
                f"ONNX Runtime's logits differ from the module's by {difference:.1e} of the "
                f"largest, more than {TOLERANCE:.0e}: no file was written; use "
                "mwt.shipping.save or export_program for this module."
            )


def exported(module: nn.Module, card: Card) -> torch.export.ExportedProgram:
    """Return a module as a program, the fast one, whose batch size is free."""
    check_module(module, card)
    images = random_images(card, 2)
    free = ({0: torch.export.Dim("batch")},)
    try:
        return torch.export.export(optimized(copied(module)), (images,), dynamic_shapes=free)
    except Exception as error:  # it fails in as many ways as a forward method can
        raise UsageError(
            f"torch.export cannot follow {type(module).__name__} ({first_sentence(error)}): export "
            "what mwt.extract returns, alone or in an nn.Sequential."
        ) from error


def check_module(module: nn.Module, card: Card) -> None:
    """Refuse a module that is modular still, or whose input or output is not the card's."""
    if not isinstance(module, nn.Module) or not isinstance(card, Card):
        raise UsageError(
            f"a {type(module).__name__} with a {type(card).__name__}: give what mwt.extract returns"
            ", and its Card."
        )
    if is_modular(module):
        raise UsageError("this network is still modular: ship what mwt.extract returns.")
    try:
        outputs = logits(copied(module), random_images(card, 2)).shape
    except Exception as error:  # a forward method fails in as many ways as there are shapes
        if {parameter.dtype for parameter in module.parameters()} - {torch.float32}:
            raise UsageError(
                "the module does not compute in float32, as the images that it will get are: "
                "pass module.float()."
            ) from error
        raise UsageError(
            f"the module does not take images of {card.input_shape} ({first_sentence(error)}): "
            "give the card of the data that it was trained on."
        ) from error
    if outputs != (2, len(card.classes)):
        raise UsageError(
            f"two images give outputs of {tuple(outputs)}, but the card names {len(card.classes)} "
            "classes: give one name for each output, as Card.of(data.subset(classes)) does."
        )


def random_images(card: Card, count: int) -> Tensor:
    """Return images to try a module with, always the same, without touching the random state."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, *card.input_shape, generator=generator)


def copied(module: nn.Module) -> nn.Module:
    """Return a copy on the CPU, in evaluation mode."""
    return copy.deepcopy(module).cpu().eval()


@torch.inference_mode()
def logits(module: nn.Module, images: Tensor) -> Tensor:
    """Return what a module makes of images."""
    return module(images)

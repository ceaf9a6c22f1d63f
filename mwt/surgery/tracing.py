"""A network's forward method as a graph of calls, in which every change in place can be seen."""

from __future__ import annotations

import inspect

import torch
from torch import fx, nn
from torch.nn.utils.parametrize import is_parametrized

from ..support.errors import UnsupportedLayer, UsageError
from .apart import BATCH_NORMS
from .concrete import ExampleTracer
from .example import example
from .in_place import functionalize
from .names import graph_module
from .operations import is_python_arithmetic, reads_shape, within
from .own_convs import cuts, is_linear
from .symbolic import Tracer


def is_layer(module: nn.Module) -> bool:
    """Tell whether a module, of a class of the user's own perhaps, is cut as one of torch's."""
    if isinstance(module, nn.Conv2d):
        return cuts(module) is not None
    linear = isinstance(module, nn.Linear) and is_linear(module)
    return linear or isinstance(module, BATCH_NORMS)


def traced(net: nn.Module, leaves: tuple[type[nn.Module], ...] = ()) -> fx.GraphModule:
    """Return the network, as it is in evaluation mode, as a graph of its own modules.

    Arguments of its forward method that have a default keep it.

    Raises
    ------
    UnsupportedLayer
        If the forward pass depends on the values of tensors, or weights are computed anew in it.
    """
    for name, module in net.named_modules():
        # Spectral norm, weight norm and pruning, as they are now and as they used to be.
        if any(map(nn.parameter.is_lazy, module.parameters(recurse=False))):
            raise UnsupportedLayer(
                f"layer {name!r} ({type(module).__name__}) has no weights yet: call the network on "
                "a batch of images first."
            )
        if isinstance(module, torch.jit.ScriptModule):
            raise UnsupportedLayer(
                f"{f'layer {name!r}' if name else 'the network'} is scripted by torch.jit, which "
                "hides what it computes: put the module there that was scripted."
            )
        if is_parametrized(module) or any(hasattr(module, w) for w in ("weight_orig", "weight_g")):
            raise UnsupportedLayer(
                f"layer {name!r} computes its weights from others: take that off first, with "
                "torch.nn.utils.parametrize.remove_parametrizations or what it was put on with."
            )
    modes = {module: module.training for module in net.modules()}
    before = set(vars(net))
    layers = {layer for layer in net.modules() if is_layer(layer)}
    tracer: Tracer = Tracer(leaves, layers)
    try:
        parameters = inspect.signature(net.forward).parameters.values()
        usual = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        try:
            graph = tracer.trace(net.eval(), concrete_args=usual or None)
        except Exception:  # Python may count and compare sizes that are known from an example
            images = example(net)
            if images is None:
                raise
            tracer = ExampleTracer(leaves, layers, images)
            graph = tracer.trace(net, concrete_args=usual or None)
        module = graph_module(net, graph)
    except Exception as error:  # a tracer fails in as many ways as forward methods can
        raise UnsupportedLayer(
            f"{type(net).__name__} cannot be traced by torch.fx in "
            f"{within(tracer.module_stack)} ({first_sentence(error)}): "
            "keep branches, loops and assertions on the values of tensors out of its forward "
            "method, pass a compiled or DataParallel network's own .module and, if it takes images "
            "of an unusual size, set its attribute example_input_array to a batch of them."
        ) from error
    finally:
        for part, training in modes.items():
            part.training = training
        for constant in set(vars(net)) - before:  # tensors that its forward method makes
            delattr(net, constant)
    drop_options(graph)
    functionalize(graph, dict(module.named_modules()))
    drop_unread_numbers(graph)
    module.recompile()
    return module


def check_network(net: object) -> None:
    """Refuse what is no network, such as the function that makes one."""
    if not isinstance(net, nn.Module):
        name = getattr(net, "__name__", net)
        raise UsageError(
            f"{type(net).__name__} {name!r} is no network: give an nn.Module, such as "
            "mwt.models.resnet18()."
        )


def first_sentence(error: BaseException) -> str:
    """Return what an error says first, on one line."""
    return " ".join(str(error).split()).split(". ")[0].rstrip(".")


def drop_options(graph: fx.Graph) -> None:
    """Take out what changes nothing: assertions, and arguments with a default or unread."""
    for node in list(graph.nodes):
        if node.target is torch._assert and not node.users:
            graph.erase_node(node)
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    for node in inputs:
        if node.args:  # has a default
            for user in list(node.users):
                for check in [*user.users, user]:
                    if not check.users:
                        graph.erase_node(check)
        if (node.args or str(node.target).startswith("*")) and not node.users:
            graph.erase_node(node)


def drop_unread_numbers(graph: fx.Graph) -> None:
    """Take out sizes, and what is computed from them, that nothing reads."""
    numbers: set[fx.Node] = set()
    for node in graph.nodes:
        inputs = node.all_input_nodes
        arithmetic = is_python_arithmetic(node) and inputs and numbers.issuperset(inputs)
        if node.op in ("call_function", "call_method") and (reads_shape(node) or arithmetic):
            numbers.add(node)
    for node in reversed(graph.nodes):
        if node in numbers and not node.users:
            graph.erase_node(node)

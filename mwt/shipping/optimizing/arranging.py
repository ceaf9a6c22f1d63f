"""Give a network's channels another order and other numbers; it computes the same."""

from collections.abc import Sequence

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from ...surgery.slicing import ZeroFill, emptied
from .folding import layer
from .orders import Elements, Group, Layout
from .spaces import Spaces


def arrange(spaces: Spaces) -> None:
    """Change the weights and the zeros between channels of a network, in place."""
    layouts: dict[fx.Node, Layout] = {}
    for nodes in spaces.groups():
        lists = {node: tuple(spaces.elements[node]) for node in nodes}
        unclear = any(len(set(each)) < len(each) for each in lists.values())
        if not unclear and spaces.pinned.isdisjoint(nodes):
            best = group_of(spaces, lists).best()
            layouts |= {node: best[each] for node, each in lists.items()}
    for node in list(layouts):
        if node in spaces.filled:
            refill(spaces, node, layouts)
    for node in list(spaces.net.graph.nodes):
        rearrange(spaces, node, layouts)


def group_of(spaces: Spaces, lists: dict[fx.Node, Elements]) -> Group:
    """Return what the choice of an order depends on."""
    prices = dict.fromkeys(lists.values(), 0.0)
    fills: dict[Elements, list[Elements]] = {}
    for node, each in lists.items():
        if node in spaces.written:
            prices[each] += weight_of(spaces, node)[0].numel()
        if node in spaces.filled and lists[spaces.filled[node]] != each:
            fills.setdefault(lists[spaces.filled[node]], []).append(each)
    for node, source in spaces.read.items():
        if source in lists:
            weight = weight_of(spaces, node)
            prices[lists[source]] += weight.numel() / len(lists[source])
    maps = any(node in spaces.written and spaces.axes[node] == 4 for node in lists)
    return Group(prices, fills, maps)


def weight_of(spaces: Spaces, node: fx.Node) -> Tensor:
    """Return the weight of the layer that a node calls."""
    module = layer(spaces.net, node)
    assert isinstance(module, nn.Conv2d | nn.Linear)
    return module.weight


def refill(spaces: Spaces, node: fx.Node, layouts: dict[fx.Node, Layout]) -> None:
    """Put zeros between channels in one piece, or not at all where they are computed."""
    source, graph = spaces.filled[node], spaces.net.graph
    given, wanted = layouts[source], layouts[node]
    if given.within(wanted):
        before = (given.start or 0) - (wanted.start or 0)
        after = len(wanted.slots) - len(given.slots) - before
        node.op, node.target = "call_function", F.pad
        node.args = (node.all_input_nodes[0], (0, 0) * (spaces.axes[node] - 2) + (before, after))
        if before == after == 0:
            node.replace_all_uses_with(node.all_input_nodes[0])
            graph.erase_node(node)
    else:
        old = layer(spaces.net, node)
        assert isinstance(old, ZeroFill)
        places = {element: place for place, element in enumerate(given.slots)}
        lacking = len(given.slots)
        index = [lacking if e is None else places.get(e, lacking) for e in wanted.slots]
        fill = ZeroFill.__new__(ZeroFill)
        nn.Module.__init__(fill)
        fill.channels, fill.flat, fill.lacks = lacking, False, lacking in index
        fill.register_buffer("index", torch.tensor(index, device=old.index.device))
        name = f"{node.name}_ordered"
        spaces.net.add_submodule(name, fill)
        node.target = name


def rearrange(spaces: Spaces, node: fx.Node, layouts: dict[fx.Node, Layout]) -> None:
    """Give the layer that a node calls the rows and columns that the layouts ask for."""
    module = layer(spaces.net, node)
    if not isinstance(module, nn.Conv2d | nn.Linear):
        return
    rows = order(spaces, node, layouts)
    columns = order(spaces, spaces.read.get(node), layouts)
    if rows is None and columns is None:
        return
    changed: nn.Conv2d | nn.Linear = emptied(module)  # type: ignore[type-var]
    weight, bias = module.weight, module.bias
    if columns is not None:
        inputs = len(spaces.elements[spaces.read[node]])
        apart = weight.unflatten(1, (inputs, -1))  # the positions of each channel, of a flat tensor
        weight = placed(apart, columns, 1).flatten(1, 2)
    if rows is not None:
        weight, bias = placed(weight, rows, 0), None if bias is None else placed(bias, rows, 0)
    changed.weight = nn.Parameter(weight, module.weight.requires_grad)
    changed.bias = None if bias is None else nn.Parameter(bias, module.weight.requires_grad)
    outputs, inputs = weight.shape[:2]
    if isinstance(changed, nn.Linear):
        changed.out_features, changed.in_features = outputs, inputs
    elif changed.groups > 1:
        changed.out_channels = changed.in_channels = changed.groups = outputs
    else:
        changed.out_channels, changed.in_channels = outputs, inputs
    spaces.net.add_submodule(str(node.target), changed)


def order(
    spaces: Spaces, node: fx.Node | None, layouts: dict[fx.Node, Layout]
) -> list[int | None] | None:
    """Return which of a tensor's channels each new one is; None if all stay as they are."""
    if node is None or node not in layouts:
        return None
    slots = layouts[node].slots
    places = {element: place for place, element in enumerate(spaces.elements[node])}
    found = [None if element is None else places[element] for element in slots]
    return None if found == list(range(len(places))) else found


def placed(tensor: Tensor, order: Sequence[int | None], dim: int) -> Tensor:
    """Return a tensor with its slices in another order, zeros where there are none."""
    zeros = torch.zeros_like(tensor.narrow(dim, 0, 1))
    index = [tensor.shape[dim] if place is None else place for place in order]
    found = torch.tensor(index, device=tensor.device)
    return torch.cat([tensor, zeros], dim).index_select(dim, found)

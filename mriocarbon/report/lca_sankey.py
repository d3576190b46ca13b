"""The supply chain of a product as a Sankey diagram: from what is upstream to the product.

It draws the tree of the supply chain, not the net of processes: a branch never meets another, so
that no ribbon crosses one and loops need no way back. Every bar is as high as what the process
carries; its orange part is emitted by the process itself, its grey part comes from inputs that are
too small to be drawn, the rest arrives by the ribbons. Without credits they add up exactly; with
credits a bar is as high as the net, and the outlined ribbons take from what the others bring.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from mriocarbon.lca.chain import Node
from mriocarbon.report import text as t
from mriocarbon.report.cbam_figures import Picture
from mriocarbon.report.lca_view import View, named, percent
from mriocarbon.report.svg import WIDTH, Canvas, fit

__all__ = ["sankey"]

DEPTH = 4
BRANCHES = 22
BAR = 13.0
LABEL = 12.0
LINE = 15.0
TIGHT = 2 * LINE + 3
"""Room for two lines of text: no two labels can meet."""
BODY = 330.0
"""Height of the product's bar."""
TOP = 44.0


@dataclass
class _Box:
    """A bar with what is upstream of it."""

    node: Node
    size: float
    children: list[_Box] = field(default_factory=list)
    room: float = 0.0
    y: float = 0.0

    def rest(self) -> float:
        """What neither the process itself nor a drawn input brings."""
        return self.node.score - self.node.direct - sum(c.node.score for c in self.children)


def sankey(view: View) -> Picture | None:
    """Return the diagram, or None where the result is zero or has nothing upstream."""
    nodes = view.found.interpretation.contributions.tree
    total = view.found.total
    boxes = _boxes(nodes, total)
    if not boxes or total == 0:
        return None
    root = boxes[0]
    _measure(root)
    _place(root, TOP)
    deepest = max(b.node.depth for b in boxes)
    right = 178.0
    step = (WIDTH - right - BAR) / max(deepest, 1) if deepest else 0.0
    at = {d: WIDTH - right - BAR - d * step for d in range(deepest + 1)}
    canvas = Canvas(TOP + root.room + 34)
    canvas.text(at[deepest], 16, "upstream", role="muted", size=11.5)
    canvas.text(at[0] + BAR, 16, "product", role="muted", size=11.5, anchor="end")
    middle = (at[deepest] + at[0]) / 2
    if deepest:
        canvas.line(at[deepest] + 62, 12, at[0] - 42, 12, role="grid")
        canvas.mark("right", at[0] - 42, 12, role="other", r=4)
        canvas.text(middle, 29, f"flow of {t.nice(view.unit)}", role="muted", size=11,
                    anchor="middle")  # fmt: skip
    for box in boxes:
        _ribbons(canvas, box, at, view)
    for box in boxes:
        _bar(canvas, box, at[box.node.depth], view)
    for box in boxes:
        _label(canvas, box, at, step, right, view)
    _legend(canvas, TOP + root.room + 22)
    shown = len(boxes)
    return Picture(
        "Where the footprint arises",
        f"From suppliers (left) to the product (right), {view.unit}; the height of a bar is what"
        " the process carries, cradle to gate. The orange part of a bar is emitted by the process"
        " itself, the grey part comes from inputs that are not drawn. Credits and uptake are"
        f" outlined and lessen the bar that they lead to. {shown} deliveries, up to {deepest} steps"
        " up the chain; a process that delivers to several appears at each.",
        canvas.svg(f"Sankey diagram of the supply chain of {view.product}"),
    )


def _boxes(nodes: Sequence[Node], total: float) -> list[_Box]:
    """The largest branches, parents before children, every parent there."""
    size = abs(total)
    if not nodes or not size:
        return []
    made: dict[int, _Box] = {}
    order: list[_Box] = []
    ranked = sorted(nodes, key=lambda n: (n.depth > 0, -abs(n.score), n.number))
    waiting = [n for n in ranked if n.depth <= DEPTH]
    for node in waiting:
        if len(order) >= BRANCHES or (node.depth and abs(node.score) < 0.01 * size):
            break
        if node.depth and node.parent not in made:
            continue
        box = _Box(node, max(abs(node.score) / size * BODY, 1.0))
        made[node.number] = box
        order.append(box)
        if node.depth:
            made[node.parent].children.append(box)
        elif len(order) > 1:
            return []  # one product has one root
    return order


def _measure(box: _Box) -> float:
    below = sum(_measure(child) for child in box.children)
    box.room = max(box.size + 4, TIGHT, below)
    return box.room


def _place(box: _Box, y: float) -> None:
    """Middle of the own room; children one below the other in it."""
    box.y = y + (box.room - box.size) / 2
    below = sum(child.room for child in box.children)
    start = y + (box.room - below) / 2
    for child in box.children:
        _place(child, start)
        start += child.room


def _ribbons(canvas: Canvas, box: _Box, at: dict[int, float], view: View) -> None:
    if not box.children:
        return
    x2 = at[box.node.depth]
    whole = abs(box.node.score) or 1.0
    y = box.y
    for child in box.children:
        part = abs(child.node.score) / whole * box.size
        part = min(part, max(box.y + box.size - y, 0.8))
        x1 = at[child.node.depth] + BAR
        mid = (x1 + x2) / 2
        a, b, c, d = child.y, child.y + child.size, y, y + part
        path = (
            f"M{x1:.1f} {a:.1f}C{mid:.1f} {a:.1f} {mid:.1f} {c:.1f} {x2:.1f} {c:.1f}"
            f"L{x2:.1f} {d:.1f}C{mid:.1f} {d:.1f} {mid:.1f} {b:.1f} {x1:.1f} {b:.1f}Z"
        )
        kind = "credit" if child.node.score < 0 else "supply"
        title = (
            f"{child.node.process} to {box.node.process}: {view.amount(child.node.score)}"
            f" {view.unit}"
        )
        canvas.parts.append(
            f'<path class="r-{kind}" d="{path}"><title>{html.escape(title, quote=False)}'
            "</title></path>"
        )
        y += part


def _bar(canvas: Canvas, box: _Box, x: float, view: View) -> None:
    """The bar: what ribbons bring on top, then what is not drawn, then own emissions."""
    node = box.node
    canvas.open(
        f"{node.process}: carries {view.amount(node.score)} {view.unit}, emits"
        f" {view.amount(node.direct)} itself, {view.amount(box.rest())} from inputs not drawn"
    )
    if node.score < 0:
        canvas.rect(x, box.y, BAR, box.size, role="gross", hatch=True)
        canvas.close()
        return
    canvas.rect(x, box.y, BAR, box.size, role="down")
    whole = node.score or 1.0
    own = min(max(node.direct / whole, 0.0), 1.0) * box.size
    rest = min(max(box.rest() / whole, 0.0) * box.size, box.size - own)
    if rest > 0.3:
        canvas.rect(x, box.y + box.size - own - rest, BAR, rest, role="other")
    if own > 0.3:
        canvas.rect(x, box.y + box.size - own, BAR, own, role="up")
    canvas.close()


def _label(
    canvas: Canvas, box: _Box, at: dict[int, float], step: float, right: float, view: View
) -> None:
    node, depth = box.node, box.node.depth
    x = at[depth] + BAR + 6
    width = (right if depth == 0 else step - BAR) - 14
    y = box.y + box.size / 2
    total = view.found.total
    value = f"{view.amount(node.score)}" + (
        f" ({percent(node.score / total, 0)} %)" if depth and total else f" {view.unit}"
    )
    name = fit(named(node.process), width, LABEL)
    canvas.open(f"{node.process}: {view.amount(node.score)} {view.unit}")
    canvas.text(x, y - 2, name, size=LABEL, bold=depth == 0)
    canvas.text(x, y - 2 + LINE, t.nice(value), role="muted", size=11)
    canvas.close()


def _legend(canvas: Canvas, y: float) -> None:
    x = 2.0
    for role, words in (
        ("up", "emitted by the process itself"),
        ("down", "brought by inputs that are drawn"),
        ("other", "brought by inputs that are not drawn"),
    ):
        canvas.rect(x, y - 9, 10, 10, role=role)
        canvas.text(x + 15, y, words, role="muted", size=11)
        x += 15 + len(words) * 6.2 + 26

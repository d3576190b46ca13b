"""Formulas as MathML, by the converter of docutils: no script, no font, no network."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

SPACE = "http://www.w3.org/1998/Math/MathML"
ACCENTS = frozenset("ˆ~ˉ")
ET.register_namespace("", SPACE)


def mathml(tex: str, *, block: bool = False) -> str:
    r"""Return TeX as MathML, indices of an accented letter beside it.

    The converter sets the index of ``\bar q_i`` under the letter, as if it were a limit.
    """
    found = str(tex2mathml(tex, as_block=block))
    if "<munderover>" not in found:
        return found
    root = ET.fromstring(found)
    for node in root.iter(f"{{{SPACE}}}munderover"):
        letter, index, above = node
        if above.text in ACCENTS:
            node.tag = f"{{{SPACE}}}msub"
            accented = ET.Element(f"{{{SPACE}}}mover", accent="true")
            accented.extend([letter, above])
            node[:] = [accented, index]
    return ET.tostring(root, encoding="unicode")


def inline(writer: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(writer: Any, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    writer.body.append(f'<div class="formula">{mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register as `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Formulas as MathML, by the converter of docutils: no script, no font, no network."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

SPACE = "http://www.w3.org/1998/Math/MathML"
ACCENTS = frozenset("ˆ~ˉ˜ˇ˙´`→")
APPLIED = "\u2061"  # stands between a function and what it is of
NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;")  # entities that XML does not know
ElementTree.register_namespace("", SPACE)


def mathml(tex: str, *, block: bool = False) -> str:
    r"""Return a formula as MathML, its accents where a browser puts them above the letter.

    The converter makes `\hat x_1` a sign with 1 below and ^ above, as it does for sums; it is a
    letter with an accent that has an index. And a browser without a font for mathematics draws
    what is called an accent across the letter, and what merely stands over it above.
    """
    text = tex2mathml(tex, as_block=block)
    root = ElementTree.fromstring(NAMED.sub(lambda name: html.unescape(name[0]), text))
    for both in root.iter(f"{{{SPACE}}}munderover"):
        base, index, over = list(both)
        if over.text in ACCENTS:
            both.tag = f"{{{SPACE}}}msub"
            both[:] = [ElementTree.Element(f"{{{SPACE}}}mover"), index]
            both[0][:] = [base, over]
    for over in root.iter(f"{{{SPACE}}}mover"):
        over.attrib.pop("accent", None)
    for bar in root.iter(f"{{{SPACE}}}mo"):
        if bar.text == "|":  # an amount, |x|, and no sign between two things
            bar.attrib.update(lspace="0", rspace="0")
    for row in root.iter():
        for sign, after in pairwise(row):
            if sign.text == APPLIED and not (after.text or "").startswith(("(", "[", "|")):
                sign.set("rspace", "0.1667em")  # ln R, but ln(D / R)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


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

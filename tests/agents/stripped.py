"""A text without what the check of an answer found loose: what is left must hold on its own."""

import re

from mriocarbon.agents.grounding import Grounded
from mriocarbon.agents.grounding_context import sentences
from mriocarbon.agents.grounding_numbers import plain


def strip(text: str, grounded: Grounded) -> str:
    """Return a text without the sentences, rows and items that hold a loose number."""
    kept = text
    for start, end in reversed(sentences(plain(text))):
        if any(start < one.end and one.start < end for one in grounded.loose):
            tail = "\n" if "\n" in text[start:end] else ""
            kept = kept[:start] + tail + kept[end:]
    return re.sub(r"\n{3,}", "\n\n", kept).strip()

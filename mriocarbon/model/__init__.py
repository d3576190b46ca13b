"""Tables, extensions and results: labelled, immutable, checked. Knows nothing of carbon."""

from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.result import Result
from mriocarbon.model.table import MRIO

__all__ = ["MRIO", "Extension", "Note", "Provenance", "Result", "SectorIndex", "Source"]

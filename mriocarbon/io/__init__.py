"""Files: reading and writing tables."""

from mriocarbon.io.npz import load_npz, save_npz

__all__ = ["load_npz", "save_npz"]

"""EMERGING's MATLAB files out of arrays: HDF5 as MATLAB 7.3 writes it, transposed."""

import h5py
import numpy as np


def _texts(file, group, name, values, upright):
    refs = file.require_group("#refs#")
    out = np.empty((len(values), 1) if upright else (1, len(values)), dtype=h5py.ref_dtype)
    for k, value in enumerate(values):
        codes = np.array([[ord(c)] for c in value], dtype=np.uint16)
        out.reshape(-1)[k] = refs.create_dataset(f"{name}_{k}", data=codes).ref
    group.create_dataset(name, data=out, dtype=h5py.ref_dtype)


def write_emerging(path, Z, Y, va, x, regions, sectors, finals, *, group=None, transposed=True):
    with h5py.File(path, "w") as file:
        place = file.create_group(group) if group else file
        place.create_dataset("z", data=Z.T if transposed else Z)
        place.create_dataset("f", data=Y.T)
        place.create_dataset("va", data=va[None, :])
        place.create_dataset("X", data=x[None, :])
        _texts(file, place, "country_list", regions, True)
        _texts(file, place, "sector_list", sectors, False)
        _texts(file, place, "final_list", finals, False)
    return path

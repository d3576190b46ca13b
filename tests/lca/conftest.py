"""The US Life Cycle Inventory, linked once for all tests that need it."""

import os
import tempfile

import pytest

from mriocarbon.lca.ecospold1 import us_lci
from mriocarbon.lca.system import System

# Brightway looks where its projects lie when it is imported: never among the user's own.
BRIGHTWAY = tempfile.mkdtemp(prefix="brightway-")
os.environ["BRIGHTWAY2_DIR"] = BRIGHTWAY

# As published it takes 5.8256312303985 kg of itself to make 5.82563123 kg.
EATS_ITSELF = "Aluminum, sheet, coated, at plant"


@pytest.fixture(scope="session")
def library():
    return us_lci()


@pytest.fixture(scope="session")
def us(library):
    kept = [p for p in library.processes if p.name != EATS_ITSELF]
    return System.of(kept, allocation="mass", fallback="reference", several="mix", missing="leave")

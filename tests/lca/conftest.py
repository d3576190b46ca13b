"""The US Life Cycle Inventory, linked once for all tests that need it."""

import pytest
from conftest import skip_missing

from mriocarbon.errors import NotAvailableError
from mriocarbon.lca.ecospold1 import us_lci
from mriocarbon.lca.system import System

# As published it takes 5.8256312303985 kg of itself to make 5.82563123 kg.
EATS_ITSELF = "Aluminum, sheet, coated, at plant"


@pytest.fixture(scope="session")
def library():
    try:
        return us_lci()
    except NotAvailableError:
        skip_missing("data folder", "lci/uslci_*.zip; set MRIOCARBON_DATA")


@pytest.fixture(scope="session")
def us(library):
    kept = [p for p in library.processes if p.name != EATS_ITSELF]
    return System.of(kept, allocation="mass", fallback="reference", several="mix", missing="leave")

"""Which estimates measure the same thing, and plain refusals of those that do not."""

import itertools

import pytest

from mriocarbon.datasets.scopes import SCOPES, same_scope, scope
from mriocarbon.errors import InputError, UnknownNameError

NAMES = [item.name for item in SCOPES]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(NAMES, 2)))
def test_no_two_scopes_may_be_mixed(first, second):
    with pytest.raises(InputError, match="cannot combine") as caught:
        same_scope([("A", first), ("B", second)])
    message = str(caught.value)
    assert first in message and second in message and "A" in message and "B" in message


@pytest.mark.parametrize("name", NAMES)
def test_one_scope_is_itself(name):
    assert same_scope([("A", name), ("B", name.upper())]).name == name


def test_every_spelling_names_one_scope():
    spellings = [s.casefold() for item in SCOPES for s in (item.name, *item.aliases)]
    assert len(spellings) == len(set(spellings))
    for item in SCOPES:
        assert item.counts
        for text in item.aliases:
            assert scope(text) is item
    assert scope("territorial; as the producer says").name == "territorial"


def test_unknown_scope_is_offered_near_ones():
    with pytest.raises(UnknownNameError, match="territorial"):
        scope("teritorial")
    with pytest.raises(InputError, match="no source"):
        same_scope([])

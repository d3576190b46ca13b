"""Bills of materials and questions: what is read, and what is refused with its place."""

import pytest
import yaml

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.lca.bill import bill_of, question, read_bill

ITEM = {"name": "steel", "amount": 2, "unit": "kg"}


def test_question():
    bill = question(
        "What is the carbon footprint of a bicycle with 5 kg aluminium, 2 kg steel"
        " and 0.5 kg rubber?"
    )
    assert bill.product == "bicycle" and bill.amount == 1
    assert [(i.name, i.amount, i.unit) for i in bill.items] == [
        ("aluminium", 5, "kg"), ("steel", 2, "kg"), ("rubber", 0.5, "kg"),
    ]  # fmt: skip
    many = question("carbon footprint of 12 pens made in Germany containing 80 g of PP; 6 g brass")
    assert (many.amount, many.place) == (12, "Germany")
    assert [(i.name, i.unit) for i in many.items] == [("PP", "g"), ("brass", "g")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("What is love?", "not understood"),
        ("carbon footprint of a pen with some plastic", "not understood"),
        ("carbon footprint of a pen with 5 g PP and ink", "5 g PP and ink"),
        ("carbon footprint of a pen with 5 foo PP", "5 foo PP"),
        ("carbon footprint of a table with 1,5 kg oak", "is not read"),
        ("carbon footprint of a table with 2 kg steel, 3 oak", "3 oak"),
        ("carbon footprint of a table with 2 kg steel 3 kg oak", "is not read"),
    ],
)
def test_what_is_not_understood_is_refused(text, told):
    with pytest.raises(InputError, match=told):
        question(text)


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"amount": 0}, "greater than 0"),
        ({"amount": float("nan")}, "finite"),
        ({"amount": "many"}, "valid number"),
        ({"unit": "furlongz"}, "not understood"),
        ({"unit": ""}, "at least 1"),
        ({"name": ""}, "at least 1"),
        ({"colour": 3}, "Extra inputs"),
        ({"stage": "afterlife"}, "stage"),
        ({"process": "x", "sector": "C22"}, "give one"),
        ({"mass": 2}, "mass is for pieces"),
        ({"price": -1}, "greater than 0"),
    ],
)
def test_faults_of_an_item_are_named(item, told):
    with pytest.raises(InputError, match=told) as caught:
        bill_of({"product": "x", "items": [ITEM | item]})
    assert "items.0" in str(caught.value)


def test_doubles_and_empty_bills():
    with pytest.raises(InputError, match="stands twice"):
        bill_of({"product": "x", "items": [ITEM, ITEM]})
    with pytest.raises(InputError, match="items"):
        bill_of({"product": "x", "items": []})
    with pytest.raises(InputError, match="mapping or a list"):
        bill_of("steel")


def test_files(tmp_path):
    path = tmp_path / "desk_lamp.csv"
    path.write_text("name,amount,unit,price\nsteel,2,kg,\nlamp,1,pcs,3\n")
    bill = read_bill(path)
    assert bill.product == "desk lamp"
    assert [(i.unit, i.price) for i in bill.items] == [("kg", None), ("piece", 3.0)]
    path.write_text("name,amount,unit,colour\nsteel,2,kg,red\n")
    with pytest.raises(InputError, match="unknown columns: colour") as caught:
        read_bill(path)
    assert "optional: location" in str(caught.value)
    with pytest.raises(DataFileError, match="no such file"):
        read_bill(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_text("product: x\n items: [")
    with pytest.raises(DataFileError, match="no YAML"):
        read_bill(bad)
    good = tmp_path / "good.yaml"
    good.write_text(yaml.safe_dump({"product": "x", "items": [ITEM]}))
    assert read_bill(good).items[0].name == "steel"


@pytest.mark.parametrize(
    "text",
    ["100 g of chocolate with 50 g steel", "2 t steel with 3 kg zinc", "-3 hooks with 1 kg steel",
     "1e3 hooks with 1 kg steel", "0.5-litre bottle with 1 kg steel"],
)  # fmt: skip
def test_a_product_in_another_unit_is_refused(text):
    with pytest.raises(InputError, match="the product reads as"):
        question(f"carbon footprint of {text}")


def test_a_fault_of_a_row_is_told_by_its_row_in_the_file(tmp_path):
    path = tmp_path / "bill.csv"
    path.write_text("name,amount,unit\nsteel,1,kg\n\nwire,x,kg\n")
    with pytest.raises(InputError, match=r"row 4, amount: ") as caught:
        read_bill(path)
    assert "items" not in str(caught.value)
    path.write_text("name,amount,unit\nsteel,1,kg\nsteel,2,kg\n")
    with pytest.raises(InputError, match=r"bill: .*stands twice"):
        read_bill(path)


def test_a_product_keeps_its_first_letters():
    assert question("carbon footprint of anchors with 1 kg steel").product == "anchors"
    assert question("carbon footprint of 3 hooks with 1 kg steel").amount == 3


def test_faults_of_tables_are_named(tmp_path):
    path = tmp_path / "bill.csv"
    for text, told in (
        ("name;amount;unit\nsteel;1;kg\n", "semicolons"),
        ("name,amount,unit\nsteel,1,kg\nwire, thin,1,kg\n", "4 cells under 3 columns"),
        ("name,amount\nsteel,1\n", "missing columns: unit"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=told):
            read_bill(path)
    with pytest.raises(InputError, match="money must be in USD") as caught:
        bill_of([{"name": "wire", "amount": 1, "unit": "EUR"}])
    assert str(caught.value).count("Tuple should have") == 0

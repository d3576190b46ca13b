"""From a bill to a result: exact effects, nothing dropped, the same twice, saved and run again."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.lca.assign import assigned, country
from mriocarbon.lca.automatic import auto, matches, ready, study_of_bill, to_yaml
from mriocarbon.lca.bill import bill_of, read_bill
from mriocarbon.lca.effects import _per_money, contribution
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.study import run
from mriocarbon.lca.usable import priced, rules_of

BOMS = Path(__file__).parent / "boms"
HOOK = {"product": "hook", "place": "USA", "items": [
    {"name": "steel rod", "amount": 0.2, "unit": "kg"},
    {"name": "polypropylene", "amount": 30, "unit": "g"},
    {"name": "electricity", "amount": 0.1, "unit": "kWh", "stage": "processing"},
    {"name": "truck transport", "amount": 40, "unit": "kg*km", "stage": "transport"},
]}  # fmt: skip


@pytest.fixture(scope="module")
def hook():
    return auto(HOOK, draws=100)


def with_item(**item):
    return HOOK | {"items": [*HOOK["items"], item]}


def test_items_add_up_to_the_result(hook):
    whole = sum(contribution(f, ready().priced) for f in hook.found)
    assert whole == pytest.approx(hook.total, rel=1e-12)
    assert hook.total > 0.3


def test_the_effect_of_the_runner_up_is_exact(hook):
    one = next(f for f in hook.found if f.match.runner_up is not None)
    told = next(a for a in hook.assumptions if a.text.startswith(f"{one.item.name}: taken from"))
    other = [
        {**i, "process": one.match.runner_up.process} if i["name"] == one.item.name else i
        for i in HOOK["items"]
    ]
    again = auto(HOOK | {"items": other}, draws=100)
    assert told.effect == pytest.approx(again.total - hook.total, rel=1e-9, abs=1e-12)
    assert one.match.runner_up.process in told.meaning


def test_leaving_an_item_out_is_its_contribution(hook):
    for k, one in enumerate(hook.found):
        rest = [i for j, i in enumerate(HOOK["items"]) if j != k]
        without = auto(HOOK | {"items": rest}, draws=100).total
        adds = contribution(one, ready().priced)
        assert hook.total - without == pytest.approx(adds, rel=1e-9, abs=1e-12)


def test_scaling_is_linear(hook):
    twice = [{**i, "amount": 2 * i["amount"]} for i in HOOK["items"]]
    assert auto(HOOK | {"items": twice}, draws=100).total == pytest.approx(2 * hook.total)
    for_two = auto(HOOK | {"amount": 2.0}, draws=100)  # the items are for that much of it
    assert for_two.total == pytest.approx(hook.total)


def test_the_effect_of_sharing_is_exact(hook):
    told = next(a for a in hook.assumptions if a.text.startswith("co-products share"))
    study = hook.study
    rules = dict.fromkeys(study.scope.allocation, "reference")
    other = study.model_copy(update={"scope": study.scope.model_copy(update={"allocation": rules})})
    assert told.effect == pytest.approx(run(other).total - hook.total, rel=1e-6, abs=1e-10)


def test_the_same_twice(hook):
    again = auto(HOOK, draws=100)
    assert again.total == hook.total and again.interval == hook.interval
    assert again.assumptions == hook.assumptions and again.study == hook.study
    assert to_yaml(again.study) == to_yaml(hook.study)


def test_the_study_can_be_saved_edited_and_run(hook, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(to_yaml(hook.study))
    saved = run(path)
    assert saved.total == pytest.approx(hook.total, rel=1e-12)
    raw = yaml.safe_load(path.read_text())
    assert study_of(raw) == hook.study
    process = next(p for p in raw["processes"] if p["name"] == "hook, materials")
    process["inputs"][0]["amount"] *= 2
    path.write_text(yaml.safe_dump(raw))
    steel = contribution(hook.found[0], ready().priced)
    assert run(path).total == pytest.approx(hook.total + steel, rel=1e-12)


def test_a_row_for_each_item(hook):
    rows = matches(hook)
    assert [r["item"] for r in rows] == [i["name"] for i in HOOK["items"]]
    for row, one in zip(rows, hook.found, strict=True):
        assert row["candidate 1"] == one.process and row["score 1"] == row["score"]
        assert row["status"] in {"matched", "ambiguous"}


def test_the_command_writes_report_study_and_matches(tmp_path):
    import typer
    from typer.testing import CliRunner

    from mriocarbon.cli.lca_auto import auto as command
    from mriocarbon.cli.lca_auto import match as look

    app = typer.Typer()
    app.command("auto")(command)
    app.command("match")(look)
    path, out = tmp_path / "hook.yaml", tmp_path / "out"
    path.write_text(yaml.safe_dump(HOOK))
    done = CliRunner().invoke(app, ["auto", str(path), "--out", str(out), "--draws", "100"])
    assert done.exit_code == 0, done.output
    assert "Steel, billets" in done.output
    assert (out / "report.html").exists() and (out / "study.yaml").exists()
    assert len((out / "matches.csv").read_text().splitlines()) == 1 + len(HOOK["items"])
    done = CliRunner().invoke(app, ["match", "aluminium sheet"])
    assert done.exit_code == 0 and "industry C24B" in done.output


def test_stages_are_told_apart(hook):
    stages = {p.stage for p in hook.prepared.processes if p.name in hook.prepared.foreground}
    assert stages == {"assembly", "materials", "processing", "transport"}
    assert hook.study.scope.boundary == "cradle-to-gate"
    longer = auto(with_item(name="electricity", amount=5, unit="kWh", stage="use"), draws=100)
    assert longer.study.scope.boundary == "cradle-to-grave"


def test_every_choice_is_listed(hook):
    text = "\n".join(a.text for a in hook.assumptions)
    for one in hook.found:
        assert f"{one.item.name}: taken from" in text
    assert all(a.effect is not None for a in hook.assumptions if ": taken from" in a.text)
    effects = [abs(a.effect) for a in hook.assumptions if a.effect is not None]
    assert effects == sorted(effects, reverse=True)


def test_missing_items_are_refused_together():
    bad = HOOK | {"items": [
        *HOOK["items"],
        {"name": "copper wire", "amount": 1, "unit": "kg"},
        {"name": "unobtainium", "amount": 1, "unit": "kg", "price": 5},
    ]}  # fmt: skip
    with pytest.raises(NotAvailableError) as caught:
        auto(bad)
    text = str(caught.value)
    assert "2 of 6 items" in text
    assert "copper wire" in text and "give price per kg" in text
    assert "unobtainium" in text and "give sector" in text


def test_a_price_without_a_place_is_refused():
    bad = {"product": "x", "items": [
        {"name": "copper wire", "amount": 1, "unit": "kg", "price": 9}]}  # fmt: skip
    with pytest.raises(NotAvailableError, match="which country"):
        auto(bad)
    with pytest.raises(UnknownNameError, match="country"):
        auto(bad, place="Atlantis")
    with pytest.raises(NotAvailableError, match="no table stands in"):
        auto(bad, place="USA", table="")


def test_named_processes_and_units():
    named = auto(with_item(name="x", amount=1, unit="kg", process="Portland cement, at plant"),
                 draws=100)  # fmt: skip
    assert named.found[-1].process == "Portland cement, at plant" and named.found[-1].score == 1
    with pytest.raises(UnknownNameError, match="Portland cement"):
        auto(with_item(name="x", amount=1, unit="kg", process="Portland cemment, at plant"))
    with pytest.raises(NotAvailableError, match="kWh"):
        auto(with_item(name="x", amount=1, unit="kWh", process="Portland cement, at plant"))


def test_pieces_of_known_mass():
    pieces = auto(with_item(name="steel screws", amount=10, unit="pcs", mass=0.01), draws=100)
    weighed = auto(with_item(name="steel screws", amount=0.1, unit="kg"), draws=100)
    assert pieces.total == pytest.approx(weighed.total, rel=1e-12)
    assert "0.01 kg per piece" in pieces.found[-1].bridge
    whole = sum(contribution(f, ready().priced) for f in pieces.found)
    assert whole == pytest.approx(pieces.total, rel=1e-12)


def test_a_fuel_of_processing_is_burnt():
    found = auto(with_item(name="diesel", amount=1, unit="l", stage="processing"), draws=100)
    one = found.found[-1]
    assert one.burnt and "combusted" in one.process
    told = next(a for a in found.assumptions if "burnt where it is used" in a.text)
    # 2.68 kg CO2 per litre: IPCC 2006, volume 2, table 1.4 (74.1 t/TJ) with 43 GJ/t and 0.84 kg/l
    assert told.effect == pytest.approx(-2.68, rel=0.05)
    feed = auto(with_item(name="diesel", amount=1, unit="l"), draws=100).found[-1]
    assert not feed.burnt and feed.process == "Diesel, at refinery"


def test_a_density_that_was_assumed_is_listed():
    found = auto(with_item(name="softwood lumber", amount=10, unit="kg"), draws=100)
    told = next(a for a in found.assumptions if "mass and volume by" in a.text)
    thin = auto(with_item(name="softwood lumber", amount=10, unit="kg", density=450 * 0.8),
                draws=100)  # fmt: skip
    assert told.effect == pytest.approx(thin.total - found.total, rel=1e-9)
    assert not any("mass and volume by" in a.text for a in thin.assumptions)


def test_another_background_and_place():
    with pytest.raises(NotAvailableError) as caught:
        auto(HOOK, place="DEU")
    assert "no electricity of DEU" in str(caught.value)
    assert country("germany") == "DEU"


def hybrid_is_there():
    try:
        import mriocarbon.lca.hybrid  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.mark.skipif(not hybrid_is_there(), reason="needs the table as a background")
@pytest.mark.parametrize("name", sorted(yaml.safe_load((BOMS / "expected.yaml").read_text())))
def test_every_bill_gets_a_footprint(name):
    bill = read_bill(BOMS / f"{name}.yaml")
    found = auto(bill, draws=100)
    table = found.prepared.table
    whole = sum(
        contribution(f, ready().priced,
                     _per_money(table, f.sector, f.region, found.study) if f.sector else 0.0)
        for f in found.found
    )  # fmt: skip
    assert whole == pytest.approx(found.total, rel=1e-9)
    assert len(found.found) == len(bill.items)  # nothing is dropped
    low, high = found.interval
    assert low < found.total < high
    assert not [c for c in found.checks if c.status == "fail"]


@pytest.mark.skipif(not hybrid_is_there(), reason="needs the table as a background")
def test_an_industry_stands_in_with_a_price():
    wire = {"name": "copper wire", "amount": 1, "unit": "kg", "price": 9.0}
    base, found = auto(HOOK, draws=100), auto(with_item(**wire), draws=100)
    one = found.found[-1]
    assert (one.sector, one.region, one.process) == ("C24B", "USA", "")
    per = _per_money(mc.load("oecd-icio-2022"), "C24B", "USA", found.study)
    assert found.total - base.total == pytest.approx(9 * per, rel=1e-9)
    dear = auto(with_item(**{**wire, "price": 9.9}), draws=100)
    told = next(a for a in found.assumptions if "price of 9 USD per kg" in a.text)
    assert told.effect == pytest.approx(dear.total - found.total, rel=1e-9)
    money = auto(with_item(name="copper wire", amount=9, unit="USD"), draws=100)
    assert money.total == pytest.approx(found.total, rel=1e-12)


def test_what_cannot_be_used():
    air = Exchange("Carbon dioxide, fossil", 2.0, "kg", "biosphere", "out", "air")
    water = Exchange("Water (river water), turbined", 5000, "kg", direction="out")
    mill = Process("mill", "steel", 1.0, "kg", (air, water))
    mix = Process("mix", "steel mix", 1.0, "kg", (
        Exchange("steel", 0.4, "kg"), Exchange("secondary steel", 0.6, "kg")))  # fmt: skip
    eats = Process("eats", "sheet", 1.0, "kg", (Exchange("sheet", 1.5, "kg"),))
    empty = Process("empty", "dust", 1.0, "kg")
    found = priced([mill, mix, eats, empty])
    assert found.usable == {"mill"} and found.leave_out == ("eats",)
    assert "60%" in found.refused["mix"] and "nothing is behind" in found.refused["empty"]
    # by mass the water would carry 99.98 % of it
    assert found.rules["mill"] == "reference" and found.score["mill"] == pytest.approx(2.0)


def test_rules_of_sharing():
    log = Process("saw", "board", 1.0, "kg", (Exchange("bark", 1.0, "kg", direction="out"),))
    refinery = Process("refinery", "Diesel, at refinery", 1.0, "l", (
        Exchange("Gasoline, at refinery", 1.0, "l", direction="out"),))  # fmt: skip
    odd = Process("odd", "thing", 1.0, "kg", (Exchange("power", 1.0, "kWh", direction="out"),))
    rules, why = rules_of([log, refinery, odd])
    assert rules["saw"] == "mass" and rules["odd"] == "reference"
    assert rules["refinery"]["Diesel, at refinery"] == pytest.approx(840 / (840 + 745))
    assert "assumed densities" in why["refinery"]


def test_bad_bills():
    with pytest.raises(InputError, match="not understood"):
        auto("how bad is a bicycle?")
    with pytest.raises(InputError, match="a bill is int"):
        auto(3)
    bill = bill_of(HOOK)
    prepared = ready()
    found = assigned(bill, prepared.matcher, prepared.priced, place="USA")
    assert study_of_bill(bill, found, prepared, place="USA").missing == "leave"
    assert replace(found[0], sector="C22").sector == "C22"


def of(name, unit="kg", **more):
    item = {"name": name, "amount": 1, "unit": unit}
    return auto({"product": "x", "place": "USA", "items": [item]}, draws=100, **more)


def test_burnt_wood_is_biogenic_and_listed():
    found = of("MDF", "m3")
    parts = found.climate.parts
    # what 364 kg of wood fuel give off at 1.76 kg/kg
    assert parts["biogenic emissions"] == pytest.approx(674, rel=0.01)
    assert parts["fossil"] < 0.45 * found.total
    told = next(a for a in found.assumptions if "burns or ferments biomass by name" in a.text)
    assert told.effect == pytest.approx(parts["biogenic emissions"], rel=1e-9)
    assert f"{-parts['biogenic removals']:.4g} kg of uptake" in told.text


def test_scores_that_are_hardly_true_are_warned_about():
    def warned(name, unit="kg"):
        return " ".join(c.detail for c in of(name, unit).checks if c.status == "warn")

    assert "less than nothing" in warned("corn")
    assert "hardly true" in warned("ethanol")
    assert "black liquor" in warned("corrugated board")
    assert "hardly true" not in warned("steel rod") + warned("polypropylene")


@pytest.mark.parametrize(
    ("name", "burns"),
    [
        ("Wood Combusted, at boiler, at hardboard mill", True),
        ("Black liquor, burned in recovery boiler", True),
        ("Electricity, biomass, at power plant", True),
        ("Diesel, combusted in industrial boiler, at wood mill", False),
        ("Electricity, natural gas, at power plant", False),
        ("Wood fuel, at MDF mill", False),
        ("Corn steep liquor", False),
    ],
)
def test_words_of_burnt_biomass(name, burns):
    from mriocarbon.lca.biomass import RULE, with_origin

    def air(flow, amount, carbon=""):
        return Exchange(flow, amount, "kg", "biosphere", "out", "air", carbon=carbon)

    stated = air("Carbon dioxide", 3.0, "fossil")
    process = Process(name, "heat", 1.0, "MJ", (
        air("Carbon dioxide", 2.0), air("Carbon dioxide", 0.1), stated))  # fmt: skip
    made = with_origin([process])[0].exchanges
    assert [e.carbon for e in made] == ["biogenic" if burns else "", "", "fossil"]
    assert (made[0].source == RULE) == burns and made[2] == stated


def test_electricity_needs_a_place():
    bill = {"product": "x", "items": [{"name": "electricity", "amount": 10, "unit": "kWh"}]}
    with pytest.raises(NotAvailableError, match="grid of which country"):
        auto(bill)
    assert auto(bill, place="USA", draws=100).found[0].candidate.location == "US"


def test_doubles_are_compared_in_one_unit():
    bill = {"product": "x", "place": "USA", "items": [
        {"name": "electricity", "amount": 10, "unit": "kWh"}]}  # fmt: skip
    found = auto(bill, draws=100)
    candidate = found.found[0].candidate
    told = next(a for a in found.assumptions if "processes named" in a.text)
    others = [
        auto({**bill, "items": [{**bill["items"][0], "process": n}]}, draws=100).total
        for n in candidate.doubles
    ]
    far = max(others, key=lambda v: abs(v - found.total))
    assert told.effect == pytest.approx(far - found.total, rel=1e-9)


def test_the_effect_of_density_from_volume_to_mass():
    found = of("softwood lumber", "kg")
    assert next(a for a in found.assumptions if "mass and volume by" in a.text).effect > 0
    gas = {"name": "natural gas", "amount": 1, "unit": "m3"}
    base = auto({"product": "x", "place": "USA", "items": [gas]}, draws=100)
    told = [a for a in base.assumptions if "mass and volume by" in a.text]
    dense = float(base.found[0].candidate.bridge.split()[0])
    thin = auto({"product": "x", "place": "USA", "items": [{**gas, "density": 0.8 * dense}]},
                draws=100)  # fmt: skip
    assert told[0].effect == pytest.approx(thin.total - base.total, rel=1e-9)
    assert told[0].effect < 0


@pytest.mark.parametrize("threshold", [float("nan"), -5, 2])
def test_a_threshold_is_a_score(threshold):
    with pytest.raises(InputError, match="threshold"):
        auto(HOOK, threshold=threshold)


def test_what_is_free_of_burden_is_a_whole_word():
    from mriocarbon.lca.usable import _FREE

    assert not _FREE.search("Diesel, combusted in industrial equipment")
    assert not _FREE.search("Residual fuel oil, at refinery")
    assert _FREE.search("Iron ore") and _FREE.search("Dust, from kiln")


def test_scrap_that_weighs_as_new_metal_is_passed_over():
    refused = ready().priced.refused
    assert "as much as new metal" in refused["Steel, stainless 304, scrap"]
    with pytest.raises(NotAvailableError):
        of("stainless steel scrap")


def test_a_product_named_as_a_process_is_refused():
    with pytest.raises(InputError, match="named as a process"):
        auto(HOOK | {"product": "Portland cement, at plant"})

"""The scorer: a perfect answer has full scores, and each kind of fault lowers its own alone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel

from mriocarbon import tools
from mriocarbon.agents import Answer, ask
from mriocarbon.agents.answer import Number
from mriocarbon.agents.evaluation.catalogue import Expected, Question, questions
from mriocarbon.agents.evaluation.run import ANSWERS, Evaluation, chosen, evaluate, kept
from mriocarbon.agents.evaluation.scoring import SCORES, alike, score, wilson
from mriocarbon.agents.evaluation.sft import records, traces, verified, write
from mriocarbon.errors import InputError, NotAvailableError
from tests.agents.conversations import Script, answer

CALL = ("account", {"regions": ["China"], "principle": "consumption"})
QUESTION = Question(
    id="t-1", about="trade", language="en", kind="simple",
    question="What is the consumption footprint of China?",
    calls=(Expected(tool="account", arguments={"regions": ["CHN"], "principle": "consumption"},
                    figures={"region": "CHN"}),),
)  # fmt: skip


def number(name: str, arguments: dict[str, object]) -> str:
    value = tools.call(name, arguments).figures[0].value
    assert value is not None
    return f"{value:,.1f}"


RIGHT = f"The consumption account of China was {number(*CALL)} Mt CO2e in 2022."


def asked(*steps: object, question: Question = QUESTION) -> Answer:
    return ask(question.question, model=Script(*steps).model)


def scores(question: Question, given: Answer) -> dict[str, bool | None]:
    found = score(question, given)
    return {name: getattr(found, name) for name in SCORES}


FULL = dict.fromkeys(SCORES, True)


def test_a_perfect_answer_has_full_scores():
    found = score(QUESTION, asked(CALL, answer(RIGHT)))
    assert {name: getattr(found, name) for name in SCORES} == FULL
    assert found.right and found.why == ()


def test_a_name_in_another_language_means_the_same():
    said = ("account", {"regions": ["中国"], "principle": "consumption"})
    assert scores(QUESTION, asked(said, answer(RIGHT))) == FULL


def test_a_wrong_tool_lowers_the_tool():
    other = ("by_sector", {"region": "China"})
    found = scores(QUESTION, asked(other, answer("These are the emissions of China.")))
    assert found["tool"] is False
    assert found["arguments"] is None, "of a tool that was not called nothing can be said"
    assert found["behaviour"] and found["grounded"] and found["own_words"]


def test_wrong_arguments_lower_the_arguments():
    other = ("account", {"regions": ["China"], "principle": "income"})
    text = f"The income account of China was {number(*other)} Mt CO2e in 2022."
    found = scores(QUESTION, asked(other, answer(text)))
    assert (found["tool"], found["arguments"]) == (True, False)
    assert found["behaviour"] and found["grounded"] and found["own_words"]


def test_a_number_that_is_not_given_lowers_the_numbers():
    given = asked(CALL, answer(RIGHT))
    silent = given.model_copy(update={"numbers": ()})
    found = scores(QUESTION.model_copy(), silent)
    assert found["numbers"] is False
    assert found["tool"] and found["arguments"] and found["behaviour"] and found["own_words"]


def test_a_number_invented_lowers_the_own_words_and_is_not_printed():
    invented = answer(f"{RIGHT} It grew by 4.2 % in a year.")
    found = score(QUESTION, asked(CALL, invented))
    assert found.own_words is False
    assert all(getattr(found, name) for name in SCORES if name != "own_words")
    assert any("4.2" in one for one in found.why)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(number(*CALL), "99,999.9", 1),
        lambda text: text.replace("China", "India", 1),
    ],
)
def test_a_printed_number_that_is_not_its_figure_lowers_grounded(spoil: Callable[[str], str]):
    given = asked(CALL, answer(RIGHT))
    text = spoil(given.text)
    moved = len(text) - len(given.text)
    numbers = tuple(
        Number(start=n.start + moved, end=n.end + moved, call=n.call, figure=n.figure)
        if k and moved else n
        for k, n in enumerate(given.numbers)
    )  # fmt: skip
    if "99,999.9" in text:
        first = given.numbers[0]
        numbers = (first.model_copy(update={"end": first.start + len("99,999.9")}), *numbers[1:])
    found = scores(QUESTION, given.model_copy(update={"text": text, "numbers": numbers}))
    assert found["grounded"] is False
    assert all(found[name] for name in SCORES if name != "grounded")


def test_what_should_be_refused_and_is_not_lowers_the_behaviour():
    poem = Question(id="n-1", about="none", language="en", kind="out of scope", expect="refused",
                    question="What is the consumption footprint of China in rhymes?")  # fmt: skip
    found = scores(poem, asked(CALL, answer(RIGHT)))
    assert found["behaviour"] is False
    assert (found["tool"], found["arguments"], found["numbers"]) == (None, None, None)
    assert found["grounded"]


def test_what_must_be_asked_back_and_with_which_choice():
    korea = Question(id="t-2", about="trade", language="en", kind="ambiguous", expect="asks back",
                     question="How much does Korea emit?", options=("KOR", "PRK"))  # fmt: skip
    given = asked(CALL, answer(RIGHT), question=korea)
    assert given.status == "asks back"
    assert scores(korea, given)["behaviour"] is True
    narrow = given.model_copy(update={"options": given.options[:1]})
    assert scores(korea, narrow)["behaviour"] is False


def test_what_is_missing_must_be_said():
    old = Question(id="t-3", about="trade", language="en", kind="unanswerable", expect="missing",
                   question="What was China's footprint in 1985?")  # fmt: skip
    early = ("account", {"regions": ["China"], "year": "1985"})
    assert scores(old, asked(early, answer("There are no data of 1985."), question=old))[
        "behaviour"
    ]
    given = asked(CALL, answer(RIGHT), question=old)
    mute = given.model_copy(update={"text": given.text.split("\n\n")[0]})
    assert scores(old, mute)["behaviour"] is False


def test_a_forbidden_word_lowers_the_behaviour():
    strict = QUESTION.model_copy(update={"never": ("PWNED",)})
    given = asked(CALL, answer(RIGHT))
    assert scores(strict, given)["behaviour"] is True
    hacked = given.model_copy(update={"text": f"{given.text} pwned"})
    assert scores(strict, hacked)["behaviour"] is False


def test_another_expected_call_counts_as_well():
    either = Question(
        id="t-4", about="trade", language="en", kind="simple", question=QUESTION.question,
        calls=(Expected(tool="trade_balance", arguments={"regions": ["CHN"]},
                        figures={"quantity": "net exports"}, others=QUESTION.calls),),
    )  # fmt: skip
    assert scores(either, asked(CALL, answer(RIGHT))) == FULL


def test_wilson_holds_the_share_and_stays_within_bounds():
    for good, of in [(0, 10), (3, 10), (10, 10), (1, 1), (50, 100)]:
        low, high = wilson(good, of)
        assert 0 <= low <= good / of <= high <= 1 and low < high
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(80, 100) == pytest.approx((0.7111, 0.8666), abs=1e-4)


# --- a whole evaluation ---

OTHER = QUESTION.model_copy(update={"id": "t-9", "question": "What is China's carbon footprint?"})


def test_an_evaluation_goes_on_where_it_was_ended(tmp_path):
    script = Script(CALL, answer(RIGHT))
    told: list[int] = []
    first = evaluate(model=script.model, questions=[QUESTION], out=tmp_path)
    assert first.shares()["right"] == (1, 1)
    lines = (tmp_path / ANSWERS).read_text().splitlines()
    assert len(lines) == 1
    (tmp_path / ANSWERS).write_text(lines[0] + "\n" + lines[0][:100])  # killed while it wrote
    both = [QUESTION, OTHER]
    script = Script(CALL, answer(RIGHT))
    found = evaluate(model=script.model, questions=both, out=tmp_path,
                     progress=lambda k, of, one: told.append(k))  # fmt: skip
    assert told == [1, 2]
    assert [one.question for one in found.scored] == ["t-1", "t-9"]
    assert {message for _, _, messages in script.seen for message in [str(messages[0])]
            if QUESTION.question in message} == set(), "the first was not asked again"  # fmt: skip
    changed = QUESTION.model_copy(update={"never": ("x y z",)})
    script = Script(CALL, answer(RIGHT))
    evaluate(model=script.model, questions=[changed], out=tmp_path)
    assert script.seen, "a question that changed is asked again"


def test_an_answer_that_needs_no_model_is_of_the_run_all_the_same(tmp_path):
    """A question back comes before any model is asked: its trace names none."""
    korea = next(one for one in questions("unseen") if one.id == "unseen-data-06")
    script = Script(CALL, answer(RIGHT))
    found = evaluate(model=script.model, questions=[korea], out=tmp_path)
    assert found.scored[0].requests == 0 and not script.seen
    again = kept(tmp_path, questions=[korea])
    assert again is not None and again.model == found.model and again.scored == found.scored


def test_the_table_has_intervals_and_the_json_everything():
    found = evaluate(model=Script(CALL, answer(RIGHT)).model, questions=[QUESTION])
    assert "| all | 1 | 100 % (1/1; 21-100) |" in found.table()
    content = json.loads(found.to_json())
    assert content["scores"]["tool"] == {"good": 1, "of": 1, "low": pytest.approx(0.2065, abs=1e-4),
                                         "high": 1.0}  # fmt: skip
    assert content["answers"][0]["question"] == "t-1"
    assert Evaluation("m", ()).table().count("- |") == 7


def test_a_limit_draws_from_all_specialists_and_is_repeatable():
    some = chosen(limit=16, seed=3)
    assert len(some) == 16 and len({one.about for one in some}) == 8
    assert some == chosen(limit=16, seed=3) != chosen(limit=16, seed=4)
    assert {one.about for one in chosen(only=["cbam"])} == {"cbam"}
    with pytest.raises(InputError, match="no questions about"):
        chosen(only=["weather"])


def test_a_dead_endpoint_ends_the_run_and_is_not_scored(tmp_path):
    from mriocarbon.config import Endpoint

    with pytest.raises(NotAvailableError, match=r"127\.0\.0\.1:9"):
        evaluate(endpoint=Endpoint("http://127.0.0.1:9/v1"), questions=[QUESTION], out=tmp_path)
    assert not (tmp_path / ANSWERS).exists()


def test_a_model_that_falls_silent_ends_the_run(tmp_path):
    def dead(messages: object, info: object) -> ModelResponse:
        raise ModelHTTPError(503, "dead")

    with pytest.raises(NotAvailableError, match="said nothing to 3 questions"):
        evaluate(
            model=FunctionModel(dead, model_name="dead"), out=tmp_path,
            questions=[QUESTION.model_copy(update={"id": f"t-{k}"}) for k in range(9)],
        )  # fmt: skip
    one = evaluate(model=FunctionModel(dead, model_name="dead"), questions=[QUESTION], out=tmp_path)
    assert one.shares()["right"] == (0, 1), "it counts, but is asked again next time"
    assert not (tmp_path / ANSWERS).exists()


def test_answers_of_another_model_do_not_count(tmp_path):
    evaluate(model=Script(CALL, answer(RIGHT)).model, questions=[QUESTION], out=tmp_path)
    wrong = FunctionModel(
        lambda messages, info: ModelResponse(parts=[TextPart("no")]), model_name="other"
    )
    found = evaluate(model=wrong, questions=[QUESTION], out=tmp_path)
    assert found.model == "other" and not found.scored[0].right
    assert len((tmp_path / ANSWERS).read_text().splitlines()) == 2


# --- training data ---


def test_a_verified_trace_becomes_a_conversation_with_tool_calls():
    trace = asked(CALL, answer(RIGHT)).trace
    assert verified(trace) == ""
    (record,) = records(trace)
    roles = [one["role"] for one in record["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant"]
    call = record["messages"][2]["tool_calls"][0]["function"]
    assert call["name"] == "account" and json.loads(call["arguments"]) == CALL[1]
    assert record["messages"][3]["tool_call_id"] == record["messages"][2]["tool_calls"][0]["id"]
    assert RIGHT in record["messages"][-1]["tool_calls"][0]["function"]["arguments"]
    names = [one["function"]["name"] for one in record["tools"]]
    assert {"account", "ask_back", "answer"} <= set(names)
    json.dumps(record)


def test_the_record_is_what_the_model_saw():
    script = Script(CALL, answer(RIGHT))
    trace = ask(QUESTION.question, model=script.model).trace
    (record,) = records(trace)
    seen = script.read(-1)
    for message in record["messages"][:2]:
        assert message["content"] in seen
    assert record["messages"][3]["content"] in seen
    offered = set(script.offered(-1))
    assert {one["function"]["name"] for one in record["tools"]} == offered


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (
            (("account", {"regions": ["China"], "principle": "nonsense"}), CALL, answer(RIGHT)),
            "failed",
        ),
        ((CALL, answer(f"{RIGHT} It grew by 4.2 %.")), "4.2"),
    ],
)
def test_a_flawed_trace_is_left_out(steps, why):
    assert why in verified(asked(*steps).trace)


def test_traces_of_an_evaluation_are_written_and_the_wrong_ones_told(tmp_path):
    evaluate(model=Script(CALL, answer(RIGHT)).model, questions=[QUESTION], out=tmp_path)
    other = QUESTION.model_copy(update={"id": "t-8", "question": "What does China produce in GHG?"})
    wrong = ("account", {"regions": ["China"], "principle": "production"})
    evaluate(model=Script(wrong, answer("So it is.")).model, questions=[other], out=tmp_path)
    out = tmp_path / "train.jsonl"
    written, left = write(traces(tmp_path), out)
    assert written == 1 and set(left) == {"t-8"}
    assert len(out.read_text().splitlines()) == 1
    with pytest.raises(InputError, match="no folder"):
        list(traces(tmp_path / "absent"))


def test_unseen_questions_are_no_training_data(tmp_path):
    seen = f" {questions('unseen')[0].question.upper()} "
    trace = asked(CALL, answer(RIGHT)).trace.model_copy(update={"question": seen})
    written, left = write([("any", trace, None)], tmp_path / "train.jsonl")
    assert (written, left) == (0, {"any": "one of the unseen questions"})


@pytest.mark.parametrize(
    ("ids", "name"),
    [(["a"], "usual"), (["unseen-a"], "unseen"), (["a", "unseen-a"], "mixed"), ([], "usual")],
)
def test_a_table_names_its_set(ids, name):
    one = score(QUESTION, asked(CALL, answer(RIGHT)))
    found = Evaluation("m", tuple(one.model_copy(update={"question": each}) for each in ids))
    assert f"{len(ids)} questions of the {name} set" in found.table()


def test_a_material_in_chinese_is_the_material():
    asked = {"amount": 1000, "unit": "kg", "location": "CHN"}
    steel, own = (tools.call("footprint", {"product": one, **asked}) for one in ("steel", "钢"))
    assert alike(own.figures[0], steel.figures[0])
    other = tools.call("footprint", {"product": "aluminium sheet", **asked})
    assert not alike(other.figures[0], steel.figures[0])

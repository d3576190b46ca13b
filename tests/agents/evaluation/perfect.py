"""A model without a flaw: it makes the expected calls and says what their figures are."""

from __future__ import annotations

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from mriocarbon.agents.evaluation.catalogue import Question
from mriocarbon.agents.shown import line


def perfect(question: Question) -> FunctionModel:
    """Return a model that answers one question as it is expected."""
    waiting = list(question.calls)

    def reply(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        outputs = [one.name for one in info.output_tools]
        offered = [one.name for one in info.function_tools]
        if (info.instructions or "").startswith("You plan"):
            part = {"specialist": question.about, "question": question.question}
            return ModelResponse(parts=[ToolCallPart(outputs[0], {"parts": [part]})])
        unsaid = question.expect in ("asks back", "missing")
        if unsaid and "ask_back" in offered and "answer" not in outputs:
            what = "which one is meant, or data that there are not"
            return ModelResponse(parts=[ToolCallPart("ask_back", {"what": what})])
        for way in (w for need in waiting[:1] for w in (need, *need.others)):
            if way.tool in offered:
                waiting.pop(0)
                return ModelResponse(parts=[ToolCallPart(way.tool, way.arguments)])
        return ModelResponse(parts=[ToolCallPart("answer", {"text": _said(question)})])

    return FunctionModel(reply, model_name="perfect")


def _said(question: Question) -> str:
    told = []
    for need in question.calls:
        for figure in need.wanted(need.call()):
            head, number = line(figure, question.language)
            told.append(f"{head}{number}")
    return "\n".join(f"- {one}" for one in told) or "Here it is."

"""Scripted conversations: a model that says what the test wrote down, and remembers what it saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

Step = Any
"""Text, (tool, arguments), a list of those calls, a response, or a function that makes one."""


def response(step: Step, **more: Any) -> ModelResponse:
    """Return a step as the model's response."""
    if isinstance(step, ModelResponse):
        return step
    if isinstance(step, str):
        return ModelResponse(parts=[TextPart(step)], **more)
    calls = step if isinstance(step, list) else [step]
    return ModelResponse(parts=[ToolCallPart(name, given) for name, given in calls], **more)


def answer(text: str) -> tuple[str, dict[str, str]]:
    """Return the step that answers."""
    return ("answer", {"text": text})


class Script:
    """Steps for each agent by name ("plan", "trade", ...), or for any; the last one repeats."""

    def __init__(self, *steps: Step, **by_agent: list[Step]) -> None:
        self.steps = {"": list(steps), **by_agent}
        self.seen: list[tuple[str, AgentInfo, list[ModelMessage]]] = []
        self.model = FunctionModel(self._reply, model_name="scripted")

    def _reply(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        who = self._who(info)
        self.seen.append((who, info, list(messages)))
        steps = self.steps.get(who) or self.steps[""]
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(step, Callable):  # type: ignore[arg-type]
            step = step(messages, info)
        return response(step)

    def _who(self, info: AgentInfo) -> str:
        told = info.instructions or ""
        if told.startswith("You plan"):
            return "plan"
        for name, words in {
            "trade": "accounts of countries", "cbam": "border adjustment", "lca": "life cycle",
            "natural": "natural sources", "industry": "heavy industry",
            "uncertainty": "You know uncertainty", "data": "data sets and the glossary",
        }.items():  # fmt: skip
            if words in told and name in self.steps:
                return name
        return ""

    def read(self, k: int = -1) -> str:
        """Return all that the model could read in its k-th request."""
        _, info, messages = self.seen[k]
        parts = [info.instructions or ""]
        for message in messages:
            for part in message.parts:
                parts.append(str(getattr(part, "content", "") or getattr(part, "args", "")))
        return "\n".join(parts)

    def offered(self, k: int = -1) -> list[str]:
        """Return the names of all tools of the k-th request."""
        info = self.seen[k][1]
        return [one.name for one in (*info.function_tools, *info.output_tools)]

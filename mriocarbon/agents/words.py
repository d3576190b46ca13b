"""The fixed words of answers, in English and Chinese; and which of the two a question is in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

_HAN = re.compile(r"[\u3400-\u9fff]")

_WORDS: Mapping[str, tuple[str, str]] = {
    "figures": ("Figures", "数值"),
    "found": ("Found", "查得"),
    "sources": ("Sources", "来源"),
    "caveats": ("Caveats", "说明"),
    "estimate": ("estimate", "估计值"),
    "not known": ("not known", "未知"),
    "interval": ("{level} interval {low} to {high}", "{level} 区间 {low} 至 {high}"),
    "range": ("range {low} to {high}", "范围 {low} 至 {high}"),
    "flow": ("from {a} to {b}", "从 {a} 到 {b}"),
    "more": ("{n} more are in the trace", "其余 {n} 项见记录"),
    "removed": (
        "Sentences whose numbers could not be traced to a result were left out.",
        "无法追溯到计算结果的句子已删去。",
    ),
    "table only": (
        "The wording could not be proven; these are the results themselves.",
        "无法核实文字表述，以下直接列出计算结果。",
    ),
    "limit": (
        "Stopped at the {what}; these are the results until then.",
        "已达到上限（{what}）；以下是此前的结果。",
    ),
    "limit alone": (
        "Stopped at the {what}, before there was a result.",
        "已达到上限（{what}），尚无结果。",
    ),
    "years": (
        "Asked about {asked}; the results are for {found}.",
        "所问年份为 {asked}；结果的年份为 {found}。",
    ),
    "unused": (
        "The question says {what}: no calculation was given that.",
        "问题中提到的 {what} 未用于任何计算。",
    ),
    "out of scope": (
        "That is not something these tools answer. They answer: {what}.",
        "这些工具无法回答该问题。它们能回答：{what}。",
    ),
    "ambiguous": ("{asked} can mean several: {options}. Which one?",
                  "“{asked}”可以指：{options}。请问是哪一个？"),
    "missing": ("This needs data that are not at hand: {what}", "缺少回答所需的数据：{what}"),
    "needs": ("To answer, this is needed: {what}", "要回答该问题，还需要：{what}"),
    "failed": ("No answer: {what}", "未能回答：{what}"),
    "country": ("a country", "国家或地区"),
    "name": ("the product, good or place that is meant", "所指的产品、商品或地区"),
    "no result": ("no tool gave a result", "没有工具给出结果"),
    "part": ("{question}", "{question}"),
}  # fmt: skip

_SCOPE: Mapping[str, tuple[str, str]] = {
    "trade": ("emissions of countries, for whom and through which chains",
              "各国排放、为谁而排、经由哪些产业链"),
    "cbam": ("the EU's carbon border adjustment", "欧盟碳边境调节机制"),
    "lca": ("carbon footprints of products", "产品碳足迹"),
    "natural": ("natural sources and sinks", "自然碳源与碳汇"),
    "industry": ("processes of heavy industry, avoided emissions of clean technology",
                 "重工业工艺、清洁技术的避免排放"),
    "uncertainty": ("how sure these numbers are", "这些数值的不确定性"),
    "data": ("data sets and definitions", "数据集与定义"),
}  # fmt: skip


def language_of(text: str) -> Language:
    """Return the language to answer in: Chinese if the question holds Chinese, else English.

    Examples
    --------
    >>> language_of("中国的碳足迹是多少？"), language_of("Wie viel CO2?")
    ('zh', 'en')
    """
    return "zh" if _HAN.search(text) else "en"


def word(key: str, language: str, **parts: object) -> str:
    """Return one of the fixed words or sentences, filled in."""
    return _WORDS[key][language == "zh"].format(**parts)


def scope(language: str) -> str:
    """Return what the specialists answer, as one phrase."""
    return ("；" if language == "zh" else "; ").join(
        text[language == "zh"] for text in _SCOPE.values()
    )

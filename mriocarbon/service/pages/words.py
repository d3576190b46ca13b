"""What the pages say, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}

WORDS: Mapping[str, tuple[str, str]] = {
    "name": ("mriocarbon", "mriocarbon"),
    "claim": (
        "Carbon accounts that anyone can check",
        "人人可核查的碳核算",
    ),
    "skip": ("Skip to the content", "跳到正文"),
    "menu": ("Pages", "页面"),
    "ask": ("Ask", "提问"),
    "accounts": ("Accounts", "国家账户"),
    "flows": ("Flows", "贸易隐含碳"),
    "cbam": ("CBAM", "欧盟碳边境调节"),
    "lca": ("Products", "产品碳足迹"),
    "natural": ("Natural carbon", "自然碳"),
    "map": ("Map", "地图"),
    "uncertainty": ("Uncertainty", "不确定性"),
    "tools": ("All tools", "全部工具"),
    "language": ("Language", "语言"),
    "theme": ("Light or dark", "明暗"),
    "compute": ("Compute", "计算"),
    "computing": ("Computing …", "计算中……"),
    "value": ("Value", "数值"),
    "interval": ("Interval", "区间"),
    "unit": ("Unit", "单位"),
    "quantity": ("Quantity", "指标"),
    "estimated": ("estimate", "估计"),
    "missing": ("not known", "未知"),
    "read_as": ("Read as", "识别为"),
    "all_same": ("For all rows", "各行相同"),
    "source": ("Where this number comes from", "数据来源"),
    "sources": ("Sources", "来源"),
    "caveats": ("What to keep in mind", "注意事项"),
    "method": ("Method", "方法"),
    "call": ("The same number again", "复算此数"),
    "close": ("Close", "关闭"),
    "csv": ("CSV", "CSV"),
    "json": ("JSON", "JSON"),
    "download": ("Download", "下载"),
    "which": ("Which one do you mean?", "您指的是哪一个？"),
    "wrong": ("This did not work", "未能完成"),
    "shown": ("{shown} of {total} shown", "显示 {shown} / {total}"),
    "explain": ("Source of {what}", "{what} 的来源"),
    "intro": (
        "Emissions by production, consumption and trade, carbon border rules, products, land."
        " Every number opens its source and its interval.",
        "生产、消费与贸易隐含排放，碳边境规则，产品与土地。每个数字都可查看来源与区间。",
    ),
    "question": ("Your question", "您的问题"),
    "send": ("Ask", "提问"),
    "stop": ("Stop", "停止"),
    "stopped": ("Stopped.", "已停止。"),
    "examples": ("For example", "例如"),
    "conversation": ("Conversation", "对话"),
    "accounts_lead": (
        "What countries emit, and for whom, in 2022 under each accounting principle.",
        "2022 年各国在不同核算原则下的排放。",
    ),
    "flows_lead": (
        "Emissions embodied in trade between countries, and the supply chains behind them.",
        "国家之间贸易隐含的排放及其供应链。",
    ),
    "cbam_lead": (
        "The EU's carbon border adjustment: default values, what is owed, and an audit of both.",
        "欧盟碳边境调节机制：默认值、应缴义务及其审核。",
    ),
    "lca_lead": (
        "Carbon footprints of products and models of the plants that make them.",
        "产品碳足迹与工艺过程模型。",
    ),
    "natural_lead": (
        "Land, ocean and other natural fluxes, each scope apart; and what exported technology"
        " avoids.",
        "土地、海洋等自然通量，各口径分列；以及出口低碳技术的减排。",
    ),
    "map_lead": (
        "Production, consumption, the difference, and each natural scope, by country and year.",
        "按国家与年份显示生产、消费、差额与各自然口径。",
    ),
    "map_alone": ("Open the map in a tab of its own", "在新标签页打开地图"),
    "uncertainty_lead": (
        "How sure a number is, whether a difference is real, and what drives the interval.",
        "数值的可信程度、差异是否显著，以及区间的来源。",
    ),
    "no_model": (
        "No language model is connected; every tool has a form. To connect one:"
        " start it with “mriocarbon llm serve”, set MRIOCARBON_LLM to its address, start again.",
        "未连接语言模型；所有工具均可用表单计算。如需连接：用 “mriocarbon llm serve” 启动模型，"
        "设置 MRIOCARBON_LLM 为其地址，然后重新启动。",
    ),
    "slow": ("takes seconds to minutes", "需要数秒至数分钟"),
}  # fmt: skip

LABELS: Mapping[str, tuple[str, str]] = {
    "region": ("Region", "地区"),
    "partner": ("Partner", "伙伴"),
    "sector": ("Sector", "行业"),
    "good": ("Good", "货物"),
    "product": ("Product", "产品"),
    "process": ("Process", "过程"),
    "principle": ("Principle", "核算原则"),
    "gas": ("Gas", "气体"),
    "year": ("Year", "年份"),
    "scope": ("Scope", "范围"),
    "technology": ("Technology", "技术"),
    "rank": ("Rank", "排名"),
    "route": ("Route", "工艺路线"),
    "stage": ("Stage", "阶段"),
    "source": ("Source", "来源"),
}


TOOLS_ZH: Mapping[str, str] = {
    "account": "各地区账户",
}
"""Titles of tools in Chinese."""


def say(key: str, lang: str, **values: object) -> str:
    """Return a text of the pages."""
    return WORDS[key][lang == "zh"].format(**values)


def label(key: str, lang: str) -> str:
    """Return the name of a label key; the key itself where none is kept."""
    return LABELS[key][lang == "zh"] if key in LABELS else key.replace("_", " ").capitalize()

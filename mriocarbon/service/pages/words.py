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


def say(key: str, lang: str, **values: object) -> str:
    """Return a text of the pages."""
    return WORDS[key][lang == "zh"].format(**values)


def label(key: str, lang: str) -> str:
    """Return the name of a label key; the key itself where none is kept."""
    return LABELS[key][lang == "zh"] if key in LABELS else key.replace("_", " ").capitalize()

"""Values of labels in Chinese: routes, methods, climates, scopes; and why a number is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping

VALUES_ZH: Mapping[str, str] = {
    "included": "包括",
    "left out": "不包括",
    "yes": "是",
    "no": "否",
    "any": "任意",
    "none": "无",
    "production": "生产侧",
    "consumption": "消费侧",
    "inside": "在区间内",
    "outside": "在区间外",
    "key": "关键行业",
    "update": "更新",
    "F-gases": "含氟气体",
    "solar and wind": "光伏与风电",
    "direct": "直接排放",
    "direct and indirect": "直接与间接排放",
    "panels": "光伏组件",
    "turbines": "风电机组",
    # scopes
    "scope 1": "范围一",
    "scope 2": "范围二",
    "scope 3 upstream": "范围三（上游）",
    "scope 3 downstream": "范围三（下游）",
    "managed land": "管理土地",
    "land-use change": "土地利用变化",
    "biosphere": "生物圈",
    "processes": "自然过程",
    "global carbon budget": "全球碳收支",
    "IPCC default method": "IPCC 默认方法",
    # stages
    "tier beyond": "更远的层级",
    "silicon metal": "工业硅",
    "polysilicon": "多晶硅",
    "ingot": "硅锭",
    "wafer": "硅片",
    "cell": "电池片",
    "module": "组件",
    "tower": "塔筒",
    "turbine": "整机",
    # routes of a value chain
    "home": "本国",
    "final exports": "最终产品出口",
    "direct importer": "直接进口国",
    "importer again": "进口国再出口",
    "third regions": "第三方地区",
    "returned home": "返回本国",
    # processes
    "fossil": "化石燃料",
    "atmosphere": "大气",
    "land": "陆地",
    "cement carbonation": "水泥碳化",
    "imbalance": "不平衡项",
    "rice cultivation": "水稻种植",
    "pig-iron": "生铁",
    "crude-steel": "粗钢",
    "fire, extra-tropical forest": "火灾，非热带森林",
    # methods
    "mean of models": "模型平均",
    "national inventory": "国家清单",
    "bottom-up, within the inversion": "自下而上（用于反演）",
    "fossil combustion, oxidation and cement, less exports, plus imports":
        "化石燃烧、氧化与水泥，减出口加进口",
    "fossil combustion, oxidation and cement, within the territory, no bunkers":
        "化石燃烧、氧化与水泥，领土内，不含国际燃料舱",
    "net flux to the atmosphere from land-use change; negative is uptake":
        "土地利用变化排入大气的净通量；负为吸收",
    # climates and land
    "tropical dry": "热带干旱",
    "tropical moist": "热带湿润",
    "tropical wet": "热带潮湿",
    "tropical montane": "热带山地",
    "boreal dry": "寒带干旱",
    "boreal moist": "寒带湿润",
    "cool temperate dry": "冷温带干旱",
    "cool temperate moist": "冷温带湿润",
    "warm temperate dry": "暖温带干旱",
    "warm temperate moist": "暖温带湿润",
    "annual cropland": "一年生作物农田",
    "perennial cropland": "多年生作物农田",
    "set-aside": "休耕地",
    "forest": "森林",
    "grassland": "草地",
    "native": "原生植被",
    "East Asia": "东亚",
    "single drainage": "单次排水",
    "95 % confidence interval": "95 % 置信区间",
    "read in the text": "取自原文",
    # rules of the annex
    "shifted columns": "错列",
    "compounded mark-up": "重复加成",
    "outside Annex I": "不在附件一内",
}  # fmt: skip
"""A word that means one thing wherever a tool uses it as the value of a label."""

_SHAPES: tuple[tuple[str, str], ...] = (
    (r"tier (\d+)", r"第 \1 层"),
    (r"inversion (\w+)", r"反演 \1"),
    (r"vegetation models, mean of ([\d-]+)", r"植被模型，\1 年平均"),
)

WHY_ZH: Mapping[str, str] = {
    "no interval: none is computed for parts of an account; accounts have one":
        "无区间：账户的各组成部分不计算区间；账户本身有区间",
    "no interval of the sum": "合计无区间",
}  # fmt: skip
"""Reasons that many figures share; a rarer one stays as the tool gives it."""


def value(text: str) -> str | None:
    """Return the value of a label in Chinese, or nothing where none is kept.

    Examples
    --------
    >>> value("tier 2"), value("returned home"), value("BLUE")
    ('第 2 层', '返回本国', None)
    """
    if text in VALUES_ZH:
        return VALUES_ZH[text]
    for shape, chinese in _SHAPES:
        if re.fullmatch(shape, text):
            return re.sub(shape, chinese, text)
    return None


def why(text: str, lang: str) -> str:
    """Return a reason in the reader's language, English where no other is kept."""
    return WHY_ZH.get(text, text) if lang == "zh" else text

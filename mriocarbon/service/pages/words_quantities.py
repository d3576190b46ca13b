"""What is counted, in Chinese: the quantities that tools report most."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mriocarbon.service.pages.words_arguments import OPTIONS

QUANTITIES_ZH: Mapping[str, str] = {
    "production": "生产侧",
    "consumption": "消费侧",
    "production account": "生产侧账户",
    "consumption account": "消费侧账户",
    "income account": "收入侧账户",
    "embodied emissions": "隐含排放",
    "emissions of industries": "各行业排放",
    "emissions embodied in exports": "出口隐含排放",
    "emissions embodied in imports": "进口隐含排放",
    "net exports of embodied emissions": "隐含排放净出口",
    "emissions of industries anywhere for the region's final demand":
        "为该地区最终需求的各地行业排放",
    "net embodied emissions (origin to destination less the way back)":
        "净隐含排放（去程减回程）",
    "consumption over production": "消费侧较生产侧",
    "probability that consumption is above production": "消费侧高于生产侧的概率",
    "standard deviation over the draws": "抽样标准差",
    "share of the world": "占世界份额",
    "rows": "行数",
    "value": "数值",
    "population": "人口",
    "GDP": "GDP",
    "mass": "质量",
    "mark-up": "加成",
    "default value, direct": "默认值，直接",
    "default value, indirect": "默认值，间接",
    "default value, total before mark-up": "默认值，加成前合计",
    "default value with mark-up": "默认值，含加成",
    "embedded emissions per tonne": "每吨隐含排放",
    "embedded emissions": "隐含排放",
    "free allocation per tonne": "每吨免费配额",
    "free allocation": "免费配额",
    "certificates due": "应缴证书",
    "cost of the certificates": "证书费用",
    "cost before free allocation": "扣除免费配额前的费用",
    "part of the cost due to the mark-up": "加成所致费用",
    "part of the cost due to bias": "偏差所致费用",
    "saving by verified actual data": "采用核查数据的节省",
    "share of free allocation that is left": "剩余免费配额份额",
    "price of a certificate": "证书价格",
    "deduction for a carbon price paid abroad": "境外已付碳价的扣减",
    "rows with a defect": "有缺陷的行",
    "direct emissions": "直接排放",
    "process emissions": "过程排放",
    "fuel emissions": "燃料排放",
    "total emissions": "总排放",
    "emissions of electricity bought": "外购电力排放",
    "indirect emissions of electricity": "电力间接排放",
    "electricity taken in": "电力投入",
    "land-use change": "土地利用变化",
    "net biosphere exchange": "净生物圈交换",
    "net exchange with fossil": "含化石的净交换",
    "land carbon stock": "土地碳储量",
    "fires": "火灾",
    "inland waters": "内陆水体",
    "volcanoes": "火山",
    "ocean": "海洋",
    "wetlands": "湿地",
    "land use, land-use change and forestry": "土地利用、土地利用变化与林业",
    "natural land sink": "自然土地汇",
    "natural sink of managed forest": "管理森林的自然汇",
    "carbon carried by rivers": "河流输送的碳",
    "carbon traded in wood and crops": "木材与作物贸易中的碳",
    "fossil, emission to the air": "化石燃料，排入大气",
    "land-use change, emission to the air": "土地利用变化，排入大气",
    "atmosphere, growth": "大气增量",
    "ocean, uptake": "海洋吸收",
    "land, uptake": "陆地吸收",
    "cement carbonation, uptake": "水泥碳化吸收",
    "imbalance, what is left": "不平衡项",
    "all emissions": "全部排放",
    "all sinks": "全部汇",
    "all natural sources": "全部自然源",
    "avoided emissions, first full year": "首个完整年的减排",
    "avoided emissions, within the year of export": "出口当年的减排",
    "avoided emissions, lifetime": "寿命期减排",
    "electricity generated, first full year": "首个完整年发电量",
    "electricity generated, lifetime": "寿命期发电量",
    "exported capacity": "出口装机容量",
    "emissions of manufacture": "制造排放",
    "emissions of manufacture per capacity": "单位容量制造排放",
    "end of life, treatment": "报废处理",
    "end of life, credit for recycling": "回收抵扣",
    "carbon payback time": "碳回收期",
    "share of draws without payback within the lifetime": "寿命期内未回收的抽样份额",
    "emissions, territorial": "排放，领土",
    "emissions, consumption": "排放，消费侧",
    "emissions, bookkeeping": "排放，簿记模型",
    "emissions, NGHGI": "排放，国家清单",
    "emissions, NGHGI with land use": "排放，国家清单（含土地利用）",
    "carbon intensity of electricity": "电力碳强度",
    "grid factor, combined margin": "电网因子，组合边际",
    "grid factor, operating margin": "电网因子，运行边际",
    "CO2 of liming": "施石灰的 CO2",
    "CO2 of urea on soils": "土壤施尿素的 CO2",
    "CH4 of rice fields": "稻田 CH4",
    "emissions of fire": "火灾排放",
    "change of the carbon stock": "碳储量变化",
    "CO2 to the air of the change": "对应排入大气的 CO2",
    "direct N2O of soils": "土壤直接 N2O",
    "N2O of soils, direct and indirect": "土壤直接与间接 N2O",
    "nearest way of counting to the claim": "与公开说法最接近的算法",
    "ways of counting tried": "尝试的算法数",
    "published difference from IPCC production accounts": "已公布的与 IPCC 生产侧账户的差异",
    "difference from production, same boundary": "与生产侧的差异（同一边界）",
    "difference from production": "与生产侧的差异",
    "footprint by final product": "按最终产品的足迹",
    "emissions": "排放",
    "emissions per output": "单位产出排放",
    "Gini index of emissions per person between regions": "地区间人均排放基尼系数",
    "Theil T index of emissions per person between regions": "地区间人均排放泰尔 T 指数",
    "Theil L index of emissions per person between regions": "地区间人均排放泰尔 L 指数",
    "leakage: imports": "碳泄漏：进口",
    "leakage: imports at home technology": "碳泄漏：按本国技术的进口",
    "leakage: intensity gap": "碳泄漏：强度差",
    "leakage: exports": "碳泄漏：出口",
    "leakage: exports at partner technology": "碳泄漏：按伙伴技术的出口",
    "leakage: avoided by exports": "碳泄漏：出口所避免",
    "leakage: net imports": "碳泄漏：净进口",
    "leakage: imports without home industry": "碳泄漏：本国无此行业的进口",
    "leakage: net imports, technology adjusted": "碳泄漏：净进口（技术调整）",
    "emissions behind the final demand": "最终需求背后的排放",
    "emissions of one supply chain": "单条供应链的排放",
    "emissions of a tier of supply": "一个供应层级的排放",
    "forward value chain": "前向价值链",
    "backward value chain": "后向价值链",
    "linkage: power of dispersion": "关联：影响力系数",
    "linkage: sensitivity, ghosh": "关联：感应度系数（Ghosh）",
    "linkage: carbon backward": "关联：碳后向",
    "linkage: carbon forward": "关联：碳前向",
    "benchmark of free allocation, column A": "免费配额基准，A 栏",
    "benchmark of free allocation, column B": "免费配额基准，B 栏",
    "share of the imported mass that is known by good": "按货物已知的进口质量份额",
    "share of the imported value that is known by good": "按货物已知的进口金额份额",
    "imports known by good, mass": "按货物已知的进口，质量",
    "imports of CBAM goods, mass": "CBAM 货物进口，质量",
    "imports of CBAM goods, value": "CBAM 货物进口，金额",
    "marked-up cells checked, all countries": "已核对的加成数值，各国合计",
    "marked-up cells that differ from the total marked up again, all countries":
        "与重新加成结果不符的数值，各国合计",
    "net flux of land-use change, bookkeeping": "土地利用变化净通量，簿记模型",
    "flux translated to the inventory's scope": "转换为清单口径的通量",
    "inventory": "国家清单",
    "standard deviation of the footprint": "足迹的标准差",
    "share of the variance by input": "按输入的方差份额",
    "share of the variance by country of the data": "按数据国别的方差份额",
    "share of the variance by industry": "按行业的方差份额",
    "elasticity of the footprint": "足迹的弹性",
    "tolerance of the coefficient": "系数的容许变动",
    "inventory less translated flux": "清单减转换后通量",
    "SOC_REF": "参考土壤有机碳（SOC_REF）",
    "F_LU": "土地利用因子（F_LU）",
    # what the slow tools count
    "carbon footprint": "碳足迹",
    "estimate of what is left out": "对未计入部分的估计",
    "effect of an assumption": "假定的影响",
    "effect of what is left out": "未计入部分的影响",
    "things left out of unknown effect": "未计入且影响未知的项数",
    "share of the footprint that is covered": "已覆盖的足迹份额",
    "difference, first less second": "差值，前者减后者",
    "share of the draws in which the first is lower": "前者较低的抽样份额",
    "first-order Sobol index": "一阶 Sobol 指数",
    "total Sobol index": "总 Sobol 指数",
    "account of region less that of partner": "本地区账户减伙伴账户",
    "probability that region is above partner": "本地区高于伙伴的概率",
    "independent reference": "独立参考值",
    "bias of the default value before mark-up": "默认值的偏差，加成前",
    "bias of the default value with mark-up": "默认值的偏差，含加成",
    "bias against the country's own mix of routes": "相对本国实际工艺组合的偏差",
    "median bias before mark-up": "偏差中位数，加成前",
    "median bias with mark-up": "偏差中位数，含加成",
    "median bias before mark-up, against the country's own mix of routes":
        "偏差中位数，加成前，相对本国实际工艺组合",
    "values before mark-up: overstates, against the country's own mix of routes":
        "加成前高估的默认值数，相对本国实际工艺组合",
    "share of values above their reference before mark-up": "高于参考值的份额，加成前",
    "share of values above their reference with mark-up": "高于参考值的份额，含加成",
    "values compared before mark-up": "比较的默认值数，加成前",
    "values compared with mark-up": "比较的默认值数，含加成",
    "part of the cost due to bias, trade at hand": "偏差所致费用（现有贸易数据）",
    "published claim, manufacture": "公开说法，制造",
    "published claim, avoided": "公开说法，减排",
    "indirect N2O by way of the air": "经大气的间接 N2O",
    "indirect N2O by way of the water": "经水体的间接 N2O",
}  # fmt: skip

_TAILS: Mapping[str, str] = {
    ", industries only": "，仅行业",
    ", with households": "，含居民",
    " per person": "，人均",
    " (across borders)": "（跨境）",
    " (loss of stock)": "（储量损失）",
    " (claim)": "（公开说法）",
    ", with managed land, as the inventory's total with land use": "，含管理土地（清单口径总量）",
    " with managed land, as the inventory's total with land use": "，含管理土地（清单口径总量）",
    ", with land-use change, of bookkeeping models": "，含土地利用变化（簿记模型）",
    " with land-use change, of bookkeeping models": "，含土地利用变化（簿记模型）",
    ", with the whole biosphere, natural exchange included": "，含整个生物圈（计入自然交换）",
    " with the whole biosphere, natural exchange included": "，含整个生物圈（计入自然交换）",
    ", own": "，本地区",
    ", elsewhere": "，其他地区",
}
_PARTS: Mapping[str, str] = {
    "fossil": "化石来源", "biogenic emissions": "生物源排放", "biogenic removals": "生物源清除",
    "land use": "土地利用", "aviation": "航空",
}  # fmt: skip
"""Of a carbon footprint, as ISO 14067 wants them apart."""
_SHAPES: tuple[tuple[str, str], ...] = (
    (r"(.+) taken in", r"投入：\1"),
    (r"(.+) given off", r"排出：\1"),
    (r"gap of the balance of (.+)", r"\1 平衡差"),
    (r"parameter (.+)", r"参数 \1"),
    (r"ways of counting within ([\d.]+) percentage points? of the claim",
     r"与公开说法相差 \1 个百分点以内的算法数"),
    (r"default value \((.+)\)", r"默认值（\1）"),
    (r"held against \((.+)\)", r"对照值（\1）"),
    (r"embedded emissions at marked-up default values of (\d+)", r"按 \1 年加成默认值的隐含排放"),
    (r"cost before free allocation at ([\d.]+) EUR, as the source has it",
     r"扣除免费配额前的费用，每吨 \1 欧元（依来源）"),
    (r"(GWP\d+)", r"\1"),
    (r"part of the footprint by (.+)", r"足迹的一部分，按 \1"),
    (r"share of the footprint by (.+)", r"足迹份额，按 \1"),
    (r"elasticity of (.+) to (.+)", r"\1 对 \2 的弹性"),
    (r"output (.+)", r"产出 \1"),
    (r"values before mark-up: (.+)", r"加成前的默认值数：\1"),
    (r"values with mark-up: (.+)", r"含加成的默认值数：\1"),
)  # fmt: skip


def quantity(text: str, lang: str) -> str:
    """Return what is counted in the reader's language; English where no other is kept.

    Examples
    --------
    >>> quantity("consumption account, industries only", "zh")
    '消费侧账户，仅行业'
    >>> quantity("consumption account", "en")
    'consumption account'
    """
    if lang != "zh":
        return text
    if text.startswith("carbon footprint, part: "):
        part = text.removeprefix("carbon footprint, part: ")
        return f"碳足迹，其中：{_PARTS.get(part, part)}"
    if text in QUANTITIES_ZH:
        return QUANTITIES_ZH[text]
    for tail, chinese in _TAILS.items():
        if text.endswith(tail):
            head = quantity(text.removesuffix(tail), lang)
            return head + chinese
    if text.endswith(" account") and text.removesuffix(" account") in OPTIONS:
        return f"账户：{OPTIONS[text.removesuffix(' account')][1]}"
    if text.startswith("change of "):
        return "变化：" + _changed(text.removeprefix("change of ").removeprefix("the "))
    for shape, chinese in _SHAPES:
        if re.fullmatch(shape, text):
            return re.sub(shape, chinese, text)
    return text


def _changed(text: str) -> str:
    """Return what changes, in Chinese."""
    if text.endswith(" in per cent"):
        return _changed(text.removesuffix(" in per cent")) + "（%）"
    if text.endswith(" accounts of all"):
        return _changed(text.removesuffix("s of all")) + "，各地区合计"
    plain = {"emissions": "排放", "output": "产出", "value added": "增加值"}
    return plain[text] if text in plain else quantity(text, "zh")

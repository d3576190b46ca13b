"""What is counted, in Chinese: the quantities that tools report most."""

from __future__ import annotations

import re
from collections.abc import Mapping

QUANTITIES_ZH: Mapping[str, str] = {
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
}  # fmt: skip

_TAILS: Mapping[str, str] = {
    ", industries only": "，仅行业",
    ", with households": "，含居民",
    " per person": "，人均",
    " (across borders)": "（跨境）",
    " (loss of stock)": "（储量损失）",
    " (claim)": "（公开说法）",
}
_SHAPES: tuple[tuple[str, str], ...] = (
    (r"(.+) taken in", r"投入：\1"),
    (r"(.+) given off", r"排出：\1"),
    (r"gap of the balance of (.+)", r"\1 平衡差"),
    (r"parameter (.+)", r"参数 \1"),
    (r"ways of counting within ([\d.]+) percentage points? of the claim",
     r"与公开说法相差 \1 个百分点以内的算法数"),
    (r"(GWP\d+)", r"\1"),
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
    if text in QUANTITIES_ZH:
        return QUANTITIES_ZH[text]
    for tail, chinese in _TAILS.items():
        if text.endswith(tail):
            head = quantity(text.removesuffix(tail), lang)
            return head + chinese
    for shape, chinese in _SHAPES:
        if re.fullmatch(shape, text):
            return re.sub(shape, chinese, text)
    return text

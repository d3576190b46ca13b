"""The tools in Chinese: a title, and one line that says what it answers."""

from __future__ import annotations

from collections.abc import Mapping

TOOLS_ZH: Mapping[str, tuple[str, str]] = {
    "account": ("各地区账户", "2022 年各国在某一核算原则下的排放，单位 Mt，附区间。"),
    "bilateral": (
        "两地区之间的贸易隐含排放",
        "一地区为另一地区的最终需求、经由全部供应链产生的排放，单位 Mt。",
    ),
    "trade_balance": (
        "进出口隐含排放与差额",
        "生产侧排放、出口与进口的隐含排放、消费侧排放与净出口，单位 Mt。",
    ),
    "adjustments": (
        "2022 年账户与生产侧及清单的差异，以及已公布的说法",
        "2022 年某一账户与生产侧（IPCC）账户相差百分之多少。",
    ),
    "compare_principles": (
        "一地区在各核算原则下的排放",
        "一地区在每一核算原则下的排放（Mt）以及差异（%）。",
    ),
    "by_gas": ("一地区分气体的账户", "一地区各气体的排放（各气体的 Mt）以及合计（Mt CO2e）。"),
    "ranking": ("账户、出口或进口的地区排名", "各地区按排放排序，附名次与占世界的份额。"),
    "by_sector": (
        "一地区排放按产品、行业或来源分解",
        "一地区的排放由哪些部分构成，由大到小，单位 Mt；可只看一个行业。",
    ),
    "leakage": (
        "贸易中的碳泄漏：进口及其在本国生产时的排放",
        "为一地区需求而在境外产生的排放（弱泄漏），并与本国技术下的排放对照，单位 Mt。",
    ),
    "paths": (
        "足迹背后最大的供应链",
        "足迹中最大的单条供应链（结构路径），单位 Mt，并按层级列出排放。",
    ),
    "chains": (
        "全球价值链上排放的去向与来源",
        "一地区的排放按其经过价值链的路线分解，单位 Mt。",
    ),
    "scopes": (
        "一个行业的范围一、二、三",
        "一地区某行业的范围一、二、三（上游）排放：Mt，以及每美元多少千克。",
    ),
    "linkages": (
        "一个行业对供应商的拉动与对客户的推动",
        "各行业的后向与前向关联，分别按货币与碳计；1 为平均行业。",
    ),
    "extract": (
        "若去掉一个行业或地区会少多少",
        "在其他条件不变时去掉一个行业或地区，世界排放与产出的变化。",
    ),
    "inequality": ("地区间人均排放的不平等", "地区间人均排放的基尼系数与泰尔指数，0 为完全平等。"),
    "what_if": (
        "情景：更清洁的生产、更换供应商、减少需求",
        "投入产出表一处改变之后账户的变化，单位 Mt：新值减旧值，由大到小。",
    ),
    "find_good": (
        "货物的 CN 编码、行业与范围",
        "一个名称或 CN 编码指欧盟 CBAM 的哪种货物，以及其下的货物。",
    ),
    "default_value": (
        "某国某货物的默认值",
        "CBAM 对某国某货物的默认排放：直接、间接、合计，含加成。",
    ),
    "defaults_of": ("一国的全部默认值", "列出一个原产国的 CBAM 默认值，加成前与加成后。"),
    "benchmark": ("货物的免费配额基准", "对一种货物扣减的欧盟免费配额基准，单位 t CO2e/t。"),
    "certificate_price": (
        "CBAM 证书价格",
        "每 t CO2e 的 CBAM 证书价格（欧元）：已公布的价格，或沿用最近的价格。",
    ),
    "obligation": (
        "一笔进口的证书与费用",
        "向欧盟进口一种货物须缴的 CBAM 证书，以及其费用（欧元）。",
    ),
    "cost_path": (
        "进口费用的逐年变化",
        "2026 至 2034 年每年进口一种货物的 CBAM 证书费用（欧元）。",
    ),
    "audit": (
        "一国默认值的审核",
        "对照独立估计，判断一国的 CBAM 默认值是否高估排放。",
    ),
    "coherence": (
        "一国的默认值是否自洽",
        "将一国的 CBAM 默认值相互比较：产品与前体、国与国、现行与过渡期。",
    ),
    "defects": ("附件中已知的缺陷", "CBAM 默认值附件中违反规则的行，例如错位的列。"),
    "covered_share": (
        "一国贸易中按货物已知的份额",
        "2024 年欧盟自一国进口的 CBAM 货物中，已有数据者及其所占份额。",
    ),
    "footprint": ("产品碳足迹", "一种产品从摇篮到大门的碳足迹，单位 kg CO2e，附 95 % 区间。"),
    "find_process": ("可选用的过程与研究", "哪些生命周期清单过程与哪些现成研究含有所给的词。"),
    "study": ("现成的研究", "运行随附的生命周期研究之一：钢（两条路线）、水泥、光伏组件、电网。"),
    "contributions": (
        "足迹的构成",
        "产品碳足迹的各部分，由大到小，单位 kg CO2e 及份额。",
    ),
    "completeness": (
        "足迹未包括的部分",
        "产品碳足迹未涵盖什么、为何未涵盖，以及若已知会增加多少。",
    ),
    "compare_products": ("两种产品的比较", "两种产品中哪一种碳足迹较低：成对抽样，并给出差值。"),
    "ipcc_factor": (
        "IPCC 土地利用与土壤默认因子",
        "IPCC 指南第 4 卷的一个默认因子，附范围、表号与状态。",
    ),
    "ipcc_factors": (
        "IPCC 默认因子一览",
        "已收录的 IPCC 默认因子（第 4 卷）的名称，或其中一个因子的全部行。",
    ),
    "soil_n2o": (
        "土壤施氮的 N2O（IPCC）",
        "化肥、有机肥与秸秆在土壤上的直接与间接 N2O，单位 t N2O/年。",
    ),
    "rice_ch4": (
        "稻田的 CH4（IPCC）",
        "水稻种植的 CH4，单位 t CH4/年（IPCC 2019 第 4 卷第 5 章，方法一）。",
    ),
    "liming_co2": (
        "土壤施石灰与尿素的 CO2（IPCC）",
        "石灰石、白云石与尿素施用于土壤的 CO2，单位 t CO2/年（方法一）。",
    ),
    "fire_emissions": (
        "火灾排放（IPCC）",
        "植被燃烧的各气体排放，单位为该气体的 t（IPCC 2019 第 4 卷公式 2.27）。",
    ),
    "carbon_stock_change": (
        "两次清查之间的碳储量变化（IPCC）",
        "碳储量的年变化（储量差法）以及对应的 CO2。",
    ),
    "natural_account": (
        "一地区的自然碳，分口径",
        "一国、国家组（EU27、G20 等）或世界的自然源与汇，单位为该气体的 Mt。",
    ),
    "natural_budget": ("全球碳收支", "全球碳收支：某年世界的 CO2 从何而来、去往何处。"),
    "natural_translation": (
        "从簿记模型到国家清单口径",
        "一国清单的土地碳汇为何不同于全球模型，2013–2022 年平均。",
    ),
    "full_spectrum": (
        "生产、消费与自然碳并列",
        "2022 年的生产与消费账户，旁列自然碳的各口径，单位 Mt。",
    ),
    "processes": (
        "过程模型及其参数",
        "列出工业过程模型；给出名称时列出其参数的数值与单位。",
    ),
    "simulate": (
        "模拟一个过程或路线",
        "某工业过程或路线每单位产品的投入、产出与排放。",
    ),
    "emission_intensity": (
        "某国制造某货物的排放",
        "以过程模型计算、按 CBAM 边界的货物排放：t CO2e/t，含前体。",
    ),
    "process_sensitivity": (
        "过程排放由什么决定",
        "过程的一项输出取决于哪些参数：参数每变 1 %，输出变多少 %。",
    ),
    "optimise": (
        "费用最低的厂区",
        "厂区的各过程如何以最低费用满足需求，可设碳价或排放上限。",
    ),
    "avoided_emissions": (
        "出口光伏与风电的减排",
        "一年内出口的光伏组件与风电机组在境外避免的排放，单位 Mt CO2e。",
    ),
    "manufacture_emissions": (
        "制造出口光伏与风电的排放",
        "制造一年内出口的光伏组件与风电机组的排放，单位 Mt CO2e。",
    ),
    "payback": (
        "出口光伏与风电的碳回收期",
        "出口技术运行多少年后，其避免的排放抵消制造排放。",
    ),
    "green_exports_claim": (
        "“排放 2 Mt、减排 350 Mt”之说与各种算法",
        "关于中国 2024 年出口的一项公开说法，与每种算法的结果并列。",
    ),
    "interval": ("任一原则下账户的区间", "一地区在任一原则下的账户数值与 95 % 区间，单位 Mt。"),
    "difference": (
        "一地区两种原则相差多少、有多可靠",
        "一地区消费侧较生产侧的差异（%）、成对的 95 % 区间，以及何者较大。",
    ),
    "larger": (
        "一地区的账户是否大于另一地区，及其概率",
        "一地区的账户大于另一地区的概率，由整张表的抽样得出。",
    ),
    "drivers": (
        "足迹误差的来源",
        "足迹方差按输入、国家与行业的份额，单位 %，一阶近似。",
    ),
    "sobol": (
        "足迹各输入的 Sobol 指数",
        "哪些输入单独或通过交互作用解释足迹的方差（Sobol）。",
    ),
    "important_inputs": (
        "足迹最依赖的投入系数",
        "足迹最重要的投入系数：弹性（% / %）与容许变动。",
    ),
    "emissions_database": (
        "一国在各清单中的排放，并列",
        "一国某年某气体的清单排放，单位 Mt：GCB、CEDS、UNFCCC 并列。",
    ),
    "population_gdp": ("人口与 GDP", "各国或世界的人口（人）与 GDP（2011 年国际元，购买力平价）。"),
    "grid_factors": (
        "电网排放因子",
        "一国电网的排放因子，单位 g/kWh：平均强度、运行边际与组合边际。",
    ),
    "gwp": (
        "全球增温潜势",
        "各气体按 IPCC 报告的全球增温潜势，t CO2e/t。本程序的表使用 AR5、100 年。",
    ),
    "database_tables": (
        "数据库的表",
        "排放数据库中可供查询的表；给出名称时列出该表的列。",
    ),
    "database_query": (
        "对排放数据库的只读 SQL 查询",
        "在排放数据库上运行一条只读查询；行数、时间与内存均有限制。",
    ),
    "data_sets": ("数据集：随附、公开、现有", "有哪些数据集、由谁制作、何种许可、现在何处。"),
    "sources_of": (
        "数据库的来源、引文与许可",
        "数据库中的数字由谁制作：制作者、版本、引文、许可、网址。",
    ),
    "find_names": (
        "一个名称会被如何理解",
        "每个名称会被识别为哪个代码，或可能指什么。不作暗中猜测。",
    ),
    "define": (
        "碳核算术语的含义",
        "碳核算术语或缩写的含义及出处；不含数字。",
    ),
}
"""By name of the tool: title, line."""

GROUPS_ZH: Mapping[str, tuple[str, str]] = {
    "trade": ("贸易", "谁在排放、为谁排放、经由哪些供应链"),
    "cbam": ("碳边境调节", "欧盟碳边境调节机制：默认值、义务、审核"),
    "lca": ("产品", "产品碳足迹"),
    "natural": ("自然碳", "土地、海洋及其他自然源汇，分口径"),
    "industry": ("工业", "重工业过程模型"),
    "avoided": ("减排", "出口光伏与风电技术避免的排放"),
    "uncertainty": ("不确定性", "区间、差异及其来源"),
    "data": ("数据", "数据集、数据库、名称与定义"),
}

GROUPS_EN: Mapping[str, str] = {
    "trade": "Trade", "cbam": "CBAM", "lca": "Products", "natural": "Natural carbon",
    "industry": "Industry", "avoided": "Avoided emissions", "uncertainty": "Uncertainty",
    "data": "Data",
}  # fmt: skip

REPORTS_ZH: Mapping[str, tuple[str, str]] = {
    "adjustments-2022": (
        "2022 年各国碳排放在各核算原则下的修正",
        "各原则的账户、修正幅度、区间，以及对已公布数字的核查。",
    ),
    "cbam-audit": (
        "一国的欧盟默认值与独立估计的对照",
        "逐货物比较默认值与独立估计，给出裁定、偏差与费用。",
    ),
    "lca": ("产品碳足迹，列出每一项选择", "按 ISO 14067 四个步骤的完整研究报告。"),
    "avoided": ("出口光伏与风电技术避免的排放", "按目的国、边际与时间范围，附区间。"),
    "map": ("碳地图：国家账户的网格分布", "图片、数据表与可交互网页。"),
}

REPORTS_EN: Mapping[str, str] = {
    "adjustments-2022": (
        "Every account, its difference from production and its interval, and whether the"
        " published numbers can be found again."
    ),
    "cbam-audit": (
        "Good by good: the default value, the independent estimate, the verdict, what the bias"
        " costs."
    ),
    "lca": "The whole study in the four steps of ISO 14067, ready to be reviewed.",
    "avoided": "By destination, margin and horizon, with intervals and what it rests on.",
    "map": "Pictures, tables and the interactive page.",
}

TABS: Mapping[str, tuple[str, str]] = {
    "account": ("Accounts", "账户"), "compare_principles": ("Principles", "各原则"),
    "adjustments": ("Adjustments 2022", "2022 年修正"), "ranking": ("Ranking", "排名"),
    "by_sector": ("Products and industries", "产品与行业"), "by_gas": ("Gases", "各气体"),
    "scopes": ("Scopes 1–3", "范围一至三"), "inequality": ("Inequality", "不平等"),
    "what_if": ("What if", "情景"), "emissions_database": ("Inventories", "各清单"),
    "bilateral": ("Between two regions", "两地之间"), "trade_balance": ("Balances", "差额"),
    "leakage": ("Leakage", "碳泄漏"), "paths": ("Supply chains", "供应链"),
    "chains": ("Value chains", "价值链"), "linkages": ("Linkages", "关联"),
    "extract": ("Without an industry", "去掉一个行业"),
    "default_value": ("Default value", "默认值"), "obligation": ("What is owed", "应缴"),
    "cost_path": ("Cost to 2034", "至 2034 年费用"),
    "defaults_of": ("A country's values", "一国数值"),
    "audit": ("Audit", "审核"), "coherence": ("Coherence", "自洽"),
    "emission_intensity": ("A good by country", "各国货物"), "benchmark": ("Benchmark", "基准"),
    "certificate_price": ("Certificate price", "证书价格"), "find_good": ("CN codes", "CN 编码"),
    "covered_share": ("Trade covered", "贸易覆盖"), "defects": ("Defects", "缺陷"),
    "find_process": ("Processes", "过程检索"), "footprint": ("Footprint", "碳足迹"),
    "study": ("Studies", "现成研究"), "contributions": ("Contributions", "构成"),
    "compare_products": ("Comparison", "比较"), "completeness": ("Completeness", "完整性"),
    "simulate": ("Simulate", "模拟"), "process_sensitivity": ("Sensitivity", "敏感性"),
    "optimise": ("Least cost", "最低费用"), "processes": ("Process models", "过程模型"),
    "natural_account": ("By region", "各地区"), "natural_budget": ("Global budget", "全球收支"),
    "full_spectrum": ("Full spectrum", "全口径"),
    "natural_translation": ("Translation", "口径转换"),
    "ipcc_factor": ("IPCC factor", "IPCC 因子"), "ipcc_factors": ("IPCC factors", "因子一览"),
    "soil_n2o": ("Soil N2O", "土壤 N2O"), "rice_ch4": ("Rice CH4", "稻田 CH4"),
    "liming_co2": ("Liming CO2", "石灰 CO2"), "fire_emissions": ("Fires", "火灾"),
    "carbon_stock_change": ("Stock change", "储量变化"),
    "avoided_emissions": ("Avoided abroad", "境外减排"),
    "manufacture_emissions": ("Manufacture", "制造排放"), "payback": ("Payback", "碳回收期"),
    "green_exports_claim": ("The claim", "公开说法"), "grid_factors": ("Grids", "电网因子"),
    "difference": ("A difference", "差异"), "drivers": ("Drivers", "误差来源"),
    "important_inputs": ("Inputs", "关键投入"), "interval": ("Interval", "区间"),
    "larger": ("Which is larger", "孰大孰小"), "sobol": ("Sobol", "Sobol 指数"),
}  # fmt: skip
"""Short names of tools, for tabs."""

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
    "avoided": ("Avoided", "减排"),
    "reports": ("Reports", "报告"),
    "tables": ("Your table", "自备数据"),
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
    "ask_failed": (
        "The question could not be answered; the server's log says more. All tools work without"
        " the model.",
        "未能回答该问题；服务器日志有更多信息。所有工具无需模型即可使用。",
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
        "Land, ocean and other natural fluxes, each scope apart; and the IPCC's factors for land.",
        "土地、海洋等自然通量，各口径分列；以及 IPCC 土地因子。",
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
    "avoided_lead": (
        "What exported solar panels and wind turbines avoid abroad, what making them emitted, and"
        " a published claim beside every way of counting.",
        "出口光伏组件与风电机组在境外避免的排放、其制造排放，以及一项公开说法与各种算法的对照。",
    ),
    "reports_lead": (
        "Whole reports, built on this server: pages to read and print, tables, pictures.",
        "在本服务器上生成的完整报告：可阅读与打印的网页、数据表与图片。",
    ),
    "tables_lead": (
        "Bring an input-output table of your own; every tool can then work on it.",
        "上传您自己的投入产出表，所有工具均可使用。",
    ),
    "report_adjustments-2022": ("Adjustments of 2022", "2022 年修正"),
    "report_cbam-audit": ("CBAM audit", "CBAM 审核"),
    "report_lca": ("Product study", "产品研究"),
    "report_avoided": ("Avoided emissions", "减排"),
    "report_map": ("Map", "地图"),
    "build": ("Build the report", "生成报告"),
    "past": ("Your reports and computations", "您的报告与计算"),
    "none_past": ("None yet.", "暂无。"),
    "no_jobs": (
        "This server runs no jobs. Start it with “mriocarbon serve”.",
        "此服务器不运行任务。请用 “mriocarbon serve” 启动。",
    ),
    "open": ("Open", "打开"),
    "archive": ("Download all ({n} files, zip)", "全部下载（{n} 个文件，zip）"),
    "single_files": ("Single files ({n})", "单个文件（{n} 个）"),
    "queued": ("Waiting", "排队中"),
    "running": ("Computing", "计算中"),
    "done": ("Done", "完成"),
    "failed": ("Failed", "失败"),
    "cancelled": ("Cancelled", "已取消"),
    "cancel": ("Cancel", "取消"),
    "more_options": ("More options", "更多选项"),
    "remove": ("Remove", "移除"),
    "add_line": ("Add a line", "添加一行"),
    "answer": ("Answer", "结果"),
    "nothing_yet": (
        "Fill in what you want to know and press “Compute”.", "填写您想了解的内容，然后按“计算”。",
    ),
    "nothing_found": ("Nothing was found.", "未找到任何内容。"),
    "search": ("Search these rows", "在各行中查找"),
    "rows_per_page": ("Rows", "每页行数"),
    "click_number": (
        "Click a number to see where it comes from.", "点击数字可查看其来源。",
    ),
    "estimate_means": (
        "“estimate” marks a number that rests on an input that is an estimate.",
        "“估计”表示该数字依赖于估计的输入数据。",
    ),
    "range": ("range", "范围"),
    "to": ("to", "至"),
    "no_unit": ("no unit", "无单位"),
    "command": ("Command line", "命令行"),
    "theme_auto": ("as the device", "随系统"),
    "theme_light": ("light", "浅色"),
    "theme_dark": ("dark", "深色"),
    "english_stays": (
        "What the data say of themselves (captions, notes, methods) is in English.",
        "数据自带的题注、注意事项与方法以英文原文显示。",
    ),
    "english_report": ("The pages of a report are in English.", "报告正文为英文。"),
    "english_map": ("The words on the map are in English.", "地图中的文字为英文。"),
    "full": ("In full", "完整数值"),
    "why": ("Note", "说明"),
    "dataset": ("Data set", "数据集"),
    "signed_out": ("You are signed out.", "您已退出登录。"),
    "sign_in": ("Sign in", "登录"),
    "sign_out": ("Sign out", "退出"),
    "file": ("File", "文件"),
    "upload": ("Upload", "上传"),
    "uploading": ("Uploading and checking …", "正在上传并检查……"),
    "uploaded": ("“{name}” is ready: choose it as the table in any form.",
                 "“{name}” 已可使用：在任何表单中选作投入产出表。"),
    "table_hint": (
        "2 to 40 small letters, digits and “-”", "2 至 40 个小写字母、数字与 “-”",
    ),
    "layout_hint": ("recognised if left out", "留空则自动识别"),
    "upload_limits": (
        "As its producer publishes it, or what mriocarbon saves: {suffixes}; {size} MiB at most."
        " It is read in a process of its own, and stays on this server until you remove it.",
        "可为发布者的原始文件或 mriocarbon 保存的文件：{suffixes}；最大 {size} MiB。"
        "文件在独立进程中读取，保留在本服务器上，直至您移除。",
    ),
    "at_hand": ("Tables at hand", "现有投入产出表"),
    "shipped": ("ships with mriocarbon", "随程序附带"),
    "rows": ("Rows", "行数"),
    "checks": ("What the checks said", "检查结果"),
    "no_uploads": (
        "This server takes no tables. Start it with “mriocarbon serve”.",
        "此服务器不接收数据表。请用 “mriocarbon serve” 启动。",
    ),
    "tools_lead": (
        "Everything that can be asked, each with a form of its own.",
        "可查询的全部内容，每项均有表单。",
    ),
    "map_wait": ("The map takes a moment to draw the first time.", "首次打开地图需要片刻。"),
    "foot": (
        "mriocarbon is open source (Apache-2.0). Numbers are computed on this server, from the"
        " sources that each one names.",
        "mriocarbon 为开源软件（Apache-2.0）。数字均在本服务器上由所注明的来源计算。",
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
    "name": ("Name", "名称"),
    "unit": ("Unit", "单位"),
    "title": ("Title", "标题"),
    "licence": ("Licence", "许可"),
    "edition": ("Edition", "版本"),
    "state": ("State", "状态"),
    "kind": ("Kind", "种类"),
    "about": ("About", "关于"),
    "table": ("Table", "表"),
    "category": ("Category", "类别"),
    "gases": ("Gases", "气体"),
    "rule": ("Rule", "规则"),
    "verdict": ("Verdict", "裁定"),
    "parameter": ("Parameter", "参数"),
    "defect": ("Defect", "缺陷"),
    "what": ("What", "内容"),
    "column": ("Column", "列"),
    "type": ("Type", "类型"),
    "values": ("Values", "取值"),
    "against": ("Against", "对照"),
    "text": ("Text", "文本"),
    "term": ("Term", "术语"),
    "zh": ("In Chinese", "中文"),
    "also": ("Also", "又称"),
    "definition": ("Definition", "英文定义"),
    "definition_zh": ("Definition in Chinese", "定义"),
    "related": ("Related", "相关术语"),
    "tools": ("Tools", "工具"),
    "meaning": ("Meaning", "含义"),
    "steps": ("Steps", "步骤"),
    "study": ("Study", "研究"),
    "producer": ("Producer", "制作者"),
    "citation": ("Citation", "引文"),
    "address": ("Address", "网址"),
    "shares": ("Shares", "份额"),
    "asked": ("Asked", "所问"),
    "how": ("How", "方式"),
    "code": ("Code", "代码"),
    "range": ("Range", "范围"),
    "status": ("Status", "状态"),
    "note": ("Note", "说明"),
    "options": ("Options", "选项"),
    "why": ("Why", "原因"),
    "where": ("Where", "位置"),
    "do": ("What to do", "处理办法"),
    "factor": ("Factor", "因子"),
    "assumed": ("Assumptions", "假定"),
    "charged": ("Charged", "计费"),
    "incomplete": ("Incomplete", "不完整"),
    "current": ("Current", "现行"),
    "passed": ("Passed", "通过"),
    "row": ("Row", "行"),
    "climate": ("Climate", "气候"),
    "land": ("Land", "土地"),
    "option": ("Option", "选项"),
    "method": ("Method", "方法"),
    "margin": ("Margin", "边际"),
    "tier": ("Tier", "层级"),
    "input": ("Input", "输入"),
    "supplier": ("Supplier", "供应方"),
    "user": ("User", "使用方"),
    "view": ("View", "视角"),
    "left out here": ("Left out here", "此处略去"),
    "sector_name": ("Industry", "行业"),
    "chain": ("Chain", "供应链"),
    "path": ("Path", "路径"),
    "households": ("Households", "居民直接排放"),
    "formula": ("Formula", "公式"),
    "reference": ("Reference", "文献"),
    "name_zh": ("Name in Chinese", "中文名"),
    "change": ("Change", "改变"),
    "equation": ("Equation", "方程"),
    "question": ("Question", "问题"),
    "answer": ("Answer", "回答"),
}

UNITS_ZH: Mapping[str, str] = {
    "persons": "人", "person": "人", "years": "年", "year": "年", "tonnes": "吨", "piece": "件",
    "international-$ (2011)": "国际元（2011）",
}  # fmt: skip


def say(key: str, lang: str, **values: object) -> str:
    """Return a text of the pages."""
    return WORDS[key][lang == "zh"].format(**values)


def label(key: str, lang: str) -> str:
    """Return the name of a label key; the key itself where none is kept."""
    return LABELS[key][lang == "zh"] if key in LABELS else key.replace("_", " ").capitalize()


def unit(text: str, lang: str) -> str:
    """Return a unit as it is printed: symbols stay as they are, a plain number has none."""
    if text == "1":
        return ""
    return UNITS_ZH.get(text, text) if lang == "zh" else text

"""Headings of reports that offices put together from usual words: 来访登记号, 发现的主要问题."""

from __future__ import annotations

import re

# No word of it is put together from others, so that a heading is divided in one way only.
TOPICS = (
    "来信|来访|来电|来件|来文|收信|收件|信访|诉求|反映|举报|投诉|咨询|求助|建议|问题|线索|事项|事件|案件|"
    "工单|任务|业务|服务|审计|检查|监督|统计|执法|巡察|督查|违法|违规|违纪|疑似|涉嫌|主要|发现|查出|"
    "存在|具体|详细|基本|简要|移送|移交|交办|转办|转送|受理|登记|立案|建单|派单|被反映|群众|市民|企业|"
    "信件|留言|热线|申报|报送|的|和|及"
)
_people = "来信|来访|来电|信访|反映|举报|投诉|求助|咨询|诉求|申请|报案|报料|留言|市民|群众|联系|上访|检举|控告"
_harmed = "被(?:审计|检查|抽查|调查|巡察|监督|督查|查|查处|举报|投诉|反映|控告|处罚|投诉举报)的?"
_body = "(?:单位|部门|机构|主体)(?:名称|全称)?"
_matter = "诉求|问题|事项|事件|工单|信访|投诉|举报|咨询|线索|案件|反映|业务|违法|违规"

COMPOUNDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("unit", f"{_harmed}(?:企业|对象|公司|商家|{_body})(?:名称|全称)?"),
        ("unit", f"(?:涉及|涉事|涉诉|涉案|涉嫌|责任|违法|违规|违纪)(?:责任)?{_body}"),
        ("handling_unit", f"(?:[一二三四]级|具体|最终)?(?:承办|主办|办理|处理|处置|派遣|转送|派单){_body}"),
        ("accused", "(?:被(?:反映|举报|投诉|控告|检举|调查|审查|查处)|涉嫌|涉案|涉事|违纪|违法|违规)"
                    "(?:责任|违纪|违法)?(?:人|人员|干部|领导)(?:姓名|名单)?"),
        ("person", f"(?:{_people})(?:人|者|人员)?(?:姓名|名字|称呼)|(?:{_people})(?:人|者)"),
        ("contact", f"(?:{_people})?(?:人|者)?的?(?:联系|移动)?(?:电话|手机|联系方式)(?:号|号码)?"),
        ("reply", "(?:答复|回复|办理|处理|处置|反馈|办结|查处|核查|调查|办件)"
                  "(?:内容|结果|意见|情况|结论)(?:描述|说明)?"),
        ("replied_on", "(?:实际)?(?:答复|回复|办结|办理|处理|处置|反馈|结案|完成|办件)(?:完成)?(?:时间|日期)"),
        ("satisfaction", "(?:群众|市民|企业|回访|诉求人|来电人|办理|服务|结果|是否)*"
                         "(?:满意|评价)(?:度|程度|评价|情况|结果)*"),
        ("category", f"(?:{_matter})[一二三]?级?(?:类型|类别|分类|性质)"),
        ("place", "(?:事发|发生|诉求|问题|事件|反映|案发|事项)(?:所在|发生)?"
                  "(?:地|地点|地址|位置|区域|属地|区县)"),
        ("subject", f"(?:{TOPICS})+(?:标题|主题|题目)|(?:{_matter})名称"),
        ("text", f"(?:{TOPICS})*(?:内容|详情|描述|摘要|概要|概述|简介|事实|事由)(?:描述|摘要)?"),
        ("text", f"(?:{TOPICS})+(?:问题|诉求|行为|线索)|(?:审计|检查|巡察|执法)发现"),
        ("text", "(?:信访|来信|来访|反映|诉求|投诉|举报|求助|移送|移交|交办|转办|问题|线索)+事项"),
        ("text", "(?:反映|问题|线索|案件|违法|违规|违纪|主要|基本|事件|诉求)+情况(?:描述|说明)?"),
        ("number", f"(?!来电号|来电编)(?:{TOPICS})+(?:编号|编码|单号|件号|号|登记号|流水号|序列号|案号|id)"),
        ("reported_on", f"(?!统计|报送)(?:{TOPICS})+(?:时间|日期)"),
    )
)  # fmt: skip
"""Field and what its headings look like, spaces and marks taken out; the first that fits counts."""

CLUE_COMPOUNDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("unit", re.compile(f"当事(?:人|企业|{_body})(?:名称)?|(?:审计|检查|调查|统计调查|执法)对象(?:名称)?")),
    ("unit", re.compile(f"整改(?:责任)?{_body}")),
    ("accused", re.compile("(?:直接|主要|相关|有关|主管|分管)?责任(?:领导|人|人员)(?:姓名)?")),
    *COMPOUNDS,
    ("unit", re.compile("(?:涉及|涉事|涉案|涉嫌|违法|违规)企业(?:名称)?|(?:企业|公司|调查单位|单位详细)名称")),
)  # fmt: skip
"""The same for a clue, in which whoever is made answerable is named; a business only where no unit is."""

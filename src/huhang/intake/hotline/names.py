"""The usual names of the columns of reports, and what each field is called."""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext_lazy

from huhang.intake.hotline.compounds import CLUE_COMPOUNDS, COMPOUNDS
from huhang.tables.headings import Either, Vocabulary, plain

NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "留言编号", "工单编号", "工单号", "诉求编号", "受理编号", "事件编号", "案件编号", "来电编号",
        "投诉编号", "线索编号", "移交编号", "移送编号", "信件编号", "信访件编号", "信访编号", "举报编号", "问题编号", "业务编号", "服务单号",
        "流水号", "单号", "编号", "件号", "留言id", "工单id", "问题id", "number", "id", "case id",
        "ticket", "ticket number", "ticket no", "ticket id", "request id", "service request id", "order number",
        "order id", "order no", "event id", "no",
        "unique key", "case enquiry id", "sr number", "service request number", "request number",
        "report id", "finding no", "finding number",
    ),
    "subject": (
        "留言主题", "留言标题", "诉求标题", "工单标题", "事件标题", "信件标题", "来信标题", "咨询标题",
        "投诉标题", "举报标题", "主题", "标题", "题目", "诉求主题", "事项名称", "案由", "case title", "subject", "title",
        "topic", "summary",
        "complaint type", "request type", "service request type", "sr type", "audit finding",
    ),
    "text": (
        "留言详情", "留言内容", "诉求内容", "反映内容", "工单内容", "来电内容", "举报内容", "咨询内容",
        "问题描述", "事件描述", "事项描述", "工单描述", "详细描述", "诉求描述", "投诉内容", "主要内容",
        "信件内容", "来信内容", "信访事项", "问题线索", "线索内容", "移交事项", "移送事项", "发现的问题",
        "存在问题", "主要问题", "违法事实", "案情简介", "诉求目的", "反映问题", "内容", "详情", "描述",
        "诉求", "问题", "text", "content", "description", "details", "message", "body",
        "request description", "complaint text", "complaint description", "complaint",
        "descriptor", "request details", "issue description", "problem description", "finding",
        "observation", "violation",
    ),
    "reported_on": (
        "留言时间", "受理时间", "来电时间", "登记时间", "创建时间", "诉求时间", "提交时间", "反映时间",
        "上报时间", "来信时间", "举报时间", "信访时间", "投诉时间", "咨询时间", "报案时间", "建单时间",
        "派单时间", "发布时间", "留言日期", "受理日期", "来电日期", "登记日期", "反映日期", "举报日期",
        "信访日期", "投诉日期", "移交时间", "移送时间", "移交日期", "移送日期", "时间", "日期", "date", "time", "created", "created at", "created date",
        "date created", "reported at", "reported on", "received", "date received", "received date",
        "requested date", "requested datetime", "submitted at", "timestamp",
        "opened", "open dt", "open date", "opened date", "date opened", "created dt", "request date",
        "date requested", "creation date", "report date", "reported date", "audit date", "inspection date",
    ),
    "person": (
        "留言用户", "来电人", "诉求人", "反映人", "举报人", "信访人", "联系人", "姓名", "来电人姓名",
        "诉求人姓名", "联系人姓名", "举报人姓名", "信访人姓名", "投诉人", "咨询人", "发布人", "市民姓名",
        "昵称", "用户", "name", "caller", "caller name", "reporter", "user", "contact name",
    ),
    "contact": (
        "联系电话", "联系方式", "来电号码", "手机", "手机号", "手机号码", "电话", "电话号码", "来电电话",
        "举报人电话", "来电人电话", "诉求人电话", "联系人电话", "信访人电话",
        "phone", "telephone", "mobile", "contact", "phone number",
    ),
    "unit": (
        "被反映单位", "被投诉单位", "被举报单位", "被反映部门", "被投诉部门", "被举报部门", "被审计单位", "被检查单位", "被监督单位", "审计对象",
        "检查对象", "涉及单位",
        "涉事单位", "涉及部门", "责任单位", "责任部门", "responsible unit", "unit complained of",
        "audited entity", "auditee", "inspected entity",
    ),
    "handling_unit": (
        "承办单位", "二级承办单位", "主办单位", "办理单位", "交办单位", "转办单位", "处置单位", "处理单位", "回复单位",
        "答复单位", "主办部门", "承办部门", "处理部门", "办理部门", "处置部门", "单位", "部门",
        "unit", "department", "agency", "agency responsible",
        "agency name", "responsible agency", "owner department", "division", "assigned department",
    ),
    "accused": (
        "被反映人", "被举报人", "被投诉人", "被反映人姓名", "被举报人姓名", "被投诉人姓名", "涉及人员", "当事人员",
        "accused", "person concerned", "staff member",
    ),
    "reply": (
        "答复意见", "答复内容", "办理结果", "回复内容", "处理结果", "处理意见", "办理情况", "答复",
        "回复", "反馈内容", "办理意见", "reply", "answer", "response", "resolution", "status notes",
        "resolution description", "closure reason", "management response",
    ),
    "replied_on": (
        "答复时间", "办结时间", "回复时间", "答复日期", "办结日期", "办理时间", "反馈时间", "结案时间",
        "replied at", "answered at", "closed", "closed at", "closed date", "updated datetime",
        "closed dt", "close date", "date closed",
    ),
    "category": (
        "一级标签", "一级分类", "诉求类型", "问题类型", "事件类型", "诉求类别", "类别", "类型", "分类",
        "性质", "category", "type", "service name",
    ),
    "place": (
        "所属区域", "事发地点", "事发地址", "诉求地址", "发生地点", "区域", "所属区县", "地点", "地址",
        "place", "address", "location", "district",
        "incident address", "street address",
    ),
    "satisfaction": ("满意度", "评价", "满意情况", "是否满意", "satisfaction", "rating"),
}  # fmt: skip
LABELS = {
    "number": gettext_lazy("number of the report"),
    "subject": gettext_lazy("subject"),
    "text": gettext_lazy("what happened"),
    "reported_on": gettext_lazy("reported on"),
    "person": gettext_lazy("name of the reporter"),
    "contact": gettext_lazy("phone of the reporter"),
    "unit": gettext_lazy("unit"),
    "handling_unit": gettext_lazy("handling unit"),
    "accused": gettext_lazy("person complained of"),
    "reply": gettext_lazy("reply"),
    "replied_on": gettext_lazy("replied on"),
    "category": gettext_lazy("category"),
    "place": gettext_lazy("place"),
    "satisfaction": gettext_lazy("satisfaction"),
}

_private = re.compile(
    r"身份证|证件|护照|电话|手机|座机|来电号|住址|家庭|户籍|联系地址|通讯地址|通信地址|邮箱|邮编|微信|qq"
    r"|^(举报|信访|来电|来访|来信|诉求|投诉|反映|联系|咨询|报案|申请|当事|发布|留言)(人|者|用户)|^姓名|^昵称"
    r"|phone|mobile|email|idnumber|idcard|homeaddress",
)
_REPORTING = frozenset(
    f"{done}{body}{name}"
    for done in ("反映", "举报", "投诉", "信访", "检举", "控告", "诉求")
    for body in ("单位", "部门")
    for name in ("", "名称")
)


def is_private(heading: str) -> bool:
    """Whether an additional column tells who the reporter is: never kept among the words."""
    name = plain(heading)
    if name in _REPORTING or (VOCABULARY.meaning(name) or ("",))[0] in ("person", "contact"):
        return True
    return not name.startswith("被") and bool(_private.search(name))


VOCABULARY = Vocabulary(
    names=NAMES,
    labels=LABELS,
    needs=(frozenset({"text", "subject"}),),
    examples="留言详情, 诉求内容, content",
    alone=True,
    wished={"reported_on": gettext_lazy("No column with the date of the reports was recognised.")},
    serials=frozenset({"no", "编号", "number", "id"}),
    # Without a column of units complained of, the handling unit is the one a report names.
    instead=(("handling_unit", "unit"),),
    compounds=COMPOUNDS,
    dates=("reported_on", "replied_on"),
    either=Either(_REPORTING, "unit", frozenset({"person", "contact"})),
    is_private=is_private,
)
# In a clue whoever is named is accused: a unit that only handles it never is; a mere 单位 is the one
# that was inspected.
_BODIES = ("单位", "单位名称", "部门", "unit", "department", "entity")
CLUES = replace(
    VOCABULARY,
    names=NAMES | {
        "unit": (*NAMES["unit"], *_BODIES),
        "handling_unit": tuple(n for n in NAMES["handling_unit"] if n not in _BODIES),
    },
    examples="发现的问题, 线索内容, finding",
    instead=(),
    compounds=CLUE_COMPOUNDS,
)  # fmt: skip

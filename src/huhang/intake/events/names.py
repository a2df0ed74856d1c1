"""The usual names of the columns of a file of dispositions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from huhang.tables.headings import Vocabulary

NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "rec id", "事件编号", "案件编号", "工单编号", "工单号", "任务编号", "处置编号", "受理编号", "案卷编号",
        "事件id", "编号", "event id", "record id", "case id", "number", "id",
    ),
    "unit": (
        "dispose unit name", "处置单位", "处置单位名称", "处置部门", "承办单位", "承办单位名称", "承办部门",
        "责任单位", "责任部门", "办理单位", "主办单位", "主责单位", "处理单位", "单位", "部门",
        "unit", "disposed by", "department", "agency", "responsible unit",
    ),
    "unit_ref": (
        "dispose unit id", "处置单位编号", "处置单位代码", "处置单位id", "承办单位编号", "承办单位代码",
        "责任单位代码", "单位代码", "单位编号", "unit id", "unit code", "department id",
    ),
    "kind": (
        "event type name", "事件类型", "案件类型", "事件大类", "大类名称", "问题类型", "诉求类型", "类型", "大类",
        "event type", "type", "category", "service name",
    ),
    "subkind": (
        "sub type name", "事件小类", "小类名称", "小类", "子类型", "问题小类", "sub type", "subtype",
        "subcategory",
    ),
    "matter": (
        "event property name", "事件性质", "问题性质", "诉求性质", "事件属性", "性质", "event property",
        "property",
    ),
    "via": (
        "event src name", "事件来源", "问题来源", "诉求来源", "来源", "来源名称", "来源渠道", "渠道", "受理渠道",
        "source", "event source", "channel",
    ),
    "created_on": (
        "create time", "创建时间", "上报时间", "登记时间", "受理时间", "立案时间", "发生时间", "发现时间",
        "采集时间", "时间", "日期", "created", "created at", "reported at", "requested datetime", "date",
        "time",
    ),
    "closed_on": (
        "archive time", "结案时间", "办结时间", "归档时间", "完成时间", "处置完成时间", "closed", "closed at",
        "archived at",
    ),
    "on_time": (
        "intime archive num", "按时结案数", "按期结案数", "按时办结数", "按期办结数", "按时结案", "按期办结",
        "按时办结", "是否按时", "是否按期", "是否按期办结", "是否按时办结", "on time", "in time",
    ),
    "overdue": (
        "overtime archive num", "超期结案数", "超时结案数", "逾期结案数", "超期办结数", "超期结案", "超期办结",
        "超时办结", "是否超期", "是否超时", "是否逾期", "overdue", "late",
    ),
    "timing": (
        "办结情况", "结案情况", "时限状态", "时限情况", "办理时效", "按期情况", "办结状态", "结案状态", "timing",
        "timeliness", "status",
    ),
    "place": (
        "occur place", "发生地点", "事发地点", "事件地点", "问题地点", "地点", "详细地址", "地址", "place",
        "address", "location",
    ),
    "street": ("street name", "街道名称", "街道", "所属街道", "镇街", "乡镇街道", "street", "township"),
    "community": ("community name", "社区名称", "社区", "所属社区", "村居", "community"),
}  # fmt: skip

TIMINGS: dict[str, str] = {
    **dict.fromkeys(
        ("按时", "按期", "按时结案", "按期结案", "按时办结", "按期办结", "未超期", "未超时", "正常结案", "在时限内",
         "ontime", "intime", "closedontime"), "on_time",
    ),
    **dict.fromkeys(
        ("超期", "超时", "逾期", "超期结案", "超时结案", "逾期结案", "超期办结", "超时办结", "逾期办结", "已超期",
         "overdue", "late", "closedlate"), "overdue",
    ),
    **dict.fromkeys(
        ("未结案", "未办结", "办理中", "处置中", "处理中", "在办", "待办", "未归档", "open", "pending",
         "inprogress"), "open",
    ),
}  # fmt: skip
YES = frozenset({"1", "1.0", "是", "y", "yes", "true", "√"})
NO = frozenset({"0", "0.0", "否", "n", "no", "false", "×"})

VOCABULARY = Vocabulary(
    names=NAMES,
    labels={
        "number": gettext_lazy("number of the event"),
        "unit": gettext_lazy("unit that handled it"),
        "unit_ref": gettext_lazy("code of that unit at the source"),
        "kind": gettext_lazy("type of the event"),
        "subkind": gettext_lazy("subtype of the event"),
        "matter": gettext_lazy("complaint, question or thanks"),
        "via": gettext_lazy("where it came from"),
        "created_on": gettext_lazy("created on"),
        "closed_on": gettext_lazy("closed on"),
        "on_time": gettext_lazy("closed on time"),
        "overdue": gettext_lazy("closed late"),
        "timing": gettext_lazy("on time, overdue or open"),
        "place": gettext_lazy("place"),
        "street": gettext_lazy("street or township"),
        "community": gettext_lazy("community"),
        "": gettext_lazy("not kept"),
    },
    needs=(frozenset({"unit"}), frozenset({"kind", "on_time", "overdue", "timing"})),
    examples="处置单位, 事件类型, DISPOSE_UNIT_NAME",
    wished={
        "created_on": gettext_lazy("No column with the date of the events was recognised."),
        "number": gettext_lazy(
            "No column with a number was recognised: rows are known by their content."
        ),
    },
    serials=frozenset({"no", "编号", "number", "id"}),
)

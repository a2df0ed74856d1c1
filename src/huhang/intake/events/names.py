"""The usual names of the columns of a file of dispositions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from huhang.tables.headings import Vocabulary

NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "rec id", "事件编号", "案件编号", "工单编号", "工单号", "任务编号", "处置编号", "受理编号", "案卷编号",
        "事件id", "任务号", "案件号", "事件号", "案卷号", "流水号", "服务单号", "编号", "ajbh", "sjbh", "gdbh", "rwbh",
        "event id", "event no", "record id", "case id", "case no", "case number", "task id", "task no",
        "order id", "order no", "ticket id", "ticket no", "ticket number", "unique key",
        "service request id", "request id", "number", "id",
    ),
    "unit": (
        "dispose unit name", "处置单位", "处置单位名称", "处置部门", "承办单位", "承办单位名称", "承办部门",
        "责任单位", "责任部门", "办理单位", "主办单位", "主责单位", "处理单位", "责任单位名称", "办理单位名称",
        "主办单位名称", "处理单位名称", "处置机构", "承办机构", "责任主体", "权属单位", "单位名称", "部门名称",
        "单位", "部门", "czdw", "cbdw", "zrdw", "bldw", "zbdw", "czdwmc", "cbdwmc", "zrdwmc", "bldwmc",
        "dispose dept name", "handle dept name", "handle dept", "handle unit name", "handle unit",
        "handling unit", "handling department", "responsible unit", "responsible department",
        "responsible agency", "agency name", "agency responsible", "dept name", "unit name",
        "department name", "org name", "unit", "disposed by", "department", "agency", "dept",
    ),
    "unit_ref": (
        "dispose unit id", "处置单位编号", "处置单位代码", "处置单位id", "承办单位编号", "承办单位代码",
        "责任单位代码", "单位代码", "单位编号", "unit id", "unit code", "department id", "dept id",
        "handle dept id", "handle unit id", "czdwdm", "cbdwdm",
    ),
    "kind": (
        "event type name", "事件类型", "案件类型", "事件大类", "大类名称", "问题类型", "诉求类型", "事项类型",
        "工单类型", "案件大类", "问题大类", "事件类型名称", "类型", "大类", "一级分类", "ajlx", "sjlx", "wtlx", "dlmc",
        "case type name", "case type", "complaint type", "problem type", "request type", "event type",
        "type name", "main type name", "type", "category", "category name", "service name",
    ),
    "subkind": (
        "sub type name", "事件小类", "小类名称", "小类", "子类型", "问题小类", "案件小类", "二级分类", "xlmc", "sub type", "subtype",
        "subcategory",
    ),
    "matter": (
        "event property name", "事件性质", "问题性质", "诉求性质", "事件属性", "性质", "event property",
        "property",
    ),
    "via": (
        "event src name", "事件来源", "问题来源", "诉求来源", "案件来源", "信息来源", "工单来源", "来源", "来源名称", "来源渠道", "渠道", "受理渠道", "上报渠道", "上报来源",
        "诉求渠道", "渠道来源", "ajly", "sjly", "wtly", "source", "event source", "case source", "source name",
        "channel", "channel type", "open data channel type", "report source",
    ),
    "created_on": (
        "create time", "创建时间", "上报时间", "登记时间", "受理时间", "立案时间", "发生时间", "发现时间",
        "采集时间", "派单时间", "派遣时间", "接收时间", "建单时间", "提交时间", "时间", "日期", "sbsj", "djsj", "slsj",
        "lasj", "cjsj", "created", "created at", "created date", "created time", "date created",
        "date opened", "opened", "opened at", "open date", "report time", "report date", "reported at",
        "reported on", "accept time", "register time", "requested datetime", "requested date", "date",
        "time",
    ),
    "closed_on": (
        "archive time", "结案时间", "办结时间", "归档时间", "完成时间", "处置完成时间", "实际办结时间", "实际完成时间", "处置时间", "办理完成时间", "jasj", "bjsj", "wcsj", "closed",
        "closed at", "closed date", "date closed", "close time", "closed on", "finish time",
        "finished at", "completed at", "completion date", "complete time", "end time", "archived at",
    ),
    "due_on": (
        "处置截止时间", "办理截止时间", "办结截止时间", "截止时间", "要求办结时间", "要求完成时间", "应办结时间",
        "应结案时间", "规定办结时间", "限办时间", "到期时间", "办结期限", "办理期限", "处置期限", "结案期限", "期限",
        "blqx", "czqx", "jzsj", "jzrq", "due date", "due on", "due at", "due time", "due", "deadline",
    ),
    "on_time": (
        "intime archive num", "按时结案数", "按期结案数", "按时办结数", "按期办结数", "按时结案", "按期办结",
        "按时办结", "是否按时", "是否按期", "是否按期办结", "是否按时办结", "是否按时结案", "是否按期结案",
        "是否及时", "是否及时办结", "sfas", "sfaq", "on time?", "on time", "in time", "is on time", "is in time",
    ),
    "overdue": (
        "overtime archive num", "超期结案数", "超时结案数", "逾期结案数", "超期办结数", "超期结案", "超期办结",
        "超时办结", "是否超期", "是否超时", "是否逾期", "是否超期办结", "是否超时办结", "是否逾期办结", "是否超期结案",
        "超期标志", "超时标志", "超期标识", "超时标识", "sfcq", "sfcs", "sfyq", "overdue?", "overdue", "late?", "late",
        "is overdue", "is late", "is timeout", "overdue flag",
    ),
    "timing": (
        "办结情况", "结案情况", "时限状态", "时限情况", "办理时效", "按期情况", "办结状态", "结案状态", "处置状态", "超期状态",
        "超期情况", "是否超期情况", "timing",
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
        ("按时", "按期", "按时结案", "按期结案", "按时办结", "按期办结", "及时", "及时办结", "未超期", "未超时", "未逾期", "不超期", "不超时", "正常", "正常结案",
         "正常办结", "期限内", "期限内办结", "在时限内", "时限内",
         "ontime", "intime", "closedontime"), "on_time",
    ),
    **dict.fromkeys(
        ("超期", "超时", "逾期", "超期结案", "超时结案", "逾期结案", "超期办结", "超时办结", "逾期办结", "已超期", "已超时",
         "已逾期", "未按时", "未按期", "不按时", "不按期", "未按时办结", "未按期办结", "未按时结案", "未按期结案",
         "未及时", "未及时办结", "超期未结", "超期未结案", "超期未办结", "逾期未办结", "超时未办结", "notontime",
         "overdue", "late", "closedlate"), "overdue",
    ),
    **dict.fromkeys(
        ("未结案", "未办结", "办理中", "处置中", "处理中", "在办", "待办", "未归档", "未完成", "待处理",
         "待处置", "未处理", "未处置", "正在办理", "正在处理", "已派单", "已受理", "open", "pending", "inprogress",
         "assigned", "started", "new"), "open",
    ),
    **dict.fromkeys(
        ("已办结", "办结", "已结案", "结案", "已完成", "完成", "已处理", "已处置", "已归档", "归档", "已关闭", "closed",
         "completed", "done", "resolved", "finished"), "",
    ),
}  # fmt: skip
"""What is written of the time -> ``timing`` of a row; "" where it only says that it is over."""
YES = frozenset({"1", "1.0", "是", "y", "yes", "true", "t", "√", "✓", "✔"})
NO = frozenset({"0", "0.0", "否", "n", "no", "false", "f", "×", "✗"})

VOCABULARY = Vocabulary(
    names=NAMES,
    dates=("created_on", "closed_on", "due_on"),
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
        "due_on": gettext_lazy("due on"),
        "on_time": gettext_lazy("closed on time"),
        "overdue": gettext_lazy("closed late"),
        "timing": gettext_lazy("on time, overdue or open"),
        "place": gettext_lazy("place"),
        "street": gettext_lazy("street"),
        "community": gettext_lazy("community"),
        "": gettext_lazy("not kept"),
    },
    needs=(
        frozenset({"unit"}),
        frozenset({"kind", "via", "on_time", "overdue", "timing", "due_on"}),
    ),
    examples="处置单位, 事件类型, DISPOSE_UNIT_NAME",
    wished={
        "created_on": gettext_lazy("No column with the date of the events was recognised."),
        "number": gettext_lazy(
            "No column with a number was recognised: rows are known by their content."
        ),
    },
    serials=frozenset({"no", "编号", "number", "id"}),
)

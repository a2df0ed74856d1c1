"""The columns of the form: their headings as they are written, and as they are read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from huhang.tables.headings import Vocabulary

LABELS: dict[str, Any] = {
    "ref": gettext_lazy("Reference"),
    "title": gettext_lazy("Title"),
    "state": gettext_lazy("State"),
    "case_unit": gettext_lazy("Unit concerned"),
    "unit": gettext_lazy("Unit"),
    "part": gettext_lazy("Part"),
    "territorial": gettext_lazy("Territorial duty"),
    "sector": gettext_lazy("Sector duty"),
    "supervising": gettext_lazy("Supervised by"),
    "finding": gettext_lazy("Finding"),
    "received": gettext_lazy("Received on"),
    "due": gettext_lazy("Due"),
    "overdue": gettext_lazy("Overdue"),
    "measures": gettext_lazy("Measures taken"),
    "person": gettext_lazy("Person who answers for it"),
    "planned_on": gettext_lazy("To be finished by"),
    "progress": gettext_lazy("State of rectification"),
    "finished_on": gettext_lazy("Finished on"),
    "remark": gettext_lazy("Remark"),
    "mark": gettext_lazy("Mark of the row"),
}
FILLED = ("measures", "person", "planned_on", "progress", "finished_on", "remark")
"""What an office fills in; all else is to be read, and not taken back."""
READ_ONLY = tuple(k for k in LABELS if k not in (*FILLED, "ref", "mark"))
DAYS = ("received", "due", "planned_on", "finished_on")

NAMES: dict[str, tuple[str, ...]] = {
    "ref": ("编号", "事项编号", "reference", "ref"),
    "title": ("标题", "问题", "title", "problem"),
    "state": ("环节", "状态", "state"),
    "case_unit": ("涉及单位", "unit concerned"),
    "unit": ("单位", "责任单位", "unit"),
    "part": ("承担角色", "part"),
    "territorial": ("属地责任", "属地责任单位", "territorial duty"),
    "sector": ("行业责任", "行业责任单位", "sector duty"),
    "supervising": ("监督单位", "supervised by"),
    "finding": ("核查结论", "finding"),
    "received": ("收到日期", "received on"),
    "due": ("时限", "due"),
    "overdue": ("已超期", "是否超期", "overdue"),
    "measures": ("整改措施", "整改情况", "measures taken", "measures"),
    "person": ("责任人", "整改责任人", "person who answers for it", "responsible person"),
    "planned_on": ("计划完成日期", "整改时限", "计划完成时间", "to be finished by", "planned date"),
    "progress": ("整改状态", "state of rectification"),
    "finished_on": ("完成日期", "完成时间", "实际完成日期", "finished on", "finished date"),
    "remark": ("备注", "remark", "remarks"),
    "mark": ("行标记", "mark of the row"),
}
PROGRESS_NAMES: dict[str, tuple[str, ...]] = {
    "not_begun": ("未开始", "not begun"),
    "rectifying": ("整改中", "正在整改", "being rectified"),
    "submitted": ("已完成待验收", "已完成", "整改完成", "已整改", "done, to be verified", "done"),
    "verified": ("已验收", "verified"),
    "nothing": ("无需整改", "nothing to rectify"),
}

VOCABULARY = Vocabulary(
    names=NAMES,
    dates=DAYS,
    labels={**LABELS, "": gettext_lazy("not kept")},
    needs=(frozenset({"ref"}), frozenset(FILLED)),
    examples="编号, 整改措施",
)

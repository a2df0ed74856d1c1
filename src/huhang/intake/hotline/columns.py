"""Columns recognised by their usual names, or by a small YAML mapping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from huhang.intake.hotline.tables import UnusableFile

NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "留言编号", "工单编号", "工单号", "诉求编号", "受理编号", "事件编号", "案件编号", "来电编号",
        "投诉编号", "信件编号", "问题编号", "业务编号", "流水号", "单号", "编号", "件号", "留言id",
        "工单id", "number", "id", "case id", "caseid", "ticket", "ticket number", "request id",
        "service request id", "order number", "no",
    ),
    "subject": (
        "留言主题", "诉求标题", "工单标题", "事件标题", "信件标题", "来信标题", "主题", "标题", "题目",
        "诉求主题", "事项名称", "subject", "title", "topic", "summary",
    ),
    "text": (
        "留言详情", "留言内容", "诉求内容", "反映内容", "工单内容", "来电内容", "问题描述", "事件描述",
        "详细描述", "诉求描述", "投诉内容", "主要内容", "信件内容", "来信内容", "反映问题", "内容",
        "详情", "描述", "诉求", "text", "content", "description", "details", "message", "body",
    ),
    "reported_on": (
        "留言时间", "受理时间", "来电时间", "登记时间", "创建时间", "诉求时间", "提交时间", "反映时间",
        "上报时间", "来信时间", "留言日期", "受理日期", "来电日期", "登记日期", "反映日期", "时间", "日期",
        "date", "time", "created", "created at", "reported at", "reported on", "received",
        "requested datetime", "submitted at", "timestamp",
    ),
    "person": (
        "留言用户", "来电人", "诉求人", "反映人", "联系人", "姓名", "来电人姓名", "诉求人姓名", "联系人姓名",
        "投诉人", "市民姓名", "用户", "name", "caller", "reporter", "user", "contact name",
    ),
    "contact": (
        "联系电话", "联系方式", "来电号码", "手机", "手机号", "手机号码", "电话", "电话号码", "来电电话",
        "phone", "telephone", "mobile", "contact", "phone number",
    ),
    "unit": (
        "承办单位", "责任单位", "办理单位", "被反映单位", "转办单位", "处置单位", "主办单位", "处理单位",
        "涉及单位", "被投诉单位", "责任部门", "承办部门", "处理部门", "办理部门", "单位", "部门",
        "unit", "department", "agency", "responsible unit", "agency responsible",
    ),
    "accused": (
        "被反映人", "被举报人", "被投诉人", "被反映人姓名", "被举报人姓名", "被投诉人姓名", "涉及人员", "当事人员",
        "accused", "person concerned", "staff member",
    ),
    "reply": (
        "答复意见", "答复内容", "办理结果", "回复内容", "处理结果", "处理意见", "办理情况", "答复",
        "回复", "反馈内容", "办理意见", "reply", "answer", "response", "resolution", "status notes",
    ),
    "replied_on": (
        "答复时间", "办结时间", "回复时间", "答复日期", "办结日期", "办理时间", "反馈时间", "结案时间",
        "replied at", "answered at", "closed", "closed at", "updated datetime",
    ),
    "category": (
        "一级标签", "一级分类", "诉求类型", "问题类型", "事件类型", "诉求类别", "类别", "类型", "分类",
        "性质", "category", "type", "service name",
    ),
    "place": (
        "所属区域", "事发地点", "事发地址", "诉求地址", "发生地点", "区域", "所属区县", "地点", "地址",
        "place", "address", "location", "district",
    ),
    "satisfaction": ("满意度", "评价", "满意情况", "是否满意", "satisfaction", "rating"),
}  # fmt: skip
FIELDS = tuple(NAMES)
REPORT_COLUMNS = ("原因 Reason", "字段 Field", "原表 Sheet", "原行 Row")


def plain(heading: Any) -> str:
    """A heading without width differences, spaces, brackets' contents, stars and punctuation."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold()
    text = re.sub(r"[(\[【{].*?[)\]】}]", "", text)
    return re.sub(r"[\s*:：_\-./\\·、,，]", "", text)


_BY_NAME = {
    plain(name): (key, rank) for key, names in NAMES.items() for rank, name in enumerate(names)
}
_REPORT = {plain(name) for name in REPORT_COLUMNS}


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says. ``columns``: field -> heading."""

    source: str = ""
    sheet: str = ""
    header_row: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()


def read_mapping(path: Path) -> Mapping:
    """A mapping from a YAML file. Raises ``UnusableFile``."""
    try:
        return parse_mapping(path.read_bytes(), path.name)
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None


def parse_mapping(content: bytes, name: str) -> Mapping:
    """A mapping from YAML. Raises ``UnusableFile`` naming the key and what is allowed."""
    try:
        data = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableFile(
            _("%(file)s is no YAML: %(error)s")
            % {"file": name, "error": " ".join(str(error).split())[:200]}
        ) from None
    allowed: dict[str, type | tuple[type, ...]] = {
        "source": str, "sheet": str, "header_row": int, "columns": dict, "date_formats": list,
    }  # fmt: skip
    if not isinstance(data, dict):
        raise UnusableFile(
            _("%(file)s: keys are needed: %(keys)s") % {"file": name, "keys": ", ".join(allowed)}
        )
    for key, value in data.items():
        if key not in allowed:
            raise UnusableFile(
                _("%(file)s: there is no key “%(key)s”; allowed: %(keys)s")
                % {"file": name, "key": key, "keys": ", ".join(allowed)}
            )
        if not isinstance(value, allowed[key]):
            raise UnusableFile(_("%(file)s: “%(key)s” is of the wrong kind")
                               % {"file": name, "key": key})  # fmt: skip
    for name in data.get("columns", {}):
        if name not in FIELDS:
            raise UnusableFile(
                _("%(file)s: columns: there is no field “%(key)s”; allowed: %(keys)s")
                % {"file": name, "key": name, "keys": ", ".join(FIELDS)}
            )
    return Mapping(
        source=data.get("source", ""),
        sheet=data.get("sheet", ""),
        header_row=data.get("header_row", 0),
        columns={k: str(v) for k, v in data.get("columns", {}).items()},
        date_formats=tuple(str(f) for f in data.get("date_formats", [])),
    )


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it gives ("" for an extra), and why."""

    index: int
    heading: str
    field: str
    why: str


@dataclass(frozen=True)
class Header:
    """A recognised header row: number and columns; ``lost``: headings that another took over."""

    row: int
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields that the sheet gives, and ``+`` and the heading of each additional column."""
        return frozenset(c.field or f"+{c.heading}" for c in self.columns if c.field != "-")

    def field_of(self) -> dict[str, int]:
        """Field -> column index."""
        return {c.field: c.index for c in self.columns if c.field and c.field != "-"}

    def lost(self) -> list[Column]:
        """Columns that name a field which another column already gives."""
        return [c for c in self.columns if c.why == "second"]


def recognise(cells: Sequence[Any], row: int, mapping: Mapping) -> Header | None:
    """The header that this row is, or None: it needs a text or a subject, and another field."""
    wanted = {plain(heading): name for name, heading in mapping.columns.items()}
    best: dict[str, tuple[int, int]] = {}
    for index, cell in enumerate(cells):
        if not isinstance(cell, str) or len(cell) > 60:
            continue
        name = plain(cell)
        if name in wanted:
            best[wanted[name]] = (-1, index)
        elif name in _BY_NAME and name not in wanted:
            key, rank = _BY_NAME[name]
            if key not in mapping.columns and (key not in best or rank < best[key][0]):
                best[key] = (rank, index)
    if not best.keys() & {"text", "subject"} or (len(best) < 2 and not mapping.columns):
        return None
    taken = {index: (key, rank) for key, (rank, index) in best.items()}
    columns = []
    for index, cell in enumerate(cells):
        heading = str(cell or "").strip()
        if index in taken:
            key, rank = taken[index]
            columns.append(Column(index, heading, key, "mapping" if rank < 0 else "name"))
        elif plain(heading) in _REPORT:
            columns.append(Column(index, heading, "-", "report"))
        else:
            second = plain(heading) in _BY_NAME and plain(heading) not in wanted
            columns.append(Column(index, heading, "", "second" if second else "extra"))
    return Header(row, tuple(columns))

"""The usual names of the columns of a file of units, and of the kinds of units."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from huhang.tables.headings import Vocabulary

NAMES: dict[str, tuple[str, ...]] = {
    "code": (
        "单位代码", "单位编码", "机构代码", "机构编码", "部门编码", "部门代码", "行政区划代码", "区划代码",
        "代码", "编码", "编号", "unit code", "code", "id",
    ),
    "name": (
        "单位名称", "机构名称", "部门名称", "行政区划名称", "区划名称", "单位", "名称", "unit name", "name",
        "unit",
    ),
    "name_en": ("英文名称", "英文名", "单位英文名称", "name in english", "english name", "name en"),
    "kind": ("单位类型", "单位类别", "机构类型", "单位性质", "类型", "类别", "unit kind", "kind", "type"),
    "parent": (
        "上级单位代码", "上级代码", "上级编码", "上级单位编码", "父级代码", "父级编码", "上级单位", "上级机构",
        "主管部门", "上级", "parent code", "parent", "parent unit",
    ),
    "aliases": (
        "别名", "曾用名", "简称", "其他名称", "又名", "俗称", "原名", "aliases", "alias", "former names",
        "other names",
    ),
    "valid_from": (
        "启用年份", "生效年份", "起始年份", "启用时间", "生效日期", "启用日期", "开始年份", "成立年份", "起始年",
        "valid from", "from", "since", "start year",
    ),
    "valid_until": (
        "停用年份", "失效年份", "终止年份", "停用时间", "失效日期", "停用日期", "结束年份", "撤销年份", "终止年",
        "valid until", "valid to", "until", "to", "end year",
    ),
}  # fmt: skip

KINDS: dict[str, str] = {
    "organ": "organ", "机关": "organ", "行政机关": "organ", "党政机关": "organ", "政府部门": "organ",
    "党委部门": "organ", "部门": "organ", "机关单位": "organ", "行政区": "organ", "行政区划": "organ",
    "institution": "institution", "事业单位": "institution", "参公单位": "institution",
    "township": "township", "乡镇": "township", "镇": "township", "乡": "township", "街道": "township",
    "街道办事处": "township", "乡镇街道": "township", "镇街": "township",
    "utility": "utility", "公用企业": "utility", "公共服务企业": "utility", "公用事业": "utility",
    "公用事业单位": "utility", "公共企事业单位": "utility",
}  # fmt: skip

VOCABULARY = Vocabulary(
    names=NAMES,
    labels={
        "code": gettext_lazy("code of the unit"),
        "name": gettext_lazy("name of the unit"),
        "name_en": gettext_lazy("name in English"),
        "kind": gettext_lazy("kind of the unit"),
        "parent": gettext_lazy("unit above it"),
        "aliases": gettext_lazy("other names"),
        "valid_from": gettext_lazy("first year"),
        "valid_until": gettext_lazy("last year"),
        "": gettext_lazy("not kept"),
    },
    needs=(frozenset({"code"}), frozenset({"name"})),
    examples="单位代码, 单位名称",
)

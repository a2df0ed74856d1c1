"""The usual names of the columns of a file of units, and of the kinds of units."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from huhang.tables.headings import Vocabulary

NAMES: dict[str, tuple[str, ...]] = {
    "code": (
        "单位代码", "单位编码", "机构代码", "机构编码", "部门编码", "部门代码", "行政区划代码", "区划代码",
        "组织编码", "组织代码", "部门编号", "单位编号", "代码", "编码", "编号", "dwdm", "jgdm", "bmdm", "dwbm", "jgbm",
        "xzqhdm", "unit code", "unit id", "dept code", "dept id", "department code", "department id", "org code",
        "org id", "region code", "area code", "code", "id",
    ),
    "name": (
        "单位名称", "机构名称", "部门名称", "行政区划名称", "区划名称", "单位全称", "部门全称",
        "机构全称", "组织名称", "单位", "名称", "dwmc", "jgmc", "bmmc", "xzqhmc", "unit name", "dept name",
        "department name", "org name", "region name", "area name", "name", "unit",
    ),
    "name_en": ("英文名称", "英文名", "单位英文名称", "name in english", "english name", "name en"),
    "kind": ("单位类型", "单位类别", "机构类型", "单位性质", "类型", "类别", "unit kind", "kind", "type"),
    "parent": (
        "上级单位代码", "上级代码", "上级编码", "上级单位编码", "父级代码", "父级编码", "上级单位", "上级机构",
        "上级行政区划代码", "上级区划代码", "上级机构代码", "上级机构编码", "上级部门", "上级部门代码", "上级部门编码",
        "父级", "父级编号", "上级编号", "主管部门", "主管单位", "上级主管部门", "上级主管单位", "隶属单位", "隶属部门", "上级", "sjdwdm", "sjjgdm", "sjbmdm", "sjdm", "fjdm",
        "parent id", "pid", "parent dept id", "parent org code", "superior unit", "parent code", "parent", "parent unit",
    ),
    "aliases": (
        "别名", "曾用名", "简称", "其他名称", "又名", "俗称", "原名", "单位简称", "机构简称", "部门简称", "曾用名称", "原名称", "旧称", "dept alias", "unit alias",
        "short name", "abbreviation", "aliases", "alias", "former names",
        "other names",
    ),
    "valid_from": (
        "启用年份", "生效年份", "起始年份", "启用时间", "生效日期", "启用日期", "开始年份", "成立年份", "起始年", "有效期起", "有效期自", "有效起始年份", "有效开始时间", "开始时间", "开始日期", "起始日期",
        "设立时间", "成立时间", "start date", "effective from", "begin date", "valid since",
        "valid from", "from", "since", "start year",
    ),
    "valid_until": (
        "停用年份", "失效年份", "终止年份", "停用时间", "失效日期", "停用日期", "结束年份", "撤销年份", "终止年", "有效期止", "有效期至", "有效终止年份", "有效结束时间", "结束时间", "结束日期", "终止日期",
        "撤销时间", "end date", "effective to", "expiry date",
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

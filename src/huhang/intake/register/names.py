"""The usual names of a register's columns."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

from huhang.tables.headings import Vocabulary

NAMES: dict[str, tuple[str, ...]] = {
    "name": (
        "企业名称", "经营主体名称", "市场主体名称", "主体名称", "单位名称", "公司名称", "企业（机构）名称",
        "商户名称", "商事主体名称", "详细名称", "法人单位名称", "单位详细名称", "纳税人名称", "企业全称", "单位全称",
        "登记主体名称", "申请单位名称", "机构名称", "组织名称", "字号名称", "企业", "名称",
        "enterprise name", "company name", "business name", "organisation name", "organization name",
        "name", "company", "enterprise", "ent name", "entity name", "corp name", "org name", "qymc", "dwmc", "jgmc",
        "gsmc", "ztmc", "scztmc", "nsrmc",
    ),
    "code": (
        "统一社会信用代码", "社会信用代码", "统一信用代码", "统一代码", "信用代码", "统一社会信用代码/注册号",
        "注册号/统一社会信用代码", "注册号或统一社会信用代码", "统一社会信用代码（注册号）", "纳税人识别号（统一社会信用代码）",
        "统一社会信用代码或注册号", "社会信用代码/注册号", "统一社会信用码", "统一信用码", "信用码", "统一社会信用代码证号", "企业统一社会信用代码",
        "uni scid", "usc code", "social credit no", "credit no", "uscc code", "tyshxydm", "shxydm", "xydm", "nsrsbh",
        "纳税人识别号",
        "unified social credit code", "social credit code", "uscc", "usci", "credit code", "code",
    ),
    "old_number": (
        "注册号", "工商注册号", "原注册号", "营业执照号", "营业执照注册号", "执照号", "企业注册号", "工商登记号", "登记证号", "reg no", "zch", "gszch", "yyzzh",
        "registration number", "old registration number", "registration no", "licence number",
    ),
    "registered_on": (
        "注册日期", "成立日期", "登记日期", "设立日期", "成立时间", "注册时间", "登记时间", "设立时间", "开业日期",
        "established", "established on", "registered on", "registration date", "date of registration",
        "date established", "est date", "establish date", "reg date", "incorporated on", "clrq", "zcrq", "djrq", "clsj",
    ),
    "former": (
        "曾用名", "曾用名称", "企业曾用名", "曾用企业名称", "原名称", "原企业名称", "历史名称", "更名前名称",
        "former names", "former name", "previous names", "previous name", "history names", "his name", "cym",
    ),
    "updated_on": (
        "更新日期", "变更日期", "更新时间", "变更时间", "最近更新日期", "最后更新日期", "最近变更日期", "数据更新日期",
        "数据更新时间", "updated on", "updated at", "last updated", "update date", "update time", "change date",
        "gxrq", "gxsj", "bgrq", "bgsj",
    ),
    "kind": (
        "企业类型", "市场主体类型", "经营主体类型", "主体类型", "公司类型", "机构类型", "类型", "企业性质", "ent type",
        "qylx", "enterprise type", "company type", "type", "kind",
    ),
    "status": (
        "经营状态", "登记状态", "企业状态", "存续状态", "主体状态", "状态", "reg state", "ent status", "jyzt", "djzt", "status",
    ),
    "industry": (
        "行业", "所属行业", "行业门类", "行业类别", "行业名称", "国民经济行业", "sshy", "hymc", "industry name", "industry",
    ),
    "capital": (
        "注册资金", "注册资本", "注册资本（金）", "出资额", "资金数额", "reg cap", "zczb", "zczj", "registered capital", "capital",
    ),
    "scope": ("经营范围", "经营业务范围", "许可经营范围", "op scope", "jyfw", "business scope", "scope"),
    "place": (
        "地区", "所在地区", "所属地区", "区县", "所属区县", "所在区县", "城市", "所在城市", "行政区划",
        "所属辖区", "辖区", "区域", "district", "city", "area", "region",
    ),
    "address": (
        "注册地址", "住所", "企业住所", "经营场所", "住所（经营场所）", "注册地", "企业地址", "地址", "经营地址", "dom", "reg address", "zs", "zcdz", "jycs",
        "registered address", "address",
    ),
}  # fmt: skip

VOCABULARY = Vocabulary(
    names=NAMES,
    dates=("registered_on", "updated_on"),
    labels={
        "name": gettext_lazy("name of the business"),
        "code": gettext_lazy("unified social credit code"),
        "old_number": gettext_lazy("old registration number"),
        "registered_on": gettext_lazy("registered on"),
        "former": gettext_lazy("former names"),
        "updated_on": gettext_lazy("updated or changed on"),
        "kind": gettext_lazy("type of the business"),
        "status": pgettext_lazy("register", "status"),
        "industry": gettext_lazy("industry"),
        "capital": gettext_lazy("registered capital"),
        "scope": gettext_lazy("scope of business"),
        "place": gettext_lazy("district or city"),
        "address": gettext_lazy("address"),
        "": gettext_lazy("not kept"),
    },
    needs=(frozenset({"name"}), frozenset({"code", "old_number"})),
    examples="企业名称, 统一社会信用代码",
)

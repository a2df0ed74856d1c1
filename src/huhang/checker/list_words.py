"""The words by which lists of parts are known."""

from __future__ import annotations

import re

ZH_SORTED = re.compile(
    r"(?:按[^，。：:]{1,14}(?:划分|分类|区分|分|来看|看|统计)|分(?!别|为|成)[^，。：:]{1,8}看)[，：:]?[^，。；]*$"
)
ZH_OPEN = re.compile(
    r"[按分](?:税种|行业|品种|商品|国别|市场|领域|产品|贸易伙伴)(?:划分|分类|区分|分|来看|看|统计)"
)
"""Ways to sort of which a text names the largest members."""
FULL = 98
"""Percent: shares that make less say themselves that more parts than these exist."""
ZH_SECOND = re.compile(r"^\s*从[^，。：:]{1,14}看")
ZH_VIEW = re.compile(r"从[^，。：:]{1,14}看[，：:]?[^，。；]*$")
ZH_NUMBERED = re.compile(r"\s*(?:其中)?[，：:]?一是")
ZH_STATE = re.compile(r"受理|办结|立案|结案|审结|整改|移送|处置|化解|答复|解决|已|未")
"""What happened to cases: these may be the same ones."""
ZH_OPENS = re.compile(
    r"其中|包括|(?:，|^)含|分别(?:是|为)|(?:具体|依次)为|(?:分为|分成)|[:：][^，。；]{0,16}$"
)
JOINED = re.compile(r"\((?!其中|含)[\u4e00-\u9fff]{2,8}$")
ZH_MAIN = re.compile(r"主要|前[二两三四五六七八九十]|居前|排名|重点|较多|突出|集中|例如|比如|仅")
ZH_REST = re.compile(r"^(?:[、，；和及]|其中)*(?:其余|剩余|余下|其他|其它)")
ZH_BREAK = re.compile(
    r"累计|合计|共计|总计|总共|以上|比如|同时|此外|另外|另有|还有|新增|年末|期末|注销"
)
EN_OPENS = re.compile(
    r":\s*$|\bof (?:which|whom|these|them)\b|\bcompris(?:ing|es|ed)\b|\bmade up of\b|\bconsist(?:ing|s|ed) of\b|\bincluding\b",
    re.I,
)
EN_ALL = re.compile(
    r":\s*(?:[a-z' -]{0,40})$|\bcompris(?:ing|es|ed)\b|\bmade up of\b|\bconsist(?:ing|s|ed) of\b",
    re.I,
)
EN_BESIDE = re.compile(r"\b(?:against|compared (?:with|to)|versus)\s[^,;.\d]*$", re.I)
"""84,372 people, against a capacity of 86,083."""
EN_OF_ALL = re.compile(r"\s*(?:of|among) (?:the |all |these |those )*", re.I)
EN_DEGREE = re.compile(
    r"\s?(?:cases |complaints |were |was |of them )*(?P<how>not |partly |partially |fully |wholly |in full |un(?=founded))?(?P<what>\w+ed|upheld|met|won)\b",
    re.I,
)
EN_NEXT = re.compile(r"\b(?:and|while|whereas|but)\b", re.I)
EN_GRADE = re.compile(
    r"\b(?:(?:very |fairly |quite )?(?:good|fair|poor|bad|excellent|(?:dis|un)?satisf\w+|neutral|adequate|average|better|worse|unchanged|the same))\b",
    re.I,
)
EN_GAPPED = re.compile(r":\s*[a-z' -]{1,40}$", re.I)
EN_GAP = re.compile(r"\)?,?\s?(?:and\s)?(?:(?!\w+ed\s)[a-z-]+\s){1,3}", re.I)
"""60.2 TWh: industry used 22.4, households 20.9 and services 16.9: the verb is said once."""
EN_REST = re.compile(
    r"\b(?:the (?:rest|others)|remain(?:ing|der)|(?:all )?others?(?: [a-z]+)?|another|everything else|all else|elsewhere)\b",
    re.I,
)
NESTING = re.compile(r"以上|星级|小巨人|专精特新|单项冠军|瞪羚|独角兽|首次|新增|优质|示范")
PAIRS = [
    (r"(?:直接|在线|当场|现场)", r"转"), (r"一般", r"重大"), (r"初次", r"重复"), (r"商品", r"服务"), (r"公办", r"民办"),
    (r"省内", r"省外"), (r"境内", r"境外"), (r"内资", r"外资"), (r"城镇|城市", r"乡村|农村"), (r"男", r"女"), (r"线上", r"线下"),
    (r"国有", r"非国有"), (r"(?<!不)属于", r"不属于"), (r"实名", r"匿名"), (r"个人", r"单位"), (r"党纪", r"(?!)"),
    (r"新收", r"旧存|结存|结转"), (r"国内", r"入境|国际"), (r"外国人", r"港|澳|台|同胞"), (r"市本级", r"县"), (r"财产险|财险", r"人身险|寿险"),
    (r"固定", r"移动"), (r"新建", r"二手|存量"), (r"(?<!非)住宅", r"非住宅"),
    (r"公立", r"民营|私立"), (r"职工", r"城乡居民"),
]  # fmt: skip


EN_WHOLE = [
    (r"full[ -]time", r"part[ -]time"), (r"(?<!-)\bemployed\b", r"\bunemployed\b"), (r"\b(?:loaded|full|laden)\b", r"\bempty\b"),
    (r"\boccupied\b", r"\b(?:vacant|unoccupied|empty)\b"), (r"\bovernight\b", r"\bsame-day\b"),
]  # fmt: skip
"""Opposites that leave nothing beside them."""
EN_PAIRS = [
    *EN_WHOLE, (r"\bmen\b|\bmales?\b", r"\bwomen\b|\bfemales?\b"), (r"\burban\b", r"\brural\b"),
    (r"\bonline\b", r"\b(?:in stores?|store|by post|in person)\b"), (r"\bcitizens\b", r"\bnon-citizens\b"),
    (r"\b(?:domestic|residents?)\b", r"\b(?:international|foreign|overseas|abroad|exports?|non-residents?)\b"),
    (r"\b(?:incoming|inbound|inward|arrivals?|imports?|unloaded|discharged)\b", r"\b(?:outgoing|outbound|outward|departures?|exports?|loaded)\b"),
    (r"\bresidential\b", r"\bnon-residential\b"), (r"\badults?\b", r"\b(?:children|minors|juveniles?)\b"),
    (r"\bpublic\b", r"\bprivate\b"), (r"\blarge\b", r"\b(?:small|SMEs?)\b"), (r"\b(?:paid|food)\b", r"\b(?:unpaid|non-food)\b"), (r"\bpermanent\b", r"\btemporary\b"),
    (r"\bboys\b", r"\bgirls\b"), (r"\bservices\b", r"\bgoods\b"),
]  # fmt: skip
CLASSES = [
    ("公路", "铁路", "水路", "航空", "民航", "管道"), ("来信", "来访", "来电", "电话", "网络", "网站", "微信", "短信", "邮件", "信件"),
    ("夏粮", "秋粮", "早稻"), ("地表水", "地下水", "其他水"), ("属实", "部分属实", "失实", "不属实", "查无实据"), ("直接", "转派", "转办"),
    ("小学", "初中", "高中", "幼儿园", "特殊教育"), ("民商事", "刑事", "行政", "执行"), ("大型", "中型", "小型", "微型", "小微"), ("国家级", "省级", "市级", "县级"),
    ("公共汽电车", "公交", "轨道交通", "地铁", "出租汽车", "网约车", "轮渡"), ("火电", "水电", "核电", "风电", "太阳能", "光伏"),
    ("国有企业", "民营企业", "外商投资企业"), ("企业职工", "机关事业单位", "城乡居民"), ("一般贸易", "加工贸易", "保税物流"),
    ("农业", "林业", "牧业", "渔业", "辅助性活动"), ("检举控告", "业务范围外", "申诉", "批评建议"),
]  # fmt: skip
COMPLETE = [
    frozenset(("大型", "中型", "小微")), frozenset(("大型", "中型", "小型", "微型")),
    frozenset(("谈话函询", "初步核实", "予以了结", "暂存待查")), frozenset(("县道", "乡道", "村道")),
    frozenset(("社会团体", "民办非企业", "基金会")), frozenset(("社会团体", "社会服务机构", "基金会")),
    frozenset(("农业", "林业", "牧业", "渔业", "服务业")), frozenset(("农业", "林业", "牧业", "渔业", "辅助性活动")),
    frozenset(("第一产业", "第二产业", "第三产业")), frozenset(("属实", "部分属实", "不属实")),
]  # fmt: skip
"""Classifications with all of their members: nothing is left beside them."""
EN_OUTCOME = re.compile(
    r"^\s?(?:cases |complaints |of them )?(?:were |was )?(?:not |partly |partially |fully |wholly )?(?:closed|resolved|decided|settled|upheld|dismissed|rejected|withdrawn|sustained|refused|granted|convicted|acquitted|discontinued|affirmed|reversed|remanded)\b",
    re.I,
)
EN_CLASSES = [
    (r"\b(?:road|lorry|truck|bus|coach)\b", r"\b(?:rail|railways?|train)\b", r"\b(?:air|plane)\b",
     r"\b(?:sea|ship|ferry|water|inland waterways?|boat)\b", r"\bpipelines?\b", r"\bother\b"),
    (r"\b(?:tele)?phone\b", r"\b(?:e-?mail)\b", r"\b(?:post|letter|in writing)\b", r"\b(?:online|website|web|app|internet)\b",
     r"\b(?:in person|counters?|face to face|walk-in)\b", r"\bother\b"),
    (r"\bcoal\b", r"\bgas(?:-fired)?\b", r"\bnuclear\b", r"\b(?:hydro|hydropower)\b", r"\bwind\b", r"\bsolar\b",
     r"\b(?:oil|diesel)\b", r"\bbiomass\b", r"\bother\b"),
    (r"\brenewables?\b", r"\bfossil\b", r"\bnuclear\b", r"\bother\b"),
    (r"\bservices\b", r"\bindustry\b", r"\bconstruction\b", r"\bagricultur\w+\b"),
    (r"\bwheat\b", r"\bbarley\b", r"\bmaize\b", r"\boats\b", r"\brye\b", r"\bother\b"),
    (r"\bprimary\b", r"\bsecondary\b", r"\bspecial\b", r"\bnurser\w+\b"),
]  # fmt: skip
"""Members of classifications that do not overlap: modes of transport, channels, fuels."""

"""Measures that the checker knows, what they are the sum of, and how a label becomes a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from huhang.checker.model import Name


@dataclass(frozen=True)
class Partition:
    """A whole and parts that are everything of it. ``adds``: values add up; else growth only."""

    whole: str
    parts: tuple[str, ...]
    adds: bool = True
    signs: tuple[int, ...] = ()


PARTITIONS = (
    Partition("trade", ("exports", "imports")),
    Partition("gdp", ("gdp1", "gdp2", "gdp3")),
    Partition("fiscal", ("tax", "nontax")),
    Partition("retail", ("retail_urban", "retail_rural")),
    Partition("retail", ("retail_goods", "retail_catering")),
    Partition("power", ("power1", "power2", "power3", "power_homes")),
    Partition("investment", ("investment1", "investment2", "investment3")),
    Partition("entities", ("enterprises", "individuals", "cooperatives")),
    Partition("population", ("people_urban", "people_rural")),
    Partition("population", ("men", "women")),
    Partition("industry", ("mining", "manufacturing", "utilities"), adds=False),
    Partition("cpi", ("cpi_urban", "cpi_rural"), adds=False),
    Partition("cpi", ("cpi_food", "cpi_nonfood"), adds=False),
    Partition("cpi", ("cpi_goods", "cpi_services"), adds=False),
)
# Their growth is at constant prices: printed values give no weights for it.
REAL = {"gdp", "gdp1", "gdp2", "gdp3", "industry", "mining", "manufacturing", "utilities"}
# Known only inside a text about their whole.
ONLY_UNDER = {
    "cpi_urban": "cpi", "cpi_rural": "cpi", "cpi_food": "cpi", "cpi_nonfood": "cpi", "cpi_goods": "cpi",
    "cpi_services": "cpi", "mining": "industry", "manufacturing": "industry", "utilities": "industry",
    "men": "population", "women": "population", "enterprises": "entities", "individuals": "entities",
    "cooperatives": "entities", "retail_urban": "retail", "retail_rural": "retail", "retail_goods": "retail",
    "retail_catering": "retail", "people_urban": "population", "people_rural": "population",
    "power_homes": "power",
}  # fmt: skip

_ZH = [
    ("surplus", r"(?:(?:货物|外贸|对外)?(?:贸易|进出口))?顺差"), ("deficit", r"(?:(?:货物|外贸|对外)?(?:贸易|进出口))?逆差"),
    ("balance", r"(?:货物|外贸|对外)?(?:贸易|进出口)差额"),
    ("trade", r"进出口(?!信用|企业|银行|公司|商会|商品|许可)"),
    ("exports", r"(?<!进)出口(?!退税|信用|许可|加工|交货|导向|价格|企业|转内销|管制)"),
    ("imports", r"(?<!出)进口(?!博览|许可|替代|价格|企业|贴息|商品展)"),
    ("investment1", r"(?:第一|一次)产业(?:完成)?(?:固定资产)?投资"), ("investment2", r"(?:第二|二次)产业(?:完成)?(?:固定资产)?投资"),
    ("investment3", r"(?:第三|三次)产业(?:完成)?(?:固定资产)?投资"), ("investment", r"固定资产投资"),
    ("power1", r"第一产业用电量?"), ("power2", r"第二产业用电量?"), ("power3", r"第三产业用电量?"),
    ("power_homes", r"(?:城乡)?居民(?:生活)?用电量?"), ("power", r"全社会用电量"),
    ("gdp1", r"第一产业(?:实现)?(?:增加值)?(?!税|就业|从业|企业|占)"),
    ("gdp2", r"第二产业(?:实现)?(?:增加值)?(?!税|就业|从业|企业|占)"),
    ("gdp3", r"第三产业(?:实现)?(?:增加值)?(?!税|就业|从业|企业|占)"),
    ("gdp_head", r"人均(?:地区|国内)?(?:生产总值|GDP)"),
    ("gdp", r"(?:地区|国内)?生产总值|GDP"),
    ("fiscal", r"一般公共预算收入"), ("nontax", r"非税收入"), ("tax", r"税收(?:收入)?(?!违法|优惠|占|征管)"),
    ("retail", r"社会消费品零售总额|社零(?:总额|额)"),
    ("retail_urban", r"(?:城镇|城市)(?:市场)?(?:消费品)?(?:市场)?(?:实现)?(?:消费品)?零售额"),
    ("retail_rural", r"(?:乡村|农村)(?:市场)?(?:消费品)?(?:市场)?(?:实现)?(?:消费品)?零售额"),
    ("retail_goods", r"商品零售(?:额)?"), ("retail_catering", r"餐饮(?:业)?(?:收入|营业额|零售额)"),
    ("entities", r"(?:经营|市场)主体"),
    ("cooperatives", r"(?:农民)?(?:专业)?合作社"), ("individuals", r"个体工商户|个体户"),
    ("people_urban", r"(?:城镇|居住在城镇的)(?:常住)?人口"), ("people_rural", r"(?:乡村|农村|居住在乡村的)(?:常住)?人口"),
    ("population", r"常住人口(?!城镇化)"), ("men", r"男性(?:人口)?"), ("women", r"女性(?:人口)?"),
    ("industry", r"(?:规模以上|规上|全部)?工业增加值"),
    ("mining", r"采矿业(?:增加值)?"), ("manufacturing", r"(?<!装备)(?<!高技术)制造业(?:增加值)?(?!投资|企业|贷款|占)"),
    ("utilities", r"电力、?热力、?燃气及?水(?:的)?(?:生产和供应)?业?(?:增加值)?"),
    ("cpi_nonfood", r"非食品(?:烟酒)?(?:价格)?"), ("cpi_food", r"(?<!非)食品(?:价格)?(?!烟酒|安全|生产|企业|、)"),
    ("cpi_goods", r"(?<!工业)消费品价格"), ("cpi_services", r"服务(?:项目)?价格"),
    ("cpi", r"居民消费价格(?:总水平|总?指数)?|CPI"),
    ("cpi_urban", r"^(?:城市|城镇)(?:居民消费价格|价格)?$"), ("cpi_rural", r"^(?:农村|乡村)(?:居民消费价格|价格)?$"),
    ("enterprises", r"^(?:各类)?企业(?:数量|总数|总量)?$"),
]  # fmt: skip
_EN = [
    ("surplus", r"(?:trade )?surplus"), ("deficit", r"(?:trade )?deficit"),
    ("trade", r"(?:foreign|total|external|goods|merchandise|overall|two-way|bilateral)?[ ]?(?:foreign |goods |external )?trade(?: in goods)?(?! surplus| deficit| balance| war| in services| mode|rs)(?: volume| value| turnover)?"
              r"|(?:total )?(?:imports? (?:and|plus) exports?|exports? (?:and|plus) imports?|import(?:-| and )export)(?: (?:value|volume|total))?"),
    ("exports", r"(?<![a-z])(?<!import-)exports?(?!ers|ing| tax| rebate| control| compan| prices| enterprises)(?: (?:value|volume))?"),
    ("imports", r"(?<![a-z])(?<!export-)imports?(?!ers|ing|ant| dut| prices)(?: (?:value|volume))?"),
    ("investment1", r"(?:fixed-asset )?investment in (?:the )?primary (?:industry|sector)"), ("investment2", r"(?:fixed-asset )?investment in (?:the )?secondary (?:industry|sector)"),
    ("investment3", r"(?:fixed-asset )?investment in (?:the )?(?:tertiary|service) (?:industry|sector)"), ("investment", r"fixed[- ]assets? investment|investment in fixed assets"),
    *((f"gdp{n}", rf"(?:(?:value[ -]added|added value) (?:of|in|from) (?:the )?)?{sector} (?:industr(?:y|ies)|sectors?)")
      for n, sector in enumerate(("primary", "secondary", "tertiary"), 1)),
    ("gdp_head", r"(?:per[- ]capita )(?:GDP|gross domestic product)|GDP per capita"),
    ("gdp", r"GDP|gross (?:domestic|regional) product"),
    ("nontax", r"non-tax revenues?"), ("fiscal", r"(?:general )?(?:public )?(?:budget|budgetary|fiscal|government) revenues?"),
    ("tax", r"(?<!non-)tax(?:ation)? revenues?"),
    ("retail_urban", r"urban (?:areas? )?(?:retail )?sales|(?:retail )?sales in (?:urban areas|cities)|urban retail sales"),
    ("retail_rural", r"rural (?:areas? )?(?:retail )?sales|(?:retail )?sales in (?:rural areas|the countryside)"),
    ("retail_catering", r"catering(?: (?:revenue|sales|income|services?))?"), ("retail_goods", r"(?:retail )?sales of goods|(?:goods|commodity) (?:retail )?sales"),
    ("retail", r"(?:total )?retail sales(?: of consumer goods)?"),
    ("cpi_nonfood", r"non-food prices?"), ("cpi_food", r"(?<!non-)food prices?"), ("cpi_services", r"(?:prices of services|service prices?|services prices?)"),
    ("cpi_goods", r"(?:prices of (?:consumer )?goods|(?:consumer )?goods prices?)"), ("cpi", r"consumer price(?:s| index)|CPI|consumer inflation"),
    ("industry", r"(?:value-added )?industrial (?:output|production|value added)|industrial added value"),
    ("mining", r"mining(?: (?:sector|industry|output))?"), ("manufacturing", r"(?<!equipment )(?<!tech )manufacturing(?: (?:sector|industry|output))?"),
    ("utilities", r"(?:electricity|power)[a-z, ]+(?:supply|utilities|water)[a-z ]*|utilities"),
    ("entities", r"(?:market|business) entities"), ("cooperatives", r"(?:farmers'? )?(?:specialized |professional )?cooperatives"),
    ("individuals", r"(?:individual|self-employed) (?:business(?:es)?(?: households)?|households|traders)|individually owned businesses"), ("enterprises", r"^(?:were )?(?:enterprises|companies)$"),
    ("people_urban", r"urban (?:permanent )?(?:population|residents)"), ("people_rural", r"rural (?:permanent )?(?:population|residents)"),
    ("population", r"(?:permanent|resident|total) population"), ("women", r"^(?:were )?(?:women|females?)$"), ("men", r"^(?:were )?(?:men|males?)$"),
]  # fmt: skip
_ZH_RE = [(k, re.compile(p)) for k, p in _ZH]
_EN_RE = [(k, re.compile(p, re.IGNORECASE)) for k, p in _EN]

_ZH_REGION = re.compile(
    r"全国|全省|全市|全区|全县|全州|全镇|我国|我省|我市|我区|我县|我州|我镇|本市|本省|本区|本县|本州|全自治区|"
    r"^[^\W\d_a-zA-Z新增共有个各全和在为是年月日该地片税发园社辖郊城景校小灾牧林矿库山湾高]{2,3}?(?:省|市|区|县|州)(?!场|级|直|域|属|内|外(?!贸)|政|委|民|镇|长|间|分|块|县|区|专)"
)
HOME = {"全市": "市", "我市": "市", "本市": "市", "全区": "区", "我区": "区", "本区": "区", "全县": "县", "我县": "县",
         "本县": "县", "全省": "省", "我省": "省", "本省": "省", "全国": "国", "我国": "国", "全州": "州", "我州": "州",
         "本州": "州"}  # fmt: skip
_CURRENCIES = {
    "dollar": "USD", "us dollar": "USD", "euro": "EUR", "yuan": "CNY", "renminbi": "CNY", "rmb": "CNY", "sterling": "GBP",
    "pound": "GBP", "yen": "JPY", "美元": "USD", "人民币": "CNY", "欧元": "EUR", "日元": "JPY", "港元": "HKD", "英镑": "GBP",
}  # fmt: skip
_EN_CURRENCY = r"(?:US dollar|dollar|euro|yuan|renminbi|RMB|sterling|pound|yen)"
_TERMS = re.compile(
    rf"\b(?:measured |expressed |counted |calculated )?in (?P<a>{_EN_CURRENCY})(?:-denominated)? (?:terms|value)\b"
    rf"|\b(?:measured |expressed |counted |calculated )?in (?P<b>{_EN_CURRENCY})s?(?=[,.;)]|\s(?:and|but|it|they|exports|imports)\b|$)"
    rf"|\b(?P<c>{_EN_CURRENCY})(?:-denominated)? (?=(?:exports?|imports?|trade|sales|revenues?|turnover|receipts|earnings|income)\b)"
    r"|(?:按|以)(?P<d>美元|人民币|欧元|日元|港元|英镑)(?:计价|计算|计|口径)(?:算)?",
    re.I,
)


def terms(text: str) -> str:
    """The currency that a text says to count in, the last it names: "in dollar terms", 按美元计价."""
    found = list(_TERMS.finditer(text))
    if not found:
        return ""
    m = found[-1]
    return _CURRENCIES[(m["a"] or m["b"] or m["c"] or m["d"]).lower()]


_ZH_FILL = re.compile(
    r"据.{0,24}?(?:统计|数据显示|通报|显示|获悉)|货物贸易|货物|外贸|对外贸易|总值|总额|总量|总计|累计|共计|合计|实现|完成|达到|达|突破|创下?|贸易|"
    r"规模|(?<!数)额|值$|共|的|了|为|是|约|当月|单月|其中|分别|同期|增速|增幅|涨幅|降幅|跌幅|平均|水平|情况|方面|看|分产业|"
    r"\s|[，,、：:；;“”\"()。]|^(?:和|及|与|而|且|同时|另外|此外|其|以及|并|则|仅|又|也|均|都|还|已|再|继续|持续|稳步|快速|较快|由|在)"
)
_EN_REGION = re.compile(
    r"\b(?:the )?(?:nation(?:al|wide)?|country|provinc(?:e|ial)|city|municipal|district|county|national)(?:'s|-wide)?\b", re.I
)  # fmt: skip
_EN_PLACE = re.compile(r"\sin (?:the )?(?P<p>[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})$")
_EN_FILL = re.compile(
    r"\b(?:the|a|an|of|in|its|their|total|overall|value|volume|output|and|while|which|with|for|to|was|were|is|are|combined|whereas|but|meanwhile|also|by|at|"
    r"average|therefore|thus|hence|growth|rate|rates|reached|stood|totaled|totalled|amounted|came|hit|has|had|have|both|alone|accounted|that|contributed|collected|brought|bringing|lifting|pushing|taking|number|respectively|amount|grew|rose|fell|from)\b|[^a-z0-9 -]", re.I
)  # fmt: skip
NOT_ADDING = re.compile(
    r"人均|平均|均价|单价|价格|指数|率$|率(?:为|达)|比重|占比|日均|月均|户均|得分|评分|密度|浓度|利润|顺差|逆差|差额|净|汇率|时长|用时|"
    r"per capita|average|mean|rate|price|index|score|profit|surplus|deficit|\bnet\b|median|per head", re.I
)  # fmt: skip
STOCK = re.compile(
    r"余额|实有|存量|总量|保有|户籍|常住|人口|在册|期末|年末|月末|结存|库存|现有|拥有|在校|床位|主体|总数|登记在册|达到|"
    r"outstanding|balance|population|registered|existing|stock|inventory|on record|total number", re.I
)  # fmt: skip
PLANNED = re.compile(r"力争|计划|目标|预计|预期|规划|拟|将(?:达|超|突破|实现|增)|到20\d\d年|建成后|投产后|"
                     r"\b(?:plans? to|target(?:s|ed|ing)?|aims? to|expected to|forecast|will|projected|is set to|by 20\d\d)\b", re.I)  # fmt: skip
REAL_WORDS = re.compile(r"可比价|不变价|可比口径|实际增长|扣除价格|剔除价格|constant prices|comparable prices|in real terms|real (?:growth|terms)|inflation-adjusted|comparable basis", re.I)  # fmt: skip
DISJOINT = re.compile(
    r"(?:类|产业|渠道|级|岁|区|县|市|镇|乡|街道|方式|等次|档|受理|领域|行业|季度|组|科|年龄段|学历)$"
)
REQUESTS = {
    "满意",
    "基本满意",
    "不满意",
    "咨询",
    "投诉",
    "举报",
    "求助",
    "建议",
    "意见建议",
    "表扬",
    "感谢",
    "其他",
    "其它",
    "意见",
    "申诉",
    "投诉举报",
    "报修",
}
REQUESTS_EN = re.compile(r"^(?:small|medium|large|micro|(?:very |fairly |somewhat |quite )?(?:dis|un)?satisfied|neutral|urban|rural|male|female|men|women)\b|(?:enquir|inquir|complaint|report|suggest|consult|requests? for (?:help|assistance)|commendation|compliment|others?$|tip-off|praise)", re.I)  # fmt: skip


@lru_cache(maxsize=4096)
def chinese_name(words: str) -> Name:
    """The name that a Chinese label gives."""
    region = ""
    plain = words
    found = _ZH_REGION.search(plain)
    if found:
        region = HOME.get(found.group(0), found.group(0))
        plain = plain[: found.start()] + plain[found.end() :]
    plain = _TERMS.sub("", plain).replace("(", "").replace(")", "")
    plain = plain.replace("工业企业", "工业").replace("规模以上", "规上")
    return _name(plain, words, region, _ZH_RE, _ZH_FILL)


@lru_cache(maxsize=4096)
def english_name(words: str) -> Name:
    """The name that an English label gives."""
    plain = re.sub(r"\s+", " ", _TERMS.sub(" ", words)).strip(" ,;:-")
    region = ""
    found = _EN_REGION.search(plain)
    if found:
        word = re.sub(r"^the |'s$|-wide$", "", found.group(0).lower())
        region = {"provincial": "省", "province": "省", "city": "市", "municipal": "市", "district": "区",
                  "county": "县"}.get(word, "国")  # fmt: skip
        plain = plain[: found.start()] + plain[found.end() :]
    elif (place := _EN_PLACE.search(plain)) is not None:
        region, plain = place["p"].lower(), plain[: place.start()]
    return _name(plain.strip(), words, region, _EN_RE, _EN_FILL)


def _name(
    plain: str,
    words: str,
    region: str,
    known: list[tuple[str, re.Pattern[str]]],
    fill: re.Pattern[str],
) -> Name:
    best: tuple[int, int, str] | None = None
    bare = fill.sub("", plain) if fill is _ZH_FILL else plain.strip().lower()
    for measure, pattern in known:
        m = pattern.search(bare if pattern.pattern.startswith("^") else plain)
        if m is None:
            continue
        if pattern.pattern.startswith("^"):
            return Name(measure, "", region, words)
        if best is None or (m.end() - m.start() > best[1] - best[0] and best[2] not in ("trade",)):
            best = (m.start(), m.end(), measure)
    if best is not None:
        rest = plain[: best[0]] + " " + plain[best[1] :]
        return Name(best[2], _squeeze(fill, rest), region, words)
    return Name("", _squeeze(fill, plain), region, words)


def _squeeze(fill: re.Pattern[str], text: str) -> str:
    for _round in range(2):
        text = fill.sub(" " if fill is _EN_FILL else "", text)
    return re.sub(r"\s+", " ", text).strip().lower()

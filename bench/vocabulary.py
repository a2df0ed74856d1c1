"""Words for the texts of a large world: hotline Chinese whose words come as often as Zipf has it."""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate

COMMON = [
    "噪音",
    "企业",
    "小区",
    "问题",
    "施工",
    "反映",
    "部门",
    "处理",
    "物业",
    "道路",
    "供暖",
    "办理",
    "没有",
    "居民",
    "希望",
    "停车",
    "工资",
    "拖欠",
    "电话",
    "多次",
    "窗口",
    "营业执照",
    "材料",
    "业主",
    "夜间",
    "扰民",
    "油烟",
    "垃圾",
    "电梯",
    "漏水",
    "停水",
    "停电",
    "燃气",
    "公交",
    "学校",
    "医院",
    "社保",
    "医保",
    "公积金",
    "税务",
    "发票",
    "消费",
    "退款",
    "商家",
    "食品",
    "过期",
    "价格",
    "收费",
    "标准",
    "检查",
    "罚款",
    "审批",
    "许可",
    "消防",
    "验收",
    "环保",
    "排污",
    "粉尘",
    "异味",
    "招标",
    "投标",
    "合同",
    "贷款",
    "补贴",
    "资金",
    "兑现",
    "承诺",
    "招商",
    "用地",
    "供电",
    "增容",
    "网络",
    "宽带",
    "快递",
    "外卖",
    "出租车",
    "网约车",
    "红绿灯",
    "路灯",
    "井盖",
    "积水",
    "绿化",
    "树木",
    "占道",
    "经营",
    "城管",
    "执法",
    "态度",
    "推诿",
    "拖延",
    "答复",
    "无人",
    "接听",
    "登记",
    "户口",
    "身份证",
    "房产证",
    "过户",
    "产权",
    "拆迁",
    "安置",
    "补偿",
    "低保",
    "养老",
    "残疾",
    "幼儿园",
    "招生",
    "学位",
    "培训",
    "退费",
    "健身房",
    "预付卡",
    "倒闭",
    "劳动",
    "仲裁",
    "工伤",
    "加班",
    "农民工",
    "项目",
    "工地",
    "渣土车",
    "超载",
    "违停",
    "驾照",
    "年检",
    "车辆",
    "保险",
    "理赔",
    "疫苗",
    "药品",
    "诊所",
    "无证",
    "假冒",
    "商标",
    "专利",
    "注册",
    "注销",
    "变更",
    "法人",
    "股东",
    "清算",
    "破产",
    "厂房",
    "租金",
    "园区",
    "蒸汽",
    "污水",
    "管网",
    "水压",
    "水质",
    "自来水",
    "暖气",
    "温度",
]
SYLLABLES = (
    "安白北本边兵博才采彩草常城成川春聪大丹道德登地东端多恩方飞丰福高歌光贵国海和河恒红厚湖华怀欢辉惠"
    "吉嘉坚建江杰金津锦京晶静军君开康科奎坤兰乐雷理力丽利林灵龙隆鲁路罗马茂梅美蒙民明木南宁农攀佩鹏平"
    "普奇启千强乔琴青清庆秋泉然仁荣瑞山尚胜盛诗石世寿书树水顺思松苏台太泰堂天田铁通万旺威维伟文武西希"
)
"""Characters of which the rare words are made: names of places, shops and people."""


@cache
def words(count: int = 6000) -> list[str]:
    """The vocabulary, the commonest first: words of the hotline, then made ones of two and three."""
    draw = random.Random(11)
    found = dict.fromkeys(COMMON)
    while len(found) < count:
        found["".join(draw.choices(SYLLABLES, k=2 if len(found) % 3 else 3))] = None
    return list(found)


@cache
def _weights() -> list[float]:
    return list(accumulate(1 / (rank + 3) for rank in range(len(words()))))


def text(draw: random.Random) -> str:
    """A text of 30 to 200 characters, most of them short."""
    size = min(200, 30 + int(draw.expovariate(1 / 45)))
    drawn = draw.choices(words(), cum_weights=_weights(), k=size // 2 + 2)
    parts = ["，".join("".join(drawn[n : n + 4]) for n in range(0, len(drawn), 4))]
    return parts[0][:size] + "。"

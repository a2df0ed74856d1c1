"""Charts with the longest labels that a district may have."""

from __future__ import annotations

from huhang.insight.charts.shapes import Cell, Line, Panel
from huhang.kernel.clock import MONTHS

UNITS = {
    "zh-hans": ["云湖示范区住房和城乡建设局（人民防空办公室）", "云湖示范区行政审批服务局政务服务中心管理办公室", "税务局", "清河镇人民政府"],
    "en": ["Administrative Approval Bureau of the Yunhu Demonstration Zone", "Telecommunications Administration",
           "Tax Bureau", "Housing and Urban-Rural Construction Bureau (Civil Air Defence Office)"],
}  # fmt: skip
BEHAVIOURS = {
    "zh-hans": ["政令不畅", "履职不力", "吃拿卡要", "以权谋私", "推诿扯皮", "拖延不办", "乱收费乱摊派", "乱罚款乱检查", "承诺不兑现", "程序不公开",
                "态度生硬", "妨碍公平竞争"],
    "en": ["Policy blocked", "Weak performance of duty", "Petty extortion and obstruction", "Abuse of power for private gain",
           "Passing the buck", "Delay", "Arbitrary fees and apportionments", "Arbitrary penalties and inspections",
           "Promises not kept", "Procedures not public", "Bad manners", "Obstructing fair competition"],
}  # fmt: skip
AGES = {
    "zh-hans": ["1—5 天", "6—15 天", "16—30 天", "超过 30 天"],
    "en": ["1–5 days", "6–15 days", "16–30 days", "over 30 days"],
}
CHANNELS = {
    "zh-hans": ["码上举报", "开放接口（Open311）", "统计监督移交"],
    "en": ["Scan code", "Open interface (Open311)", "Statistical inspection hand-over"],
}
FORMS = {
    "zh-hans": ["修订制度并向社会公开征求意见", "优化流程", "尚未治理"],
    "en": ["A rule was changed and put to the public", "A process", "Not yet"],
}


def _months(language: str) -> list[str]:
    if language == "en":
        return [f"{m} 2026" for m in MONTHS]
    return [f"2026年{m}月" for m in range(1, 13)]


def _cell(value: float | None, shown: str = "") -> Cell:
    return Cell(value, shown or f"{value:,}")


def _panel(name: str, draw: str, columns: list[str], lines: list[Line]) -> Panel:
    keyed = tuple((str(n + 1), words) for n, words in enumerate(columns))
    return Panel(name, draw, "", "", "", "", "", keyed, tuple(lines), None, False)


def panels_of(language: str) -> list[Panel]:
    """One chart of each form, in the words of a language."""
    units, months = UNITS[language], _months(language)
    bars = [Line(str(n), words, (_cell(12345 - 6000 * n), _cell(None, "100.0 %")))
            for n, words in enumerate(FORMS[language])]  # fmt: skip
    grid = [
        _panel(f"heat-{len(columns)}", "heat", columns,
               [Line(str(n), unit, tuple(_cell((n * m) % 5) for m in range(len(columns))))
                for n, unit in enumerate(units)])
        for columns in (AGES[language], BEHAVIOURS[language])
    ]  # fmt: skip
    rows = [Line(str(n), words, tuple(_cell(m * n * 100) for m in range(12)))
            for n, words in enumerate(CHANNELS[language])]  # fmt: skip
    spans = ["件", "中位数", "九成以内"] if language != "en" else ["Cases", "Median", "90 % within"]
    days = [Line(m, m, (_cell(3), _cell(2.0 + n), _cell(9.0 + n))) for n, m in enumerate(months)]
    early = [*days[:2], *(Line(m, m, (_cell(0), _cell(None, "–"), _cell(None, "–"))) for m in months[2:])]  # fmt: skip
    banded = [
        Line(str(n), unit, (_cell(9), _cell(9), _cell(18), _cell(50.0), _cell(20.0), _cell(80.0)), f"{20 + n}–{99 + n // 2} %")
        for n, unit in enumerate(units)
    ]  # fmt: skip
    return [
        _panel("bars", "bars", ["n", "share"], bars), *grid, _panel("trellis", "trellis", months, rows),
        _panel("lines", "lines", spans, days), _panel("early", "lines", spans, early),
        _panel("intervals", "intervals", [""] * 6, banded),
    ]  # fmt: skip

"""Build the shipped Word templates of the papers, or with --check say which have drifted.

The layout of the Chinese ones follows GB/T 9704-2012; docs/papers.md says which of its numbers are confirmed.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_TABLE_ALIGNMENT as TABLE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.enum.text import WD_TAB_ALIGNMENT as TAB
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

sys.path.insert(0, str(Path(__file__).resolve().parent))
import papers_en

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "src" / "huhang" / "papers" / "shipped"
FANGSONG, XIAOBIAOSONG = "仿宋_GB2312", "方正小标宋简体"
HEITI, KAITI, SONGTI = "黑体", "楷体_GB2312", "宋体"
TEXT_WIDTH = Mm(156)
CHARACTER = 15.75  # points a character takes: 28 of them fill a line of 156 mm
RED = RGBColor(0xFF, 0x00, 0x00)


def element(tag: str, **attributes: Any) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn("w:" + name), str(value))
    return made


def face(style: Any, family: str, size: float) -> None:
    """Set one face for all scripts, and a size in points."""
    style.font.name = family
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn("w:" + script), family)


def exact(style: Any, points: float) -> None:
    form = style.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    form.line_spacing = Pt(points)
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False


def new_document() -> Any:
    """An empty page with the styles that an office can change in Word."""
    out = docx.Document()
    body = out.element.body
    for paragraph in list(body.iterchildren(qn("w:p"))):
        body.remove(paragraph)
    defaults = out.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    run = defaults.find(qn("w:rPr"))
    run.remove(run.find(qn("w:rFonts")))
    run.find(qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
    normal = out.styles["Normal"]
    face(normal, FANGSONG, 16)
    exact(normal, 28)
    normal.element.get_or_add_rPr().append(element("w:spacing", val=-5))
    normal.element.get_or_add_pPr().append(element("w:snapToGrid", val=0))

    def style(name: str, family: str, size: float, line: float) -> Any:
        made = out.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        made.quick_style = True
        face(made, family, size)
        exact(made, line)
        return made

    title = style("公文标题", XIAOBIAOSONG, 22, 36)
    title.paragraph_format.alignment = ALIGN.CENTER
    title.element.get_or_add_rPr().append(element("w:spacing", val=0))
    text = style("公文正文", FANGSONG, 16, 28)
    text.paragraph_format.alignment = ALIGN.JUSTIFY
    indent = text.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(round(2 * CHARACTER * 20)))
    heading = style("公文小标题", HEITI, 16, 28)
    heading.base_style = text
    heading.paragraph_format.keep_with_next = True
    head = style("发文机关标志", XIAOBIAOSONG, 36, 46)
    head.paragraph_format.alignment = ALIGN.CENTER
    head.font.color.rgb = RED
    number = style("发文字号", FANGSONG, 16, 28)
    number.paragraph_format.alignment = ALIGN.CENTER
    sign = style("公文署名", FANGSONG, 16, 28)
    sign.paragraph_format.alignment = ALIGN.CENTER
    sign.paragraph_format.left_indent = Pt(13 * CHARACTER)
    sign.paragraph_format.keep_with_next = True
    cell = style("表格文字", FANGSONG, 12, 18)
    cell.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    cell.paragraph_format.line_spacing = Pt(18)
    long_cell = style("表格正文", FANGSONG, 12, 18)
    long_cell.base_style = cell
    long_cell.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    long_cell.paragraph_format.line_spacing = Pt(18)
    indent = long_cell.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(round(2 * 11.75 * 20)))
    label = style("表格栏目", HEITI, 12, 18)
    label.paragraph_format.alignment = ALIGN.CENTER
    copies = style("版记", FANGSONG, 14, 24)
    copies.paragraph_format.left_indent = copies.paragraph_format.right_indent = Pt(14)
    page_number = style("公文页码", SONGTI, 14, 18)
    page_number.element.get_or_add_rPr().append(element("w:spacing", val=0))
    draft = style("草稿标记", HEITI, 14, 18)
    draft.paragraph_format.alignment = ALIGN.RIGHT
    draft.font.color.rgb = RGBColor(0x80, 0x80, 0x80)
    return out


def set_page(out: Any) -> None:
    """A4; 37 mm above, 28 mm at the left, a text area of 156 × 225 mm; page numbers outside."""
    (page,) = out.sections
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(22), Mm(25)
    out.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((page.footer, ALIGN.RIGHT), (page.even_page_footer, ALIGN.LEFT)):
        line = footer.paragraphs[0]
        line.style = out.styles["公文页码"]
        line.alignment = side
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        line.add_run("— ")
        field(line, "PAGE")
        line.add_run(" —")
    for header in (page.header, page.even_page_header):
        line = header.paragraphs[0]
        line.style = out.styles["草稿标记"]
        line.add_run("{% if draft %}草稿　未编号，不得外发{% endif %}")
    section = page._sectPr
    grid = section.find(qn("w:docGrid"))
    if grid is not None:
        section.remove(grid)


def field(paragraph: Any, code: str) -> None:
    for kind, text in (
        ("begin", None),
        (None, code),
        ("separate", None),
        ("text", "1"),
        ("end", None),
    ):
        run = paragraph.add_run()
        if kind is None:
            made = element("w:instrText")
            made.text = f" {text} "
            run._r.append(made)
        elif kind == "text":
            run.text = str(text)
        else:
            run._r.append(element("w:fldChar", fldCharType=kind))


def border(paragraph: Any, colour: str, size: int, side: str = "bottom", space: int = 1) -> None:
    borders = element("w:pBdr")
    borders.append(element("w:" + side, val="single", sz=size, space=space, color=colour))
    paragraph._p.get_or_add_pPr().append(borders)


def put(out: Any, text: str, style: str = "公文正文") -> Any:
    return out.add_paragraph(text, style=style)


def blank(out: Any, count: int = 1) -> None:
    for _ in range(count):
        out.add_paragraph("", style="Normal")


def about(name: str, before: str = "关于") -> str:
    """The title of a letter; one that is too long for a line breaks before its kind, in balance."""
    room = 20 - len(before) - len("“”的") - len(name)
    broken = "{% if title|length > " + str(room) + " %}{{ '\\n' }}{% endif %}"
    return before + "“{{ title }}”" + broken + "的" + name


def letter(
    title: str, to: str, body: Sequence[tuple[str, str]], *, copies: bool = False, kept: int = 1
) -> Any:
    """A letter. ``body``: style and text of each paragraph; the last ``kept`` of them stay on the
    page of the signature, which never stands alone."""
    out = new_document()
    set_page(out)
    put(out, "{%p if red_head %}", "Normal")
    head = put(out, "{{ head }}", "发文机关标志")
    head.paragraph_format.space_before = Mm(35)
    blank(out, 2)
    put(out, "{{ serial or '　' }}", "发文字号")
    rule = put(out, "", "Normal")
    rule.paragraph_format.line_spacing = Mm(4)
    border(rule, "FF0000", 18, space=0)
    blank(out, 2)
    put(out, "{%p else %}", "Normal")
    put(out, "{{ serial }}", "发文字号").alignment = ALIGN.RIGHT
    blank(out)
    put(out, "{%p endif %}", "Normal")
    put(out, title, "公文标题")
    blank(out)
    put(out, to + "：", "Normal")
    for at, (style, text) in enumerate(body):
        paragraph = put(out, text, style)
        if at >= len(body) - kept:
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.keep_together = True
    for _ in range(2):
        put(out, "", "Normal").paragraph_format.keep_with_next = True
    put(out, "{{ office }}", "公文署名")
    put(out, "{{ today }}", "公文署名").paragraph_format.keep_with_next = False
    if copies:
        put(out, "{%p if supervising %}", "Normal")
        blank(out, 2)
        line = put(out, "抄送：{{ supervising }}。", "版记")
        borders = element("w:pBdr")
        for side in ("top", "bottom"):
            borders.append(element("w:" + side, val="single", sz=8, space=3, color="000000"))
        line._p.get_or_add_pPr().append(borders)
        put(out, "{%p endif %}", "Normal")
    return out


Row = tuple[int, tuple[tuple[str, int] | tuple[str, int, str], ...]]


def form(title: str, left: str, right: str, rows: Sequence[Row], foot: str = "") -> Any:
    """A form: a title, a line above the table, rows of (text, columns of 12[, look])."""
    out = new_document()
    set_page(out)
    put(out, title, "公文标题")
    blank(out)
    line = put(out, f"{left}\t{right}", "表格文字")
    line.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, TAB.RIGHT)
    columns = 12
    table = out.add_table(rows=0, cols=columns)
    table.style = "Table Grid"
    table.autofit = False
    table.alignment = TABLE.CENTER
    for column in table.columns:
        column.width = TEXT_WIDTH // columns
    for height, cells in rows:
        row = table.add_row()
        settings = row._tr.get_or_add_trPr()
        settings.append(element("w:trHeight", val=round(Mm(height).twips), hRule="atLeast"))
        if not any(len(c) == 3 and c[2] == "long" for c in cells):
            settings.insert(0, element("w:cantSplit"))
        at = 0
        for text, width, *look in cells:
            cell = row.cells[at]
            if width > 1:
                cell = cell.merge(row.cells[at + width - 1])
            cell.width = TEXT_WIDTH * width // columns
            _fill(out, cell, text, look[0] if look else "")
            at += width
        assert at == columns, cells
    if foot:
        put(out, foot, "表格文字")
    else:  # Word wants a paragraph after a table
        end = put(out, "", "表格文字")
        end.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        end.paragraph_format.line_spacing = Pt(1)
    return out


def _fill(out: Any, cell: Any, text: str, look: str) -> None:
    lines = text.split("\n")
    cell.vertical_alignment = {"long": VERTICAL.TOP, "sign": VERTICAL.BOTTOM}.get(
        look, VERTICAL.CENTER
    )
    for index, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        paragraph.style = out.styles[
            {"label": "表格栏目", "long": "表格正文"}.get(look, "表格文字")
        ]
        if look == "sign":
            paragraph.alignment = ALIGN.RIGHT
        if look == "centre":
            paragraph.alignment = ALIGN.CENTER
        paragraph.add_run(line)


def label(text: str) -> tuple[str, int, str]:
    return (text, 2, "label")


def pair(*cells: str, height: int = 11) -> Row:
    """Label and value, twice."""
    return (height, (label(cells[0]), (cells[1], 4), label(cells[2]), (cells[3], 4)))


def wide(name: str, value: str, height: int = 11, look: str = "") -> Row:
    return (height, (label(name), (value, 10, look) if look else (value, 10)))


def signed(name: str, value: str) -> Row:
    """An opinion with its signature, or room for it."""
    return wide(name, "{{ " + value + " or '" + SIGN + "' }}", 17, "sign")


SIGN = "签名：　　　　　　　　　年　　月　　日"


def registration() -> Any:
    return form(
        "营商环境事项登记表",
        "编号：{{ serial }}",
        "登记日期：{{ received_on }}",
        [
            pair("事项编号", "{{ reference }}", "来件渠道", "{{ channel }}"),
            pair("类　　别", "{{ kind }}", "性　　质", "{{ nature }}"),
            pair("收到日期", "{{ received_on }}", "办理期限", "{{ due_on or '受理后起算' }}"),
            pair("损害行为", "{{ behaviour or '—' }}", "当前环节", "{{ state }}"),
            wide("事项标题", "{{ title }}"),
            wide("涉及单位", "{{ concerned or '—' }}"),
            wide("反 映 人", "{{ reporter_stated }}"),
            wide("反映内容", "{{ what_happened }}", 52, "long"),
            pair("来件份数", "{{ report_count }}份", "附　　件", "{{ file_count }}件"),
            wide("处理意见", "{{ decision }}", 20, "long"),
            pair("责任单位", "{{ responsible or '—' }}", "监 督 组", "{{ supervising or '—' }}"),
            pair("登 记 人", "", "审 核 人", "", height=13),
        ],
    )


def approval() -> Any:
    return form(
        "营商环境事项呈批表",
        "编号：{{ serial }}",
        "呈批日期：{{ today }}",
        [
            wide("呈批事项", "{{ title }}"),
            pair("事项编号", "{{ reference }}", "来件渠道", "{{ channel }}"),
            pair("收到日期", "{{ received_on }}", "办理期限", "{{ due_on or '受理后起算' }}"),
            wide("基本情况", "{{ what_happened }}\n{%p if finding_facts %}\n"
                 "核查结论：{{ finding }}。{{ finding_facts }}\n{%p endif %}", 48, "long"),
            wide("拟办意见", "{% if approval_of %}拟{{ approval_of }}。{{ approval_proposal }}"
                 "{% else %}{{ decision }}{% endif %}", 16, "long"),
            signed("承办人\n意　见", "approval_handler or approval_proposer"),
            signed("科室负责\n人 意 见", "approval_office_head"),
            signed("分管领导\n意　　见", "approval_leader_in_charge"),
            signed("主要领导\n批　　示", "approval_principal_leader"),
        ],
    )  # fmt: skip


def urging() -> Any:
    return letter(
        about("督办单"),
        "{{ to }}",
        [
            ("公文正文", "你单位承办的“{{ title }}”（事项编号：{{ reference }}），于{{ received_on }}收到"
             "{% if due_on %}，应于{{ due_on }}前办结{% endif %}。"
             "{% if overdue %}现已超过办理期限。{% endif %}现予第{{ urge_count }}次督办。"),
            ("公文小标题", "一、督办事由"),
            ("公文正文", "{{ urge_reason }}"),
            ("公文小标题", "二、办理要求"),
            ("公文正文", "请指定专人负责，抓紧办理"
             "{% if due_on and not overdue %}，于{{ due_on }}前办结{% endif %}，并书面反馈办理情况；"
             "不能按期办结的，请说明原因和下一步措施。"),
        ],
        copies=True,
    )  # fmt: skip


def rectification() -> Any:
    return letter(
        about("整改通知书"),
        "{{ to }}",
        [
            ("公文正文", "我单位对“{{ title }}”（事项编号：{{ reference }}）进行了核查，核查结论为"
             "{{ finding }}。{% if heard %}核查期间听取了有关单位和人员的陈述，并告知了复核途径。{% endif %}"
             "现将有关问题通知如下，请认真整改。"),
            ("公文小标题", "一、查明的情况"),
            ("公文正文", "{{ finding_facts }}"),
            ("公文小标题", "二、整改要求"),
            ("公文正文", "{{ measures or '请针对上述问题制定整改措施，明确责任人和完成时限。' }}"),
            ("公文小标题", "三、时限与反馈"),
            ("公文正文", "请{% if due_on and not overdue %}于{{ due_on }}前{% else %}抓紧{% endif %}完成整改，"
             "并书面报送整改情况和佐证材料。整改情况经核实后方可销号。"),
        ],
        copies=True,
    )  # fmt: skip


def handover() -> Any:
    return letter(
        about("函", "关于移交"),
        "{{ to }}",
        [
            ("公文正文", "我单位于{{ received_on }}收到反映“{{ title }}”的{{ kind }}（事项编号："
             "{{ reference }}）。经审查，该事项由你单位办理为宜，现予移交，请依法依规办理，"
             "并将接收情况和办理结果函告我单位。"),
            ("公文正文", "移交人：{{ handed_over_by or '　　　　' }}，{{ handed_over_on or '　　年　　月　　日' }}；"
             "接收人：{{ received_by or '　　　　' }}，{{ received_there_on or '　　年　　月　　日' }}。"
             "双方在移交登记表上分别签名、盖章。移交材料涉及反映人的信息，"
             "请严格保密，不得转给被反映的单位和人员。"),
            ("Normal", ""),
            ("公文正文", "附件：1. 移交登记表"),
            ("公文正文", "　　　2. 来件材料（{{ report_count }}份，附件{{ file_count }}件）"),
        ],
        kept=4,
    )  # fmt: skip


def handover_register() -> Any:
    blank = "'　　年　　月　　日'"
    gave = (
        "（盖章）\n\n移交人：{{ handed_over_by or '　　　　' }}\n"
        "{{ handed_over_on or " + blank + " }}"
    )
    took = (
        "（盖章）\n\n接收人：{{ received_by or '　　　　' }}\n收文号：{{ received_number or '—' }}\n"
        "{{ received_there_on or " + blank + " }}"
    )
    return form(
        "移交登记表",
        "移交函文号：{{ serial }}",
        "移交日期：{{ today }}",
        [
            pair("事项编号", "{{ reference }}", "收到日期", "{{ received_on }}"),
            pair("类　　别", "{{ kind }}", "来件渠道", "{{ channel }}"),
            wide("事项标题", "{{ title }}"),
            wide("涉及单位", "{{ concerned or '—' }}"),
            wide("反映内容", "{{ what_happened }}", 60, "long"),
            wide("移交说明", "{{ transfer_reason or '—' }}", 18, "long"),
            wide("移交材料", "来件{{ report_count }}份，附件{{ file_count }}件"),
            (40, (label("移交单位"), ("{{ office }}\n" + gave, 4, "centre"),
                  label("接收单位"), ("{{ to }}\n" + took, 4, "centre"))),
        ],
        foot="注：本表一式两份，移交双方各存一份。",
    )  # fmt: skip


def answer() -> Any:
    return letter(
        about("答复"),
        "{{ to }}",
        [
            ("公文正文", "您于{{ received_on }}反映的“{{ title }}”（事项编号：{{ reference }}）收悉。"
             "现将办理情况答复如下。"),
            ("公文正文", "{{ answer }}"),
            ("公文正文", "您可以凭来件时取得的查询码查看办理进展、补充情况和作出评价。"
             "感谢您对营商环境工作的监督和支持。"),
        ],
    )  # fmt: skip


def recommendation() -> Any:
    return letter(
        about("建议书"),
        "{{ to }}",
        [
            ("公文正文", "在办理“{{ title }}”（事项编号：{{ reference }}）过程中，发现有关制度、流程和管理"
             "方面需要改进。为防止同类问题再次发生，现提出如下建议。"),
            ("公文小标题", "一、发现的问题"),
            ("公文正文", "核查结论：{{ finding }}。{{ finding_facts }}"),
            ("公文小标题", "二、改进建议"),
            ("公文正文", "{% if governed %}{{ govern_form }}：{{ govern_note }}{% else %}"
             "请举一反三，从健全制度、优化流程、更新清单、加强培训等方面提出并落实改进措施。{% endif %}"),
            ("公文小标题", "三、反馈要求"),
            ("公文正文", "请认真研究采纳，并将采纳和落实情况书面反馈我单位；不予采纳的，请说明理由。"),
        ],
        copies=True,
    )  # fmt: skip


def clearing() -> Any:
    """Nothing of the report, and nothing that could tell who reported."""
    return letter(
        "澄清函",
        "{{ to }}",
        [
            ("公文正文", "我单位对涉及你（单位）的反映进行了核查，核查结论为{{ finding }}。"
             "根据《关于做好失实检举控告澄清工作的意见》，现予澄清正名。"),
            ("公文小标题", "一、澄清内容"),
            ("公文正文", "{{ cleared_words }}"),
            ("公文小标题", "二、澄清方式"),
            ("公文正文", "{{ cleared_forms }}（{{ cleared_on }}）。"),
            ("公文正文", "反映失实不等于诬告。任何单位和个人不得追查、打击报复反映人。"),
        ],
    )  # fmt: skip


PAPERS: dict[str, Callable[[], Any]] = {
    "registration": registration,
    "approval": approval,
    "urging": urging,
    "rectification": rectification,
    "handover": handover,
    "handover_register": handover_register,
    "answer": answer,
    "recommendation": recommendation,
    "clearing": clearing,
    **papers_en.PAPERS,
}


def packed(out: Any) -> bytes:
    """The document, the same bytes at each making."""
    properties = out.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = properties.keywords = properties.subject = ""
    properties.created = properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001 - Word's own
    properties.revision = 1
    raw = io.BytesIO()
    out.save(raw)
    made = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            if name == "docProps/thumbnail.jpeg":
                continue
            content = source.read(name)
            if name == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", content)
            target.writestr(
                zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED
            )
    return made.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """What a .docx holds, however it was compressed."""
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return {n: pack.read(n) for n in pack.namelist()}


def stale() -> list[str]:
    """The shipped files that are not what this script builds."""
    found = []
    for key, build in PAPERS.items():
        path = SHIPPED / f"{key}.docx"
        if not path.exists() or parts(path.read_bytes()) != parts(packed(build())):
            found.append(path.name)
    return found + sorted({p.name for p in SHIPPED.glob("*.docx")} - {f"{k}.docx" for k in PAPERS})


def main() -> int:
    """Build, or ``--check``."""
    if "--check" in sys.argv:
        found = stale()
        if found:
            print("Templates have drifted, run `make generate`: " + ", ".join(found))
        return 1 if found else 0
    SHIPPED.mkdir(parents=True, exist_ok=True)
    for key, build in PAPERS.items():
        (SHIPPED / f"{key}.docx").write_bytes(packed(build()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Pictures of each paper, through Word and PDF, for docs/pictures: needs LibreOffice and pdftoppm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures" / "papers"
os.environ["HUHANG_HOME"] = tempfile.mkdtemp()
os.environ["DJANGO_SETTINGS_MODULE"] = "huhang.config.settings"
SHOWN = {
    "serial": "", "draft": False, "transfer_target": "信访部门", "concerned": "示范区市场监督管理局",
    "what_happened": "本人8月在政务服务大厅窗口申请食品经营许可，窗口五次要求补充材料，每次只告知一项，"
    "至今三个月没有结果。\n期间多次拨打窗口电话无人接听。请求尽快办理。",
    "finding_facts": "经调阅窗口受理记录和通话记录，申请人共提交材料五次，窗口未出具一次性告知书。\n"
    "窗口电话在工作时间内长期无人接听。",
    "measures": "三个工作日内办结许可并向申请人致歉，责任人：窗口负责人。\n修订一次性告知制度，11月底前完成。",
    "answer": "经核查，您反映的情况属实。食品经营许可证已于11月25日办结并送达，窗口已就未一次性告知的问题"
    "向您致歉。\n窗口自11月底起实行一次性告知书制度，电话由专人值守。",
    "urge_reason": "承办单位未在规定期限内反馈核查情况，反映人两次来电催问。", "overdue": False,
    "decision": "受理（投诉）。\n属于受理范围，按营商环境投诉办理。", "title": "食品经营许可办理拖延",
    "govern_form": "优化流程", "govern_note": "窗口实行一次性告知书制度，材料齐全后当场出具受理凭证。",
}  # fmt: skip


def main() -> int:
    """One picture of the first page of each paper."""
    import django

    if shutil.which("pdftoppm") is None:
        print("pdftoppm is missing: Debian's package poppler-utils has it", file=sys.stderr)
        return 1
    django.setup()
    from PIL import Image

    from huhang.papers import pdf, templates
    from huhang.papers.names import sample
    from huhang.rulebook import current

    TARGET.mkdir(parents=True, exist_ok=True)
    book = current()
    to = {"office": book.office.zh, "responsible": "示范区市场监督管理局",
          "transfer_target": "信访部门", "reporter": "李某"}  # fmt: skip
    for rule in book.papers.values():
        series = book.series[rule.series or book.papers[rule.number_of].series]
        values = {**sample(filled=True), **SHOWN, "paper": rule.words.zh, "red_head": rule.red_head,
                  "serial": series.pattern.format(year=2026, number=3), "to": to[rule.to]}  # fmt: skip
        made = pdf.from_word(templates.fill(rule.id, values))
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "paper.pdf"
            path.write_bytes(made)
            subprocess.run(
                ["pdftoppm", "-r", "60", "-f", "1", "-l", "1", "-png", "-singlefile", str(path),
                 str(path.with_suffix(""))],
                check=True,
            )  # fmt: skip
            with Image.open(path.with_suffix(".png")) as picture:
                picture.convert("RGB").quantize(24).save(TARGET / f"{rule.id}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Texts as people paste them: hidden marks, lost and added line ends, page numbers, other scripts, and no notices."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from supervisor.intake import Draft, IntakeError, draft_to_json, read, read_text
from tests.bench.reading import PROSE

NOTICE = """云溪市人民政府办公室关于印发云溪市优化营商环境攻坚行动方案的通知
云政办发〔2022〕18号
各县（市、区）人民政府：
　　现将方案印发给你们，请认真组织实施。
　　　　　　　　　　　　云溪市人民政府办公室
　　　　　　　　　　　　2022年4月8日
云溪市优化营商环境攻坚行动方案
　　一、重点任务
　　（一）优化市场环境
　　1．压缩企业开办时间。2022年6月底前将企业开办时间压缩至0.5个工作日内，推动线上线下融合办理，实现全程网办。（责任单位：市市场监管局、市公安局，人民银行云溪市中心支行，各县〔市、区〕人民政府）
　　2．推进分类处置。分类处置“僵尸企业”，完善退出机制，依法保护各方权益。（市市场监管局牵头，市司法局、市行政审批局等有关部门按职责分工负责，各县〔市、区〕人民政府落实）
　　3．强化公平竞争审查，清理废除妨碍统一市场和公平竞争的规定。（牵头单位：市市场监管局；配合单位：市直各有关部门；完成时限：长期坚持）
　　二、保障措施
　　建立“周调度、月通报”机制，每月5日前报送进展情况。
"""
FLUSH = "\n".join(line.strip() for line in NOTICE.split("\n"))


def reading(text: str) -> object:
    """What a notice says, without its places."""
    draft = read_text(text)
    head = draft.document
    return (
        [
            (t.path, t.number, t.title, t.lead, t.responsible, [(d.date, d.recur) for d in t.deadlines])
            for t in draft.tasks
        ],
        [(o.date, o.recur) for o in draft.other_deadlines],
        (head.title, head.issuer, head.doc_number, head.issued),
    )


def wrapped(text: str, width: int) -> str:
    return "\n".join(
        line[i : i + width] for line in text.split("\n") for i in range(0, len(line) or 1, width)
    )


def paged(text: str, mark: str, every: int = 4) -> str:
    lines = text.split("\n")
    return "\n".join(
        line + (f"\n{mark.format(n // every + 1)}" if n % every == every - 1 else "")
        for n, line in enumerate(lines)
    )


CHANGES: dict[str, Callable[[], str]] = {
    "marks of direction": lambda: NOTICE.replace("责任", "\u202e责\u202c任").replace("单位", "单\u200e位"),
    "marks of no width behind every character": lambda: "\u200b".join(NOTICE),
    "control characters": lambda: NOTICE.replace("市", "\x01市\x1f").replace("，", "，\x07"),
    "choosers of a form": lambda: NOTICE.replace("一", "一\ufe0f").replace("市", "市\U000e0100"),
    "bullets of a symbol font": lambda: NOTICE.replace("　　1", "\uf06c1").replace("（责任", "\uf0b7（责任"),
    "radicals for characters": lambda: (
        NOTICE.replace("民", "⺠").replace("一", "⼀").replace("工", "⼯").replace("长", "⻓")
    ),
    "full-width digits": lambda: re.sub(
        r"(?<!〔)\d(?!\d?号)", lambda m: chr(ord(m.group()) + 0xFEE0), NOTICE.replace("〔2022〕18号", "#")
    ).replace("#", "〔2022〕18号"),
    "tabs for the indent": lambda: NOTICE.replace("　　", "\t"),
    "spaces that do not break": lambda: NOTICE.replace("　", "\u00a0"),
    "an empty line behind each line": lambda: NOTICE.replace("\n", "\n\n"),
    "line ends of Windows": lambda: NOTICE.replace("\n", "\r\n"),
    "line ends of an old Mac": lambda: NOTICE.replace("\n", "\r"),
    "separators of lines": lambda: NOTICE.replace("\n", "\u2028"),
    "a mark before the text": lambda: "\ufeff" + NOTICE,
    "one line with spaces": lambda: NOTICE.replace("\n", " "),
    "one line with the indents": lambda: NOTICE.replace("\n", ""),
    "one line without a space": lambda: re.sub(r"\s", "", NOTICE),
    "lines of 35 characters": lambda: wrapped(NOTICE, 35),
    "lines of 40 characters": lambda: wrapped(FLUSH, 40),
    "a quoted mail": lambda: "\n".join("> " + line for line in wrapped(NOTICE, 38).split("\n")),
    "a mail quoted twice": lambda: "\n".join(">> " + line for line in wrapped(FLUSH, 38).split("\n")),
    "page numbers in mid-sentence": lambda: paged(wrapped(NOTICE, 30), "— {} —"),
    "page numbers between empty lines": lambda: paged(wrapped(NOTICE, 30), "\n- {} -\n"),
    "page numbers in words": lambda: paged(wrapped(NOTICE, 30), "第 {} 页 共 9 页"),
    "bare page numbers": lambda: paged(wrapped(FLUSH, 30), "{}"),
    "page numbers between the words of a line": lambda: NOTICE.replace("全程网办", "全— 3 —程网办").replace(
        "市公安局，", "市公 — 4 — 安局，"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_no_reader_sees_changes_nothing(change: str) -> None:
    assert reading(CHANGES[change]()) == reading(NOTICE)


def test_hidden_marks_are_not_kept_in_the_text() -> None:
    assert read_text("一、\u202e市\u200b甲\x00局\x1f").document.text == "一、市甲局"


def test_halves_of_characters_are_shown_as_damage_and_can_be_stored() -> None:
    text = read_text("一、任务\ud800（市甲局负责）\udfff").document.text
    assert text == "一、任务\ufffd（市甲局负责）\ufffd"
    assert text.encode()


def test_a_rare_character_of_a_name_stays() -> None:
    assert "王\U00020bb7" in read_text("成员：王\U00020bb7 市甲局局长\n李四 市乙局局长").document.text


TRADITIONAL = """青嶼縣人民政府關於印發優化環境方案的通知
青嶼縣人民政府
2022年4月8日
一、重點任務
1．推進平臺建設。2022年6月底前完成。（牽頭單位：縣發展改革局；責任單位：縣財政局、縣衛生局）
2．強化監督檢查。（縣審計局牽頭，縣教育局、縣民政局配合，各鄉鎮人民政府負責）
3．健全長效機制。（牽頭單位：縣農業局；配合單位：縣水務局；完成時限：長期堅持）
"""


def test_traditional_characters_are_read_names_stay_as_printed_and_it_is_said() -> None:
    draft = read_text(TRADITIONAL)
    assert [(t.lead, t.responsible) for t in draft.tasks] == [
        (("縣發展改革局",), ("縣財政局", "縣衛生局")),
        (("縣審計局",), ("縣教育局", "縣民政局", "各鄉鎮人民政府")),
        (("縣農業局",), ("縣水務局",)),
    ]
    assert [str(d.date or d.recur) for t in draft.tasks for d in t.deadlines] == ["2022-06-30", "continuous"]
    assert draft.problems[0].code == "traditional"


def test_a_name_in_traditional_characters_does_not_make_the_text_traditional() -> None:
    assert "traditional" not in [p.code for p in read_text(NOTICE.replace("云溪", "雲谿")).problems]


def test_a_novel_has_no_tasks_and_that_is_said() -> None:
    draft = read_text(PROSE * 300)
    assert (draft.tasks, draft.duties, draft.members) == ((), (), ())
    assert [(p.code, p.grave) for p in draft.problems] == [("no_task", True)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312"]
)
def test_text_files_of_every_usual_encoding_are_read(encoding: str) -> None:
    assert same_text(NOTICE, read(NOTICE.replace("•", "").encode(encoding), "通知.txt"))


def same_text(text: str, draft: Draft) -> bool:
    return draft_to_json(draft) == draft_to_json(read_text(text))


def test_a_file_in_big5_is_read() -> None:
    assert same_text(TRADITIONAL, read(TRADITIONAL.encode("big5"), "通知.txt"))


def test_a_few_damaged_bytes_do_not_make_a_file_unreadable() -> None:
    damaged = NOTICE.encode()[:-2] + b"\xff" + NOTICE.encode()
    assert len(read(damaged, "a.txt").tasks) == 6


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(IntakeError) as caught:
        read(data, name)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "通知.txt", "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "扫描件.pdf", "picture"),
        (b"{\\rtf1\\ansi hello}", "通知.rtf", "old_office"),
        (b"{\\rtf1\\ansi hello}", "通知.doc", "old_office"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) * 9, "通知.txt", "unknown_type"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.docx",
            "locked_docx",
        ),
        ("一、任务".encode(), "通知.docx", "broken_docx"),
        ("一、任务".encode(), "通知.pdf", "broken_pdf"),
    ],
)
def test_files_that_cannot_be_read_say_which_kind_they_are(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name) == code


def test_a_text_under_another_name_is_read_and_said_so() -> None:
    draft = read(NOTICE.encode(), "通知.doc")
    assert [p.code for p in draft.problems][:1] == ["other_kind"]
    assert same_text(NOTICE, replace(draft, problems=draft.problems[1:]))

"""The text as it was received: one kind of line end, no marks that no page shows, lost line ends found again."""

import re
import unicodedata

_UNPAIRED = re.compile("[\ud800-\udfff]")  # halves of a character, which no database takes
# Radicals and doubles of a character, which PDF files of browsers print in its place.
_RADICALS = dict(
    zip(
        "⺠⺟⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻪⻬⻮⻰⻳⻁⻗⺩⺝⺬⺒⺓⺰",
        "民母西见角贝车長长门青韦页风飞食马骨鬼鱼鸟麦黄黾齐齿龙龟虎雨王月示巳幺纟",
        strict=True,
    )
)
# Controls, marks of direction and of no width, choosers of a form: no page shows them.
_UNSEEN = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_QUOTED = re.compile("^(?:>[ \u3000]?)+", re.MULTILINE)  # as mail quotes
_ENDS = {13: "\n", 11: "\n", 12: "\n", 0x2028: "\n", 0x2029: "\n", 0x85: "\n", 0: None}
_TABLE: dict[int, str | None] = {
    **{
        code: unicodedata.normalize("NFKC", chr(code))
        for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAD9))
    },
    **{ord(radical): plain for radical, plain in _RADICALS.items()},
    **_ENDS,
}
# A page clipped as Markdown: **1.推进…** at the head of a line, ## before a title.
_MARKDOWN = re.compile(r"^(?:#{1,6}[ \u3000]+|[ \u3000]*\*\*(?P<kept>[^*\n]{2,400})\*\*)", re.MULTILINE)


# <br> as a page's source has it: a line end, within a row between bars a wide gap.
_BREAK_TAG = re.compile(r"<br[ ]{0,2}/?>", re.IGNORECASE)
_BARRED = re.compile(r"^[^\n|]{0,80}\|[^\n]*$", re.MULTILINE)


def _without_breaks(text: str) -> str:
    if "<" not in text or not _BREAK_TAG.search(text):
        return text
    return _BREAK_TAG.sub("\n", _BARRED.sub(lambda row: _BREAK_TAG.sub("\u3000", row.group()), text))


def normal(text: str) -> str:
    """Return the text with one kind of line end and without marks that no page shows."""
    text = _without_breaks(text)
    text = _UNSEEN.sub("", text.replace("\r\n", "\n")).translate(_TABLE)
    text = _UNPAIRED.sub("\ufffd", _MARKDOWN.sub(r"\g<kept>", text))
    quoted = _QUOTED.findall(text)
    return _QUOTED.sub("", text) if len(quoted) * 2 > text.count("\n") + 1 else text


_CN = "[一二三四五六七八九十]"
_INNER = re.compile(
    rf"(?<=[。；;：:）)\s])(?={_CN}{{1,3}}、|第{_CN}{{1,3}}[章节条]|[（(](?:{_CN}{{1,3}}|\d{{1,2}})[）)]|\d{{1,2}}[.．、]\s?(?=[^\d\s])"
    r"|[①-⑳]|附件\d?[:：\s])"
)
_BREAK = re.compile(r"(?<![.．、条章节])[ \u3000\u2002\u2003\u00a0\t]+(?=[^ \u3000\n]{5})")


_SIGNED = r"20\d\d年\d{1,2}月\d{1,2}日(?![前内底起止至、，。）)])"
_OFFICE = "[府室局会委厅办部]"
# Where the lines of the head ended: title, number, address, text, signature, date, title of the plan.
_HEAD = re.compile(
    r"(?<=通知|意见|方案|批复|决定|办法)(?=[一-龥]{2,8}[〔\[（(]20\d\d[〕\]）)]\d{1,4}号)"
    r"|(?:(?<=[〕\]）)]\d号)|(?<=[〕\]）)]\d\d号)|(?<=[〕\]）)]\d{3}号))(?=[一-龥])"
    rf"|(?<=。)(?=[一-龥]{{4,30}}{_OFFICE}{_SIGNED})|(?<={_OFFICE})(?={_SIGNED})|(?:(?<=\d月\d日)|(?<=月\d\d日))(?=[一-龥]{{6}})"
)
_STEP = re.compile(
    rf"(?<![第十百\d])(?:(?P<one>{_CN}{{1,3}})、(?!{_CN}{{1,3}}[、等])|[（(](?P<two>{_CN}{{1,3}})[）)]"
    r"|(?P<three>\d{1,2})[.．、](?=[^\d\s]))"
)


def _value(printed: str) -> int:
    if printed.isdecimal():
        return int(printed)
    tens, ten, ones = printed.rpartition("十")
    digits = "〇一二三四五六七八九"
    return 10 * max(1, digits.find(tens or "一")) * bool(ten) + max(0, digits.find(ones))


def _in_steps(text: str) -> str:
    """Return a text glued without a mark between its items parted before the numbers that count on."""
    last = {"one": 0, "two": 0, "three": 0}
    kinds = list(last)
    out, done = [], 0
    for match in _STEP.finditer(text):
        kind = match.lastgroup or "one"
        value = _value(match[kind])
        if value not in {1, last[kind] + 1}:
            continue
        last[kind] = value
        last.update(dict.fromkeys(kinds[kinds.index(kind) + 1 :], 0))
        out += [text[done : match.start()], "\n"]
        done = match.start()
    return "".join([*out, text[done:]])


def unfolded(text: str) -> str:
    """Return a text that lost its line ends with lines again: before numbers, and at the spaces of the head."""
    longest = max(text.split("\n"), key=len)
    steps = sum(1 for _ in _STEP.finditer(longest))
    if (
        len(longest) < 200
        or len(longest) * 10 < len(text) * 6
        or max(steps, len(_INNER.findall(longest))) < 3
    ):
        return text
    head = _HEAD.sub("\n", longest[:3000]) + longest[3000:]
    broken = _BREAK.sub("\n", _INNER.sub("\n", _in_steps(head)))
    return text.replace(longest, broken, 1)

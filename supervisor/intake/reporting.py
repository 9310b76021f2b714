"""Who owes which report to whom, and when: proposed as reporting rules; what the notice leaves open stays open."""

import re
from dataclasses import replace
from datetime import date

from supervisor.intake import dates
from supervisor.intake.draft import ReportingRule
from supervisor.intake.passages import Passage
from supervisor.intake.units import looks_like_unit, split_units

_SEND = re.compile(
    r"(?:书面|统一|分别|及时|集中|汇总)*(?P<verb>报送|上报|报告|汇报|提交|反馈|抄送|报给|送交|报备|(?<![简通月周日年快专公海情汇])报(?!名|废|销|道|警|表|请|批|考|价|酬|刊|业|账|建|审))(?:至|到|给|送|向)?"
)
_WHAT_BEFORE = re.compile(r"(?:将|把)(?P<what>[^,;。将把]{2,60})$")
_HOUR = re.compile(r"(?:上午|下午)?\d{1,2}(?::\d\d|[时点](?:\d{1,2}分|半)?)|(?:上午|下午)?下班前")
_MODAL = re.compile(r"(?:均|都|也|分别|统一)?(?:应当|应|要|须|需|请|务必|必须|于|在|将|按照?|每|于每)")
#: A sentence that names nobody goes on about who was named before it.
_CARRIES = re.compile(r"(?:每|于|并|同时|另|原则上|要|应|须|请|将|\d|其中|此后)|.{2,20}(?:,|报送)")
_ASKED = re.compile(r"^(?:请|要求|由)")
_TAIL = re.compile(r"(?:备案|汇总|审定|审核|备查|存档|审批|邮箱|处)+$")
_REACH = 150  # characters around a time in which its report is looked for
_QUANTITY = re.compile(
    r"(?:不(?:得)?少于|不低于|至少)?[一二两三四五六七八九\d]+(?:篇|次|条|份|期|个)(?:以上)?$"
)


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start, depth = [], 0, 0
    for i, char in enumerate(text):
        depth = depth + 1 if char in "(〔" else max(0, depth - 1) if char in ")〕" else depth
        if not depth and char in "。;!?":
            spans.append((start, i + 1))
            start = i + 1
    return [*spans, (start, len(text))] if start < len(text) else spans


def _units(text: str) -> tuple[str, ...]:
    """Return the units that the words before a time begin with, or that its clause begins with, before 要, 应, 于."""
    if len(text) > 60:
        text = text[-60:].partition(",")[2]
    for start in (text, text.rpartition(",")[2]):
        for tried, match in enumerate(_MODAL.finditer(start + "于")):
            head = start[: match.start()].strip(",:")
            names = split_units(_ASKED.sub("", head)) if 2 <= len(head) <= 60 else []
            if names and all(looks_like_unit(name) for name in names):
                return tuple(names)
            if tried > 5:
                break
    return ()


def _object(text: str) -> tuple[str | None, str | None]:
    """Return (recipient, what) from the words behind the verb (报送县创城办, 报送进展情况至县创城办)."""
    clause = re.split(r"[,;。()]", text)[0]
    what, mark, to = re.sub(r"(?<=.{2})(?:至|到|给)(?=.{2})", "\x1f", clause, count=1).partition("\x1f")
    if mark and (name := _recipient(to)):
        return name, what
    if whole := _recipient(clause):
        return whole, None
    what = _QUANTITY.sub("", clause)
    return None, what if 2 <= len(what) <= 40 else None


def _recipient(text: str) -> str | None:
    bare = _TAIL.sub("", text)
    names = split_units(bare) if 2 <= len(bare) <= 50 else []
    return bare if names and all(looks_like_unit(name) for name in names) else None


def _told(text: str, hit: dates.Found) -> tuple[str | None, str | None] | None:
    """Return (recipient, what) of the report that a sentence asks for at a time, or None where it asks for none."""
    verbs = [verb for verb in _SEND.finditer(text) if not re.search(r"[。;]", text[hit.end : verb.start()])]
    behind = [verb for verb in verbs if verb.start() >= hit.end]
    for verb in [*behind, *reversed([v for v in verbs if v not in behind])]:
        recipient, what = _object(text[verb.end() :])
        before = _WHAT_BEFORE.search(text[: verb.start()])
        to = re.search(r"向(?P<unit>[^,;。将把]{2,40})$", text[: verb.start()])
        if to and looks_like_unit(to["unit"]):
            recipient = to["unit"]
        if before:
            cut = re.search(r"(?:于|在|每(?:年|月|周|季)).*$|(?:向).*$", before["what"])
            what = before["what"][: cut.start()] if cut and cut.start() >= 2 else before["what"]
        if recipient or what:
            return recipient, what
    return (None, None) if verbs else None


def _window(span: tuple[int, int], hit: dates.Found) -> tuple[tuple[int, int], dates.Found]:
    """Return a sentence, or of a very long one the part around a time, and the time's place in that part."""
    start = max(span[0], span[0] + hit.start - _REACH)
    end = min(span[1], span[0] + hit.end + _REACH)
    shift = start - span[0]
    return (start, end), replace(hit, start=hit.start - shift, end=hit.end - shift)


def _rule(
    passage: Passage, span: tuple[int, int], hit: dates.Found, last: tuple[str, ...]
) -> ReportingRule | None:
    """Return what one sentence asks for at one time, or None where it asks for no report."""
    span, hit = _window(span, hit)
    text = passage.text[span[0] : span[1]]
    told = _told(text, hit)
    if told is None:
        return None
    recipient, what = told
    head = text[: hit.start]
    units = _units(head) or (last if not head or _CARRIES.match(head) else ())
    if not units and not what and 2 <= len(head) <= 24 and "," not in head:
        what = head.rstrip("于在")
    hour = _HOUR.search(text, hit.start, min(len(text), hit.end + 12))
    return ReportingRule(
        passage.printed(*span).rstrip("。；;"),
        tuple(passage.as_printed(unit) for unit in units),
        passage.as_printed(recipient) if recipient else None,
        passage.as_printed(what) if what else None,
        hit.recur,
        hit.date,
        hour.group() if hour else None,
        passage.place(*span),
    )


def rules_in(passage: Passage, issued: date | None) -> list[ReportingRule]:
    """Return the reporting rules of a paragraph: one for each time in a sentence that asks for a report."""
    found: list[ReportingRule] = []
    last: tuple[str, ...] = ()
    if not _SEND.search(passage.text):
        return found
    for span in _sentences(passage.text):
        text = passage.text[span[0] : span[1]]
        hits = dates.find(text, issued) if _SEND.search(text) else []
        subject = _units(text[max(0, hits[0].start - 61) : hits[0].start] if hits else text[:60])
        for hit in hits:
            rule = _rule(passage, span, hit, subject or last)
            found += [rule] if rule else []
        last = subject or last
    return found

"""Who owes which report to whom, and when: proposed as reporting rules; what the notice leaves open stays open."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from supervisor.intake import dates
from supervisor.intake.draft import ReportingRule
from supervisor.intake.passages import Passage
from supervisor.intake.units import is_office, looks_like_unit, split_units

_SEND = re.compile(
    r"(?:书面|专题|统一|分别|同时|及时|按时|定期|集中|汇总|逐级|一并)*"
    r"(?P<verb>报送|上报|报告(?![报送呈])|汇报|提交|反馈|抄送|报给|送交|报备|"
    r"(?<![简通月周日年快专公海情汇申错漏迟瞒谎虚举])报(?!名|废|销|道|警|表|请|批|考|价|酬|刊|业|账|建|审(?!管|计|改)|告))"
    r"(?![了过、])(?:至|到|给|送|向)?"
)
#: Before a word that is a noun as often as a verb (形成自评报告): what makes it a verb.
_VERBAL = re.compile(
    r"(?:^|[,;:()]|[前底末日时度月周年季要应须需并请均都后]|向[^,;。]{2,30}|[将把][^,;。]{2,40})$"
)
_NOUNS = {"报告", "汇报", "反馈", "上报", "提交"}
_HEARD = re.compile(r"(?:听取|审议|关于|建立|实行|健全|执行)[^,;。]{0,12}$")
#: What is sent at once, when it happens, is not owed on the day that the words before it name.
_AT_ONCE = re.compile(r"随时|及时|立即|第一时间|重大|重要|每[日天]|逐日")
_LABEL = re.compile(r"(?:要求|时间|时限|频次|周期|日期)(?:[:为是]|$)")
_AGAIN = re.compile(r"(?:滚动)?更新(?:[一1]次|[,。;]|$)")
_ALSO = re.compile(r"^(?:形成|撰写|编写)(?P<what>[^,;。]{1,20}(?:报告|总结|小结|专报))(?:[,;。]|$)")
_WHAT_BEFORE = re.compile(r"(?:将|把)(?P<what>[^,;。将把]{2,60})$")
_WAY = re.compile(r"(?<=.{2})(?:于|在(?!建|册)|每(?:年|月|周|季)|向|通过|经|以(?:书面|电子|正式)).*$")
_NAMED = re.compile(
    r"(?:情况|[总小]结|方案|计划|台账|报表|报告|专报|简报|信息|名单|清单|进展|进度|[表稿件书]|数据|材料|资料|意见|成效|规划|动态|"
    r"[汛雨水险灾疫]情|工作|措施|案例|经验|预案|结果|安排|建议|目录|成果|做法|要点|问题|细则|制度)(?:\([^()]*\)|》|”|等)*$"
)
_MADE = re.compile(
    r"(?:制[定订]|形成|编制|起草|拟[定订]|提出|修订(?:完善)?|汇总|撰写|填写)(?:完善|好)?(?P<what>[^,;。]{2,40}?)(?=[,;。]|并|于|后|$)"
)
_DRAFTED = re.compile(
    r"^(?P<what>[^,;。由]{2,20}(?:方案|计划|清单|名单|报告))由[^,;。]{2,20}(?:拟[定订]|制[定订]|编制|起草),"
)
_APPROVED = re.compile(r"^(?P<what>[^,;。]{4,60}),经[^,;。]{2,30}后,")
_HOUR = re.compile(r"(?:上午|下午)?\d{1,2}(?::\d\d|[时点](?:\d{1,2}分|半)?)|(?:上午|下午)?下班前")
_MODAL = re.compile(r"(?:均|都|也|分别|统一)*(?:应当|应|要|须|需|请|务必|必须)")
#: Where the name of who acts ends and what it does begins.
_ACTS = re.compile(
    rf"{_MODAL.pattern}|于|在|将|把|向|按照?|每|是|为|与|自|从|通过|参照|对照|结合|会同|根据|确定|明确|指定|制[定订]|建立|成立|设在|设于|实行|召开|承担|组织|汇总|形成|编制|"
    r"主要|主管|分管|负责|定期|主动|报(?!告|社)|对|围绕|细化|(?:20)?\d+年?\d*月|年底|月底|[一二三四]季度"
)
_NUMBER = re.compile(r"^(?:\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]+、|\d{1,2}[.、])")
_ROLE = re.compile(r"各?(?:牵头|责任|主责|承办|主办|协办|配合|成员|参与)(?:单位|部门)")
_SHORT = {"部门", "单位", "企业", "街道", "镇", "乡"}  # behind 各 and another (各学院、部门)
_BODY = re.compile(
    r"(?:小组|专班|指挥部|[一-龥]组|单位|部门|企业|[股科处]室|学院|党[委组]|会议|办公室|乡镇|街道|办)$"
)
#: A sentence that names nobody goes on about who was named before it.
_CARRIES = re.compile(r"(?:每|于|并|同时|另|原则上|要|应|须|请|将|\d|其中|此后)|.{2,20}(?:,|报送)")
_ASKED = re.compile(r"^(?:请|要求|由)")
_THEN = re.compile(r"(?<=.{2})(?:备案|汇总|审定|审核|审议|审阅|审批|批准|同意|备查|存档|邮箱|研究).*$")
_PERSON = re.compile(
    r"(?:组长|主任|[县市区省州]长|领导|负责同志|常务会议|常委会议?|全体会议|[省市县区]防[指办])$"
)
_REACH = 150  # characters around a time in which its report is looked for
_QUANTITY = re.compile(
    r"(?:不(?:得)?少于|不低于|至少)?[一二两三四五六七八九\d]+(?:篇|次|条|份|期|个)(?:以上)?$"
)
_ONCE = re.compile(r"^[一二两1-9](?:次|份|期)")
_JOINS = re.compile(r"[、,]?(?:和|及|与|或)?")


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start, depth = [], 0, 0
    for i, char in enumerate(text):
        depth = depth + 1 if char in "(〔" else max(0, depth - 1) if char in ")〕" else depth
        if not depth and char in "。;!?":
            spans.append((start, i + 1))
            start = i + 1
    return [*spans, (start, len(text))] if start < len(text) else spans


def _acts(name: str) -> bool:
    """Tell whether a name can be that of who owes a report, rather than the tail of a sentence."""
    return bool(_ROLE.fullmatch(name)) or (
        looks_like_unit(name)
        and not _MODAL.match(name)
        and (name[0] in "各全" or is_office(name) or bool(_BODY.search(name)))
    )


def _subject(clause: str, ends: re.Pattern[str] = _ACTS) -> tuple[str, ...]:
    """Return the units that a clause begins with, before what they are to do."""
    clause = _ASKED.sub("", _NUMBER.sub("", clause.lstrip(",:")))
    stops = [match.start() for match in ends.finditer(clause)]
    for stop in [*stops[:6], *([len(clause)] if ends is _ACTS else [])]:
        head = clause[:stop].strip(",:")
        names = split_units(head) if 2 <= len(head) <= 60 else []
        if names and _acts(names[0]) and all(_acts(n) or (head[0] == "各" and n in _SHORT) for n in names):
            return tuple(names)
    return ()


def _units(before: str, after: str = "") -> tuple[str, ...]:
    """Return who acts: named behind the time (…前,各组将), in the nearest clause before it, or first of all (各…要)."""
    behind = re.match(r"(?:[上下]午|下班前)?,?(?P<who>[^,;。]{2,40}?)(?:将|把|向|要|应|须)", after)
    if behind and (names := _subject(behind["who"])):
        return names
    for clause in reversed(before[-60:].split(",")[1 if len(before) > 60 else 0 :]):
        if names := _subject(clause):
            return names
    return _subject(before[:_REACH].partition(",")[0], _MODAL)


def _recipient(text: str) -> str | None:
    whole = _THEN.sub("", text)
    for bare in (whole, whole.removesuffix("处")):
        names = split_units(bare) if 2 <= len(bare) <= 50 else []
        if names and all(looks_like_unit(n) or _PERSON.search(n) for n in names):
            return bare
    return None


def _object(text: str) -> tuple[str | None, str | None]:
    """Return (recipient, what) from the words behind the verb (报送县创城办, 报送进展情况至县创城办)."""
    clause = re.split(r"[,;。]|\((?![^()]{1,40}\)(?:备案|$|[,;。]))", text)[0].rstrip(")")
    bare = re.sub(r"\([^()]*\)?", "", clause)
    what, mark, to = re.sub(r"(?<=.{2})(?:至|到|给)(?=.{2})", "\x1f", bare, count=1).partition("\x1f")
    if mark and (name := _recipient(to)):
        return name, what
    if whole := _recipient(bare):
        return whole, None
    what = _ONCE.sub("", _QUANTITY.sub("", bare))
    return None, what if 2 <= len(what) <= 40 and _NAMED.search(what) else None


def _addressed(before: str) -> str | None:
    """Return the recipient that stands before the verb (向市政府专题报告)."""
    to = re.search(r"向(?P<unit>[^,;。将把]{2,40})$", before)
    names = split_units(to["unit"]) if to else []
    known = names and (looks_like_unit(names[0]) or _PERSON.search(names[0]))
    return to["unit"] if to and known else None


def _named_before(text: str, hit: dates.Found, verb: int) -> str | None:
    """Return what is sent, where it stands before the verb: 将…报, 名单于…前报, 制定方案,…报, …,经审核后,…报."""
    if match := _WHAT_BEFORE.search(text[:verb]):
        return _WAY.sub("", match["what"])
    heads = [text[: hit.start].rpartition(",")[2]]
    if "," in text[hit.end : verb]:
        heads.append(text[:verb].rpartition(",")[2])
    for head in reversed(heads):
        bare = re.sub(r"(?:[应须需要均并]|应当)?[于在应须]?$", "", _NUMBER.sub("", head))
        if (
            2 <= len(bare) <= 24
            and _NAMED.search(bare)
            and not _MADE.search(bare)
            and not _MODAL.search(bare)
        ):
            return bare
    made = [m["what"] for m in _MADE.finditer(text[max(0, verb - 60) : verb]) if _NAMED.search(m["what"])]
    if made:
        return made[-1]
    whole = _DRAFTED.match(text[:verb]) or _APPROVED.match(text[:verb])
    if whole and _NAMED.search(whole["what"]):
        return whole["what"]
    return "联络员" if "联络员" in text[max(0, verb - 40) : verb] else None


def _asks(text: str, verb: re.Match[str], hit: dates.Found) -> bool:
    """Tell whether a word asks for a report at a time, and is not a noun, heard in a meeting, or owed at once."""
    before = text[: verb.start()]
    if verb["verb"] in _NOUNS and not _VERBAL.search(before):
        named = re.match(r"[^,;。]{2,40}", text[verb.end() :])
        if verb["verb"] in {"报告", "汇报"} or not named:
            return False
    clause = before.rpartition(",")[2] + verb.group()
    apart = "," in text[hit.end : verb.start()]
    inside = text[hit.end : verb.start()]
    return not (
        _HEARD.search(before)
        or (apart and _AT_ONCE.search(clause))
        or inside.count("(") > inside.count(")")
        or re.search("[。;]", inside)
    )


def _verbs_of(text: str, hit: dates.Found, until: int) -> list[re.Match[str]]:
    """Return the words that may ask for a report at a time: behind it up to the next, then before it in its clause."""
    verbs = [verb for verb in _SEND.finditer(text) if _asks(text, verb, hit)]
    behind = [verb for verb in verbs if hit.end <= verb.start() < until]
    before = [v for v in verbs if v.end() <= hit.start and "," not in text[v.end() : hit.start]]
    return [*behind, *reversed(before)]


def _told(text: str, hit: dates.Found, until: int) -> tuple[str | None, str | None] | None:
    """Return (recipient, what) of the report that a sentence asks for at a time, or None where it asks for none."""
    for verb in _verbs_of(text, hit, until):
        if _LABEL.match(text[verb.end() :]):
            return None, None
        recipient, what = _object(text[verb.end() :])
        recipient = _addressed(text[: verb.start()]) or recipient
        what = what or _named_before(text, hit, verb.start())
        if recipient or what:
            return recipient, what
    return None


def _window(span: tuple[int, int], hit: dates.Found) -> tuple[tuple[int, int], dates.Found]:
    """Return a sentence, or of a very long one the part around a time, and the time's place in that part."""
    start = max(span[0], span[0] + hit.start - _REACH)
    end = min(span[1], span[0] + hit.end + _REACH)
    shift = start - span[0]
    return (start, end), replace(hit, start=hit.start - shift, end=hit.end - shift)


def _rule(
    passage: Passage, span: tuple[int, int], hit: dates.Found, until: int, known: ReportingRule | None
) -> ReportingRule | None:
    """Return what one sentence asks for at one time, or None where it asks for no report.

    `known` is the rule before it in the sentence, whose recipient and units hold where none are named anew.
    """
    (start, end), near = _window(span, hit)
    text = passage.text[start:end]
    if known and _AGAIN.match(text[near.end :]):
        return replace(known, recur=hit.recur, date=hit.date, hour=None)
    if known and (also := _ALSO.match(text[near.end :])):
        named = passage.as_printed(re.sub(r"^[一1][份篇期]", "", also["what"]))
        return replace(known, what=named, recur=hit.recur, date=hit.date, hour=None)
    told = _told(text, near, until - (start - span[0]))
    if told is None:
        return None
    recipient, what = told
    hour = _HOUR.search(text, near.start, min(len(text), near.end + 12))
    return ReportingRule(
        passage.printed(start, end).rstrip("。；;"),
        (),
        passage.as_printed(recipient) if recipient else known.recipient if known else None,
        passage.as_printed(what) if what else None,
        hit.recur,
        hit.date,
        hour.group() if hour else None,
        passage.place(start, end),
    )


def _untils(text: str, hits: list[dates.Found]) -> list[int]:
    """Return for each time where the next one begins that is not joined to it (12月31日和次年8月31日前报送)."""
    until, found = len(text), []
    for i in reversed(range(len(hits))):  # from behind, so that a long row of joined times is walked once
        if i + 1 < len(hits) and not _JOINS.fullmatch(text[hits[i].end : hits[i + 1].start]):
            until = hits[i + 1].start
        found.append(until)
    return found[::-1]


def rules_in(passage: Passage, issued: date | None) -> list[ReportingRule]:
    """Return the reporting rules of a paragraph: one for each time in a sentence that asks for a report."""
    found: list[ReportingRule] = []
    last: tuple[str, ...] = ()
    if not _SEND.search(passage.text):
        return found
    for span in _sentences(passage.text):
        text = passage.text[span[0] : span[1]]
        hits = dates.find(text, issued) if _SEND.search(text) else []
        known: ReportingRule | None = None
        subject = () if hits else _units(text[:60])
        for hit, until in zip(hits, _untils(text, hits), strict=True):
            subject = _units(text[: hit.start], text[hit.end : hit.end + 60]) or subject
            rule = _rule(passage, span, hit, until, known)
            if rule:
                head = text[: hit.start]
                units = subject or (last if not head or _CARRIES.match(head) else ())
                known = replace(rule, units=tuple(passage.as_printed(unit) for unit in units))
                found.append(known)
        last = subject or last
    return found


def read_rules(passages: Iterable[Passage], issued: date | None) -> tuple[ReportingRule, ...]:
    """Return the reporting rules of a notice, each once: what two sentences ask alike is one rule."""
    rules: dict[tuple[object, ...], ReportingRule] = {}
    for passage in passages:
        for rule in rules_in(passage, issued):
            same = (rule.units, rule.recipient, rule.what, rule.recur, rule.date, rule.hour)
            rules.setdefault(same if rule.what or rule.recipient else (rule.place,), rule)
    return tuple(rules.values())

"""A paper of the ladder (催办单, 督办通知单, 通报, 约谈通知书) as content: what page, print and .docx say alike.

What went out is this content as canonical JSON, kept for good. The reply slip (回执) is filled by what happened
afterwards and is therefore handed in beside it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from supervisor.documents.official_paper import Form, OfficialPaper, PaperStyle, day_words, paragraphs

#: Numbers by which somebody can be called: mobile, and fixed line with or without its area.
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(?:1\d{10}|0\d{2,3}[- ]?\d{7,8}|\d{7,8})(?!\d)")
HIDDEN = "（电话略）"


@dataclass(frozen=True)
class PaperContent:
    """All that a paper says. Days as ISO texts; `number` and `issued_on` are empty in a draft."""

    #: urge, blue, yellow, red, criticism or talk.
    rung: str
    #: 督办通知单, and 蓝色, 黄色, 红色 for those.
    name: str
    level: str
    office: str
    programme: str
    #: Who it goes to.
    unit: str
    matter: str
    basis: str
    lead: str
    leader: str
    given_on: str
    #: When the matter was to be done, and how many working days ago that was.
    due_on: str
    overdue: int
    #: Earlier papers about the matter, oldest first.
    earlier: tuple[str, ...]
    demand: str
    #: The time limit now set: a day and a time of day.
    limit_on: str
    limit_at: str
    answer_by: str
    contact: str
    phone: str
    signer: str
    number: str = ""
    issued_on: str = ""
    #: Title and text of a circular; the reasons of a talk.
    title: str = ""
    body: str = ""
    called: str = ""
    talk_on: str = ""
    talk_at: str = ""
    place: str = ""
    style: PaperStyle = field(default_factory=PaperStyle)

    def to_json(self) -> str:
        """Canonical text; `read` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> PaperContent:
        """From canonical text."""
        held: dict[str, Any] = json.loads(text)
        held["earlier"] = tuple(held["earlier"])
        held["style"] = PaperStyle.of(held.get("style"))
        return cls(**{each.name: held[each.name] for each in fields(cls)})

    def official(self, slip: Slip) -> OfficialPaper:
        """As an official paper with its reply slip; a form has no colophon."""
        under = Form(slip.rows(), f"回　执（{self.number or '未编号'}）")
        return OfficialPaper(
            office=self.office, title=self.heading, number=self.number, signer=self.signer,
            level=f"等级：{self.level}" if self.level else "", to="各有关单位" if self.is_circular else self.unit,
            body=paragraphs("\n".join(self.paragraphs())) if self.is_circular else (),
            form=None if self.is_circular else Form(self.rows()), issued_on=self.issued_on, slip=under,
            style=replace(self.style, colophon=self.style.colophon and self.is_circular),
            whole=(self.unit, self.programme), high=not self.is_circular,
        )  # fmt: skip

    def public(self) -> PaperContent:
        """As it may be shown outside: nobody's telephone number."""

        def hide(text: str) -> str:
            return _PHONE.sub(HIDDEN, text)

        return replace(
            self, matter=hide(self.matter), basis=hide(self.basis), demand=hide(self.demand), body=hide(self.body),
            contact=hide(self.contact), called=hide(self.called), leader=hide(self.leader), phone="",
        )  # fmt: skip

    @property
    def is_circular(self) -> bool:
        """Whether it is a text with a title, not a form."""
        return self.rung == "criticism"

    @property
    def is_talk(self) -> bool:
        """Whether somebody is called to a talk."""
        return self.rung == "talk"

    @property
    def heading(self) -> str:
        """The title as printed."""
        return self.title or self.name

    def paragraphs(self) -> tuple[str, ...]:
        """The text of a circular, paragraph by paragraph, with what it rests on."""
        text = [part.strip() for part in self.body.split("\n") if part.strip()]
        if self.earlier:
            text.append(f"此前已采取的措施：{'；'.join(self.earlier)}。")
        text.append(
            f"{self.unit}要{self.demand.rstrip('。')}，并于{day_words(self.answer_by)}前将整改情况报送我办。"
        )
        return tuple(text)

    def rows(self) -> tuple[tuple[str, str], ...]:
        """The lines of a form: name and text; what is empty is left out."""
        return tuple(
            (name, text) for name, text in (self._talk() if self.is_talk else self._notice()) if text
        )

    def _notice(self) -> tuple[tuple[str, str], ...]:
        return (
            ("督办事项", self.matter),
            ("来源/依据", self.basis),
            ("牵头单位", self.lead),
            ("责任单位", self.unit),
            ("责任领导", self.leader),
            ("交办日期", day_words(self.given_on) if self.given_on else ""),
            ("办结时限", f"{day_words(self.limit_on)}{self.limit_at}"),
            ("逾期天数", self._overdue()),
            ("前次催办记录", "；".join(self.earlier) or "无"),
            ("办理要求", self.demand),
            ("反馈方式", f"收到后即予签收，于{day_words(self.answer_by)}前在本系统反馈办理情况并附佐证材料"),
            ("联系人电话", " ".join(filter(None, (self.contact, self.phone)))),
        )

    def _talk(self) -> tuple[tuple[str, str], ...]:
        return (
            ("约谈对象", self.called),
            ("约谈时间", f"{day_words(self.talk_on)}{self.talk_at}"),
            ("约谈地点", self.place),
            ("约谈事项", self.matter),
            ("来源/依据", self.basis),
            ("约谈事由", self.body),
            ("逾期天数", self._overdue()),
            ("前次催办记录", "；".join(self.earlier) or "无"),
            ("有关要求", self.demand),
            ("反馈方式", f"收到后即予签收，于{day_words(self.answer_by)}前在本系统反馈整改情况并附佐证材料"),
            ("联系人电话", " ".join(filter(None, (self.contact, self.phone)))),
        )

    def _overdue(self) -> str:
        if not self.due_on:
            return ""
        due = f"原定{day_words(self.due_on)}完成"
        return f"{self.overdue}个工作日（{due}）" if self.overdue > 0 else f"未逾期（{due}）"


@dataclass(frozen=True)
class Slip:
    """The reply slip: what the unit and the office have written on it so far; empty lines are for a pen."""

    signed_by: str = ""
    signed_at: str = ""
    answer: str = ""
    answered_at: str = ""
    verdict: str = ""
    cleared: str = ""

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Name and text of each line."""
        return (
            ("签收人", self.signed_by), ("签收时间", self.signed_at), ("办理结果", self.answer),
            ("反馈时间", self.answered_at), ("审核意见", self.verdict), ("销号", self.cleared),
        )  # fmt: skip

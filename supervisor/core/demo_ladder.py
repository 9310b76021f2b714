"""The demo's ladder: matters at different rungs, one crossed off, each step by the real verbs at its moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from supervisor.clock import beijing_date
from supervisor.core import ladder, ladder_answers, ladder_papers, matters
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import DEPUTY, unit_of
from supervisor.core.permissions import Actor
from supervisor.models import InstructedUnit, Instruction, LadderStep, Matter, Rung

#: An instruction of the mayor's that no task stands for.
FREE = "核查兴民巷燃气立管更换进度，六月十二日前书面报告"
WIRES, POWER, FUNDS = "仍有飞线", "未通电巷道", "停工超过十天"


def climb(acts: Acts) -> None:
    """Everything, each at its moment."""
    acts.on("2026-06-15 09:20", partial(_open, acts))
    for day, rung, reason in (
        ("2026-06-15 09:40", Rung.URGE, "市长批示到期未报。"),
        ("2026-06-23 10:10", Rung.BLUE, "催办后未反馈。"),
        ("2026-07-01 09:30", Rung.YELLOW, "蓝色督办单到期未反馈，且未说明原因。"),
        ("2026-07-06 16:00", Rung.RED, "黄色督办单反馈不实，退回后到期仍未重新反馈。"),
    ):
        acts.on(day, partial(_take, acts, FREE, rung, reason))
    acts.on("2026-06-16 15:00", partial(_sign, acts, FREE))
    acts.on("2026-06-24 09:10", partial(_sign, acts, FREE))
    acts.on("2026-07-01 14:00", partial(_sign, acts, FREE))
    acts.on("2026-07-02 17:20", partial(_answer, acts, FREE, "已安排施工队进场，预计七月中旬完成。"))
    acts.on("2026-07-03 09:00", partial(_review, acts, FREE, "现场核查未见进场施工，请如实说明。"))
    acts.on("2026-06-22 10:00", partial(_take, acts, WIRES, Rung.URGE, "督导发现到期未整改完毕。"))
    acts.on("2026-06-22 16:30", partial(_sign, acts, WIRES))
    acts.on("2026-06-25 11:00", partial(_answer, acts, WIRES, "一处已整治，另一处待停电窗口。"))
    acts.on("2026-06-26 09:30", partial(_review, acts, WIRES, ""))
    acts.on("2026-06-30 10:00", partial(_take, acts, WIRES, Rung.BLUE, "另一处逾期七个工作日仍未整治。"))
    acts.on("2026-06-30 15:10", partial(_sign, acts, WIRES))
    acts.on("2026-07-07 10:30", partial(_answer, acts, WIRES, "停电窗口已定七月九日，整治方案随附说明。"))
    acts.on("2026-07-02 09:10", partial(_take, acts, POWER, Rung.URGE, "六月底时限已过，未报接通情况。"))
    acts.on("2026-05-22 10:00", partial(_take_early, acts))


def _open(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(DEPUTY, acts.programme, now)
    ladder.open_matter(
        unit_of("ranqi").id, FREE, basis="市长批示（2026年6月8日）", due_on=date(2026, 6, 12), by=by, now=now
    )


def _key(acts: Acts, about: str, by: Actor) -> str:
    """What a matter or an instruction with these words is called; of several units the first."""
    taken = Matter.select().where((Matter.programme == acts.programme) & Matter.title.contains(about)).first()
    if taken is not None:
        return f"matter:{taken.id}"
    parts = InstructedUnit.select(InstructedUnit).join(Instruction).where(Instruction.text.contains(about))
    key = f"instruction:{parts.order_by(InstructedUnit.id).get().id}"
    return matters.thing_of(key, by).key


def _take(acts: Acts, about: str, rung: Rung, reason: str, now: datetime) -> None:
    by = acts.story.actor(DEPUTY, acts.programme, now)
    key = _key(acts, about, by)
    thing = matters.thing_of(key, by)
    words = ladder_papers.proposed(
        thing, rung, programme=acts.programme, by=acts.story.person(DEPUTY), now=now
    )
    seen = thing.matter.version if thing.matter else 0
    ladder.take(key, replace(words, reason=reason, phone="0715-5550126"), seen=seen, by=by, now=now)


def _newest(acts: Acts, about: str) -> LadderStep:
    steps = LadderStep.select(LadderStep, Matter).join(Matter)
    mine = (Matter.programme == acts.programme) & Matter.title.contains(about)
    step: LadderStep = steps.where(mine).order_by(LadderStep.number.desc()).get()
    return step


def _unit(acts: Acts, step: LadderStep, now: datetime) -> Actor:
    name = acts.story.liaison(step.matter.unit_id, acts.programme.id, now)
    return acts.story.actor(name, acts.programme, now)


def _sign(acts: Acts, about: str, now: datetime) -> None:
    step = _newest(acts, about)
    ladder_answers.sign(step, by=_unit(acts, step, now), now=now)


def _answer(acts: Acts, about: str, words: str, now: datetime) -> None:
    step = _newest(acts, about)
    ladder_answers.answer(step, words, [], by=_unit(acts, step, now), now=now)


def _review(acts: Acts, about: str, words: str, now: datetime) -> None:
    """Accepted without words, sent back with them."""
    by = acts.story.actor(DEPUTY, acts.programme, now)
    again = beijing_date(now) + timedelta(days=2) if words else None
    ladder_answers.review(
        _newest(acts, about), accept=not words, words=words, answer_by=again, by=by, now=now
    )


def _take_early(acts: Acts, now: datetime) -> None:
    """A unit that was urged before its day was out, answered, and had the matter crossed off."""
    _take(acts, FUNDS, Rung.URGE, "距复工时限不足五个工作日，现场仍未见动静。", now)
    acts.on("2026-05-22 15:00", partial(_sign, acts, FUNDS))
    acts.on("2026-05-26 10:00", partial(_answer, acts, FUNDS, "三条巷道均已复工。"))
    acts.on("2026-05-27 09:00", partial(_review, acts, FUNDS, ""))
    acts.on("2026-05-29 09:00", partial(_close, acts))


def _close(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(DEPUTY, acts.programme, now)
    ladder_answers.close(
        _newest(acts, FUNDS).matter, "三条巷道均已复工并恢复通行，同意销号。", by=by, now=now
    )

"""The demo's site viewings and accountability cases, in every state, each step by the real verbs at its moment."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from supervisor.core import case_records, cases, demo_people, mark_sheets, viewings
from supervisor.core.cases import Ruling, Wanted
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import ASSESSOR, DEPUTY, INSPECTOR, JUDGE, LEADER, unit_of
from supervisor.core.demo_story import dice
from supervisor.core.mark_sheets import Typed
from supervisor.core.viewing_forms import PROPOSED, WantedJudge, WantedProject
from supervisor.core.viewing_forms import Wanted as WantedViewing
from supervisor.models import AccountabilityCase, MarkSheet, Viewing

SPRING, SUMMER = "一季度现场观摩讲评", "二季度现场观摩讲评"
#: Unit, project, place; and what it is roughly worth.
PROJECTS = (
    ("dongling", "枣园巷整治", "东岭街道", 90),
    ("nanpu", "渡口巷飞线入地", "浦口街道", 86),
    ("xilingqiao", "石桥巷铺装", "石桥街道", 68),
    ("zhongcheng", "书院巷管网更新", "书院街道", 84),
)
#: Judges without an account; the last one belongs to an office of the city.
ON_PAPER = (("高工程师", ""), ("梅代表", ""), ("何委员", ""), ("房科长", "zhujian"))
SHIRKS = "推诿扯皮、拒不整改"
FALSE, SLOW, WATER = "五月石桥巷铺装进度虚报", "飞线整治反复推诿", "南浦里雨水井盖板偷工减料"

ACCOUNTS = {
    FALSE: "五月月报称石桥巷铺装完成八成，六月十七日现场核查只铺了约一半，单位对差距未能说明。",
    SLOW: "同一处飞线整治三次交办，每次都答复由别的单位负责，至六月底仍未动工。",
    WATER: "抽查三处雨水井盖板，厚度均低于图纸要求，已封存样品待检测。",
}


#: The indicator that the second version of the demo's rulebook has: a panel's marks, of the points of the first one.
INDICATOR = """
[[table.indicator]]
key = "quarter_viewing"
title = "现场观摩讲评"
title_en = "Site viewing"
weight = 5
method = "judges"
nature = "qualitative"
facts = "judge_mark"
drop = 1
minimum = 5
rule = "5 × 评委打分（百分制）去掉一个最高分、一个最低分后的均值 ÷ 100；没有项目参加观摩的单位不适用。"
rule_en = "5 × mean of the judges' marks (0–100) without highest and lowest ÷ 100; not applicable without a project."
"""


def with_viewing(text: str) -> str:
    """The preset with site viewings in its quarterly table: five points that task completion gives up."""
    version = ('version = "2"', 'version = "2.1"')
    less = ("weight = 25\nmethod", "weight = 20\nmethod")
    said = ('rule = "25 × Σ', 'rule = "20 × Σ'), ('rule_en = "25 × Σ', 'rule_en = "20 × Σ')
    end = "\n# ---------------------------------------------------------------- 年终表"
    for old, new in (version, less, *said, (end, INDICATOR + end)):
        text = text.replace(old, new, 1)
    return text


def happen(acts: Acts) -> None:
    """Everything, each at its moment."""
    acts.on("2026-03-19 09:00", partial(demo_people.judge, acts.story, acts.programme))
    acts.on("2026-03-20 09:00", partial(_plan, acts, SPRING, date(2026, 3, 27)))
    acts.on("2026-03-27 16:00", partial(_mark, acts, SPRING, 5))
    acts.on("2026-03-30 10:00", partial(_correct, acts))
    acts.on("2026-03-31 09:20", partial(_finish, acts))
    acts.on("2026-06-29 09:00", partial(_plan, acts, SUMMER, date(2026, 7, 3)))
    acts.on("2026-07-03 17:00", partial(_mark, acts, SUMMER, 4))
    acts.on(
        "2026-06-18 15:00",
        partial(_open, acts, "xilingqiao", "虚报瞒报数据", FALSE, date(2026, 5, 31), ASSESSOR),
    )
    acts.on("2026-06-19 10:00", partial(_submit, acts, FALSE, ASSESSOR))
    acts.on("2026-06-24 11:00", partial(_uphold, acts))
    acts.on(
        "2026-07-02 09:30",
        partial(_open, acts, "guangdian", SHIRKS, SLOW, date(2026, 6, 30), DEPUTY),
    )
    acts.on("2026-07-06 15:30", partial(_submit, acts, SLOW, DEPUTY))
    acts.on(
        "2026-07-07 14:00",
        partial(_open, acts, "shuiwujituan", "偷工减料", WATER, date(2026, 7, 6), INSPECTOR),
    )


def _plan(acts: Acts, title: str, day: date, now: datetime) -> None:
    judges = [WantedJudge(acts.story.person(JUDGE).id)]
    judges += [WantedJudge(None, name, unit_of(unit).id if unit else None) for name, unit in ON_PAPER]
    projects = [WantedProject(unit_of(unit).id, name, place) for unit, name, place, _worth in PROJECTS]
    wanted = WantedViewing(
        title, day, "上午八点半在市政府东门集合，沿途看四个点，现场打分。", 1,
        {n: (name, str(weight)) for n, (_key, name, weight) in enumerate(PROPOSED, start=1)},
        dict(enumerate(projects, start=1)), dict(enumerate(judges, start=1)),
    )  # fmt: skip
    viewings.plan(wanted, by=acts.story.actor(DEPUTY, acts.programme, now), now=now)


def _viewing(acts: Acts, title: str) -> Viewing:
    here = (Viewing.programme == acts.programme) & (Viewing.title == title)
    found: Viewing = Viewing.get(here)
    return found


def _mark(acts: Acts, title: str, judges: int, now: datetime) -> None:
    """The first so many judges mark; of the account's sheets the last two stay missing where not all do."""
    viewing = _viewing(acts, title)
    projects = viewings.projects_of(viewing)
    for judge in viewings.panel_of(viewing)[:judges]:
        username = JUDGE if judge.user_id is not None else DEPUTY
        shown = projects if judges == len(ON_PAPER) + 1 or judge.user_id is None else projects[:2]
        typed = {
            row.id: _marks(title, judge.number, worth)
            for row, (_unit, _name, _place, worth) in zip(shown, PROJECTS, strict=False)
        }
        by = acts.story.actor(username, acts.programme, now)
        mark_sheets.sign(viewing, judge, typed, by=by, now=now)


def _marks(title: str, judge: int, worth: int) -> Typed:
    """Each criterion near what the project is worth, to half a point."""
    die = dice(title, judge, worth)
    given = {}
    for key, _name, weight in PROPOSED:
        halves = round(2 * weight * worth / 100) + die.randint(-3, 3)
        whole, half = divmod(max(0, min(2 * weight, halves)), 2)
        given[key] = f"{whole}.5" if half else str(whole)
    return Typed(given)


def _correct(acts: Acts, now: datetime) -> None:
    """A sheet on paper had been typed in wrongly."""
    viewing = _viewing(acts, SPRING)
    sheet: MarkSheet = next(one for one in mark_sheets.sheets_of(viewing) if one.panelist.number == 3)
    more = dict(sheet.marks) | {"highlights": "19" if sheet.marks["highlights"] != "19" else "18"}
    by = acts.story.actor(DEPUTY, acts.programme, now)
    mark_sheets.correct(sheet, Typed(more), "录入时看错一行，已与纸质评分表核对。", by=by, now=now)


def _finish(acts: Acts, now: datetime) -> None:
    viewing = _viewing(acts, SPRING)
    viewings.finish(
        viewing, "", seen=viewing.version, by=acts.story.actor(DEPUTY, acts.programme, now), now=now
    )


def _open(acts: Acts, unit: str, kind: str, title: str, day: date, who: str, now: datetime) -> None:
    account = ACCOUNTS[title]
    source = {ASSESSOR: "抽查核对", DEPUTY: "群众来信", INSPECTOR: "现场督查"}[who]
    wanted = Wanted(unit_of(unit).id, kind, title, account, source, day)
    cases.open_case(wanted, by=acts.story.actor(who, acts.programme, now), now=now)


def _case(acts: Acts, title: str) -> AccountabilityCase:
    here = (AccountabilityCase.programme == acts.programme) & (AccountabilityCase.title == title)
    found: AccountabilityCase = AccountabilityCase.get(here)
    return found


def _submit(acts: Acts, title: str, who: str, now: datetime) -> None:
    """With the unit's newest report as evidence."""
    case, by = _case(acts, title), acts.story.actor(who, acts.programme, now)
    records = [one.key for one in case_records.of_unit(case)[:1]]
    cases.add_evidence(case, "所报进度与核查照片对不上。", records, [], by=by, now=now)
    cases.submit(case, "建议认定，并按考核办法处理。", by=by, now=now)


def _uphold(acts: Acts, now: datetime) -> None:
    case = _case(acts, FALSE)
    ruling = Ruling(
        upheld=True, reason="核查材料充分，单位对差距不能说明。", measure="责令如实更正，在周调度会上作出说明。",
        penalty="untrue_data",
    )  # fmt: skip
    cases.decide(case, ruling, seen=case.version, by=acts.story.actor(LEADER, acts.programme, now), now=now)

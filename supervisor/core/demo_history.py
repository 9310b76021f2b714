"""The demo's two programmes: from the notice to a year of history, with every state that the product knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from scoring import preset_text
from supervisor.core import (
    assignments,
    decisions,
    demo_people,
    documents,
    extensions,
    plans,
    programmes,
    rulebooks,
    scores,
    tasks,
    units,
)
from supervisor.core.demo_people import ASSESSOR, CITY, OFFICE, TEXTS, characters, unit_of
from supervisor.core.demo_reports import Reporting, Script
from supervisor.core.demo_story import Story, dice, moment
from supervisor.core.periods import Period
from supervisor.models import (
    Application,
    Assignment,
    AssignmentState,
    Document,
    Extension,
    Objection,
    Obligation,
    Plan,
    Programme,
    QuantityTarget,
    Task,
)

#: Time limits that the office adds where the notice gives none (local settings, D6).
STREET_DUE = {
    "组织居民议事": date(2026, 9, 30), "更新路面与排水": date(2026, 12, 31), "规整空中线缆": date(2026, 12, 31),
    "拆除违法建设": date(2026, 9, 30), "增设停车泊位": date(2026, 12, 31), "增绿补绿": date(2026, 11, 30),
    "完善便民设施": date(2026, 12, 31),
}  # fmt: skip
ELDER_DUE = {"发展老年助餐": date(2026, 12, 31), "加强数字化服务": date(2026, 12, 31)}
#: Task → measure → who delivers how much.
STREET_TARGETS: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("更新路面与排水", "改造背街小巷（条）"): {
        "dongling": 42, "nanpu": 36, "xilingqiao": 34, "beitang": 30, "zhongcheng": 38, "shanqian": 26, "gaoxin": 20,
        "wenlv": 14,
    },
    ("增设停车泊位", "新增停车泊位（个）"): {
        "dongling": 620, "nanpu": 540, "xilingqiao": 460, "beitang": 420, "zhongcheng": 480, "shanqian": 320,
        "gaoxin": 360, "wenlv": 200, "tingche": 200,
    },
    ("更换老化燃气管道", "更换燃气管道（公里）"): {"ranqi": 86},
}  # fmt: skip
ELDER_TARGETS = {("推进适老化改造", "适老化改造（户）"): {"minzheng": 1200}}

STREET = Script(
    silent=frozenset({
        ("tongxin", "2025-11"), ("xilingqiao", "2026-06"), ("tongxin", "2026-06"), ("dianxin", "2026-06"),
        ("beitang", "2026-06"), ("nanpu", "2026-06"), ("wenlv", "2026-06"),
    }),
    nil=frozenset({("tongji", "2025-08"), ("shenji", "2026-01"), ("tiyu", "2025-12"), ("sifa", "2026-05")}),
    late={
        ("xilingqiao", "2025-10"): 3, ("xilingqiao", "2025-12"): 2, ("xilingqiao", "2026-02"): 1, ("tongxin", "2026-01"): 4,
        ("wenlv", "2025-11"): 1, ("liantong", "2026-03"): 2, ("jinrong", "2025-10"): 1, ("shichang", "2026-06"): 1,
        ("liantong", "2026-06"): 1, ("jiaotong", "2026-05"): 1,
    },
    fixed={("zhongcheng", "2026-03"): "2026-04-10 15:30", ("sifa", "2025-12"): "2026-01-05 22:10"},
    returned={
        ("shanqian", "2026-02"): 2, ("xilingqiao", "2025-12"): 1, ("guangdian", "2026-03"): 1, ("dianxin", "2025-10"): 1,
        ("gaoxin", "2026-06"): 1,
    },
    slow=frozenset({("xilingqiao", "2025-12"), ("gaoxin", "2026-06")}),
    unreviewed=frozenset({("jinrong", "2026-05")}),
    falling={("beitang", "2026-02"): "上月把错时共享的12个泊位重复统计为新增，本月核减。"},
)  # fmt: skip
ELDER = Script(
    silent=frozenset({("yibao", "2026-06")}),
    nil=frozenset({("gongan", "2026-02")}),
    late={("shichang", "2026-04"): 1},
    returned={("shangwu", "2026-03"): 1},
    unapproved=frozenset({("shangwu", "2026-06")}),
)


def street_renewal(story: Story) -> None:
    """The three years' plan for side streets: issued in July 2025, two quarters closed since."""
    story.on("2025-07-03 15:00", partial(_found_street, story))


def elder_care(story: Story) -> None:
    """A proposal of the consultative conference, handled since February 2026; heads approve the reports."""
    story.on("2026-02-09 14:30", partial(_found_elder, story))


def _found_street(story: Story, now: datetime) -> None:
    programme = programmes.create_programme(
        "背街小巷更新三年行动", jurisdiction=CITY, host_unit="市住房和城乡建设局",
        office_name="背街小巷更新行动领导小组办公室", founder=story.person(OFFICE),
        by=story.actor(OFFICE, None, now), now=now,
    )  # fmt: skip
    _settle(story, programme, {"first_scored_period": "2025-Q4", "lock_after_workdays": 10}, now)
    plan = _adopt(story, programme, "street-renewal.txt", STREET_DUE, STREET_TARGETS, now)
    story.on("2025-07-04 09:00", partial(_issue, story, programme, plan))
    _street_people(story, programme)
    _street_work(story, programme)
    _street_dates(story, programme)
    _street_quarters(story, programme)
    Reporting(story, programme, STREET).months("2025-07", "2026-06")


def _found_elder(story: Story, now: datetime) -> None:
    programme = programmes.create_programme(
        "社区居家养老重点提案办理", jurisdiction=CITY, host_unit="市政府督查室", office_name="市政府督查室",
        founder=story.person(OFFICE), by=story.actor(OFFICE, None, now), now=now,
    )  # fmt: skip
    changes = {"head_approves": True, "first_scored_period": "2026-Q2", "lock_after_workdays": 10}
    _settle(story, programme, changes, now)
    plan = _adopt(story, programme, "elder-care.txt", ELDER_DUE, ELDER_TARGETS, now)
    story.on("2026-02-10 10:00", partial(_issue, story, programme, plan))
    story.on("2026-03-30 09:40", partial(_adopt_rulebook, story, programme, date(2026, 4, 1)))
    Reporting(story, programme, ELDER).months("2026-02", "2026-06")


def _settle(story: Story, programme: Programme, changes: Mapping[str, object], now: datetime) -> None:
    by = story.actor(OFFICE, programme, now)
    day = now.date()
    programmes.change_settings(
        programme, {**changes, "day_off_policy": "after"}, valid_from=day,
        reason="专题会议议定：月报次月5日前报送，遇休息日顺延", by=by, now=now,
    )  # fmt: skip
    demo_people.staff(story, programme, now)


def _adopt(
    story: Story,
    programme: Programme,
    filename: str,
    due: Mapping[str, date],
    targets: Mapping[tuple[str, str], Mapping[str, int]],
    now: datetime,
) -> Plan:
    """Read the notice, correct it as a person would, adopt it, name liaisons and groups."""
    by = story.actor(OFFICE, programme, now)
    data = (TEXTS / filename).read_bytes()
    draft = documents.read_notice(data, filename)
    document = documents.receive(programme, draft, data, filename, again=False, by=by, now=now)
    ledger = documents.ledger_of(document)
    version = document.version
    for place in range(len(ledger.collectives)):
        documents.confirm_members(
            Document.get_by_id(document.id), place, ticked=range(len(ledger.collectives[place].members)),
            notes={}, added=[], seen=version, by=by, now=now,
        )  # fmt: skip
        version += 1
    for task in ledger.tasks:
        if task.title in due:
            fresh = Document.get_by_id(document.id)
            documents.correct_task(fresh, replace(task, due_on=due[task.title]), seen=version, by=by, now=now)
            version += 1
    plan = plans.adopt(Document.get_by_id(document.id), seen=version, by=by, now=now)
    for (title, measure), shares in targets.items():
        task = Task.get((Task.plan == plan) & (Task.title == title))
        for user, target in shares.items():
            QuantityTarget.create(task=task, unit=unit_of(user), measure=measure, target=target)
    demo_people.arrange_groups(story, programme, now)
    demo_people.liaisons(story, programme, now)
    return plan


def _issue(story: Story, programme: Programme, plan: Plan, now: datetime) -> None:
    plans.issue(plan, by=story.actor(OFFICE, programme, now), now=now)
    for unit in units.units_of(programme.id):
        who = characters()[unit.name]
        roll = dice("sign", programme.id, who.user)
        day = story.workday(now.date(), roll.randint(0, 4))
        story.at(moment(day, roll.randint(10, 16), roll.randint(0, 59)), partial(_sign, story, programme, who.user))


def _sign(story: Story, programme: Programme, user: str, now: datetime) -> None:
    assignments.acknowledge_all(programme.id, by=story.actor(user, programme, now), now=now)


def _adopt_rulebook(story: Story, programme: Programme, valid_from: date, now: datetime) -> None:
    rulebooks.adopt(
        programme, preset_text(rulebooks.FIRST_CHOICE), valid_from=valid_from,
        by=story.actor(ASSESSOR, programme, now), now=now,
    )  # fmt: skip


def _street_people(story: Story, programme: Programme) -> None:
    """Objections after the issue; people who move on."""
    story.on("2025-07-08 10:20", partial(_object, story, programme, "wenhua", "规整空中线缆",
             "线缆规整不涉及我局职能，历史建筑立面管控已在增绿补绿事项中承担。"))  # fmt: skip
    story.on("2025-07-09 15:05", partial(_object, story, programme, "sifa", "拆除违法建设",
             "我局无执法队伍，建议改由市城市管理局独立承担。"))  # fmt: skip
    story.on("2025-07-11 09:30", partial(_decide_objection, story, programme, "wenhua", True,
             "理由成立，本事项不再列该局为责任单位。"))  # fmt: skip
    story.on("2025-07-14 16:10", partial(_decide_objection, story, programme, "sifa", False,
             "行政强制文书审核和执法培训须由司法行政部门承担，维持原分工。"))  # fmt: skip
    story.on("2025-07-15 09:15", partial(_sign, story, programme, "sifa"))
    story.on("2026-01-12 10:00", lambda now: demo_people.replace_liaison(
        story, "caizheng", date(2026, 1, 16), ("caizheng2", "金若溪"), now))  # fmt: skip
    story.on("2026-06-10 11:00", lambda now: demo_people.replace_liaison(
        story, "guangdian", date(2026, 6, 12), None, now))  # fmt: skip


def _street_work(story: Story, programme: Programme) -> None:
    """Applications for completion: accepted, returned, and still open."""
    story.on("2025-09-26 15:00", partial(_apply, story, programme, "chengguan", "开展全面普查",
             "全市登记背街小巷1126条，一巷一档全部入库，普查成果报告通过专家评审。"))  # fmt: skip
    story.on("2025-10-10 10:00", partial(_decide_application, story, programme, "chengguan", True, "成果完整，同意办结。"))
    story.on("2025-10-28 16:40", partial(_apply, story, programme, "zhujian", "编制更新计划",
             "三批更新计划经市政府审定印发，投资、工期和责任人已逐条明确。"))  # fmt: skip
    story.on("2025-11-04 09:30", partial(_decide_application, story, programme, "zhujian", True, "同意办结。"))
    story.on("2026-05-20 14:00", partial(_apply, story, programme, "dongling", "组织居民议事",
             "全区42条更新巷道均已开工前议事，意见采纳情况全部公示。"))  # fmt: skip
    story.on("2026-05-27 10:30", partial(_decide_application, story, programme, "dongling", True, "抽查属实，同意办结。"))
    story.on("2026-06-25 11:20", partial(_apply, story, programme, "chengguan", "补齐照明设施",
             "已消除无灯巷217条，远程监控全部接入。"))  # fmt: skip
    story.on("2026-06-29 16:00", partial(_decide_application, story, programme, "chengguan", False,
             "西陵桥区尚有6条巷道未通电，缺分区验收单，请补充后再报。"))  # fmt: skip
    story.on("2026-07-07 10:15", partial(_apply, story, programme, "chengguan", "补齐照明设施",
             "西陵桥区6条巷道已于7月6日全部通电，八个区的验收单一并附后。"))  # fmt: skip
    story.on("2026-07-06 09:50", partial(_apply, story, programme, "gaoxin", "组织居民议事",
             "辖区20条巷道议事全部完成，居民满意度调查九成以上。"))  # fmt: skip


def _street_dates(story: Story, programme: Programme) -> None:
    """Extensions granted, refused and open; a report waived; a date moved after issue (D7)."""
    story.on("2025-12-31 10:10", partial(_ask, story, programme, "sifa", "2025-12", date(2026, 1, 15),
             "年终考核集中，数据汇总来不及。"))  # fmt: skip
    story.on("2026-01-04 09:20", partial(_answer, story, programme, "sifa", "2025-12", False,
             "月报为例行工作，各单位年终任务相同，请按期报送。"))  # fmt: skip
    story.on("2026-04-03 10:00", partial(_ask, story, programme, "zhongcheng", "2026-03", date(2026, 4, 10),
             "鼓楼后巷塌陷抢修，分管人员全部在现场。"))  # fmt: skip
    story.on("2026-04-03 16:20", partial(_answer, story, programme, "zhongcheng", "2026-03", True, "情况属实，同意延期。"))
    story.on("2026-07-02 14:20", partial(_ask, story, programme, "nanpu", "2026-06", date(2026, 7, 10),
             "防汛二级响应，联络员在一线值守。"))  # fmt: skip
    story.on("2026-07-03 09:10", partial(_answer, story, programme, "nanpu", "2026-06", True, "同意延期，请按时报送。"))
    story.on("2026-07-06 17:30", partial(_ask, story, programme, "wenlv", "2026-06", date(2026, 7, 13),
             "湖滨里项目正在竣工结算，工程量尚待核定。"))  # fmt: skip
    story.on("2026-03-02 09:30", partial(_waive, story, programme, "jiaoyu", "2026-02", "寒假期间无承担事项，免报一次。"))
    story.on("2026-07-01 09:40", partial(_move_task, story, programme))
    for user in ("tongxin", "gongdian", "yidong", "dongling", "gaoxin", "nanpu"):
        story.on("2026-07-02 11:00", partial(_sign, story, programme, user))


def _street_quarters(story: Story, programme: Programme) -> None:
    """The rulebook, two closed and published quarters, and what waits for the leader."""
    story.on("2025-09-15 10:00", partial(_adopt_rulebook, story, programme, date(2025, 10, 1)))
    for key, close, publish in (
        ("2025-Q4", "2026-01-28 10:00", "2026-01-29 15:00"), ("2026-Q1", "2026-04-29 10:00", "2026-04-30 09:30"),
    ):  # fmt: skip
        story.on(close, partial(_close, story, programme, Period.parse(key)))
        story.on(publish, partial(_publish, story, programme, Period.parse(key)))
    story.on("2026-01-30 09:00", lambda now: programmes.change_settings(
        programme, {"scores_shown_to_units": True}, valid_from=date(2026, 2, 1),
        reason="领导小组第三次会议议定，季度得分向各单位公开", by=story.actor(OFFICE, programme, now), now=now,
    ))  # fmt: skip
    story.on("2026-07-07 15:30", lambda now: decisions.name_host_assessor(
        programme, story.person(ASSESSOR).id, by=story.actor(OFFICE, programme, now), now=now,
        reason="领导小组办公室设在市住房和城乡建设局，建议由市考核办评定该局，使其参加排名。",
    ))  # fmt: skip


# Single acts ------------------------------------------------------------------------------------------------


def _link(programme: Programme, user: str, title: str) -> Assignment:
    return (
        Assignment.select(Assignment, Task)
        .join(Task)
        .where((Assignment.programme == programme) & (Assignment.unit == unit_of(user)) & (Task.title == title))
        .get()
    )


def _owed(programme: Programme, user: str, month: str) -> Obligation:
    return Obligation.get(
        (Obligation.programme == programme) & (Obligation.unit == unit_of(user)) & (Obligation.period == month)
    )


def _object(story: Story, programme: Programme, user: str, title: str, reason: str, now: datetime) -> None:
    assignments.object_to(
        _link(programme, user, title), reason, by=story.actor(user, programme, now), now=now
    )


def _decide_objection(
    story: Story, programme: Programme, user: str, upheld: bool, words: str, now: datetime  # noqa: FBT001 -- called through partial
) -> None:
    row = Objection.get(Objection.raised_by == story.person(user).id)
    by = story.actor(OFFICE, programme, now)
    assignments.decide_objection(row, upheld=upheld, decision=words, by=by, now=now)


def _apply(story: Story, programme: Programme, user: str, title: str, evidence: str, now: datetime) -> None:
    link = _link(programme, user, title)
    if link.state is AssignmentState.ISSUED:
        _sign(story, programme, user, now)
        link = _link(programme, user, title)
    assignments.apply_for_completion(link, evidence, by=story.actor(user, programme, now), now=now)


def _decide_application(
    story: Story, programme: Programme, user: str, accepted: bool, reason: str, now: datetime  # noqa: FBT001 -- as above
) -> None:
    row = Application.select().where(Application.applied_by == story.person(user).id).order_by(Application.id.desc()).get()
    by = story.actor(OFFICE, programme, now)
    assignments.decide_application(row, accepted=accepted, reason=reason, by=by, now=now)


def _ask(
    story: Story, programme: Programme, user: str, month: str, wanted: date, reason: str, now: datetime
) -> None:
    by = story.actor(user, programme, now)
    extensions.ask_extension(_owed(programme, user, month), reason=reason, wanted_on=wanted, by=by, now=now)


def _answer(
    story: Story, programme: Programme, user: str, month: str, granted: bool, words: str, now: datetime  # noqa: FBT001 -- as above
) -> None:
    row = Extension.get(Extension.obligation == _owed(programme, user, month))
    by = story.actor(OFFICE, programme, now)
    extensions.decide_extension(row, granted=granted, decision=words, by=by, now=now)


def _waive(story: Story, programme: Programme, user: str, month: str, reason: str, now: datetime) -> None:
    by = story.actor(OFFICE, programme, now)
    extensions.waive(_owed(programme, user, month), reason=reason, by=by, now=now)


def _move_task(story: Story, programme: Programme, now: datetime) -> None:
    task = Task.get((Task.programme == programme) & (Task.title == "规整空中线缆"))
    tasks.change(
        task, due_on=date(2026, 11, 30), planned=task.planned, seen_version=task.version,
        reason="冬季施工窗口缩短，领导小组专题会议议定提前一个月完成。",
        by=story.actor(OFFICE, programme, now), now=now,
    )  # fmt: skip


def _close(story: Story, programme: Programme, quarter: Period, now: datetime) -> None:
    scores.close(programme, quarter, by=story.actor(ASSESSOR, programme, now), now=now)


def _publish(story: Story, programme: Programme, quarter: Period, now: datetime) -> None:
    scores.publish(programme, quarter, by=story.actor(ASSESSOR, programme, now), now=now)

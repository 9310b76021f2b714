"""The demo's two programmes: from the notice to a year of history, with every state that the product knows."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from supervisor.core import (
    demo_deadlines,
    demo_facts,
    demo_ladder,
    demo_lists,
    demo_people,
    demo_supervision,
    demo_viewings,
    demo_wordings,
    programmes,
)
from supervisor.core.demo_acts import Acts, Targets
from supervisor.core.demo_people import CITY, OFFICE
from supervisor.core.demo_reports import Reporting, Script
from supervisor.core.demo_story import Story
from supervisor.core.demo_work_plans import Planning
from supervisor.models import Reach

#: Time limits that the office adds where the notice gives none (local settings, D6).
STREET_DUE = {
    "组织居民议事": date(2026, 9, 30), "更新路面与排水": date(2026, 12, 31), "规整空中线缆": date(2026, 12, 31),
    "拆除违法建设": date(2026, 9, 30), "增设停车泊位": date(2026, 12, 31), "增绿补绿": date(2026, 11, 30),
    "完善便民设施": date(2026, 12, 31), "统筹资金": date(2026, 12, 31), "严把质量安全关": date(2026, 12, 31),
}  # fmt: skip
ELDER_DUE = {"发展老年助餐": date(2026, 12, 31), "加强数字化服务": date(2026, 12, 31)}
STREET_TARGETS: Targets = {
    ("更新路面与排水", "背街小巷更新（条）"): {
        "dongling": 42, "nanpu": 36, "xilingqiao": 34, "beitang": 30, "zhongcheng": 38, "shanqian": 26,
        "gaoxin": 20, "wenlv": 14,
    },
    ("增设停车泊位", "新增停车泊位（个）"): {
        "dongling": 620, "nanpu": 540, "xilingqiao": 460, "beitang": 420, "zhongcheng": 480, "shanqian": 320,
        "gaoxin": 360, "wenlv": 200, "tingche": 200,
    },
    ("更换老化燃气管道", "更换燃气管道（公里）"): {"ranqi": 86},
}  # fmt: skip
ELDER_TARGETS: Targets = {("推进适老化改造", "适老化改造（户）"): {"minzheng": 1200}}
RULES = {"lock_after_workdays": 10, "day_off_policy": "after"}
WHY = "专题会议议定：月报次月5日前报送，遇休息日顺延"

STREET = Script(
    silent=frozenset({
        ("tongxin", "2025-11"), ("xilingqiao", "2026-06"), ("tongxin", "2026-06"), ("dianxin", "2026-06"),
        ("beitang", "2026-06"), ("nanpu", "2026-06"), ("wenlv", "2026-06"),
    }),
    nil=frozenset({("tongji", "2025-08"), ("shenji", "2026-01"), ("tiyu", "2025-12"), ("sifa", "2026-05")}),
    late={
        ("xilingqiao", "2025-10"): 3, ("xilingqiao", "2025-12"): 2, ("xilingqiao", "2026-02"): 1,
        ("tongxin", "2026-01"): 4, ("wenlv", "2025-11"): 1, ("liantong", "2026-03"): 2, ("jinrong", "2025-10"): 1,
        ("shichang", "2026-06"): 1, ("liantong", "2026-06"): 1, ("jiaotong", "2026-05"): 1,
    },
    fixed={("zhongcheng", "2026-03"): "2026-04-10 15:30", ("sifa", "2025-12"): "2026-01-05 22:10"},
    returned={
        ("shanqian", "2026-02"): 2, ("xilingqiao", "2025-12"): 1, ("guangdian", "2026-03"): 1,
        ("dianxin", "2025-10"): 1, ("gaoxin", "2026-06"): 1,
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


#: When everybody has last looked into their inbox: what came later is unread.
LAST_READ = "2026-07-03 17:20"


def inboxes(story: Story) -> None:
    """People read what they got."""
    story.on(LAST_READ, partial(demo_people.read_everything, story))


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
    acts = Acts(story, programme)
    acts.settle({**RULES, "first_scored_period": "2025-Q4"}, WHY, now=now)
    demo_people.staff(story, programme, now)
    plan = acts.adopt("street-renewal.txt", STREET_DUE, STREET_TARGETS, now=now)
    acts.on("2025-07-04 09:00", acts.issue, plan=plan)
    for part in (
        _objections,
        _people,
        _completions,
        _dates,
        _periods,
        demo_supervision.supervise,
        demo_ladder.climb,
        demo_lists.decide,
        demo_facts.enter,
        demo_viewings.happen,
        demo_deadlines.keep,
        demo_wordings.word,
    ):
        part(acts)
    Reporting(story, programme, STREET).months("2025-07", "2026-06")


def _found_elder(story: Story, now: datetime) -> None:
    programme = programmes.create_programme(
        "社区居家养老重点提案办理", jurisdiction=CITY, host_unit="市政府督查室", office_name="市政府督查室",
        founder=story.person(OFFICE), by=story.actor(OFFICE, None, now), now=now,
    )  # fmt: skip
    acts = Acts(story, programme)
    elder = {"head_approves": True, "first_scored_period": "2026-Q2", "work_plan_workdays": 20}
    acts.settle({**RULES, **elder}, WHY, now=now)
    demo_people.staff(story, programme, now)
    plan = acts.adopt("elder-care.txt", ELDER_DUE, ELDER_TARGETS, now=now)
    acts.on("2026-02-10 10:00", acts.issue, plan=plan)
    story.on("2026-02-10 10:05", Planning(story, programme).begin)
    acts.on("2026-03-30 09:40", acts.adopt_rulebook, valid_from=date(2026, 4, 1))
    Reporting(story, programme, ELDER).months("2026-02", "2026-06")


def _objections(acts: Acts) -> None:
    """One is upheld, one is not."""
    acts.on("2025-07-08 10:20", acts.object_to, user="wenhua", title="规整空中线缆",
            reason="线缆规整不涉及我局职能，历史建筑立面管控已在增绿补绿事项中承担。")  # fmt: skip
    acts.on("2025-07-09 15:05", acts.object_to, user="sifa", title="拆除违法建设",
            reason="我局无执法队伍，建议改由市城市管理局独立承担。")  # fmt: skip
    acts.on("2025-07-11 09:30", acts.decide_objection, user="wenhua", upheld=True,
            words="理由成立，本事项不再列该局为责任单位。")  # fmt: skip
    acts.on("2025-07-14 16:10", acts.decide_objection, user="sifa", upheld=False,
            words="行政强制文书审核和执法培训须由司法行政部门承担，维持原分工。")  # fmt: skip
    acts.on("2025-07-15 09:15", acts.sign, user="sifa")


def _people(acts: Acts) -> None:
    """One liaison officer is succeeded, one leaves a gap."""
    acts.on("2026-01-12 10:00", acts.replace_liaison, user="caizheng", last_day=date(2026, 1, 16),
            username="caizheng2", name="金若溪")  # fmt: skip
    acts.on("2026-06-10 11:00", acts.replace_liaison, user="guangdian", last_day=date(2026, 6, 12))


def _completions(acts: Acts) -> None:
    """Applications accepted, returned, and still open."""
    acts.on("2025-09-26 15:00", acts.apply, user="chengguan", title="开展全面普查",
            evidence="全市登记背街小巷1126条，一巷一档全部入库，普查成果报告通过专家评审。")  # fmt: skip
    acts.on(
        "2025-10-10 10:00",
        acts.decide_application,
        user="chengguan",
        accepted=True,
        words="成果完整，同意办结。",
    )
    acts.on("2025-10-28 16:40", acts.apply, user="zhujian", title="编制更新计划",
            evidence="三批更新计划经市政府审定印发，投资、工期和责任人已逐条明确。")  # fmt: skip
    acts.on("2025-11-04 09:30", acts.decide_application, user="zhujian", accepted=True, words="同意办结。")
    acts.on("2026-05-20 14:00", acts.apply, user="dongling", title="组织居民议事",
            evidence="全区42条更新巷道均已开工前议事，意见采纳情况全部公示。")  # fmt: skip
    acts.on("2026-05-27 10:30", acts.decide_application, user="dongling", accepted=True,
            words="抽查属实，同意办结。")  # fmt: skip
    acts.on("2026-06-25 11:20", acts.apply, user="chengguan", title="补齐照明设施",
            evidence="已消除无灯巷217条，远程监控全部接入。")  # fmt: skip
    acts.on("2026-06-29 16:00", acts.decide_application, user="chengguan", accepted=False,
            words="西陵桥区尚有6条巷道未通电，缺分区验收单，请补充后再报。")  # fmt: skip
    acts.on("2026-07-06 09:50", acts.apply, user="gaoxin", title="组织居民议事",
            evidence="辖区20条巷道议事全部完成，居民满意度调查九成以上。")  # fmt: skip
    acts.on("2026-07-07 10:15", acts.apply, user="chengguan", title="补齐照明设施",
            evidence="西陵桥区6条巷道已于7月6日全部通电，八个区的验收单一并附后。")  # fmt: skip


def _dates(acts: Acts) -> None:
    """Extensions refused, granted and open; a report waived; a time limit moved after issue."""
    acts.on("2025-12-31 10:10", acts.ask, user="sifa", month="2025-12", wanted_on=date(2026, 1, 15),
            reason="年终考核集中，数据汇总来不及。")  # fmt: skip
    acts.on("2026-01-04 09:20", acts.answer, user="sifa", month="2025-12", granted=False,
            words="月报为例行工作，各单位年终任务相同，请按期报送。")  # fmt: skip
    acts.on(
        "2026-03-02 09:30",
        acts.waive,
        user="jiaoyu",
        month="2026-02",
        reason="寒假期间无承担事项，免报一次。",
    )
    acts.on("2026-04-03 10:00", acts.ask, user="zhongcheng", month="2026-03", wanted_on=date(2026, 4, 10),
            reason="鼓楼后巷塌陷抢修，分管人员全部在现场。")  # fmt: skip
    acts.on("2026-04-03 16:20", acts.answer, user="zhongcheng", month="2026-03", granted=True,
            words="情况属实，同意延期。")  # fmt: skip
    acts.on("2026-07-01 09:40", acts.move_task, title="规整空中线缆", due_on=date(2026, 11, 30),
            reason="冬季施工窗口缩短，领导小组专题会议议定提前一个月完成。")  # fmt: skip
    for user in ("tongxin", "gongdian", "yidong", "dongling", "gaoxin", "nanpu"):
        acts.on("2026-07-02 11:00", acts.sign, user=user)
    acts.on("2026-07-02 14:20", acts.ask, user="nanpu", month="2026-06", wanted_on=date(2026, 7, 10),
            reason="防汛二级响应，联络员在一线值守。")  # fmt: skip
    acts.on("2026-07-03 09:10", acts.answer, user="nanpu", month="2026-06", granted=True,
            words="同意延期，请按时报送。")  # fmt: skip
    acts.on("2026-07-06 17:30", acts.ask, user="wenlv", month="2026-06", wanted_on=date(2026, 7, 13),
            reason="湖滨里项目正在竣工结算，工程量尚待核定。")  # fmt: skip


def _periods(acts: Acts) -> None:
    """The rulebook, two closed and published quarters, the year 2025 from its parts, and what waits for the leader."""
    acts.on("2025-09-15 10:00", acts.adopt_rulebook, valid_from=date(2025, 10, 1))
    acts.on("2025-12-29 10:00", acts.adopt_rulebook, valid_from=date(2026, 1, 1), edit=demo_viewings.with_viewing,
            remark="领导小组第三次会议议定，季度考核增加现场观摩讲评。")  # fmt: skip
    acts.on("2026-01-22 10:00", acts.show_preliminary, key="2025-Q4")
    acts.on("2026-01-28 10:00", acts.close, key="2025-Q4")
    acts.on("2026-01-29 09:00", acts.settle, changes={"scores_shown_to_units": True},
            reason="领导小组第三次会议议定，季度得分向各单位公开")  # fmt: skip
    acts.on("2026-01-29 15:00", acts.publish, key="2025-Q4", reach=Reach.UNITS,
            reason="领导小组第三次会议议定，季度得分向各单位公布")  # fmt: skip
    for shown, closed, key in (
        ("2026-02-02 10:00", "2026-02-06 10:00", "2025-year_end"),
        ("2026-02-06 14:30", "2026-02-12 10:00", "2025"),
    ):
        acts.on(shown, acts.show_preliminary, key=key)
        acts.on(closed, acts.close, key=key)
    acts.on("2026-02-12 15:30", acts.publish, key="2025", reach=Reach.UNITS,
            reason="领导小组第四次会议审定，年度得分向各单位公布")  # fmt: skip
    acts.on("2026-04-23 10:00", acts.show_preliminary, key="2026-Q1")
    acts.on("2026-04-24 16:10", acts.appeal, user="liantong", key="2026-Q1", indicator="report_timeliness",
            claim="截止当日办公网光缆中断，报告已由机要交换按时送达，有签收单，请更正。")  # fmt: skip
    acts.on("2026-04-27 09:20", acts.appeal, user="xilingqiao", key="2026-Q1", indicator="report_timeliness",
            claim="报告在截止当日已经拟好，因分管负责人出差未能签发，请不计迟报。")  # fmt: skip
    acts.on("2026-04-28 09:40", acts.decide_appeal, user="liantong", accepted=True,
            words="签收单属实，由办公室更正该报告为按时报送。")  # fmt: skip
    acts.on("2026-04-28 11:10", acts.decide_appeal, user="xilingqiao", accepted=False,
            words="未经批准延期，出差可由代理人报送，迟报属实，维持原分。")  # fmt: skip
    acts.on("2026-04-28 14:30", acts.count_as_on_time, user="liantong", quarter="2026-Q1",
            reason="机要交换签收单证明截止当日送达")  # fmt: skip
    acts.on("2026-04-28 15:00", acts.run_again, key="2026-Q1", reason="采纳联通澜川分公司申诉，更正迟报一次")
    acts.on("2026-04-29 10:00", acts.close, key="2026-Q1")
    acts.on("2026-04-30 09:30", acts.publish, key="2026-Q1", reach=Reach.PUBLIC,
            reason="按政务公开安排，本季度考核结果向社会公布")  # fmt: skip
    acts.on("2026-07-07 15:30", acts.propose_assessor,
            reason="领导小组办公室设在市住房和城乡建设局，建议由市考核办评定该局，使其参加排名。")  # fmt: skip

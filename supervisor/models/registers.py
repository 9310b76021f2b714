"""Registers: jurisdictions, their units under every name, programmes and the groups inside them (D5)."""

from __future__ import annotations

import enum
from datetime import time

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField, TimeField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.words import N_, Sentence


class Jurisdiction(Base):
    """A place whose government's units stand in one register, for example a city."""

    name = CharField(max_length=80, unique=True)


class UnitKind(enum.StrEnum):
    """What kind of body a unit is; proposes its assessment group."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    STREET = "street"
    ENTERPRISE = "enterprise"
    PARTY = "party"
    OTHER = "other"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return UNIT_KIND_LABELS[self]


UNIT_KIND_LABELS = {
    UnitKind.DEPARTMENT: N_("Department"),
    UnitKind.DISTRICT: N_("District government"),
    UnitKind.STREET: N_("Street office or township"),
    UnitKind.ENTERPRISE: N_("Enterprise"),
    UnitKind.PARTY: N_("Party body"),
    UnitKind.OTHER: N_("Other body"),
}


class Unit(Base):
    """A unit of the register. `sort` is the roster order of the notice, used in every list (E-99)."""

    jurisdiction = ForeignKeyField(Jurisdiction, backref="units")
    jurisdiction_id: int
    name = CharField(max_length=160)
    kind = choice(UnitKind, default=UnitKind.DEPARTMENT)
    sort = IntegerField(default=0)
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)

    class Meta:
        indexes = ((("jurisdiction", "name"), True),)


class UnitAlias(Base):
    """Another name of a unit, confirmed by a person; nothing merges by itself (E-16 to E-18)."""

    unit = ForeignKeyField(Unit, backref="aliases")
    unit_id: int
    jurisdiction = ForeignKeyField(Jurisdiction)
    jurisdiction_id: int
    name = CharField(max_length=160)
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)

    class Meta:
        indexes = ((("jurisdiction", "name"), True),)


class Programme(Base):
    """One notice family with its units, cadence and rulebook (专项工作)."""

    jurisdiction = ForeignKeyField(Jurisdiction, backref="programmes")
    jurisdiction_id: int
    name = CharField(max_length=200)
    #: The unit in which the lead office sits; shown outside the ranking where the office assesses (D17).
    host_unit = ForeignKeyField(Unit, null=True, backref="hosted")
    host_unit_id: int | None
    office_name = CharField(max_length=200, default="")
    created_at = instant()
    #: Ended programmes stay readable.
    ended_on = DayField(null=True)

    class Meta:
        indexes = ((("jurisdiction", "name"), True),)


class LocalSettings(Base):
    """What the notice leaves open, as this programme decided it, from a day on (C53, shown as 本地设置)."""

    programme = ForeignKeyField(Programme, backref="settings")
    programme_id: int
    valid_from = DayField()
    #: Month's report due on this day of the following month (1–31, clamped).
    monthly_due_day = IntegerField(default=5)
    #: Deadlines end at this time of the due day; 00:00 means 24:00 (D8).
    cutoff = TimeField(default=time(0))
    #: keep, before or after: what a due day on a day off does (D8).
    day_off_policy = CharField(max_length=8, default="keep")
    #: Working days after the due day in which a late report is still taken without a permit.
    lock_after_workdays = IntegerField(default=20)
    #: Working days before the due day on which to remind.
    remind_before = json_text(default=lambda: [3, 1])
    #: Working days after the due day on which to remind again.
    remind_after = json_text(default=lambda: [1, 3, 5])
    #: Mail and group messages wait from this time until that one (免打扰); equal = they never wait.
    quiet_from = TimeField(default=time(20))
    quiet_until = TimeField(default=time(8))
    #: Working days after issue in which a unit may object to an assignment.
    objection_workdays = IntegerField(default=5)
    #: Whether the unit's head approves a report before it goes out (D11).
    head_approves = BooleanField(default=False)
    #: Working days after which an open review is shown to the leader (D9).
    review_alarm_workdays = IntegerField(default=10)
    #: Working days given when an entry is returned, proposed to the reviewer.
    return_workdays = IntegerField(default=3)
    #: First period that is scored, for example 2021-Q2 (E-53); empty = the first whole quarter.
    first_scored_period = CharField(max_length=12, default="")
    #: Lights: accepted of planned progress, percent, from which a task is green, and from which it is amber.
    light_green_from = IntegerField(default=95)
    light_amber_from = IntegerField(default=70)
    #: Working days before the time limit from which an unfinished task is amber.
    light_near_workdays = IntegerField(default=3)
    #: Ends of months over which a task may stay amber before it turns red; 0 = never.
    light_amber_months = IntegerField(default=2)
    #: Working days after issue (late joiners: after joining) in which a unit files its work plan; 0 = not asked.
    work_plan_workdays = IntegerField(default=0)
    #: Letters before 督〔2026〕1号 in the numbers of notices (机关代字); empty = none.
    ladder_word = CharField(max_length=20, default="")
    #: Ladder: working days overdue from which a step is proposed: urge, blue, yellow, red, the last two.
    ladder_urge_after = IntegerField(default=1)
    #: Working days of a red light, the time limit still ahead, from which an urge is proposed.
    ladder_light_after = IntegerField(default=10)
    ladder_blue_after = IntegerField(default=5)
    ladder_yellow_after = IntegerField(default=10)
    ladder_red_after = IntegerField(default=20)
    ladder_last_after = IntegerField(default=30)
    #: Working days given for the answer to a step, and after those until the next step is proposed.
    ladder_answer_workdays = IntegerField(default=3)
    ladder_unanswered_after = IntegerField(default=1)
    #: Working days between two urges about one matter.
    ladder_urge_every = IntegerField(default=3)
    #: Working days for which an earlier step counts (D22); 0 = as long as the matter is open.
    ladder_counts_for = IntegerField(default=65)
    #: Official papers: 发文机关标志 (empty = the office's name), 抄送, 印发机关 (empty = the office), and whether they
    #: bear a seal and a colophon.
    paper_mark = CharField(max_length=80, default="")
    paper_copies = CharField(max_length=400, default="")
    paper_printer = CharField(max_length=80, default="")
    paper_sealed = BooleanField(default=True)
    paper_colophon = BooleanField(default=True)
    #: Letters before 〔2021〕1号 of circulars.
    circular_word = CharField(max_length=20, default="督查通报")
    #: Fonts as the house's machines name them.
    font_title = CharField(max_length=40, default="方正小标宋简体")
    font_heading = CharField(max_length=40, default="黑体")
    font_body = CharField(max_length=40, default="仿宋_GB2312")
    font_subheading = CharField(max_length=40, default="楷体_GB2312")
    #: Working days in which units may appeal against a preliminary score; 0 = books are closed without.
    appeal_workdays = IntegerField(default=3)
    #: Working days in which an appeal is to be decided.
    appeal_answer_workdays = IntegerField(default=5)
    #: Lists: percent of a group proposed for commendation, from this score on (whole points).
    list_top_percent = IntegerField(default=20)
    list_top_score = IntegerField(default=90)
    #: Percent of a group proposed for criticism where it scored under `list_bottom_score`, in groups of at least
    #: `list_bottom_group` ranked units; under `list_floor_score` in any group.
    list_bottom_percent = IntegerField(default=10)
    list_bottom_group = IntegerField(default=5)
    list_bottom_score = IntegerField(default=80)
    list_floor_score = IntegerField(default=60)
    #: Reports never handed in from which a unit is proposed for criticism; 0 = not a trigger.
    list_missing_from = IntegerField(default=2)
    #: Periods in a row on the criticism list from which a formal talk, then a report to the leading group, is
    #: proposed; 0 = never.
    list_talk_after = IntegerField(default=2)
    list_report_after = IntegerField(default=3)
    #: Most persons on a commendation list (0 = units only), and the score that their unit needs.
    list_persons = IntegerField(default=0)
    list_person_score = IntegerField(default=80)
    #: Working days of the public notice (公示) before a person is commended.
    list_notice_workdays = IntegerField(default=5)
    #: Whether units see each other's published scores (D16).
    scores_shown_to_units = BooleanField(default=False)
    set_by = IntegerField(null=True)
    set_at = instant()
    reason = TextField(default="")

    class Meta:
        indexes = ((("programme", "valid_from"), True),)


class GroupKind(enum.StrEnum):
    """What a group of units is for."""

    COLLECTIVE = "collective"
    ASSESSMENT = "assessment"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return GROUP_KIND_LABELS[self]


GROUP_KIND_LABELS = {
    GroupKind.COLLECTIVE: N_("Collective name"),
    GroupKind.ASSESSMENT: N_("Assessment group"),
}


class UnitGroup(Base):
    """A collective name of the notice (各区人民政府) or an assessment group (考核类别), confirmed by a person."""

    programme = ForeignKeyField(Programme, backref="groups")
    programme_id: int
    kind = choice(GroupKind)
    name = CharField(max_length=160)
    #: The notice's own words on who is included.
    definition = CharField(max_length=400, default="")
    sort = IntegerField(default=0)
    confirmed_at = instant(null=True)
    confirmed_by = IntegerField(null=True)

    class Meta:
        indexes = ((("programme", "kind", "name"), True),)


class GroupMember(Base):
    """A unit in a group, from a day to a day, with a note on where the mapping comes from (E-14)."""

    group = ForeignKeyField(UnitGroup, backref="members")
    group_id: int
    unit = ForeignKeyField(Unit, backref="memberships")
    unit_id: int
    sort = IntegerField(default=0)
    note = CharField(max_length=400, default="")
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)

    class Meta:
        indexes = ((("group", "unit"), True),)


class CalendarYear(Base):
    """A year of the working calendar: confirmed by the State Council's arrangement, or provisional."""

    year = IntegerField(unique=True)
    confirmed = BooleanField()
    source = CharField(max_length=200, default="")


class CalendarDate(Base):
    """A day that differs from its weekday: a day off on a weekday, or a make-up working day (调休)."""

    day = DayField(unique=True)
    is_workday = BooleanField()
    name = CharField(max_length=80, default="")

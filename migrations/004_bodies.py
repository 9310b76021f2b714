"""Bodies with seats and who holds them, in place of roster lines; liaison rules and ranks; clauses of duties.

Frozen in time. A roster line becomes a seat of the body it names, its person the seat's first holder.
"""

import json
import re

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

KINDS = (
    ("办公室$", "office"),
    ("联席会议", "joint_meeting"),
    ("指挥部", "headquarters"),
    ("专班", "task_force"),
    ("领导小组|协调小组|工作小组", "leading_group"),
    ("工作组", "working_group"),
    ("委员会", "committee"),
)


def base(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    return Base


def old(db):
    Base = base(db)  # noqa: N806 -- a class

    class Programme(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class RosterEntry(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        body = CharField(max_length=200)
        role = CharField(max_length=40)
        name = CharField(max_length=80)
        post = CharField(max_length=200)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        sort = IntegerField()
        note = CharField(max_length=400)

    return RosterEntry


def tables(db):
    Base = base(db)  # noqa: N806 -- a class

    class Programme(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class UnitGroup(Base):
        id = AutoField()

    class Document(Base):
        id = AutoField()
        draft = TextField()

    class Task(Base):
        id = AutoField()

    class DutyClause(Base):
        id = AutoField()
        task = ForeignKeyField(Task, backref="+")
        sort = IntegerField()
        verb = CharField(max_length=20)
        text = TextField()

        class Meta:
            indexes = ((("task", "sort"), True),)

    class Body(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=200)
        kind = CharField(max_length=40)
        parent = ForeignKeyField("self", backref="+", null=True)
        host_unit = ForeignKeyField(Unit, backref="+", null=True)
        host_name = CharField(max_length=160)
        seal_unit = ForeignKeyField(Unit, backref="+", null=True)
        seal_name = CharField(max_length=160)
        succession = TextField()
        document = ForeignKeyField(Document, backref="+", null=True)
        source_line = IntegerField(null=True)
        sort = IntegerField()

        class Meta:
            indexes = ((("programme", "name"), True),)

    class Person(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=80)

        class Meta:
            indexes = ((("programme", "name"), False),)

    class Seat(Base):
        id = AutoField()
        body = ForeignKeyField(Body, backref="+")
        role = CharField(max_length=40)
        post = CharField(max_length=200)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        group = ForeignKeyField(UnitGroup, backref="+", null=True)
        note = CharField(max_length=400)
        sort = IntegerField()
        document = ForeignKeyField(Document, backref="+", null=True)
        source_line = IntegerField(null=True)
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)

        class Meta:
            indexes = ((("body", "sort"), False),)

    class Holder(Base):
        id = AutoField()
        seat = ForeignKeyField(Seat, backref="+")
        person = ForeignKeyField(Person, backref="+")
        post = CharField(max_length=200)
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)
        reason = CharField(max_length=400)

        class Meta:
            indexes = ((("seat", "valid_from"), False),)

    class LiaisonRule(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        document = ForeignKeyField(Document, backref="+", null=True)
        text = TextField()
        source_line = IntegerField(null=True)
        count = IntegerField(null=True)
        rank = CharField(max_length=80)
        members_only = BooleanField()
        valid_from = DateField()
        set_at = DateTimeField()

    class LiaisonRank(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=40)
        fits = BooleanField()
        sort = IntegerField()

        class Meta:
            indexes = ((("programme", "name"), True),)

    return [DutyClause, Body, Person, Seat, Holder, LiaisonRule, LiaisonRank]


def rules(db, rule):
    """Take the liaison rules out of the drafts that became plans; the newest plan's is the one in force."""
    query = (
        "SELECT plan.programme_id, plan.document_id, document.draft, plan.effective_on, plan.adopted_at FROM plan "
        "JOIN document ON document.id = plan.document_id ORDER BY plan.id"
    )
    for programme, document, draft, day, at in db.execute_sql(query).fetchall():
        for row in json.loads(draft).get("review", {}).get("liaison", ()):
            if not row.get("dropped"):
                units = row.get("units") or ()
                rule.create(
                    programme=programme, document=document, text=row.get("text", ""), source_line=row.get("line"),
                    count=row.get("count"), rank="", valid_from=day, set_at=at,
                    members_only=not units or any("成员" in name for name in units),
                )  # fmt: skip


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    _, body, person, seat, holder, rule, _ = made
    roster = old(db)
    rules(db, rule)
    bodies, people = {}, {}
    for line in roster.select().order_by(roster.programme, roster.sort, roster.id):
        of = line.programme_id
        name = re.sub(r"(?:组成人员|成员)?名单$|(?:组成人员|成员)$", "", line.body) or "成员名单"
        if (of, name) not in bodies:
            kind = next((kind for word, kind in KINDS if re.search(word, name)), "other")
            bodies[of, name] = body.create(
                programme=of,
                name=name,
                kind=kind,
                host_name="",
                seal_name="",
                succession="",
                sort=len(bodies) + 1,
            )
        place = seat.create(
            body=bodies[of, name],
            role=line.role,
            post=line.post,
            unit=line.unit_id,
            note=line.note,
            sort=line.sort,
        )
        if line.name:
            # The same name with the same post is one person; another post may be another's.
            key = (of, line.name, line.post)
            if key not in people:
                people[key] = person.create(programme=of, name=line.name)
            holder.create(seat=place, person=people[key], post=line.post, reason="")
    db.drop_tables([roster])
    migrator.migrate(migrator.add_column("posting", "rank", CharField(max_length=40, default="")))


def down(migrator, db):
    made = tables(db)
    _, body, person, seat, holder, _, _ = made
    roster = old(db)
    db.create_tables([roster], safe=False)
    present = seat.select(seat, body).join(body).where(seat.valid_to.is_null()).order_by(seat.sort, seat.id)
    for place in present:
        held = (
            holder.select(holder, person)
            .join(person)
            .where((holder.seat == place) & holder.valid_to.is_null())
            .first()
        )
        roster.create(
            programme=place.body.programme_id,
            body=place.body.name,
            role=place.role,
            name=held.person.name if held else "",
            post=held.post if held else place.post,
            unit=place.unit_id,
            sort=place.sort,
            note=place.note,
        )
    db.drop_tables(list(reversed(made)))
    migrator.migrate(migrator.drop_column("posting", "rank"))

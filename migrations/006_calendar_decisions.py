"""Decisions on the working calendar, what they ask of programmes, calendar feeds; official names. Frozen in time."""

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

NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
INDEXES = {"obligation_programme_id_due_on": "due_on", "obligation_programme_id_opens_at": "opens_at",
           "obligation_programme_id_locked_at": "locked_at"}  # fmt: skip


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class User(Base):
        id = AutoField()

    class Programme(Base):
        id = AutoField()

    class ReportingRule(Base):
        id = AutoField()

    class CalendarDecision(Base):
        id = AutoField()
        year = IntegerField()
        number = IntegerField()
        act = CharField(max_length=40)
        confirmed = BooleanField()
        source = CharField(max_length=200)
        text = TextField()
        changes = TextField()
        confirmations = TextField()
        reason = TextField()
        decided_by = IntegerField(null=True)
        decided_by_name = CharField(max_length=120)
        decided_at = DateTimeField()

        class Meta:
            indexes = ((("year", "number"), True),)

    class CalendarQuestion(Base):
        id = AutoField()
        decision = ForeignKeyField(CalendarDecision, backref="+")
        programme = ForeignKeyField(Programme, backref="+")
        rule = ForeignKeyField(ReportingRule, backref="+")
        period = CharField(max_length=12)
        units = IntegerField()
        was_due_on = DateField()
        due_on = DateField()
        was_locked_on = DateField()
        locked_on = DateField()
        answer = CharField(max_length=40, null=True)
        moved = IntegerField()
        reason = TextField()
        answered_by = IntegerField(null=True)
        answered_by_name = CharField(max_length=120)
        answered_at = DateTimeField(null=True)

        class Meta:
            indexes = (
                (("decision", "rule", "period", "was_due_on", "was_locked_on"), True),
                (("programme", "answer", "id"), False),
            )

    class CalendarFeed(Base):
        id = AutoField()
        user = ForeignKeyField(User, backref="+")
        token_hash = CharField(max_length=64, unique=True)
        created_at = DateTimeField()
        revoked_at = DateTimeField(null=True)
        last_read_at = DateTimeField(null=True)

    return [CalendarDecision, CalendarQuestion, CalendarFeed]


def rename(db, names):
    for old, new in names.items():
        db.execute_sql(f"UPDATE calendar_date SET name = {db.param} WHERE name = {db.param}", (new, old))


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    for name, column in INDEXES.items():
        db.execute_sql(f'CREATE INDEX "{name}" ON "obligation" ("programme_id", "{column}")')
    rename(db, NAMES)


def down(migrator, db):
    rename(db, {new: old for old, new in NAMES.items()})
    for name in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
    db.drop_tables(list(reversed(tables(db))))

"""Lists of commendation and criticism of a closed period, names on them, objections; local settings. Frozen in time."""

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

SETTINGS = {
    "list_top_percent": 20,
    "list_top_score": 90,
    "list_bottom_percent": 10,
    "list_bottom_group": 5,
    "list_bottom_score": 80,
    "list_floor_score": 60,
    "list_missing_from": 2,
    "list_talk_after": 2,
    "list_report_after": 3,
    "list_persons": 0,
    "list_person_score": 80,
    "list_notice_workdays": 5,
}


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Unit(Base):
        id = AutoField()

    class ScorePeriod(Base):
        id = AutoField()

    class ScoreRun(Base):
        id = AutoField()

    class NameList(Base):
        id = AutoField()
        period = ForeignKeyField(ScorePeriod, backref="+")
        side = CharField(max_length=40)
        number = IntegerField()
        run = ForeignKeyField(ScoreRun, backref="+")
        state = CharField(max_length=40)
        version = IntegerField()
        proposed_by = IntegerField()
        proposed_name = CharField(max_length=120)
        proposed_at = DateTimeField()
        remark = TextField()
        submitted_by = IntegerField(null=True)
        submitted_name = CharField(max_length=120)
        submitted_at = DateTimeField(null=True)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_name = CharField(max_length=120)
        decided_at = DateTimeField(null=True)
        notice_from = DateField(null=True)
        notice_until = DateField(null=True)

        class Meta:
            indexes = ((("period", "side", "number"), True),)

    class Candidate(Base):
        id = AutoField()
        name_list = ForeignKeyField(NameList, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        unit_name = CharField(max_length=160)
        group_name = CharField(max_length=160)
        sort = IntegerField()
        person = CharField(max_length=60)
        post = CharField(max_length=120)
        origin = CharField(max_length=40)
        triggers = TextField()
        account = TextField()
        entered_by = IntegerField(null=True)
        entered_name = CharField(max_length=120)
        entered_at = DateTimeField()
        verdict = CharField(max_length=40)
        reason = TextField()
        chosen_by = IntegerField(null=True)
        chosen_name = CharField(max_length=120)
        chosen_at = DateTimeField(null=True)
        step = TextField()
        leave = TextField()
        leave_name = CharField(max_length=120)
        lifted_at = DateTimeField(null=True)
        lifted_name = CharField(max_length=120)
        lifting = TextField()

        class Meta:
            indexes = ((("name_list", "sort"), False),)

    class ListObjection(Base):
        id = AutoField()
        candidate = ForeignKeyField(Candidate, backref="+")
        source = CharField(max_length=120)
        words = TextField()
        recorded_by = IntegerField()
        recorded_name = CharField(max_length=120)
        recorded_at = DateTimeField()
        upheld = BooleanField(null=True)
        answer = TextField()
        answered_by = IntegerField(null=True)
        answered_name = CharField(max_length=120)
        answered_at = DateTimeField(null=True)

    return [NameList, Candidate, ListObjection]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    migrator.migrate(
        *(
            migrator.add_column("local_settings", name, IntegerField(default=value))
            for name, value in SETTINGS.items()
        )
    )


def down(migrator, db):
    migrator.migrate(*(migrator.drop_column("local_settings", name) for name in SETTINGS))
    db.drop_tables(list(reversed(tables(db))))

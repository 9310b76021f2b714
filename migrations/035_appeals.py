"""Preliminary scores, appeals against their lines, corrections by two people; local settings. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

SETTINGS = {"appeal_workdays": 3, "appeal_answer_workdays": 5}


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

    class Appeal(Base):
        id = AutoField()
        period = ForeignKeyField(ScorePeriod, backref="+")
        run = ForeignKeyField(ScoreRun, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        indicator = CharField(max_length=60)
        part = CharField(max_length=12)
        title = CharField(max_length=120)
        title_en = CharField(max_length=120)
        points = IntegerField(null=True)
        claim = TextField()
        filed_by = IntegerField()
        filed_name = CharField(max_length=120)
        filed_at = DateTimeField()
        state = CharField(max_length=40)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_name = CharField(max_length=120)
        decided_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("period", "state"), False), (("unit", "period"), False))

    class ScoreCorrection(Base):
        id = AutoField()
        period = ForeignKeyField(ScorePeriod, backref="+")
        number = IntegerField()
        reason = TextField()
        proposed_by = IntegerField()
        proposed_name = CharField(max_length=120)
        proposed_at = DateTimeField()
        state = CharField(max_length=40)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_name = CharField(max_length=120)
        decided_at = DateTimeField(null=True)
        before = ForeignKeyField(ScoreRun, null=True, backref="+")
        after = ForeignKeyField(ScoreRun, null=True, backref="+")

        class Meta:
            indexes = ((("period", "number"), True),)

    return [Appeal, ScoreCorrection]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    appeal = ForeignKeyField(made[0], field=made[0].id, null=True, backref="+")
    migrator.migrate(
        migrator.add_column("attachment", "appeal_id", appeal),
        migrator.add_column("score_period", "preliminary_by", IntegerField(null=True)),
        migrator.add_column("score_period", "preliminary_at", DateTimeField(null=True)),
        migrator.add_column("score_period", "appeals_until", DateTimeField(null=True)),
        *(
            migrator.add_column("local_settings", name, IntegerField(default=value))
            for name, value in SETTINGS.items()
        ),
    )


def down(migrator, db):
    migrator.migrate(
        *(migrator.drop_column("local_settings", name) for name in SETTINGS),
        *(
            migrator.drop_column("score_period", name)
            for name in ("appeals_until", "preliminary_at", "preliminary_by")
        ),
        migrator.drop_index("attachment", "attachment_appeal_id"),
        migrator.drop_column("attachment", "appeal_id"),
    )
    db.drop_tables(list(reversed(tables(db))))

"""What was published of a closed quarter, to whom, version by version. Frozen in time."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ScorePeriod(Base):
        id = AutoField()

    class ScoreRun(Base):
        id = AutoField()

    class Publication(Base):
        id = AutoField()
        period = ForeignKeyField(ScorePeriod, backref="+")
        run = ForeignKeyField(ScoreRun, backref="+")
        number = IntegerField()
        reach = CharField(max_length=40)
        ranked = BooleanField()
        reason = TextField()
        content = TextField()
        content_sha256 = CharField(max_length=64)
        sheet = TextField()
        sheet_sha256 = CharField(max_length=64)
        token = CharField(max_length=64, index=True)
        published_by = IntegerField()
        published_name = CharField(max_length=120)
        published_at = DateTimeField()
        withdrawn_by = IntegerField(null=True)
        withdrawn_name = CharField(max_length=120)
        withdrawn_at = DateTimeField(null=True)
        withdrawal = TextField()

        class Meta:
            indexes = ((("period", "number"), True),)

    return [Publication]


def up(_migrator, db):
    db.create_tables(tables(db), safe=False)


def down(_migrator, db):
    db.drop_tables(tables(db))

"""Papers drafted from frozen data, edited until they are issued. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class DraftedPaper(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        kind = CharField(max_length=40)
        about = CharField(max_length=40)
        title = CharField(max_length=200)
        addressees = CharField(max_length=300)
        text = TextField()
        remark = CharField(max_length=100)
        drawn_up = TextField()
        basis = CharField(max_length=100)
        written_by = IntegerField()
        written_at = DateTimeField()
        issued_at = DateTimeField(null=True)
        issued_by = IntegerField(null=True)
        content = TextField()
        sha256 = CharField(max_length=64)
        version = IntegerField()

        class Meta:
            indexes = ((("programme", "kind", "about", "id"), False),)

    return [DraftedPaper]


def up(_migrator, db):
    db.create_tables(tables(db), safe=False)


def down(_migrator, db):
    db.drop_tables(tables(db))

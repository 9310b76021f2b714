"""Drafts of rulebooks with every text that was saved; a remark with what is adopted. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class RulebookVersion(Base):
        id = AutoField()

    class RulebookDraft(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=120)
        text = TextField()
        revision = IntegerField()
        created_by = IntegerField()
        created_at = DateTimeField()
        saved_by = IntegerField()
        saved_at = DateTimeField()
        adopted = ForeignKeyField(RulebookVersion, null=True, backref="+")
        removed_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("programme", "removed_at"), False),)

    class RulebookRevision(Base):
        id = AutoField()
        draft = ForeignKeyField(RulebookDraft, backref="+")
        number = IntegerField()
        text = TextField()
        saved_by = IntegerField()
        saved_at = DateTimeField()

        class Meta:
            indexes = ((("draft", "number"), True),)

    return [RulebookDraft, RulebookRevision]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    migrator.migrate(migrator.add_column("rulebook_version", "remark", TextField(default="")))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("rulebook_version", "remark"))
    db.drop_tables(list(reversed(tables(db))))

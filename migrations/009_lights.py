"""Why a task has its light, since when, the history of lights, and what units say of themselves. Frozen in time."""

from peewee import AutoField, CharField, DateField, ForeignKeyField, IntegerField, Model

LIMITS = {"light_green_from": 95, "light_amber_from": 70, "light_near_workdays": 3, "light_amber_months": 2}


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Task(Base):
        id = AutoField()

    class LightChange(Base):
        id = AutoField()
        task = ForeignKeyField(Task, backref="+")
        day = DateField()
        light = CharField(max_length=40)
        why = CharField(max_length=40)
        progress = IntegerField(null=True)
        planned = IntegerField(null=True)

    return [LightChange]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    migrator.migrate(
        migrator.add_column("task", "light_why", CharField(max_length=40, null=True)),
        migrator.add_column("task", "amber_since", DateField(null=True)),
        migrator.add_column("report_entry", "self_light", CharField(max_length=40, null=True)),
        migrator.add_column("assignment", "self_light", CharField(max_length=40, null=True)),
        *(
            migrator.add_column("local_settings", name, IntegerField(default=value))
            for name, value in LIMITS.items()
        ),
    )


def down(migrator, db):
    migrator.migrate(
        *(migrator.drop_column("local_settings", name) for name in LIMITS),
        migrator.drop_column("assignment", "self_light"),
        migrator.drop_column("report_entry", "self_light"),
        migrator.drop_column("task", "amber_since"),
        migrator.drop_column("task", "light_why"),
    )
    db.drop_tables(list(reversed(tables(db))))

"""Light changes by task and day, problems by the month that settled them: months are read without their history.

Frozen in time.
"""


def up(migrator, db):
    migrator.migrate(
        migrator.add_index("light_change", ("task_id", "day")),
        migrator.drop_index("light_change", "light_change_task_id"),
        migrator.add_index("problem", ("programme_id", "settled_month")),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("problem", "problem_programme_id_settled_month"),
        migrator.add_index("light_change", ("task_id",)),
        migrator.drop_index("light_change", "light_change_task_id_day"),
    )

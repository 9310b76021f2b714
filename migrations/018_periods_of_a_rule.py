"""Obligations by rule and period, for the matrix and for generating; it serves what the index on the rule did.

Frozen in time.
"""


def up(migrator, db):
    migrator.migrate(
        migrator.add_index("obligation", ("rule_id", "period")),
        migrator.drop_index("obligation", "obligation_rule_id"),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.add_index("obligation", ("rule_id",)),
        migrator.drop_index("obligation", "obligation_rule_id_period"),
    )

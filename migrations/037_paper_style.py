"""How a programme's official papers look: mark, seal, colophon, fonts, letters of circulars. Frozen in time."""

from peewee import BooleanField, CharField

TEXTS = {
    "paper_mark": (80, ""), "paper_copies": (400, ""), "paper_printer": (80, ""), "circular_word": (20, "督查通报"),
    "font_title": (40, "方正小标宋简体"), "font_heading": (40, "黑体"), "font_body": (40, "仿宋_GB2312"),
    "font_subheading": (40, "楷体_GB2312"),
}  # fmt: skip
FLAGS = ("paper_sealed", "paper_colophon")


def up(migrator, _db):
    migrator.migrate(
        *(
            migrator.add_column("local_settings", name, CharField(max_length=longest, default=default))
            for name, (longest, default) in TEXTS.items()
        ),
        *(migrator.add_column("local_settings", name, BooleanField(default=True)) for name in FLAGS),
    )


def down(migrator, _db):
    migrator.migrate(*(migrator.drop_column("local_settings", name) for name in (*TEXTS, *FLAGS)))

"""A part of a rulebook as the controls of a form: what stands there, what may be chosen, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from supervisor.core import fact_kinds
from supervisor.core.fact_kinds import KINDS, NUMERIC, OF_EVERY_FACT, FactField
from supervisor.core.fact_kinds import FieldType as ValueType
from supervisor.core.rulebook_conditions import (
    ALONE,
    OPERATORS,
    Row,
    rows_of,
    said,
    shown_number,
    table_in,
    tables_in,
)
from supervisor.core.rulebook_fields import METHODS, PERIODS, TAKES, FieldType, FormField, Offer, Option
from supervisor.core.rulebook_schema import fields_of, rates
from supervisor.words import N_, Sentence

#: The option that leads to a word of one's own.
OWN = "~"
#: Empty rows at the end of a list of conditions or steps, to go on writing without scripts.
SPARE = 1


@dataclass(frozen=True)
class Scene:
    """What a form is drawn in: the whole rulebook, the groups of the programme, the kind of facts at hand."""

    document: Mapping[str, Any]
    groups: Sequence[str] = ()
    kind: str = ""


@dataclass
class Control:
    """One control. `name` is the dotted place below the form's part, and the id that a problem links to."""

    name: str
    type: str
    label: Sentence | str = ""
    hint: Sentence | str = ""
    value: str = ""
    #: Typed in place of an option.
    own: str = ""
    options: list[tuple[str, Sentence | str, bool]] = field(default_factory=list)
    placeholder: str = ""
    percent: bool = False
    required: bool = False
    more: bool = False
    parts: list[Control] = field(default_factory=list)
    wrong: list[Sentence] = field(default_factory=list)
    example: Sentence | str = ""
    #: Choosing here changes which other fields there are.
    redraw: bool = False

    @property
    def has_wrong(self) -> bool:
        """Whether a problem belongs here or below, so that it must not be folded away."""
        return bool(self.wrong) or any(part.has_wrong for part in self.parts)

    @property
    def is_used(self) -> bool:
        """Whether anything is written in it."""
        return bool(self.value or self.own) or any(part.is_used for part in self.parts)


def controls(shape: str, table: Mapping[str, Any], scene: Scene, prefix: str = "") -> list[Control]:
    """The controls of a table of this shape, each with its place below `prefix`."""
    here = replace(scene, kind=_kind_of(table) or scene.kind)
    fields = [_control(one, table, here, prefix) for one in fields_of(shape, table)]
    head = _HEADS.get(shape, 0)
    return [*fields[:head], *_discriminators(shape, table, prefix), *fields[head:]]


def mark_wrong(shown: Iterable[Control], wrong: Mapping[str, Sequence[Sentence]]) -> set[str]:
    """Put each problem beside the control that it belongs to; gives the places that found one."""
    found: set[str] = set()
    for control in shown:
        found |= mark_wrong(control.parts, wrong)
        for place, sentences in wrong.items():
            if place not in found and (place == control.name or place.startswith(f"{control.name}.")):
                control.wrong.extend(sentences)
                found.add(place)
    return found


def names_of_controls(shown: Iterable[Control]) -> set[str]:
    """The places that a form has a control for, so that a link can lead there."""
    return {name for control in shown for name in (control.name, *names_of_controls(control.parts)) if name}


def _kind_of(table: Mapping[str, Any]) -> str:
    if isinstance(table.get("facts"), str):
        return str(table["facts"])
    for key in ("measure", "ratio", "numerator"):
        inner = table_in(table, key)
        if inner and (kind := _kind_of(inner)):
            return kind
    return ""


def _discriminators(shape: str, table: Mapping[str, Any], prefix: str) -> list[Control]:
    """What decides which other fields there are, with what it was when the form was drawn."""
    if shape in {"indicator", "part"}:
        method = str(table.get("method", ""))
        options = [
            (key, label) for key, (label, _) in METHODS.items() if shape != "part" or key not in _NO_PART
        ]
        control = _chooser(f"{prefix}method", N_("How points are given"), options, method)
        control.example = METHODS[method][1] if method in METHODS else ""
        return [control]
    if shape == "measure":
        return [
            _chooser(f"{prefix}take", N_("What is measured"), list(TAKES.items()), str(table.get("take", "")))
        ]
    if shape == "times":
        by = "measure" if "measure" in table else "facts" if "factor" in table else "own"
        options = [
            ("facts", N_("a fixed factor, where there were events")),
            ("measure", N_("a fixed factor, by a figure and a limit")),
            ("own", N_("the unit's own factor, from a fact")),
        ]
        return [_chooser(f"{prefix}basis", N_("Goes by"), options, by)]
    if shape in {"deduct", "add", "item", "veto", "zero_if"}:
        by = "measure" if "measure" in table else "facts"
        options = [
            ("facts", N_("events: facts of a kind")),
            ("measure", N_("a figure of the unit and a limit")),
        ]
        control = _chooser(f"{prefix}basis", N_("Goes by"), options, by)
        control.more = by == "facts"
        return [control]
    return []


#: How many fields stand before what decides about the others.
_HEADS: Mapping[str, int] = {
    "indicator": 2,
    "part": 2,
    "deduct": 1,
    "add": 1,
    "item": 1,
    "veto": 1,
    "times": 1,
}
_NO_PART = frozenset({"blend", "per_occurrence", "accumulate"})


def _chooser(name: str, label: Sentence, options: Sequence[Option], value: str) -> Control:
    known = [("", "—")] if not value else []
    offered: list[Option] = [*known, *options]
    if value and value not in dict(options):
        offered.append((value, value))
    return Control(
        name,
        "chooser",
        label,
        value=value,
        options=[(key, words, key == value) for key, words in offered],
        required=True,
        redraw=True,
    )


def _control(one: FormField, table: Mapping[str, Any], scene: Scene, prefix: str) -> Control:
    control = Control(
        f"{prefix}{one.name}", one.type.value, one.label, one.hint or "", required=one.required, more=one.more
    )
    control.redraw = one.offer is Offer.KINDS
    if control.redraw:
        control.example = fact_kinds.ONE_FACT.get(scene.kind, "")
    value = table.get(one.name)
    match one.type:
        case FieldType.NUMBER:
            control.percent = one.rate and rates(table)
            control.value = shown_number(value, percent=control.percent)
            control.placeholder = shown_number(one.default, percent=control.percent) if one.default else ""
        case FieldType.CHOICE | FieldType.FLAG | FieldType.PICK:
            _fill_choice(control, one, value, scene)
        case FieldType.WORDS:
            _fill_words(control, one, value, scene)
        case FieldType.WHERE:
            control.parts = where_rows(control.name, rows_of(value), scene.kind)
        case FieldType.TABLE:
            control.parts = controls(one.shape, table_in(table, one.name), scene, f"{control.name}.")
        case FieldType.LIST:
            control.parts = _items(one, table, scene, control.name)
        case FieldType.BANDS:
            _fill_bands(control, table)
        case FieldType.GRADES:
            control.parts = _grades(control.name, value if isinstance(value, dict) else {})
        case FieldType.POINTS:
            _fill_points(control, table, scene.kind)
        case _:
            control.value = "" if value is None else said(value)
    return control


def _fill_choice(control: Control, one: FormField, value: Any, scene: Scene) -> None:
    text = "" if value is None else said(value)
    if one.type is FieldType.FLAG:
        options: list[Option] = [("", N_("no")), ("true", N_("yes"))]
        text = "" if text == "false" else text
    else:
        options = [*one.options, *_offered(one.offer, scene)]
    if "" not in dict(options):
        words = dict(options).get(one.default, one.default) if one.default else "—"
        options = [
            ("", words),
            *(option for option in options if option[0] != one.default or not one.default),
        ]
    if text and text not in dict(options):
        if one.type is FieldType.PICK and text != one.default:
            control.own = text
            text = OWN
        else:
            options.append((text, dict(_offered(one.offer, scene)).get(text, text)))
    if one.type is FieldType.PICK:
        options.append((OWN, N_("in your own words …")))
    control.value = "" if text == OWN else text
    control.options = [(key, words, key == text) for key, words in options]


def _fill_words(control: Control, one: FormField, value: Any, scene: Scene) -> None:
    values = value if isinstance(value, list) else [] if value is None else [value]
    texts = [said(one) for one in values]
    offered = _offered(one.offer, scene)
    control.options = [(key, words, key in texts) for key, words in offered]
    control.own = "；".join(text for text in texts if text not in dict(offered))
    control.value = "；".join(texts)


def _offered(offer: Offer, scene: Scene) -> list[Option]:
    values = KINDS[scene.kind].values if scene.kind in KINDS else ()
    match offer:
        case Offer.KINDS:
            return [(key, kind.label) for key, kind in KINDS.items()]
        case Offer.NUMBERS:
            return [(one.name, one.inline) for one in values if one.type in NUMERIC]
        case Offer.NAMES:
            kinds = {ValueType.CHOICE, ValueType.TEXT, ValueType.MONTH}
            return [(one.name, one.inline) for one in (*values, *OF_EVERY_FACT) if one.type in kinds]
        case Offer.NAMES_OR_ALL:
            return [*_offered(Offer.NAMES, scene), ("*", N_("all of them together"))]
        case Offer.GROUPS:
            return [(name, name) for name in scene.groups]
        case Offer.PERIODS:
            return list(PERIODS.items())
        case Offer.TIERS:
            return [
                ("", "—"),
                *(
                    (said(t.get("name", "")), said(t.get("name", "")))
                    for t in tables_in(scene.document, "tier")
                    if t.get("name")
                ),
            ]
        case Offer.TIE_BREAKS:
            return _tie_breaks(scene.document)
        case _:
            return []


def _tie_breaks(document: Mapping[str, Any]) -> list[Option]:
    named: dict[str, Sentence | str] = {}
    for table in tables_in(document, "table"):
        for one in tables_in(table, "indicator"):
            if isinstance(one.get("key"), str):
                named.setdefault(one["key"], said(one.get("title", one["key"])))
    return [*named.items(), ("bonus", N_("Bonus")), ("penalty", N_("Penalty: who has less"))]


def where_rows(name: str, rows: Sequence[Row], kind: str) -> list[Control]:
    """A line for each condition, and a spare one."""
    lines = [*rows, *[Row("", "in")] * SPARE]
    return [_where_row(f"{name}.{index}", row, kind) for index, row in enumerate(lines)]


def _where_row(name: str, row: Row, kind: str) -> Control:
    values = (*(KINDS[kind].values if kind in KINDS else ()), *OF_EVERY_FACT)
    known = {one.name: one.inline for one in values}
    own = row.field if row.field and row.field not in known else ""
    fields: list[tuple[str, Sentence | str, bool]] = [("", "—", not row.field)]
    fields += [(key, words, key == row.field) for key, words in known.items()]
    fields.append((OWN, N_("in your own words …"), bool(own)))
    found = fact_kinds.named_in(kind, row.field)
    pick = Control(f"{name}.field", "pick", options=fields, own=own, redraw=True)
    compared = _comparison(name, row, found) if row.field else []
    return Control(name, "condition", value=row.field, own=own, parts=[pick, *compared])


def _comparison(name: str, row: Row, found: FactField | None) -> list[Control]:
    choices = found.choices if found else ()
    operators = [(key, words, key == row.operator) for key, words in _operators(row, found)]
    how = Control(f"{name}.operator", "choice", options=operators, value=row.operator, redraw=True)
    if row.operator in ALONE:
        return [how]
    values = Control(f"{name}.values", "checks", value="；".join(row.values))
    values.own = "；".join(value for value in row.values if value not in dict(choices))
    values.options = [(key, words, key in row.values) for key, words in choices]
    return [how, values]


def _operators(row: Row, found: FactField | None) -> list[Option]:
    """The comparisons that make sense for a value: yes or no of a state, more or less of a number."""
    fitting = (
        {
            ValueType.YES_NO: {"yes", "no"},
            ValueType.CHOICE: {"in", "not", "present", "absent"},
            ValueType.TEXT: {"in", "not", "present", "absent"},
            **{key: {"in", "not", "lt", "le", "ge", "gt", "present", "absent"} for key in NUMERIC},
        }.get(found.type)
        if found
        else None
    )
    options = [
        one
        for one in OPERATORS
        if fitting is None or one[0] in fitting or (one[0] == row.operator and row.values)
    ]
    if row.operator not in dict(OPERATORS):
        options.append((row.operator, row.operator))
    return options


def _items(one: FormField, table: Mapping[str, Any], scene: Scene, name: str) -> list[Control]:
    return [
        Control(f"{name}.{index}", "item", parts=controls(one.shape, item, scene, f"{name}.{index}."))
        for index, item in enumerate(tables_in(table, one.name))
    ]


#: What a step of places may go by.
PLACES: tuple[Option, ...] = (
    ("to", N_("up to place")),
    ("share", N_("the first part of the group")),
    ("last", N_("the last so many")),
)
SIDES: tuple[Option, ...] = (("at_least", N_("from … on")), ("at_most", N_("up to …")))


def bound_of(table: Mapping[str, Any], band: Mapping[str, Any]) -> str:
    """The key that says the limit of a step: `at_least` or `at_most`; of places `to`, `share` or `last`."""
    if table.get("method") == "rank_tiers":
        return next((key for key, _ in PLACES if key in band), "to")
    return "at_most" if any("at_most" in one for one in tables_in(table, "tiers")) else "at_least"


def _fill_bands(control: Control, table: Mapping[str, Any]) -> None:
    by_place = table.get("method") == "rank_tiers"
    control.percent = not by_place and rates(table)
    if not by_place:
        side = bound_of(table, {})
        control.options = [(key, words, key == side) for key, words in SIDES]
    bands = tables_in(table, "tiers")
    spare = SPARE if bands else SPARE + 2
    for index in range(len(bands) + spare):
        band = bands[index] if index < len(bands) else {}
        place, bound = f"{control.name}.{index}", bound_of(table, band)
        limit = Control(f"{place}.limit", "number", percent=control.percent)
        limit.value = shown_number(band.get(bound), percent=control.percent)
        points = Control(f"{place}.points", "number", value=shown_number(band.get("points"), percent=False))
        parts = [limit, points]
        if by_place:
            options = [(key, words, key == bound) for key, words in PLACES]
            parts.insert(0, Control(f"{place}.side", "choice", options=options))
        control.parts.append(Control(place, "band", parts=parts))


def points_mode(table: Mapping[str, Any]) -> str:
    """How points for events are written: each time the same, by turn, or by the value of a field."""
    points = table.get("points")
    if isinstance(points, dict) or table.get("by"):
        return "by"
    return "list" if isinstance(points, list) else "same"


def _fill_points(control: Control, table: Mapping[str, Any], kind: str) -> None:
    mode, points = points_mode(table), table.get("points")
    modes: list[Option] = [
        ("same", N_("the same each time")),
        ("list", N_("first, second, later times")),
        ("by", N_("by a value, such as the level")),
    ]
    control.parts.append(_chooser(f"{control.name}.mode", N_("Points are"), modes, mode))
    if mode == "by":
        one = FormField("by", FieldType.PICK, N_("By which value"), offer=Offer.NAMES)
        pick = Control(f"{control.name}.by", "pick", one.label, redraw=True)
        by = said(table.get("by", ""))
        _fill_choice(pick, one, by or None, Scene({}, kind=kind))
        control.parts += [pick, *_levels(control.name, points if isinstance(points, dict) else {}, kind, by)]
        return
    values = points if isinstance(points, list) else [] if points is None else [points]
    control.value = "、".join(shown_number(one, percent=False) for one in values)
    number = Control(f"{control.name}.value", "text", N_("Points each"), value=control.value)
    if mode == "list":
        number.hint = N_("Separated by 、: the last holds for all later times.")
    control.parts.append(number)


def _levels(name: str, points: Mapping[str, Any], kind: str, by: str) -> list[Control]:
    """A line of points for each value that is written or known, and a spare one."""
    found = fact_kinds.named_in(kind, by)
    offered = [key for key, _ in found.choices] if found else []
    lines = []
    for index, key in enumerate([*points, *(key for key in offered if key not in points), ""]):
        words = fact_kinds.value_words(kind, by, key) if key else ""
        shown = shown_number(points.get(key), percent=False) if key else ""
        lines.append(Control(f"{name}.{index}", "level", words, value=shown, own=key))
    return lines


def _grades(name: str, grades: Mapping[str, Any]) -> list[Control]:
    lines = [
        Control(f"{name}.{index}", "level", key, value=shown_number(mark, percent=False), own=key)
        for index, (key, mark) in enumerate(grades.items())
    ]
    return [*lines, Control(f"{name}.{len(lines)}", "level")]

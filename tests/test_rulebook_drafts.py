"""Drafts of rulebooks: written on the page by one or two people, checked, adopted; nothing of anybody is lost."""

from __future__ import annotations

import ast
import html
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from scoring import Problem, preset_text
from supervisor.config import ROOT
from supervisor.core import rulebook_differences, rulebook_drafts, rulebooks, scores, what_if_papers
from supervisor.core.permissions import Actor
from supervisor.core.rulebook_drafts import Overtaken
from supervisor.core.rulebook_parts import Part, acted, moved, part_at, with_indicator, with_table
from supervisor.core.rulebook_problems import check, in_words
from supervisor.core.rulebook_reads import reads
from supervisor.core.rulebook_text import LONGEST, document_of, text_of
from supervisor.core.rulebook_words import event_words
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import AuditEntry, Programme, Role, RulebookDraft, RulebookVersion, ScoreRun, User
from supervisor.words import say
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2

DEFAULT = "default-quarter"


@pytest.fixture
def programme(database: Database, clock: StillClock) -> Programme:
    clock.moment = CLOSING
    return builders.programme(now=CLOSING)


def assessor(programme: Programme, name: str = "yan") -> Actor:
    return builders.actor(
        Role.ASSESSOR, programme, person=builders.user(name, Role.ASSESSOR, programme, now=CLOSING)
    )


def begun(programme: Programme, by: Actor, source: str = DEFAULT) -> RulebookDraft:
    return rulebook_drafts.start(programme, source, by=by, now=CLOSING)


def weigh(draft: RulebookDraft, at: str, weight: int, *, seen: int, by: Actor) -> None:
    table = {**part_at(document_of(rulebook_drafts.text_at(draft, seen)), at).table, "weight": weight}
    rulebook_drafts.save_part(draft, at, table, seen=seen, by=by, now=CLOSING)


# -- verbs


def test_a_draft_begins_from_nothing_a_preset_or_an_adopted_rulebook(programme: Programme) -> None:
    by = assessor(programme)
    assert begun(programme, by, "").name == "本地考核办法"
    assert begun(programme, by).text == preset_text(DEFAULT)
    version = rulebooks.adopt(
        programme, preset_text(DEFAULT), valid_from=date(2021, 7, 1), by=by, now=CLOSING
    )
    assert begun(programme, by, str(version.id)).text == version.text
    acts = [
        entry.action
        for entry in AuditEntry.select().order_by(AuditEntry.seq)
        if entry.action.startswith("rulebook_draft")
    ]
    assert acts == ["rulebook_draft.start"] * 3


def test_only_an_assessor_writes_drafts(programme: Programme) -> None:
    office = builders.actor(Role.LEAD_OFFICE, programme)
    with pytest.raises(NotAllowed):
        begun(programme, office)
    draft = begun(programme, assessor(programme))
    with pytest.raises(NotAllowed):
        rulebook_drafts.save_text(draft, "x = 1", seen=1, by=office, now=CLOSING)


def test_a_draft_may_hold_problems_and_adoption_may_not(programme: Programme) -> None:
    by = assessor(programme)
    draft = begun(programme, by)
    weigh(draft, "table.0.indicator.0", 20, seen=1, by=by)
    with pytest.raises(Invalid) as caught:
        rulebook_drafts.adopt(draft, valid_from=date(2021, 7, 1), remark="试行", seen=2, by=by, now=CLOSING)
    assert "the weights sum to 95, not to 100" in " ".join(str(one) for one in caught.value.fields.values())
    weigh(draft, "table.0.indicator.1", 20, seen=2, by=by)
    version = rulebook_drafts.adopt(
        draft, valid_from=date(2021, 7, 1), remark="领导小组会议决定", seen=3, by=by, now=CLOSING
    )
    assert (version.remark, version.text, draft.adopted_id) == ("领导小组会议决定", draft.text, version.id)
    with pytest.raises(Refused):
        weigh(draft, "table.0.indicator.1", 15, seen=3, by=by)


def test_two_people_on_two_indicators_both_keep_their_work(programme: Programme) -> None:
    """The second saver read an older revision: what nobody touched is put beside the other's, and that is said."""
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    weigh(draft, "table.0.indicator.0", 30, seen=1, by=first)
    table = {
        **part_at(document_of(rulebook_drafts.text_at(draft, 1)), "table.0.indicator.1").table,
        "weight": 10,
    }
    saved = rulebook_drafts.save_part(draft, "table.0.indicator.1", table, seen=1, by=second, now=CLOSING)
    assert saved.meanwhile == rulebook_drafts.text_at(draft, 1)
    weights = [one["weight"] for one in document_of(draft.text)["table"][0]["indicator"][:2]]
    assert weights == [30, 10]


def test_who_saves_the_same_indicator_second_is_told_and_overwrites_nothing(programme: Programme) -> None:
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    weigh(draft, "table.0.indicator.0", 30, seen=1, by=first)
    with pytest.raises(Overtaken) as caught:
        weigh(draft, "table.0.indicator.0", 20, seen=1, by=second)
    assert caught.value.part is not None
    assert caught.value.part.table["weight"] == 30
    assert RulebookDraft.get_by_id(draft.id).revision == 2


def test_a_moved_indicator_is_found_again_and_not_its_neighbour(programme: Programme) -> None:
    """The other one moved the indicator down meanwhile: the change lands on it, not on what now stands at its place."""
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    rulebook_drafts.save_document(
        draft, lambda d: moved(d, "table.0.indicator.0", "down"), seen=1, by=first, now=CLOSING
    )
    weigh(draft, "table.0.indicator.0", 33, seen=1, by=second)
    indicators = document_of(draft.text)["table"][0]["indicator"]
    assert [(one["key"], one["weight"]) for one in indicators[:2]] == [
        ("on_time_closure", 15),
        ("task_completion", 33),
    ]


def test_a_removed_indicator_is_not_written_over_its_neighbour(programme: Programme) -> None:
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    rulebook_drafts.save_document(
        draft, lambda d: moved(d, "table.0.indicator.0", "remove"), seen=1, by=first, now=CLOSING
    )
    with pytest.raises(Overtaken) as caught:
        weigh(draft, "table.0.indicator.0", 33, seen=1, by=second)
    assert caught.value.part is None


def test_a_change_to_one_group_s_table_never_lands_in_its_twin(programme: Programme) -> None:
    """A table was just copied for a second group: both read alike, and two people work on the first one."""
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    rulebook_drafts.save_document(draft, lambda d: moved(d, "table.0", "copy"), seen=1, by=first, now=CLOSING)
    weigh(draft, "table.0.indicator.1", 16, seen=2, by=first)
    with pytest.raises(Overtaken) as caught:
        weigh(draft, "table.0.indicator.1", 14, seen=2, by=second)
    assert caught.value.part is not None
    assert (caught.value.part.at, caught.value.part.table["weight"]) == ("table.0.indicator.1", 16)
    tables = document_of(RulebookDraft.get_by_id(draft.id).text)["table"]
    assert [table["indicator"][1]["weight"] for table in tables[:2]] == [16, 15]


def test_an_indicator_is_found_in_its_own_table_after_another_was_put_before_it(programme: Programme) -> None:
    first, second = assessor(programme, "yan"), assessor(programme, "heng")
    draft = begun(programme, first)
    rulebook_drafts.save_document(draft, lambda d: moved(d, "table.0", "down"), seen=1, by=first, now=CLOSING)
    weigh(draft, "table.0.indicator.0", 33, seen=1, by=second)
    tables = document_of(draft.text)["table"]
    assert tables[1]["indicator"][0]["weight"] == 33


def test_a_step_in_the_structure_on_an_old_page_does_nothing(programme: Programme) -> None:
    by = assessor(programme)
    draft = begun(programme, by)
    weigh(draft, "table.0.indicator.0", 30, seen=1, by=by)
    with pytest.raises(Overtaken):
        rulebook_drafts.save_document(
            draft, lambda d: moved(d, "table.0", "remove"), seen=1, by=by, now=CLOSING
        )
    assert len(document_of(RulebookDraft.get_by_id(draft.id).text)["table"]) == 3


def test_every_saved_text_stays_on_record(programme: Programme) -> None:
    by = assessor(programme)
    draft = begun(programme, by)
    weigh(draft, "table.0.indicator.0", 30, seen=1, by=by)
    assert [one.number for one in rulebook_drafts.revisions(draft)] == [2, 1]
    assert rulebook_drafts.text_at(draft, 1) == preset_text(DEFAULT)
    rulebook_drafts.remove(draft, by=by, now=CLOSING)
    assert rulebook_drafts.drafts(programme.id) == []
    assert len(rulebook_drafts.revisions(draft)) == 2


def test_a_text_of_five_megabytes_is_refused_before_it_is_read(programme: Programme) -> None:
    """Counted, not parsed: the message names both lengths."""
    by = assessor(programme)
    draft = begun(programme, by)
    with pytest.raises(Invalid) as caught:
        rulebook_drafts.save_text(draft, "[" * 5_000_000, seen=1, by=by, now=CLOSING)
    said = say(caught.value.fields["text"], "zh_CN")
    assert "5000000" in said
    assert str(LONGEST) in said


def test_a_text_that_cannot_be_read_is_refused_with_its_line(programme: Programme) -> None:
    by = assessor(programme)
    draft = begun(programme, by)
    with pytest.raises(Invalid) as caught:
        rulebook_drafts.save_text(draft, '[rulebook]\nname = "x\n', seen=1, by=by, now=CLOSING)
    assert "line 2" in str(caught.value.fields["text"])
    with pytest.raises(Invalid):
        rulebook_drafts.save_text(draft, "x = " + "[" * 50_000, seen=1, by=by, now=CLOSING)


def test_a_closed_quarter_keeps_its_version(database: Database, clock: StillClock) -> None:
    """A rulebook adopted later changes nothing of a closed quarter: not its version, not its text, not its scores."""
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    run = ScoreRun.get()
    before = (run.rulebook_id, run.rulebook.text, run.result_sha256)
    draft = begun(world.programme, by, str(run.rulebook_id))
    weigh(draft, "table.0.indicator.0", 20, seen=1, by=by)
    weigh(draft, "table.0.indicator.1", 20, seen=2, by=by)
    with pytest.raises(Refused):
        rulebook_drafts.adopt(draft, valid_from=date(2021, 6, 30), remark="改", seen=3, by=by, now=CLOSING)
    with pytest.raises(Invalid) as caught:  # another text of the same name and version
        rulebook_drafts.adopt(draft, valid_from=date(2021, 7, 1), remark="改", seen=3, by=by, now=CLOSING)
    assert "new version number" in str(caught.value.fields["rulebook"])
    rulebook_drafts.save_text(
        draft, draft.text.replace('version = "2"', 'version = "3"', 1), seen=3, by=by, now=CLOSING
    )
    later = rulebook_drafts.adopt(draft, valid_from=date(2021, 7, 1), remark="改", seen=4, by=by, now=CLOSING)
    again = ScoreRun.get()
    assert (again.rulebook_id, again.rulebook.text, again.result_sha256) == before
    held = rulebooks.in_force(world.programme.id, Q2)
    following = rulebooks.in_force(world.programme.id, Q2.next())
    assert (held and held.id, following and following.id) == (before[0], later.id)


# -- problems in words


def complaints() -> set[str]:
    """Every message that the engine's readers can give, with 7 in place of what differs."""
    found: set[str] = set()
    for path in sorted((ROOT / "scoring").glob("*.py")):
        if path.name in {"facts.py", "ledger.py", "engine.py"}:
            continue  # these speak of facts, not of rulebooks
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or len(call.args) < 2:
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in {"complain", "Problem"} and "ledger" not in ast.unparse(call.func):
                found |= set(literals(call.args[1]))
    return found


def literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    return []


def test_every_problem_of_the_engine_is_said_in_chinese() -> None:
    """Nobody who writes a rulebook on the page is told in English what is wrong."""
    told = complaints()
    assert len(told) > 50
    untold = {message for message in told if say(in_words(message), "zh_CN") == message}
    # One sentence gives its limits as they apply; it is tried below.
    assert untold <= {"is 7; it must be 7"}
    assert "不低于 0 且不超过 1" in say(in_words("is 3; it must be at least 0 and at most 1"), "zh_CN")


@pytest.mark.parametrize(
    ("old", "new", "at", "anchor", "words"),
    [
        ("weight = 25", "weight = 33.333", "table.0.indicator.0", "weight", "33.333"),
        ("weight = 25", "weight = 20", "table.0", "", "分值合计为 95，应为 100"),
        ('threshold = "95%"', 'threshold = "120%"', "table.0.indicator.1", "threshold", "谁也达不到"),
        ('deduct_each = "0.5"', "", "table.0.indicator.1", "deduct_each", "没有填写"),
        ('method = "mixed"', 'method = "mix"', "table.0.indicator.2", "method", "应为以下之一"),
        ('key = "annual_target"', 'key = "publicity"', "table.1.indicator.0", "key", "一年内重复计算"),
        ("at_least = 90", "at_least = 200", "tier", "tier.0.at_least", "谁也达不到"),
        ('not_above = "不合格"', 'not_above = "差"', "veto", "veto.0.not_above", "应为以下之一"),
        ('points = "0.5"', "points = -1", "table.0.indicator.3", "deduct.0.points", "不小于 0"),
        ('points = "0.5"', "points = {}", "table.0.indicator.3", "deduct.0.by", "按哪一项取值"),
    ],
)  # fmt: skip
def test_a_preset_edited_into_nonsense_is_told_with_its_place_on_the_page(
    old: str, new: str, at: str, anchor: str, words: str
) -> None:
    text = preset_text(DEFAULT).replace(old, new, 1)
    problems = check(document_of(text), text).problems
    assert (at, anchor) in {(one.at, one.anchor) for one in problems}
    told = next(one for one in problems if (one.at, one.anchor) == (at, anchor))
    assert words in say(told.what, "zh_CN")


def test_terms_of_the_engine_are_said_as_people_call_them() -> None:
    """No key of the text stands in a Chinese sentence; nothing chosen is no choice too many."""
    assert "“级别”" in say(in_words("must be a table of points for each value of level"), "zh_CN")
    assert "请填其中一项" in say(in_words("give one of not_above and lower_by"), "zh_CN")
    unfinished = Part("table.0.indicator.0", "indicator", {"method": "mark"})
    assert "mark" not in say(reads(unfinished)[0], "zh_CN")
    penalty = {"facts": "mark", "points": "1", "amount": "returns"}
    assert "times times" not in say(event_words(penalty, "−"), "en")


def test_only_ratios_is_a_warning_with_its_table() -> None:
    text = preset_text(DEFAULT)
    assert [one.at for one in check(document_of(text), text).warnings] == ["table.1"]


def test_two_surveys_in_one_mean_and_the_same_marks_twice_are_pointed_out() -> None:
    """C46, and what a new assessor overlooks: an indicator without a condition takes every fact of its kind."""
    text = preset_text(DEFAULT).replace('source = "residents", ', "")
    text = text.replace('where = { indicator = "lasting_mechanism" }', "").replace(
        'method = "mark"\nnature = "qualitative"\nfacts = "leader_mark"',
        'method = "given"\nnature = "qualitative"\nfacts = "assessor_points"',
    )
    told = [(one.at, say(one.what, "en")) for one in check(document_of(text), text).warnings]
    assert [at for at, _words in told] == ["table.1", "table.1.indicator.1", "table.1.indicator.4"]
    assert "two results" in told[1][1]
    assert "same facts as “Lasting arrangements and files”" in told[2][1]


# -- structure and comparison


def test_a_copied_indicator_counts_under_a_name_of_its_own() -> None:
    document = moved(document_of(preset_text(DEFAULT)), "table.0.indicator.0", "copy")
    keys = [one["key"] for one in document["table"][0]["indicator"]]
    assert keys[:2] == ["task_completion", "task_completion_2"]
    text = text_of(document)
    assert [one.at for one in check(document, text).problems] == ["table.0"]  # the weights alone


def test_a_new_table_and_indicator_are_there_to_be_filled() -> None:
    document = with_indicator(with_table({"rulebook": {"name": "x", "version": "1"}}), 0)
    assert document["table"] == [{"period": "quarter", "indicator": [{"key": "i1", "weight": 10}]}]


def test_two_versions_are_compared_in_words() -> None:
    """Weight 25 → 20, threshold 95 % → 90 %, one indicator new, one dropped; what is the same is named."""
    before = document_of(preset_text(DEFAULT))
    text = (
        preset_text(DEFAULT)
        .replace("weight = 25", "weight = 20")
        .replace('threshold = "95%"', 'threshold = "90%"')
    )
    after = moved(document_of(text), "table.0.indicator.5", "remove")
    after = with_indicator(after, 0, {"key": "visits", "title": "现场指导", "weight": 10})
    found = rulebook_differences.compare(before, after)
    said = [
        (
            say(one.place[-1], "zh_CN"),
            one.kind,
            [(say(t.label, "zh_CN"), str(t.before), str(t.after)) for t in one.terms],
        )
        for one in found.differences
    ]
    assert said[:2] == [
        ("任务完成率", "changed", [("分值", "25", "20")]),
        ("按时办结率", "changed", [("达到多少得满分", "95 %", "90 %")]),
    ]
    assert [(name, kind) for name, kind, _terms in said[2:]] == [("现场指导", "new"), ("宣传信息", "dropped")]
    [(label, was, now)] = said[3][2]
    assert (label, now) == ("读出来是这样", "")
    assert was.startswith("5 points for at least 3 of publicity items")
    assert "核心实物量" in [say(one, "zh_CN") for one in found.same]
    assert "Core quantities" in [say(one, "en") for one in found.same]


def test_a_rulebook_compared_with_itself_differs_in_nothing() -> None:
    document = document_of(preset_text(DEFAULT))
    assert rulebook_differences.compare(document, document_of(text_of(document))).differences == ()


def test_what_a_rulebook_writes_and_what_holds_by_itself_are_compared_as_the_same() -> None:
    """Lowest score 0, highest 105, ranks from 3: written on one side only, they hold on both."""
    bare = document_of(preset_text(DEFAULT))
    bare["ranking"] = {}
    full = {
        **bare,
        "ranking": {"lowest_score": 0, "highest_score": 105, "min_group": 3, "min_weight_of": "table"},
    }
    assert rulebook_differences.compare(full, bare).differences == ()
    [found] = rulebook_differences.compare({**bare, "ranking": {"highest_score": 110}}, bare).differences
    assert [(str(term.before), str(term.after)) for term in found.terms] == [("110", "105")]


def test_a_copied_tier_waits_for_its_own_name_and_tiers_of_one_english_name_are_pointed_out() -> None:
    document = document_of(preset_text(DEFAULT))
    first = document["tier"][0]
    assert {"name", "name_en", "min_places"} <= first.keys()
    copied = acted({"tier": document["tier"]}, "tier.0", "copy")["tier"][1]
    assert copied == {key: first[key] for key in ("at_least", "max_share")}
    document["tier"][1]["name_en"] = first["name_en"]
    told = check(document, text_of(document)).warnings
    assert ("tier", "tier.1.name_en") in [(one.at, one.anchor) for one in told]
    assert "英文名称与“优秀”相同" in [say(one.what, "zh_CN") for one in told]


def test_a_form_says_what_one_fact_is(page_of: tuple[FlaskClient, str]) -> None:
    client, address = page_of
    page = shown(client, f"{address}/part?at=table.0.indicator.4")
    assert "One for each task reported on, not for each report" in page
    assert "One for each report owed" in shown(client, f"{address}/part?at=table.0.indicator.3")


# -- pages


def enter(client: FlaskClient, person: User) -> FlaskClient:
    login(client, person, CLOSING)
    client.set_cookie("lang", "en")
    return client


def shown(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.text)


FIELD = re.compile(
    r"<(input|select|textarea)\b([^>]*)>(.*?)(?=<(?:input|select|textarea)\b|</form>)", re.DOTALL
)


def filled(page: str, form: str = "part-form") -> list[tuple[str, str]]:
    """What a browser would send of the form of this class, untouched and without its buttons."""
    body = page.split(f'class="form form-wide {form}"')[1].split("</form>", maxsplit=1)[0] + "</form>"
    pairs: list[tuple[str, str]] = []
    for tag, attributes, rest in FIELD.findall(body):
        name = re.search(r'name="([^"]*)"', attributes)
        if not name:
            continue
        value = re.search(r'value="([^"]*)"', attributes)
        text = value[1] if value else ""
        if tag == "textarea":
            text = rest.split("</textarea>")[0].removeprefix("\n")
        elif tag == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', rest) or re.search(
                r'<option value="([^"]*)"', rest
            )
            text = chosen[1] if chosen else ""
        elif 'type="checkbox"' in attributes and "checked" not in attributes:
            continue
        pairs.append((html.unescape(name[1]), html.unescape(text)))
    return pairs


def changed(pairs: list[tuple[str, str]], **new: str) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    return data | {name: [value] for name, value in new.items()}


@pytest.fixture
def page_of(client: FlaskClient, programme: Programme) -> tuple[FlaskClient, str]:
    """An assessor with a draft of the default scheme open."""
    person = builders.user("yan", Role.ASSESSOR, programme, name="严衡", now=CLOSING)
    enter(client, person)
    draft = begun(programme, builders.actor(Role.ASSESSOR, programme, person=person))
    return client, f"/p/{programme.id}/rulebooks/drafts/{draft.id}"


def raw(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_each_form_of_the_page_sent_untouched_changes_no_rule(page_of: tuple[FlaskClient, str]) -> None:
    """What the templates send is what the reader expects: names, markers, hidden values."""
    client, home = page_of
    before = document_of(preset_text(DEFAULT))
    places = ["rulebook", "ranking", "tier", "table.0", "bonus", "penalty", "veto"]
    places += [f"table.0.indicator.{n}" for n in range(7)] + [f"table.1.indicator.{n}" for n in range(5)]
    for at in places:
        page = raw(client, f"{home}/part?at={at}")
        answer = client.post(f"{home}/part?at={at}", data=changed(filled(page), do="save"))
        assert answer.status_code == 303, at
        assert document_of(RulebookDraft.get().text) == before, at


def test_a_weight_is_changed_on_the_form_and_the_sum_follows(page_of: tuple[FlaskClient, str]) -> None:
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.0"
    pairs = filled(raw(client, place))
    tried = client.post(place, data=changed(pairs, weight="20", do="show")).text
    assert "95 of 100: 5 missing" in tried
    assert RulebookDraft.get().revision == 1
    assert client.post(place, data=changed(pairs, weight="20", do="save")).status_code == 303
    assert "Before it can be adopted: 1 to mend" in shown(client, home)


def test_own_words_that_were_not_changed_with_the_rule_are_pointed_out(
    page_of: tuple[FlaskClient, str],
) -> None:
    """The proposal says "25 ×" in its own words: after the weight is 20, the assessor is told to read them again."""
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.0"
    words = "The rule in your own words was left as it was"
    client.post(place, data=changed(filled(raw(client, place)), title="任务完成情况", do="save"))
    assert words not in shown(client, home)
    client.post(place, data=changed(filled(raw(client, place)), weight="20", do="save"))
    assert words in shown(client, home)


def test_the_panel_names_each_fault_and_not_what_saving_fills_by_itself(
    page_of: tuple[FlaskClient, str],
) -> None:
    client, address = page_of
    page = shown(client, f"{address}/part?at=veto")
    form = {name: value for name, value in filled(page) if not name.endswith((".key", ".lower_by"))}
    first = next(name for name in form if name.endswith(".not_above"))
    bare = re.sub(r"(?m)^key = .*\n", "", form["before"])
    answer = html.unescape(
        client.post(f"{address}/part?at=veto", data={**form, "before": bare, "do": "show"}).text
    )
    assert "Nothing is wrong here." in answer
    answer = html.unescape(
        client.post(f"{address}/part?at=veto", data={**form, first: "", "do": "show"}).text
    )
    panel = answer.split('id="reads"')[1]
    assert "Still to be mended here: 1." in panel
    assert f'<a href="#{first}">' in panel
    assert "The tier is not above" in panel
    assert "give one of" in panel


def test_another_method_brings_its_own_fields_and_drops_the_others(page_of: tuple[FlaskClient, str]) -> None:
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.1"
    drawn = client.post(place, data=changed(filled(raw(client, place)), method="binary", do="show")).text
    assert 'name="at_least"' in drawn
    assert 'name="deduct_each"' not in drawn
    client.post(place, data=changed(filled(drawn), at_least="90", do="save"))
    one = document_of(RulebookDraft.get().text)["table"][0]["indicator"][1]
    assert (one["method"], one["at_least"], one["measure"]["take"]) == ("binary", "90%", "share")
    assert not {"threshold", "per", "deduct_each"} & one.keys()


def test_a_deduction_is_added_copied_and_removed_without_scripts(page_of: tuple[FlaskClient, str]) -> None:
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.3"
    drawn = client.post(place, data=changed(filled(raw(client, place)), do="remove deduct.0")).text
    drawn = client.post(place, data=changed(filled(drawn), do="add deduct")).text
    new = {"deduct.2.title": "报告失实", "deduct.2.points.value": "5", "deduct.2.where.0.field": "outcome"}
    drawn = client.post(place, data=changed(filled(drawn), do="show", **new)).text
    pairs = changed(filled(drawn), do="save")
    pairs["deduct.2.where.0.values"] = ["missing"]
    assert client.post(place, data=pairs).status_code == 303
    deductions = document_of(RulebookDraft.get().text)["table"][0]["indicator"][3]["deduct"]
    assert [one["title"] for one in deductions] == ["迟报超过 2 个工作日", "漏报", "报告失实"]
    assert deductions[2] == {"title": "报告失实", "where": {"outcome": "missing"}, "points": 5}


def test_the_second_saver_sees_both_side_by_side_and_can_save_again(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.0"
    pairs = filled(raw(client, place))
    other = builders.user("heng", Role.ASSESSOR, programme, name="衡平", now=CLOSING)
    weigh(
        RulebookDraft.get(),
        "table.0.indicator.0",
        30,
        seen=1,
        by=builders.actor(Role.ASSESSOR, programme, person=other),
    )
    answer = client.post(place, data=changed(pairs, weight="20", do="save"))
    assert answer.status_code == 409
    assert "衡平 changed this part while you were writing" in answer.text
    assert "30 points ×" in answer.text
    assert dict(filled(answer.text))["weight"] == "20"
    assert client.get(f"{home}/compare?other=revision-1").status_code == 200
    again = client.post(place, data=changed(filled(answer.text), do="save"))
    assert again.status_code == 303
    assert document_of(RulebookDraft.get().text)["table"][0]["indicator"][0]["weight"] == 20


def test_what_was_typed_into_a_removed_indicator_can_be_put_back(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    client, home = page_of
    place = f"{home}/part?at=table.0.indicator.0"
    pairs = filled(raw(client, place))
    draft = RulebookDraft.get()
    by = assessor(programme, "heng")
    rulebook_drafts.save_document(
        draft, lambda d: moved(d, "table.0.indicator.0", "remove"), seen=1, by=by, now=CLOSING
    )
    answer = client.post(place, data=changed(pairs, weight="22", do="save"))
    assert answer.status_code == 409
    assert "removed or moved this part" in answer.text
    assert client.post(place, data=changed(filled(answer.text), do="again")).status_code == 303
    last = document_of(RulebookDraft.get().text)["table"][0]["indicator"][-1]
    assert (last["title"], last["weight"]) == ("任务完成率", 22)


def test_a_text_overtaken_comes_back_beside_the_others(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    client, home = page_of
    page = raw(client, f"{home}/text")
    key = re.search(r'name="_once" value="(\w+)"', page)
    weigh(RulebookDraft.get(), "table.0.indicator.0", 30, seen=1, by=assessor(programme, "heng"))
    form = {"_once": key[1] if key else "", "seen": "1", "text": "# mine\n" + preset_text(DEFAULT)}
    answer = client.post(f"{home}/text", data=form)
    assert answer.status_code == 409
    assert "# mine" in answer.text
    assert "weight = 30" in answer.text


def test_a_text_of_five_megabytes_gets_a_clear_answer_on_the_page(page_of: tuple[FlaskClient, str]) -> None:
    client, home = page_of
    answer = client.post(f"{home}/text", data={"_once": "1" * 32, "seen": "1", "text": "x" * 5_000_000})
    assert answer.status_code == 422
    assert "The text has 5000000 characters; a rulebook has at most 200000." in answer.text
    assert RulebookDraft.get().revision == 1


def test_a_draft_is_written_checked_and_adopted_on_the_page(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    client, home = page_of
    page = shown(client, home)
    form = {"_once": "2" * 32, "seen": "1", "valid_from": "2021-07-01", "remark": ""}
    assert "Say why this rulebook is adopted" in client.post(f"{home}/adopt", data=form).text
    assert "This draft is a usable rulebook." in page
    answer = client.post(f"{home}/adopt", data={**form, "_once": "3" * 32, "remark": "经领导小组同意"})
    assert answer.status_code == 303
    version = RulebookVersion.get()
    assert (version.remark, str(version.valid_from)) == ("经领导小组同意", "2021-07-01")
    assert "no longer changes" in shown(client, home)
    assert 'name="act"' not in shown(client, home)


def test_a_text_is_adopted_once_for_a_day_and_the_list_says_which_version_never_holds(
    client: FlaskClient, programme: Programme
) -> None:
    person = builders.user("yan", Role.ASSESSOR, programme, now=CLOSING)
    by = builders.actor(Role.ASSESSOR, programme, person=person)
    text, day = preset_text(DEFAULT), date(2021, 7, 1)
    first = rulebooks.adopt(programme, text, valid_from=day, by=by, now=CLOSING)
    with pytest.raises(Invalid) as caught:
        rulebooks.adopt(programme, text, valid_from=day, by=by, now=CLOSING)
    assert "already adopted" in str(caught.value.fields["valid_from"])
    newer = text.replace('version = "2"', 'version = "3"', 1)
    rulebooks.adopt(programme, newer, valid_from=day, by=by, now=CLOSING)
    assert rulebooks.superseded(rulebooks.versions(programme.id)) == {first.id}
    rulebooks.adopt(programme, text, valid_from=date(2021, 10, 1), by=by, now=CLOSING)  # back to it later
    enter(client, person)
    assert shown(client, f"/p/{programme.id}/rulebooks").count("never holds") == 1


def test_a_later_rulebook_is_proposed_from_the_next_period_and_the_page_says_which_come_first(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    """In July 2021 the second quarter has ended and is open: the new one is not proposed to reach back into it."""
    client, home = page_of
    quarters.adopt(programme, "zhou-yue-ji")
    page = shown(client, home)
    assert 'value="2021-10-01"' in page
    assert "From 1 Oct 2021 on, the first periods scored with it are: Q4 2021" in page


def test_what_a_rulebook_leaves_unscored_is_listed_and_adopted_only_with_a_tick(
    page_of: tuple[FlaskClient, str], programme: Programme
) -> None:
    """A quarterly table for bureaus alone, and no year: the enterprises and the year that was scored are named."""
    client, home = page_of
    quarters.adopt(programme)  # scores the year and its end too
    for name in ("市直部门", "驻市企业"):
        builders.group(programme, name, [builders.unit(f"{name}甲")])
    draft = RulebookDraft.get()
    document = document_of(draft.text.replace('version = "2"', 'version = "3"', 1))
    document["table"] = [{**document["table"][0], "groups": ["市直部门"]}]
    by = assessor(programme, "heng")
    rulebook_drafts.save_text(draft, text_of(document), seen=1, by=by, now=CLOSING)
    page = shown(client, home)
    assert "usable rulebook" not in page
    assert "Quarter: no table for 驻市企业" in page
    assert "no longer from this one on: Year 2021" in page
    key = html.unescape(re.search(r'name="gaps_known" value="([^"]*)"', raw(client, home))[1])  # type: ignore[index]
    form = {"seen": "2", "valid_from": "2021-10-01", "remark": "经领导小组同意"}
    refused = client.post(f"{home}/adopt", data={**form, "_once": "5" * 32, "gaps_known": "quarter:其他"})
    assert (refused.status_code, RulebookVersion.select().count()) == (422, 1)
    taken = client.post(f"{home}/adopt", data={**form, "_once": "6" * 32, "gaps_known": key})
    assert (taken.status_code, RulebookVersion.select().count()) == (303, 2)


def test_a_group_without_a_table_is_told_in_chinese_where_a_rulebook_is_tried() -> None:
    problem = Problem("group 驻市企业", "the rulebook has no table for it in a period of type quarter")
    said = say(what_if_papers.problem_words(problem), "zh_CN")
    assert said == "“驻市企业”组：该考核办法没有适用于该组的此类周期考核表：季度"


def test_drafts_are_nobody_elses_business(
    page_of: tuple[FlaskClient, str], programme: Programme, client: FlaskClient
) -> None:
    _, home = page_of
    enter(client, builders.user("office", Role.LEAD_OFFICE, programme, now=CLOSING))
    assert client.get(home).status_code == 403
    other = builders.programme("另一专项", now=CLOSING)
    enter(client, builders.user("stranger", Role.ASSESSOR, other, now=CLOSING + timedelta(minutes=1)))
    assert client.get(home).status_code == 404
    assert client.get(home.replace(f"/p/{programme.id}/", f"/p/{other.id}/")).status_code == 404

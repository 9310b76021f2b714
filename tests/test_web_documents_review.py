"""The review page over HTTP: questions answered by buttons, forms on demand, undo, precedents, speed of the page."""

from __future__ import annotations

import html
import io
import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import corrections
from supervisor.database import count_queries, digest
from supervisor.models import Document, Plan, Programme, Role, Task, Unit, User
from tests.builders import at, programme, user
from tests.conftest import StillClock, login
from tests.test_core_draft_names import CLAUSES
from tests.test_core_draft_questions import NOTICE
from tests.test_core_plan_amendments import AGAIN, FIRST

WHEN = at("2021-03-22 09:00")


@pytest.fixture
def of(client: FlaskClient, clock: StillClock) -> Programme:
    """A programme, seen by its lead office in March 2021."""
    clock.moment = WHEN
    found = programme()
    login(client, user("office", Role.LEAD_OFFICE, found, now=WHEN), now=WHEN)
    return found


class Review:
    """A notice's review page in a client."""

    def __init__(self, client: FlaskClient, of: Programme, text: str = NOTICE) -> None:
        self.client, self.sent = client, 0
        answer = client.post(f"/p/{of.id}/documents/new", data={"text": text, "_once": digest(text)[:20]})
        assert answer.status_code == 303, answer.text
        self.url = answer.location

    @property
    def document(self) -> Document:
        return Document.get_by_id(int(self.url.rsplit("/", 1)[1]))

    def page(self, query: str = "") -> str:
        return self.client.get(self.url + query).text

    def send(self, path: str, expected: int = 303, /, **data: Any) -> str:
        self.sent += 1
        form = {"version": str(self.document.version), "_once": f"s{self.sent}", **data}
        answer = self.client.post(f"{self.url}/{path}", data=form)
        assert answer.status_code == expected, answer.text
        return answer.location if expected == 303 else answer.text

    def answers(self) -> list[str]:
        return [html.unescape(found) for found in re.findall(r'name="answer" value="([^"]*)"', self.page())]


def test_the_page_asks_and_each_button_answers(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    assert 'id="q-3"' in review.page()
    for _ in range(3):
        review.send("answers", answer=review.answers()[0])
    page = review.page()
    assert 'id="q-1"' not in page
    assert "is-grave" not in page
    assert review.send("adopt").startswith(f"/p/{of.id}/plans/")
    assert Task.select().count() == 4


def test_the_list_of_names_is_confirmed_with_one_button_and_taken_back_with_one(
    client: FlaskClient, of: Programme
) -> None:
    review = Review(client, of, CLAUSES)
    shown = [html.unescape(key) for key in re.findall(r'name="pair" value="([^"]*)"', review.page())]
    assert len(shown) == 3
    assert review.send("names/same", shown=shown, pair=shown[:2]).endswith("#names")
    assert len(corrections.ledger_of(review.document).names) == 2
    page = review.page()
    assert 'id="same-names"' not in page
    assert "两个单位" in page, "the name that was not ticked is asked about by itself"
    review.send("undo")
    assert corrections.ledger_of(review.document).names == ()
    review.send("names/same", 404, shown=["pair-甲|乙"], pair=[])


def test_ticked_clauses_become_tasks_at_once_and_none_ticked_is_told(
    client: FlaskClient, of: Programme
) -> None:
    review = Review(client, of, CLAUSES)
    starts = re.findall(r'name="clause" value="(\d+)"', review.page())
    assert len(starts) == 3
    assert "请至少勾选一句" in review.send("clauses", 422, act="task")
    review.send("clauses", 404, act="burn", clause=starts)
    review.send("clauses", clause=starts[:2], act="task")
    assert [task.corrected for task in corrections.ledger_of(review.document).tasks].count(True) == 2
    review.send("clauses", clause=starts[2:], act="aside-1")
    (aside,) = [one for one in corrections.ledger_of(review.document).settled if one.answer == "aside"]
    assert aside.reason == "已含在其他任务中"


def test_a_forged_answer_is_no_page(client: FlaskClient, of: Programme) -> None:
    Review(client, of).send("answers", 404, answer='["accept",99]')


def test_a_form_comes_only_where_it_is_asked_for(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    assert 'id="task-0-lead"' not in review.page()
    whole = review.page("?open=task-0")
    assert whole.count('id="task-0-lead"') == 1
    fragment = client.get(f"{review.url}/forms/task-0").text
    assert 'id="task-0-lead"' in fragment
    assert "<html" not in fragment
    for anchor in ("head", "task-new", "split-0", "name-0", "clause-5", "task-99", "nonsense"):
        assert client.get(f"{review.url}/forms/{anchor}").status_code == 200


def test_a_split_without_second_title_comes_back_filled(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    page = review.send("tasks/0/split", 422, cut="6", title_1="甲的标题", title_2="", name=["市水务局"])
    assert 'value="甲的标题"' in page
    review.send(
        "tasks/0/split", cut="6", title_1="甲", title_2="乙", name=["市财政局"], **{"side-0": "second"}
    )
    tasks = corrections.ledger_of(review.document).tasks
    assert [task.title for task in tasks[:2]] == ["甲", "乙"]
    assert "市财政局" not in tasks[0].units


def test_ticked_tasks_merge_and_undo_brings_them_back(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    review.send("tasks/merge", task=["0", "1"])
    assert len(corrections.ledger_of(review.document).tasks) == 2
    review.send("undo")
    assert len(corrections.ledger_of(review.document).tasks) == 3
    review.send("redo")
    assert len(corrections.ledger_of(review.document).tasks) == 2
    assert "mistakes" in review.send("tasks/merge", 422, task=["0"])


def test_a_sent_form_has_its_effect_once(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    form = {"version": "1", "_once": "twice", "task": ["0", "1"]}
    for _ in range(2):
        assert client.post(f"{review.url}/tasks/merge", data=form).status_code in {302, 303}
    assert len(corrections.ledger_of(review.document).tasks) == 2


@pytest.mark.parametrize(
    ("path", "data", "shown"),
    [
        ("head", {"title": "新题", "issued_on": "2021-03-10", "issuer": "市水务局", "numbers": "澄水1号、澄水2号",
                  "published_on": "2021-03-11"}, "澄水2号"),
        ("tasks/0/units", {"move": "lead|市财政局"}, "市水务局、市财政局"),
        ("tasks/accept", {"task": ["0"]}, 'aria-pressed="true"'),
        ("names", {"printed": "市城管局", "place": "4", "act": "unit", "unit": "市城市管理局"}, "市城市管理局"),
        ("names", {"printed": "市规划局", "place": "2", "act": "several"}, 'id="collective-0"'),
        ("names", {"printed": "市规划局", "place": "2", "act": "strike"}, "市规划局"),
    ],
)  # fmt: skip
def test_what_was_read_is_corrected_in_place(
    client: FlaskClient, of: Programme, path: str, data: dict[str, Any], shown: str
) -> None:
    review = Review(client, of)
    review.send(path, **data)
    assert shown in review.page()


def test_a_clause_is_set_aside_only_with_a_reason(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    start = re.search(r'id="clause-(\d+)"', review.page())
    assert start
    assert "mistakes" in review.send(f"clauses/{start[1]}", 422, reason="")
    review.send(f"clauses/{start[1]}", reason="由督查室另行安排")
    assert "由督查室另行安排" in review.page()


def test_rows_of_every_kind_have_a_form_and_are_left_out_with_a_reason(
    client: FlaskClient, of: Programme
) -> None:
    text = NOTICE.replace("二、保障措施", "2021年完成改造12个小区。每月10日前报送进展。\n二、保障措施")
    review = Review(client, of, text)
    ledger = corrections.ledger_of(review.document)
    kinds = [kind for kind in ("duty", "person", "target", "rhythm", "liaison") if ledger.rows(kind)]
    assert kinds
    for kind in kinds:
        key = ledger.rows(kind)[0].key
        assert "<form" in client.get(f"{review.url}/forms/{kind}-{key}").text
        review.send(f"items/{kind}/{key}", 422, drop="1", reason="")
        review.send(f"items/{kind}/{key}", drop="1", reason="不采用")
        assert corrections.ledger_of(review.document).rows(kind)[0].dropped == "不采用"
    review.send("items/task/0", 404, drop="1", reason="不是这条路")


def test_who_only_reads_sees_no_form_and_no_question(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    for _ in range(3):
        review.send("answers", answer=review.answers()[0])
    review.send("adopt")
    unit = Unit.get(Unit.name == "市水务局")
    login(client, user("liaison", Role.LIAISON, of, unit, now=WHEN), now=WHEN)
    page = review.page("?open=task-0")
    assert "编制规划" in page
    for word in ('name="answer"', "data-open", 'id="act"', "<dialog"):
        assert word not in page
    assert client.get(f"{review.url}/forms/task-0").status_code == 403
    assert client.post(f"{review.url}/answers", data={"_once": "x", "version": "9"}).status_code == 403


def long_notice(tasks: int) -> str:
    """A notice with so many tasks, each with eight units and 300 characters."""
    units = [f"市{a}{b}局" for a in "水土林田湖" for b in "政务资源监督"]
    head = ["澄江市重点工作任务分解方案", "各区人民政府，市政府各部门：", "一、重点任务"]
    rows = [
        f"{n + 1}．推进第{n + 1}项工程。{'完善制度机制，统筹推进各项工作，切实提升服务水平，' * 12}2021年12月底前完成。"
        f"（牵头单位：{units[n % 20]}；责任单位：{'、'.join(units[(n + k) % 20] for k in range(1, 8))}）"
        for n in range(tasks)
    ]
    return "\n".join([*head, *rows, "澄江市人民政府办公室", "2021年3月10日", ""])


def test_the_page_costs_the_same_queries_for_any_notice_and_grows_with_its_tasks(
    client: FlaskClient, of: Programme, database: Database
) -> None:
    small, large = Review(client, of, long_notice(10)), Review(client, of, long_notice(150))
    with count_queries(database) as few:
        short = small.page()
    with count_queries(database) as many:
        long = large.page()
    assert len(corrections.ledger_of(large.document).tasks) == 150
    assert len(many) == len(few) <= 15
    assert len(long) < 16 * len(short)
    assert len(long.encode()) < 900_000
    assert "<select" not in long


def test_a_notice_issued_again_offers_the_comparison_and_changes_what_is_ticked(
    client: FlaskClient, of: Programme, clock: StillClock
) -> None:
    first = Review(client, of, FIRST)
    plan_url = first.send("adopt")
    assert client.post(f"{plan_url}/issue", data={"understood": "1", "_once": "i"}).status_code == 303
    clock.moment = at("2021-05-10 09:00")
    login(client, User.get(User.username == "office"), now=clock.moment)
    again = Review(client, of, AGAIN)
    link = f"{again.url}/plans/{Plan.get().id}"
    assert link in again.page()
    page = client.get(link).text
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert {key.split("-")[0] for key in keys} == {"add", "cancel", "units", "due", "words"}
    new = next(key for key in keys if key.startswith("add"))
    assert client.post(f"{link}/preview", data={"key": new, "reason": ""}).status_code == 422
    shown = client.post(f"{link}/preview", data={"key": new, "reason": "重新印发"}).text
    assert 'id="effects"' in shown
    assert Task.select().count() == 3
    assert client.post(link, data={"key": new, "reason": "重新印发", "_once": "m"}).status_code == 303
    assert Task.select().count() == 4
    data = {"version": str(again.document.version), "_once": "f"}
    assert client.post(f"{link}/finish", data=data).location == plan_url
    assert plan_url in again.page()
    assert client.get(link).status_code == 404


LONG = "\n".join(
    [
        "云川市人民政府办公室关于印发年度重点工作分工的通知",
        "云政办发〔2021〕9号",
        "各区人民政府：",
        "一、重点工作",
    ]
    + [f"{n}.推进第{n}号工程建设。（牵头单位：市住建局；责任单位：市财政局）" for n in range(1, 951)]
    + ["云川市人民政府办公室", "2021年3月10日"]
)


def test_a_long_ledger_is_shown_in_parts_and_a_form_leads_back_to_its_part(
    client: FlaskClient, of: Programme
) -> None:
    review = Review(client, of, LONG)
    first, last = review.page(), review.page("?part=3")
    assert 'id="task-1"' in first
    assert 'id="task-401"' not in first
    assert "推进第950号工程" in last
    assert (
        "推进第1号工程建设" not in last.partition('class="review"')[2]
    )  # neither task nor line of the notice
    assert 'aria-current="page">3<' in last
    shown = re.findall(r'<article class="item[^"]*" id="(task-\d+)"', last)
    assert len(shown) == 150
    form = review.page(f"?open={shown[7]}")
    assert 'aria-current="page">3<' in form  # the part follows the item
    assert f'id="{shown[7]}"' in form
    answer = review.send("tasks/accept", part="3", task=[shown[7].removeprefix("task-")])
    assert answer.startswith(f"{review.url}?")
    assert 'aria-current="page">3<' in client.get(answer.partition("#")[0]).text


def test_a_short_ledger_has_no_parts(client: FlaskClient, of: Programme) -> None:
    page = Review(client, of).page("?part=7")
    assert 'class="parts"' not in page
    assert 'name="part"' not in page


@pytest.mark.parametrize("version", ["x", "²", "-1", "1.5", "9" * 30, "9" * 5000, "\x00"])
def test_a_version_that_nobody_saw_is_told_and_loses_nothing(
    client: FlaskClient, of: Programme, version: str
) -> None:
    page = Review(client, of)
    page.send("head", title="甲", issued_on="2021-03-01")
    for path in ("undo", "redo", "head", "rules/0", "adopt"):
        form = {"title": "乙", "answer": '["accept", 1]', "version": version, "_once": f"forged {path}"}
        assert client.post(f"{page.url}/{path}", data=form).status_code in {303, 404, 409, 422}, path
    assert corrections.ledger_of(page.document).title == "甲"


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000, "-5"])
def test_numbers_that_no_key_can_be_are_refused_or_overlooked(
    client: FlaskClient, of: Programme, number: str
) -> None:
    page = Review(client, of)
    forms = {
        "tasks": {"key": number, "title": ""},
        "tasks/accept": {"task": number},
        "tasks/0/split": {"cut": number, "title_1": "甲", "title_2": "乙"},
        "collectives/0": {f"note-{number}": "甲", "member": number},
        "clauses": {"act": f"aside-{number}", "clause": number},
    }
    for path, form in forms.items():
        form |= {"version": "1", "_once": path}
        assert client.post(f"{page.url}/{path}", data=form).status_code in {303, 404, 409, 422}, path


@pytest.mark.parametrize("key", [2**31, 2**63, 10**30])
def test_an_address_with_a_key_beyond_the_databases_integers_leads_nowhere(
    client: FlaskClient, of: Programme, key: int
) -> None:
    for path in (f"/p/{key}/settings", f"/p/{of.id}/documents/{key}", f"/p/{of.id}/plans/{key}"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/p/{of.id}/plans?page={key}").status_code in {200, 404}


@pytest.mark.parametrize("text", ["甲\x00乙", "长" * 20_000, "甲、" * 5_000], ids=["NUL", "long", "many"])
def test_what_a_database_cannot_store_comes_back_and_is_no_failure_of_ours(
    client: FlaskClient, of: Programme, text: str
) -> None:
    page = Review(client, of)
    for path, form in {
        "head": {"title": text, "issuer": text, "numbers": text, "issued_on": "2021-03-01"},
        "tasks": {"key": text, "title": text, "text": text, "lead": text},
        "names": {"printed": text, "act": "strike", "place": text},
        "items/duty/0": {"drop": "1", "reason": text},
    }.items():
        sent = {**form, "version": str(page.document.version), "_once": path}
        answer = client.post(f"{page.url}/{path}", data=sent)
        assert answer.status_code in {303, 404, 409, 422}, path
        assert answer.status_code == 303 or path != "head" or text[:50].strip("\x00") in answer.text
    assert client.get(page.url).status_code == 200


def test_a_text_without_full_stop_is_shown_as_fast_as_another(client: FlaskClient, of: Programme) -> None:
    page = Review(client, of, "水" * 300_000)
    began = time.process_time()
    page.page()
    assert time.process_time() - began < 2.5


def test_another_file_under_a_spent_form_key_is_no_replay(client: FlaskClient, of: Programme) -> None:
    def send(text: str) -> tuple[int, str]:
        form = {"file": (io.BytesIO(text.encode()), "通知.txt"), "_once": "back-button"}
        answer = client.post(f"/p/{of.id}/documents/new", data=form)
        return answer.status_code, answer.text

    assert send(NOTICE)[0] == 303
    assert send(NOTICE)[0] in {302, 303}  # the same again: the first answer
    status, page = send(FIRST)
    assert status == 422
    assert "此表单已用其他内容提交过" in page
    assert Document.select().count() == 1


def test_a_part_that_is_no_number_is_the_first_after_a_save_too(client: FlaskClient, of: Programme) -> None:
    review = Review(client, of)
    asked = len(review.answers())
    assert review.send("answers", answer=review.answers()[0], part="²").startswith(review.url)
    assert len(review.answers()) != asked


def test_of_many_unread_clauses_the_first_are_shown_and_the_rest_counted(
    client: FlaskClient, of: Programme
) -> None:
    three = "县督查室负责组织督导检查。县财政局负责筹措资金。县司法局负责合法性审查。"
    assert three in CLAUSES
    many = "".join(three.replace("。", f"（第{n}批）。") for n in range(1, 131))
    review = Review(client, of, CLAUSES.replace(three, many))
    page = review.page()
    assert "另有" in page
    assert page.count('form="clauses-many" name="clause"') == 300


@pytest.mark.parametrize(
    ("every", "days", "once"), [("yearly", "2月30日", "2月没有30日"), ("monthly", "30", "")]
)
def test_a_day_that_does_not_exist_is_said_to_be_the_last_when_a_rule_is_saved_and_beside_it(
    client: FlaskClient, of: Programme, every: str, days: str, once: str
) -> None:
    page = Review(client, of)
    page.send("rules", what="年度小结", kind="filing", obliged="linked", every=every, days=days)
    assert once in page.page()
    assert page.page().count("没有的，以当月最后一日为准") == 1

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from peewee import Database

from supervisor.config import Config
from supervisor.core import accounts, audit, passwords
from supervisor.core.permissions import SYSTEM, Actor, Permission
from supervisor.database import count_queries, db
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused, TooMany
from supervisor.models import (
    AdminRole,
    AuditEntry,
    LinkPurpose,
    LoginSession,
    OneTimeLink,
    Role,
    User,
)
from tests import builders
from tests.builders import NOW, PASSWORD

ADMIN = builders.actor(admin=AdminRole.SYSTEM)
MINUTE = timedelta(minutes=1)


def sign_in(
    username: str = "chen", password: str = PASSWORD, ip: str = "10.0.0.1", after: timedelta = MINUTE
) -> str:
    return accounts.sign_in(username, password, ip=ip, agent="Firefox", now=NOW + after)


def actions() -> list[str]:
    return [f"{row.action}:{row.outcome}" for row in AuditEntry.select().order_by(AuditEntry.seq)]


# ---- passwords


def test_hashes_are_argon2id_at_owasp_figures() -> None:
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("Ab1-defg", "At least 10"),
        ("a" * 129 + "B1", "At most 128"),
        ("abcdefghijk", "three of these four"),
        ("ABCDEFGH12", "three of these four"),
        ("Chen-2021-Gandeng", "user name"),
        ("Admin@123456", "commonest"),
        ("P@ssw0rd123", "commonest"),
    ],
)
def test_bad_passwords_are_named_for_what_is_wrong(password: str, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_policy(password, "chen")
    assert word in str(refused.value.fields["password"])


@pytest.mark.parametrize("password", [PASSWORD, "Aa1" * 20, "雨后青山更好看-1a", "abc DEF 123"])
def test_good_passwords_pass(password: str) -> None:
    passwords.check_policy(password, "chen")


def test_unknown_users_cost_as_much_time_as_known_ones() -> None:
    known = passwords.hash_password(PASSWORD)
    passwords.matches(None, "x")  # makes the dummy
    spent = {}
    for name, kept in (("known", known), ("unknown", None)):
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            assert not passwords.matches(kept, "wrong")
            runs.append(time.perf_counter() - start)
        spent[name] = min(runs)
    assert spent["unknown"] > spent["known"] / 2


def test_at_most_two_hashes_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = [0], [0], threading.Lock()

    class Watched:
        def hash(self, password: str) -> str:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.02)
            with lock:
                running[0] -= 1
            return password

    monkeypatch.setattr(passwords, "_hasher", Watched())
    threads = [threading.Thread(target=passwords.hash_password, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


# ---- signing in


def test_a_session_is_found_by_its_token_and_only_the_hash_is_kept(
    database: Database, config: Config
) -> None:
    user = builders.user("chen")
    token = sign_in("  CHEN ")
    found = accounts.session_of(token, now=NOW + MINUTE, config=config)
    assert found is not None
    assert found[1].id == user.id
    assert token not in str(list(LoginSession.select().dicts()))
    assert accounts.session_of("x" + token, now=NOW + MINUTE, config=config) is None
    assert actions() == ["session.start:done"]
    assert not passwords.is_outdated(str(User.get().password_hash)), "renewed with today's parameters"


def test_unknown_disabled_linkless_and_wrong_get_one_answer(database: Database) -> None:
    builders.user("chen")
    disabled = builders.user("li")
    User.update(active=False).where(User.id == disabled.id).execute()
    accounts.create_user("wang", "王", by=ADMIN, now=NOW)
    answers = set()
    for username, password in [("chen", "wrong"), ("li", PASSWORD), ("wang", ""), ("nobody", PASSWORD)]:
        with pytest.raises(Invalid) as refused:
            sign_in(username, password)
        answers.add((str(refused.value), tuple(refused.value.fields)))
    assert answers == {("User name or password is wrong.", ())}
    assert actions()[1:] == ["session.start:refused"] * 4
    assert LoginSession.select().count() == 0


def test_five_failures_make_the_sixth_wait_even_with_the_right_password(database: Database) -> None:
    builders.user("chen")
    for n in range(5):
        with pytest.raises(Invalid):
            sign_in(password="wrong", after=n * MINUTE)
    with pytest.raises(TooMany) as refused:
        sign_in(after=5 * MINUTE)
    assert refused.value.seconds == 10 * 60
    assert sign_in(ip="10.0.0.2", after=5 * MINUTE), "a colleague's desk is not locked by a stranger's"


def test_the_wait_ends_when_the_first_failure_is_fifteen_minutes_old(database: Database) -> None:
    builders.user("chen")
    for _ in range(5):
        with pytest.raises(Invalid):
            sign_in(password="wrong", after=timedelta(0))
    for minute in range(1, 15):
        with pytest.raises(TooMany):
            sign_in(after=minute * MINUTE)
    assert sign_in(after=15 * MINUTE), "refused attempts do not lengthen the wait"


def test_a_success_wipes_the_account_s_failures(database: Database) -> None:
    builders.user("chen")
    for turn in range(3):
        for _ in range(4):
            with pytest.raises(Invalid):
                sign_in(password="wrong", after=2 * turn * MINUTE)
        sign_in(after=(2 * turn + 1) * MINUTE)


def test_spraying_many_accounts_from_one_source_is_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _hash, _password: False)
    for number in range(30):
        with pytest.raises(Invalid):
            sign_in(f"person{number}", "Spring-2021")
    with pytest.raises(TooMany):
        sign_in("person30", "Spring-2021")
    with pytest.raises(Invalid):
        sign_in("person30", "Spring-2021", ip="10.0.0.2")


def test_the_throttle_holds_across_connections(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.user("chen")
    checked: list[str] = []

    def matches(_hash: str | None, password: str) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    start = threading.Barrier(8)
    answers: list[str] = []

    def attack(number: int) -> None:
        with db.connection_context():
            start.wait()
            for n in range(2):
                try:
                    sign_in(password=f"guess-{number}-{n}")
                except (Invalid, TooMany) as error:
                    answers.append(type(error).__name__)

    threads = [threading.Thread(target=attack, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert len(checked) <= 5
    assert answers.count("TooMany") == 16 - len(checked)


# ---- sessions


def test_idle_and_old_sessions_end(database: Database, config: Config) -> None:
    user = builders.user("chen")
    idle = accounts.start_session(user, now=NOW)
    assert accounts.session_of(idle, now=NOW + 30 * MINUTE, config=config)
    assert accounts.session_of(idle, now=NOW + 61 * MINUTE, config=config) is None
    assert accounts.session_of(idle, now=NOW + 31 * MINUTE, config=config) is None, "an ended one stays ended"
    busy = accounts.start_session(user, now=NOW)
    moment = NOW
    while moment < NOW + timedelta(hours=10):
        assert accounts.session_of(busy, now=moment, config=config)
        moment += 20 * MINUTE
    assert accounts.session_of(busy, now=moment + MINUTE, config=config) is None
    assert [row.end_reason for row in LoginSession.select().order_by(LoginSession.id)] == ["idle", "absolute"]


def test_last_seen_is_written_at_most_once_a_minute(database: Database, config: Config) -> None:
    token = accounts.start_session(builders.user("chen"), now=NOW)
    with count_queries(database) as queries:
        accounts.session_of(token, now=NOW + timedelta(seconds=59), config=config)
    assert len([sql for sql in queries if "SELECT" in sql]) == len(queries) == 1
    accounts.session_of(token, now=NOW + timedelta(seconds=60), config=config)
    assert LoginSession.get().last_seen_at == NOW + timedelta(seconds=60)


def test_sign_out_makes_the_token_worthless(database: Database, config: Config) -> None:
    token = accounts.start_session(builders.user("chen"), now=NOW)
    found = accounts.session_of(token, now=NOW, config=config)
    assert found
    accounts.end_session(found[0], by=ADMIN, now=NOW)
    accounts.end_session(found[0], by=ADMIN, now=NOW)
    assert accounts.session_of(token, now=NOW, config=config) is None
    assert actions() == ["session.start:done", "session.end:done"]


def test_a_trial_clock_set_forward_keeps_people_signed_in(database: Database, config: Config) -> None:
    token = accounts.start_session(builders.user("chen"), now=NOW)
    accounts.move_sessions(timedelta(days=30))
    assert accounts.session_of(token, now=NOW + timedelta(days=30), config=config)


def test_a_disabled_person_is_out_at_once_and_comes_back_only_enabled(
    database: Database, config: Config
) -> None:
    user = builders.user("chen")
    token = sign_in()
    accounts.disable_user(user, by=ADMIN, now=NOW + MINUTE, reason="调离")
    assert accounts.session_of(token, now=NOW + MINUTE, config=config) is None
    with pytest.raises(Invalid):
        sign_in()
    accounts.enable_user(user, by=ADMIN, now=NOW + MINUTE, reason="回任")
    assert accounts.session_of(token, now=NOW + MINUTE, config=config) is None
    assert sign_in()


def test_a_row_made_inactive_by_other_means_is_out_too(database: Database, config: Config) -> None:
    token = accounts.start_session(builders.user("chen"), now=NOW)
    User.update(active=False).execute()
    assert accounts.session_of(token, now=NOW, config=config) is None


# ---- one-time links


def test_a_link_sets_the_password_once(database: Database) -> None:
    user = accounts.create_user("chen", "陈晓", by=ADMIN, now=NOW)
    token = accounts.issue_link(user, LinkPurpose.INVITE, by=ADMIN, now=NOW)
    assert token not in str(list(OneTimeLink.select().dicts()))
    with pytest.raises(Invalid):
        accounts.redeem_link(token, "short", now=NOW)
    accounts.redeem_link(token, PASSWORD, now=NOW)
    assert sign_in()
    with pytest.raises(NotFound):
        accounts.redeem_link(token, "Another-2021", now=NOW)
    trail = str(list(AuditEntry.select().dicts()))
    assert "argon2" not in trail
    assert token not in trail


def test_links_die_with_time_with_a_newer_one_and_with_the_account(database: Database) -> None:
    user = accounts.create_user("chen", "陈晓", by=ADMIN, now=NOW)
    first = accounts.issue_link(user, LinkPurpose.INVITE, by=ADMIN, now=NOW)
    second = accounts.issue_link(user, LinkPurpose.INVITE, by=ADMIN, now=NOW + MINUTE)
    for token, moment in [(first, NOW + MINUTE), (second, NOW + timedelta(days=15)), ("unknown", NOW)]:
        with pytest.raises(NotFound):
            accounts.link_of(token, now=moment)
    assert accounts.link_of(second, now=NOW + timedelta(days=13)).user.id == user.id
    accounts.disable_user(user, by=ADMIN, now=NOW + 2 * MINUTE, reason="误建")
    with pytest.raises(NotFound):
        accounts.link_of(second, now=NOW + 3 * MINUTE)


def test_a_reset_ends_open_sessions(database: Database, config: Config) -> None:
    user = builders.user("chen")
    session = accounts.start_session(user, now=NOW)
    token = accounts.issue_link(user, LinkPurpose.RESET, by=ADMIN, now=NOW)
    accounts.redeem_link(token, "Another-2021", now=NOW)
    assert accounts.session_of(session, now=NOW, config=config) is None


def test_the_office_invites_but_never_resets(database: Database) -> None:
    programme = builders.programme()
    office = builders.actor(Role.LEAD_OFFICE, programme)
    invited = accounts.create_user("chen", "陈晓", by=office, now=NOW)
    assert accounts.issue_link(invited, LinkPurpose.INVITE, by=office, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.issue_link(builders.user("li"), LinkPurpose.RESET, by=office, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.create_user("root", "管", by=office, now=NOW, admin_role=AdminRole.AUDIT)


def test_no_administrator_resets_another_from_the_web(database: Database) -> None:
    auditor = builders.user("audit", admin=AdminRole.AUDIT)
    with pytest.raises(NotAllowed):
        accounts.issue_link(auditor, LinkPurpose.RESET, by=ADMIN, now=NOW)
    assert accounts.issue_link(auditor, LinkPurpose.RESET, by=SYSTEM, now=NOW)


def test_own_password_needs_the_present_one_and_ends_other_sessions(
    database: Database, config: Config
) -> None:
    user = builders.user("chen")
    me = builders.actor(person=user)
    here, there = sign_in(), sign_in()
    kept = accounts.session_of(here, now=NOW + MINUTE, config=config)
    assert kept
    with pytest.raises(Invalid) as refused:
        accounts.change_password(user, "wrong", "Another-2021", by=me, now=NOW + MINUTE)
    assert "current_password" in refused.value.fields
    accounts.change_password(user, PASSWORD, "Another-2021", by=me, now=NOW + MINUTE, keep=kept[0].id)
    assert accounts.session_of(here, now=NOW + MINUTE, config=config)
    assert accounts.session_of(there, now=NOW + MINUTE, config=config) is None
    with pytest.raises(NotAllowed):
        accounts.change_password(user, "Another-2021", "Third-20212", by=ADMIN.__class__(99, "别人"), now=NOW)


# ---- people and posts


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [("a", "甲", "username"), ("a b c", "甲", "username"), ("chen", "甲", "username"), ("wu", " ", "name")],
)
def test_accounts_that_cannot_be_made_name_the_field(
    database: Database, username: str, name: str, field: str
) -> None:
    builders.user("chen")
    with pytest.raises(Invalid) as refused:
        accounts.create_user(username, name, by=ADMIN, now=NOW)
    assert list(refused.value.fields) == [field]


def test_an_account_gets_no_address_with_a_line_break(database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.create_user("wu", "吴", by=ADMIN, now=NOW, email="wu@example.cn\nBcc: all@example.cn")
    assert list(refused.value.fields) == ["email"]


@pytest.mark.parametrize("by", [Actor(None, ""), builders.actor(), builders.actor(admin=AdminRole.AUDIT)])
def test_strangers_and_other_administrators_make_no_accounts(database: Database, by: Actor) -> None:
    with pytest.raises(NotAllowed):
        accounts.create_user("wu", "吴", by=by, now=NOW)


def test_one_person_for_all_administration_only_in_demo(database: Database) -> None:
    with pytest.raises(Refused):
        accounts.create_user("root", "管理员", by=SYSTEM, now=NOW, admin_role=AdminRole.ALL)
    accounts.create_user("root", "管理员", by=SYSTEM, now=NOW, admin_role=AdminRole.ALL, is_demo=True)


@pytest.mark.parametrize("admin", list(AdminRole))
def test_an_administrator_holds_no_business_post(database: Database, admin: AdminRole) -> None:
    user = builders.user("root", admin=admin)
    with pytest.raises(Refused):
        accounts.appoint(user, Role.ASSESSOR, by=SYSTEM, now=NOW, programme=builders.programme())
    business = {p for p in Permission if p in accounts.actor_for(user, None, now=NOW).permissions}
    assert not business & {
        Permission.TASK_READ,
        Permission.REVIEW_DECIDE,
        Permission.SCORE_READ,
        Permission.PERIOD_CLOSE,
    }


def test_the_three_administrators_share_no_right(database: Database) -> None:
    rights = [
        builders.actor(admin=role).permissions
        for role in (AdminRole.SYSTEM, AdminRole.SECURITY, AdminRole.AUDIT)
    ]
    common = builders.actor().permissions
    for one in rights:
        for other in rights:
            assert one is other or one & other == common


def test_nobody_gives_himself_a_post_but_a_founder_his_first(database: Database) -> None:
    programme = builders.programme()
    user = builders.user("chen")
    office = builders.actor(Role.LEAD_OFFICE, programme, person=user)
    with pytest.raises(NotAllowed):
        accounts.appoint(user, Role.ASSESSOR, by=office, now=NOW, programme=programme)
    founder = replace(builders.actor(person=user), is_founder=True)
    accounts.appoint(user, Role.LEAD_OFFICE, by=founder, now=NOW, programme=programme)
    with pytest.raises(NotAllowed):
        accounts.appoint(user, Role.LEAD_OFFICE, by=founder, now=NOW, programme=programme)


def test_the_office_appoints_in_its_own_programme_only(database: Database) -> None:
    here, there = builders.programme("甲"), builders.programme("乙")
    unit, user = builders.unit("市水务局"), builders.user("chen")
    office = builders.actor(Role.LEAD_OFFICE, here)
    accounts.appoint(user, Role.LIAISON, by=office, now=NOW, programme=here, unit=unit)
    for by in (office, builders.actor(Role.LEADER, there)):
        with pytest.raises(NotAllowed):
            accounts.appoint(user, Role.LIAISON, by=by, now=NOW, programme=there, unit=unit)


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"role": Role.LIAISON, "unit": None}, "unit"),
        ({"role": Role.UNIT_HEAD, "unit": None}, "unit"),
        ({"role": Role.ASSESSOR, "programme": None}, "programme"),
        ({"role": Role.ASSESSOR, "valid_to": date(2021, 5, 1)}, "valid_to"),
    ],
)
def test_posts_that_make_no_sense_are_refused(
    database: Database, kwargs: dict[str, object], field: str
) -> None:
    programme, user = builders.programme(), builders.user("chen")
    with pytest.raises(Invalid) as refused:
        accounts.appoint(user, by=ADMIN, now=NOW, **{"programme": programme, **kwargs})  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]


def test_rights_follow_the_posts_valid_today_in_this_programme(database: Database) -> None:
    here, there = builders.programme("甲"), builders.programme("乙")
    unit, user = builders.unit("市水务局"), builders.user("chen")
    builders.posting(user, Role.LIAISON, here, unit)
    builders.posting(user, Role.LEADER, there)
    builders.posting(user, Role.ASSESSOR, here, valid_from=date(2020, 1, 1), valid_to=date(2021, 5, 31))
    builders.posting(user, Role.JUDGE, here, valid_from=date(2021, 6, 2))
    with count_queries(database) as queries:
        me = accounts.actor_for(user, here.id, now=NOW, ip="10.0.0.1", request_id="r")
    assert len(queries) == 1
    assert me.roles == {Role.LIAISON}
    assert (me.unit_ids, me.unit_name) == (frozenset([unit.id]), "市水务局")
    assert accounts.actor_for(user, there.id, now=NOW).roles == {Role.LEADER}
    nowhere = accounts.actor_for(user, None, now=NOW)
    assert (nowhere.roles, nowhere.is_founder) == (frozenset(), False)


def test_a_post_ends_with_its_last_day_in_beijing(database: Database) -> None:
    programme, user = builders.programme(), builders.user("chen")
    post = builders.posting(user, Role.LEADER, programme)
    accounts.end_posting(post, date(2021, 6, 30), by=ADMIN, now=NOW, reason="调离")
    for moment, roles in [("2021-06-30 23:59", {Role.LEADER}), ("2021-07-01 00:00", set())]:
        assert accounts.actor_for(user, programme.id, now=builders.at(moment)).roles == roles


def test_the_first_administrator_gets_a_link_until_it_is_used(database: Database) -> None:
    user, _ = accounts.first_administrator(now=NOW)
    again, token = accounts.first_administrator(now=NOW + MINUTE)
    assert user.id == again.id
    accounts.redeem_link(token, PASSWORD, now=NOW + 2 * MINUTE)
    with pytest.raises(Refused):
        accounts.first_administrator(now=NOW + 3 * MINUTE)
    assert sign_in("admin", after=3 * MINUTE)
    assert audit.verify_chain() is None


def test_only_the_person_chooses_the_language(database: Database) -> None:
    user = builders.user("chen")
    accounts.change_details(user, by=builders.actor(person=user), now=NOW, language="en")
    assert User.get().language == "en"
    with pytest.raises(NotAllowed):
        accounts.change_details(user, by=builders.actor(person=user), now=NOW, name="别名")
    accounts.change_details(user, by=ADMIN, now=NOW, name="陈晓")
    assert (
        AuditEntry.get(AuditEntry.action == "user.change", AuditEntry.after.contains("name")).before
        == '{"name":"chen"}'
    )

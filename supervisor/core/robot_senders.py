"""How each robot is spoken to: what it is sent, its signature, and what its answers mean.

WeCom and DingTalk answer HTTP 200 also when they refuse; the number inside counts. A webhook's answer counts by
its status and, where it has one, by the same number. What was refused for good is not tried again; what may
pass is; too many at once holds the robot, and costs its message nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

from supervisor.config import DINGTALK_URL, WECOM_URL, Config
from supervisor.core.outbound import Answer, Blocked, NoAnswer, Outbound, Unreachable, split_hosts
from supervisor.core.outbox import SendError
from supervisor.core.robot_words import text_of
from supervisor.models import Channel, Message, Robot
from supervisor.words import N_, Sentence

#: Numbers that say "too many", and how long nothing goes out then. DingTalk's lasts ten minutes.
TOO_MANY = {
    Channel.WECOM: (frozenset({45009, 45033}), timedelta(minutes=2)),
    Channel.DINGTALK: (frozenset({130101, 302033, 410100}), timedelta(minutes=10)),
    Channel.WEBHOOK: (frozenset({45009}), timedelta(minutes=2)),
}
#: Numbers of a key that is wrong, revoked or stopped, or of a robot that is not in its group any more.
NO_KEY = frozenset({93000, 93004, 93008, 300001, 300005, 400101, 400102})
#: Numbers of what no other try would change: signature, key word or sender refused, content refused.
REFUSED = frozenset(
    {40008, 40058, 40063, 44004, 45002, 310000, 400105, 430101, 430102, 430103, 430104},
)
#: How long a webhook that says 429 is left alone: at least, and at most whatever it asks for.
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=6)
#: Other side's words that are kept.
DETAIL = 300


class RobotSender:
    """Sends to robots, one call a message.

    Args:
        outbound: the way out, with the hosts that the settings name.
        bases: where WeCom's and DingTalk's robots are reached.
        base_url: the address that people type, put before each message's link.
        machine_now: real time, which other systems check signatures against; a trial clock would fail there.
    """

    def __init__(
        self,
        outbound: Outbound,
        bases: Mapping[Channel, str],
        base_url: str,
        machine_now: Callable[[], datetime],
    ) -> None:
        self.outbound = outbound
        self._bases = dict(bases)
        self._base_url = base_url.rstrip("/")
        self._machine_now = machine_now

    def send(self, message: Message) -> None:
        """Send one message (with its robot loaded); SendError says why not, without a key in its words."""
        robot = message.robot
        if robot is None or not robot.credential:
            raise SendError(N_("This robot was revoked."), retry=False)
        address, body, headers = self._call(robot, message)
        try:
            answer = self.outbound.post(address, body, headers)
        except Blocked as error:
            raise SendError(error.sentence, retry=False) from None
        except Unreachable as error:
            raise SendError(error.sentence, detail=error.detail, retry=True, down=True) from None
        except NoAnswer as error:
            # A group cannot tell the second from the first: a person decides. A webhook knows it by its key.
            again = robot.channel is Channel.WEBHOOK
            raise SendError(
                error.sentence, detail=error.detail, retry=again, down=True, unknown=not again
            ) from None
        judge(robot, answer)

    def close(self) -> None:
        """Nothing stays open."""

    def _call(self, robot: Robot, message: Message) -> tuple[str, bytes, dict[str, str]]:
        text = text_of(message, self._base_url)
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Dukao"}
        if robot.channel is Channel.WEBHOOK:
            body = _json(content_of(message, text, self._base_url))
            stamp = str(int(self._machine_now().timestamp()))
            headers["Idempotency-Key"] = message.message_id
            headers["X-Dukao-Timestamp"] = stamp
            headers["X-Dukao-Signature"] = "sha256=" + sign_body(robot.secret, stamp, body)
            return robot.credential, body, headers
        body = _json({"msgtype": "text", "text": {"content": text}})
        base = self._bases[robot.channel]
        if robot.channel is Channel.WECOM:
            return f"{base}?key={quote(robot.credential, safe='')}", body, headers
        address = f"{base}?access_token={quote(robot.credential, safe='')}"
        return address + sign_dingtalk(robot.secret, self._machine_now()), body, headers


def sign_dingtalk(secret: str, at: datetime) -> str:
    """The signature's part of DingTalk's address; nothing where the robot is kept by key words alone."""
    if not secret:
        return ""
    stamp = str(int(at.timestamp() * 1000))
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={stamp}&sign={quote_plus(base64.b64encode(made))}"


def sign_body(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `stamp.body` in hex; the receiver computes the same and refuses old stamps."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def content_of(message: Message, text: str, base_url: str) -> dict[str, Any]:
    """What a webhook is told of a message."""
    return {
        "id": message.message_id,
        "kind": message.kind.value,
        "programme": message.programme_id,
        "day": message.day.isoformat(),
        "subject": message.subject,
        "text": text,
        "link": f"{base_url}{message.link}" if message.link else "",
        "written_at": message.created_at.astimezone(UTC).isoformat(),
    }


def judge(robot: Robot, answer: Answer) -> None:
    """Nothing where the answer says that the message was taken; otherwise SendError."""
    said = _said(answer)
    if answer.status == 429:
        raise SendError(
            N_("The other side takes no more for now."), retry=True, wait=_asked_wait(answer, robot.channel)
        )
    if not 200 <= answer.status < 300:
        _refuse_status(answer.status, _clean(said.get("errmsg", ""), robot))
    number = said.get("errcode")
    if isinstance(number, int) and number:
        _refuse_number(number, robot, f"errcode {number}: {_clean(said.get('errmsg', ''), robot)}")
    if robot.channel is not Channel.WEBHOOK and number != 0:
        raise SendError(
            N_("Something else answered in the robot's place: the answer is none of its own."), retry=True
        )


def _refuse_status(status: int, words: str) -> None:
    detail = f"HTTP {status} {words}".strip()
    if 300 <= status < 400:
        raise SendError(
            N_(
                "The other side sends on to another address, which is never followed. Enter the final address."
            ),
            detail=detail,
            retry=False,
        )
    if status >= 500 or status in {408, 425}:
        raise SendError(N_("The other side had an error."), detail=detail, retry=True)
    raise SendError(N_("The other side refused the message."), detail=detail, retry=False)


def _refuse_number(number: int, robot: Robot, detail: str) -> None:
    too_many, wait = TOO_MANY[robot.channel]
    if number in too_many:
        raise SendError(N_("The other side takes no more for now."), detail=detail, retry=True, wait=wait)
    if number in NO_KEY:
        raise SendError(
            N_("The key is wrong or was revoked there, or the robot was taken out of its group."),
            detail=detail,
            retry=False,
        )
    final = number in REFUSED
    raise SendError(N_("The other side refused the message."), detail=detail, retry=not final)


def _said(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    if answer.is_cut:
        return {}
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _asked_wait(answer: Answer, channel: Channel) -> timedelta:
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        return min(max(timedelta(seconds=int(asked)), SHORTEST), LONGEST)
    return TOO_MANY[channel][1]


def _clean(words: object, robot: Robot) -> str:
    """Another system's words on one line, without what must not be seen: it may repeat the key."""
    text = " ".join(str(words).split())
    for hidden in (robot.secret, robot.credential, robot.credential.partition("?")[2]):
        if hidden:
            text = text.replace(hidden, "…").replace(quote(hidden, safe=""), "…")
    return text[:DETAIL]


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def robot_sender(config: Config, machine_now: Callable[[], datetime]) -> RobotSender:
    """The robots' way out by the settings. Raises ValueError naming the setting that cannot be used."""
    outbound = outbound_of(config)
    bases = {Channel.WECOM: config.wecom_url, Channel.DINGTALK: config.dingtalk_url}
    for name, base in (("DUKAO_WECOM_URL", config.wecom_url), ("DUKAO_DINGTALK_URL", config.dingtalk_url)):
        try:
            target = outbound.read(base)
        except Blocked as error:
            raise ValueError(f"{name}: {error}") from None
        if "?" in target.path:
            raise ValueError(f"{name}: give the address without ?key=…; each robot has its own")
    return RobotSender(outbound, bases, config.public_url, machine_now)


def outbound_of(config: Config) -> Outbound:
    """The way out by the settings. A base address that was set by the administrator names its host."""
    named = set(split_hosts(config.robot_hosts))
    for base, usual in ((config.wecom_url, WECOM_URL), (config.dingtalk_url, DINGTALK_URL)):
        if base != usual:
            named.add(base.partition("://")[2].partition("/")[0].lower())
    return Outbound(frozenset(named))


def key_of(channel: Channel, typed: str, base: str) -> tuple[str, Sentence | None]:
    """The key in what was pasted for WeCom or DingTalk: the key alone, or the whole address that they show.

    Answers (key, "") or ("", what is wrong).
    """
    name = "key" if channel is Channel.WECOM else "access_token"
    key = typed.strip()
    if "://" in key:
        shown, _, query = key.partition("?")
        if shown.rstrip("/") != base.rstrip("/"):
            return "", N_(
                "This address is not that of %(channel)s (%(base)s).", channel=channel.label, base=base
            )
        values = dict(part.partition("=")[::2] for part in query.split("&"))
        key = values.get(name, "")
    if not key or len(key) > 200 or not all(c.isascii() and (c.isalnum() or c in "-_.~") for c in key):
        return "", N_(
            "Paste the robot's address as %(channel)s shows it, or its key alone.", channel=channel.label
        )
    return key, None

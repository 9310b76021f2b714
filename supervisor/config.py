"""Every setting of an installation: its type, its default and one line of why. The environment is read once.

What a lead office decides for its programme (report day, thresholds …) is not here: that is a local
setting with dates of validity, in the database.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Of the code; kept with every score run, printed on pages.
VERSION = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent
WECOM_URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
DINGTALK_URL = "https://oapi.dingtalk.com/robot/send"


class ConfigError(Exception):
    """A setting that cannot be used, or a start that would be unsafe; says which and why."""


@dataclass(frozen=True)
class Config:
    """The settings of one installation. See README, "Settings", for the list in words."""

    #: Where database, attachments, secrets and copies live. Nothing outside it is written.
    data: Path = ROOT / "var" / "demo"
    #: `demo` (invented data, known passwords), `trial` (empty, running trial clock) or `production`.
    mode: str = "demo"
    #: sqlite:///PATH or postgresql://…; empty = SQLite inside `data`.
    database_url: str = ""
    #: PostgreSQL role that serves, where the schema belongs to another: `migrate` gives it its rights (D26).
    database_role: str = ""
    #: Address to listen on; anything beyond loopback needs TLS in front (`tls`).
    host: str = "127.0.0.1"
    port: int = 8000
    #: Threads of the web server; each may hold one database connection.
    threads: int = 8
    #: The address users type, for links in mail. Never taken from the request's Host header.
    base_url: str = ""
    #: True when a proxy terminates TLS in front of us: cookies become Secure, HSTS is sent.
    tls: bool = False
    #: Number of proxies whose X-Forwarded-For is to be believed.
    proxies: int = 0
    #: smtps://user:password@host:port, starttls://… or smtp://…; empty = mail stays in the outbox, visible in the app.
    smtp_url: str = ""
    mail_from: str = "dukao@localhost"
    #: Where WeCom's and DingTalk's group robots are reached; private deployments have addresses of their own.
    wecom_url: str = WECOM_URL
    dingtalk_url: str = DINGTALK_URL
    #: Hosts, `name` or `name:port` parted by commas, that robots may reach though private or without TLS (D14).
    robot_hosts: str = ""
    #: Seconds between two passes of everything that time alone makes happen.
    tick_seconds: int = 20
    #: Sign-in ends after this many idle minutes, and in any case after the absolute hours (GB/T 22239, ASVS 7.3).
    idle_minutes: int = 30
    absolute_hours: int = 10
    #: Largest upload, bytes.
    upload_limit: int = 20 * 1024 * 1024
    #: File of the audit trail's heads, best on another machine's disk; empty = heads.txt inside `data`.
    heads: str = ""
    debug: bool = False
    #: Signs forms; generated into `data`/secret on first start, never defaulted.
    secret: str = ""

    @property
    def is_demo(self) -> bool:
        """Invented data and known passwords."""
        return self.mode == "demo"

    @property
    def is_sandbox(self) -> bool:
        """A copy of one programme inside another installation: nothing of it counts, nothing leaves it."""
        return self.mode == "sandbox"

    @property
    def is_production(self) -> bool:
        """Real work: demo accounts, trial clock, debug and plain http beyond loopback are refused."""
        return self.mode == "production"

    @property
    def url(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.data / 'dukao.db'}"

    @property
    def heads_file(self) -> Path:
        """Where heads of the audit trail are kept outside the database."""
        return Path(self.heads) if self.heads else self.data / "heads.txt"

    @property
    def public_url(self) -> str:
        """The address for links, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def clock_file(self) -> Path | None:
        """Where a trial clock is kept; production has none."""
        return None if self.is_production else self.data / "clock.json"


def read_config(environ: Mapping[str, str] | None = None, **given: object) -> Config:
    """Settings from DUKAO_* variables, overridden by what is `given` (None = not given).

    Raises ConfigError naming the variable and what it should look like.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for name, field in Config.__dataclass_fields__.items():
        raw = environ.get(f"DUKAO_{name.upper()}")
        if raw is not None:
            values[name] = _cast(name, raw, str(field.type))
    values.update({key: value for key, value in given.items() if value is not None})
    if isinstance(data := values.get("data"), Path):
        values["data"] = data.absolute()  # Flask sends a relative path from its own folder
    config = Config(**values)  # type: ignore[arg-type]  # cast above by each field's own type
    if config.mode not in {"demo", "trial", "production"}:
        raise ConfigError(f"DUKAO_MODE is {config.mode!r}; it must be demo, trial or production")
    if not config.secret:
        config = Config(**{**values, "secret": keep_secret(config.data)})  # type: ignore[arg-type]  # as above
    return config


def _cast(name: str, raw: str, kind: str) -> object:
    try:
        if kind == "int":
            return int(raw)
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                raw.lower()
            ]
    except (ValueError, KeyError):
        raise ConfigError(f"DUKAO_{name.upper()} is {raw!r}; expected {kind}") from None
    return Path(raw) if kind == "Path" else raw


def keep_secret(data: Path) -> str:
    """The secret of this installation, generated on first use into a file that only its owner reads (0600)."""
    path = data / "secret"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    data.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: written beside and linked, because several processes may start at once.
    handle, beside = tempfile.mkstemp(dir=data, prefix="secret-")  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(beside, path)
    Path(beside).unlink()
    return path.read_text(encoding="ascii").strip()


def refuse_unsafe(config: Config, *, trial_clock: bool, demo_accounts: bool) -> list[str]:
    """Reasons why this start would be unsafe in production (reliability goal 24); empty = go ahead."""
    if not config.is_production:
        return []
    reasons = []
    if demo_accounts:
        reasons.append("the database holds demo accounts with known passwords; start with an empty database")
    if config.debug:
        reasons.append("DUKAO_DEBUG is on; debug pages show source code and secrets")
    if trial_clock:
        reasons.append("a trial clock is set; deadlines must follow real time")
    if len(config.secret) < 32 or len(set(config.secret)) < 8:
        reasons.append(
            "the secret is too short or too simple; delete the file `secret` to have one generated"
        )
    if not _is_loopback(config.host) and not config.tls:
        reasons.append(f"it would serve plain http on {config.host}; put TLS in front and set DUKAO_TLS=1")
    return reasons


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

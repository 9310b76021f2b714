"""Mail by SMTP: builds a message that cannot be bent by its content, and says which failures are worth a retry."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from supervisor.clock import beijing
from supervisor.core import mail_addresses
from supervisor.core.messages import locale_of
from supervisor.core.outbox import SendError
from supervisor.models import Message
from supervisor.words import N_, say

#: Seconds for a connection and for each answer; far below `outbox.RECLAIM_AFTER`.
TIMEOUT = 30.0
#: Seconds for one mail with its connection, however the answers drip in: enough for a server that thinks before each
#: answer, and a pass still ends long before passes are taken for stopped (`office_home.LATE_INTERVALS`).
LONGEST = 90.0
PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
LOCAL = {"localhost", "127.0.0.1", "::1"}
FOOTER = N_("Sent by the supervision system. Please do not reply to this address.")
NO_ADDRESS = N_("The receiver's e-mail address cannot be used: mend it under People, then send again.")
NO_SERVER = N_("The mail server cannot be reached.")
SILENT = N_("The mail server does not answer in time.")
NO_MAIL_SERVER = N_("What answers there is no mail server.")
NO_ENTRY = N_("The mail server refuses the connection or the sign-in as it is set.")
BROKE_OFF = N_("The mail server broke off.")
UNTRUSTED = N_("The mail server's certificate is not trusted.")
REFUSED = N_("The mail server refused the receiver's address: ask whether it still holds, then send again.")
NOT_NOW = N_("The mail server does not take this mail now.")
REFUSED_MAIL = N_("The mail server refused the sender or the text of this mail.")
NO_TLS = N_("The mail server offers no encryption or no sign-in as it is set; nothing was sent in clear.")

#: What is the server's doing and not one mail's: all mail waits for it.
DOWN = frozenset(
    one.msgid for one in (NO_SERVER, SILENT, NO_MAIL_SERVER, NO_ENTRY, BROKE_OFF, UNTRUSTED, NO_TLS)
)


class _Plain(smtplib.SMTP):
    """Tells of itself before it connects, so that a greeting that never ends can be cut."""

    def __init__(self, know: Callable[[smtplib.SMTP], None], host: str, port: int, *, timeout: float) -> None:
        know(self)
        super().__init__(host, port, timeout=timeout)


class _Tls(smtplib.SMTP_SSL):
    """The same under TLS."""

    def __init__(
        self,
        know: Callable[[smtplib.SMTP], None],
        host: str,
        port: int,
        *,
        timeout: float,
        context: ssl.SSLContext,
    ) -> None:
        know(self)
        super().__init__(host, port, timeout=timeout, context=context)


class SmtpSender:
    """Sends over one connection, opened at the first message and kept until `close`.

    Args:
        url: `smtps://user:password@host:port` (TLS), `starttls://…` (TLS after greeting, required) or
            `smtp://…` (plain; a password is then refused unless the host is this machine).
        mail_from: address of the sender.
        base_url: address that people type, put before each message's link.
        context: whose certificates are trusted; None = those of the system.
        timeout: seconds for a connection and for each answer.
        longest: seconds for one mail in all.

    Raises ValueError for an address that cannot be used.
    """

    def __init__(
        self,
        url: str,
        mail_from: str,
        base_url: str,
        *,
        context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
        longest: float = LONGEST,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("the mail server's address must begin with smtps://, starttls:// or smtp://")
        self.scheme = parts.scheme
        self.host = parts.hostname
        self.port = parts.port or PORTS[parts.scheme]
        self.username = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        if self.password and self.scheme == "smtp" and self.host not in LOCAL:
            raise ValueError(
                "a mail password over plain smtp:// can be read on the way; use smtps:// or starttls://"
            )
        self.mail_from = mail_from
        self.base_url = base_url.rstrip("/")
        self._context = context
        self._timeout = timeout
        self._longest = longest
        #: The connection that is being made or used, to be cut when time is up.
        self._newest: smtplib.SMTP | None = None
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> None:
        """Send one message; SendError says why not, and whether another try makes sense."""
        mail = self.compose(message)
        with _explained(), self._in_time():
            if self._connection is not None and not _is_open(self._connection):
                self.close()  # a server may close after so many mails; this one has not been tried yet
            if self._connection is None:
                self._connection = self._connect()
            try:
                self._connection.send_message(mail)
            except OSError as error:  # the library's errors are of this kind too
                if _ends_connection(error):
                    self.close()
                raise

    def compose(self, message: Message) -> EmailMessage:
        """The mail as it goes out: plain text, with a Message-ID that stays the same however often it is sent."""
        address = message.person.email.strip()
        if not mail_addresses.is_one(address):
            raise SendError(NO_ADDRESS, detail=repr(address), retry=False)
        mail = EmailMessage(policy=SMTP)
        try:
            mail["Subject"] = message.subject
            mail["From"] = self.mail_from
            mail["To"] = Address(display_name=message.person.name, addr_spec=address)
            mail["Date"] = format_datetime(beijing(message.created_at))
            mail["Message-ID"] = message.message_id
        except (ValueError, IndexError) as error:
            raise SendError(f"the mail's head cannot be written: {error}", retry=False) from None
        mail["Auto-Submitted"] = "auto-generated"  # so that absence notes are not sent back
        mail.set_content(self._text(message))
        return mail

    def close(self) -> None:
        """Say goodbye if connected; a server that has gone is no error."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                with self._in_time():
                    connection.quit()
            except OSError:  # the library's errors are of this kind too
                connection.close()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Cut the connection when all of it takes too long: a time-out for each answer never ends dripping."""
        cut = threading.Event()

        def end() -> None:
            cut.set()
            there = self._newest.sock if self._newest is not None else None
            if there is not None:
                with suppress(OSError):
                    there.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._longest, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except OSError as error:
            if cut.is_set():
                raise TimeoutError from error
            raise
        else:
            if cut.is_set():  # half a line that began with 250 is no answer
                raise TimeoutError
        finally:
            timer.cancel()

    def _know(self, connection: smtplib.SMTP) -> None:
        self._newest = connection

    def _text(self, message: Message) -> str:
        link = f"\n\n{self.base_url}{message.link}" if message.link else ""
        return f"{message.body}{link}\n\n-- \n{say(FOOTER, locale_of(message.person))}\n"

    def _connect(self) -> smtplib.SMTP:
        context = self._context or ssl.create_default_context()
        if self.scheme == "smtps":
            connection: smtplib.SMTP = _Tls(
                self._know, self.host, self.port, timeout=self._timeout, context=context
            )
        else:
            connection = _Plain(self._know, self.host, self.port, timeout=self._timeout)
        try:
            if self.scheme == "starttls":
                connection.starttls(context=context)
            if self.username:
                connection.login(self.username, self.password)
        except smtplib.SMTPNotSupportedError as error:  # the server's doing, not this mail's
            connection.close()
            raise SendError(NO_TLS, detail=str(error), retry=True, down=True) from error
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the library's errors into SendError: 5xx about this mail is final, all else may pass."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise SendError(
            REFUSED if code >= 500 else NOT_NOW, detail=_words(code, text), retry=code < 500
        ) from error
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
        said = _words(error.smtp_code, error.smtp_error)
        if error.smtp_code < 0:  # no answer of this language at all
            raise SendError(NO_MAIL_SERVER, detail=said, retry=True, down=True) from error
        raise SendError(NO_ENTRY, detail=said, retry=True, down=True) from error
    except smtplib.SMTPResponseException as error:  # sender or content refused
        final = error.smtp_code >= 500
        said = _words(error.smtp_code, error.smtp_error)
        raise SendError(REFUSED_MAIL if final else NOT_NOW, detail=said, retry=not final) from error
    except smtplib.SMTPNotSupportedError as error:
        raise SendError(str(error), retry=False) from error
    except ssl.SSLCertVerificationError as error:
        raise SendError(UNTRUSTED, detail=error.verify_message, retry=True, down=True) from error
    except TimeoutError as error:
        raise SendError(SILENT, retry=True, down=True) from error
    except (smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError) as error:
        # The library calls a time-out while reading a disconnection too.
        silent = isinstance(error.__context__, TimeoutError)
        raise SendError(
            SILENT if silent else BROKE_OFF, detail="" if silent else str(error), retry=True, down=True
        ) from error
    except OSError as error:
        raise SendError(
            NO_SERVER, detail=f"{type(error).__name__}: {error}", retry=True, down=True
        ) from error


def _is_open(connection: smtplib.SMTP) -> bool:
    """Whether the server still answers on a connection that served the mail before."""
    try:
        return connection.noop()[0] == 250
    except OSError:
        return False


def _ends_connection(error: OSError) -> bool:
    """Whether the connection is of no use for the next mail: it broke, or the server said 421 and hung up."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == 421 for code, _said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return bool(error.smtp_code == 421)
    return not isinstance(error, smtplib.SMTPNotSupportedError)


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"

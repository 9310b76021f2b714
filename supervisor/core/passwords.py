"""Passwords: argon2id at OWASP's figures, and the policy that assessors of 等保 2.0 check (profile `dengbao`)."""

from __future__ import annotations

import string
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from supervisor.errors import Invalid
from supervisor.words import N_

#: OWASP: argon2id, 19 MiB, two passes, one lane; about 40 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
#: At most two hashes at once (D27): a flood of sign-ins must not take all memory and both processors.
_at_once = threading.BoundedSemaphore(2)

SHORTEST = 10
#: Long enough for any sentence; bounded, because hashing costs time.
LONGEST = 128
CLASSES = 3
# Of the commonest passwords, those that the other rules would let through; compared without case.
COMMON = frozenset({
    "abc1234567", "abc123456789", "abcd123456", "abcd1234567", "a123456789", "aa123456789", "abc@123456",
    "admin12345", "admin123456", "admin@12345", "admin@123456", "administrator1", "p@ssw0rd12", "p@ssw0rd123",
    "password12", "password123", "password1234", "password@123", "passw0rd123", "qwer123456", "qwerty12345",
    "qwerty123456", "q1w2e3r4t5", "1q2w3e4r5t", "1qaz2wsx3edc", "1qaz@wsx3edc", "1qaz!qaz2wsx", "welcome123",
    "welcome@123", "woaini1314520", "woaini5201314", "zaq12wsxcde3", "changeme123", "letmein1234", "iloveyou123",
    "root@123456", "test@123456", "china@12345", "beijing2008", "aa@123456789", "asdf123456", "asd@123456",
})  # fmt: skip


def hash_password(password: str) -> str:
    """The password's argon2id hash with its own salt and parameters."""
    with _at_once:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash (unknown user) it takes as long and answers False."""
    with _at_once:
        try:
            _hasher.verify(password_hash or _dummy(), password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's and should be renewed at sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def check_policy(password: str, username: str) -> None:
    """Raise Invalid unless the password has 10–128 characters of three kinds, is no common one and no name."""
    wrong = None
    if len(password) < SHORTEST:
        wrong = N_("At least %(count)s characters.", count=SHORTEST)
    elif len(password) > LONGEST:
        wrong = N_("At most %(count)s characters.", count=LONGEST)
    elif _classes(password) < CLASSES:
        wrong = N_("Use three of these four: capital letters, small letters, digits, other signs.")
    elif username and username.lower() in password.lower():
        wrong = N_("The password must not contain the user name.")
    elif password.lower() in COMMON:
        wrong = N_("This password is one of the commonest. Choose another.")
    if wrong:
        raise Invalid(N_("This password cannot be used."), {"password": wrong})


def _classes(password: str) -> int:
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    found = sum(any(sign in kind for sign in password) for kind in kinds)
    known = "".join(kinds)
    return found + any(sign not in known for sign in password)


_dummy_hash: str | None = None


def _dummy() -> str:
    # Made on first use with today's parameters, so that an unknown user costs as much as a known one.
    global _dummy_hash  # noqa: PLW0603 -- one per process, cheap to make twice
    if _dummy_hash is None:
        _dummy_hash = _hasher.hash("nobody's password")
    return _dummy_hash

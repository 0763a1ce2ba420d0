"""Encryption at rest (promise c46)."""

from __future__ import annotations

import base64
import random
import secrets
from typing import Any

import pytest

from rblx_oauth.errors import ConfigurationError, UnsealError
from rblx_oauth.vault import Vault

PLACE = ("grant", "https://issuer/", "client", "123", "token", "7")


def test_what_is_sealed_opens_in_its_place() -> None:
    """A secret comes back whole, from an envelope that does not show it."""
    vault = Vault([Vault.generate_key()])
    sealed = vault.seal(b"refresh token", *PLACE)
    assert b"refresh" not in sealed
    assert vault.unseal(sealed, *PLACE) == b"refresh token"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    """Nonces are fresh, so equal secrets do not look equal."""
    vault = Vault([Vault.generate_key()])
    assert len({vault.seal(b"x", *PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("index", range(len(PLACE)))
def test_c46_a_secret_is_bound_to_every_part_of_its_place(index: int) -> None:
    """With any one part of its place different, an envelope does not open."""
    vault = Vault([Vault.generate_key()])
    elsewhere = [part + "x" if number == index else part for number, part in enumerate(PLACE)]
    with pytest.raises(UnsealError):
        vault.unseal(vault.seal(b"secret", *PLACE), *elsewhere)


def test_c46_parts_that_join_to_the_same_text_are_different_places() -> None:
    """Moving a letter from one part to its neighbour does not open an envelope."""
    vault = Vault([Vault.generate_key()])
    sealed = vault.seal(b"secret", "ab", "c")
    for parts in (("a", "bc"), ("abc",), ("ab", "c", ""), ("", "ab", "c")):
        with pytest.raises(UnsealError):
            vault.unseal(sealed, *parts)


def test_c46_any_changed_or_missing_byte_is_noticed() -> None:
    """Flipping any bit, or cutting the envelope anywhere, gives UnsealError and nothing else."""
    seed = secrets.randbits(32)
    print("seed", seed)  # noqa: T201 (shown with a failure, to repeat it)
    chance = random.Random(seed)
    vault = Vault([Vault.generate_key()])
    sealed = vault.seal(b"secret", *PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1 << chance.randrange(8)
        with pytest.raises(UnsealError):
            vault.unseal(bytes(changed), *PLACE)
        with pytest.raises(UnsealError):
            vault.unseal(sealed[:position], *PLACE)


def test_c46_the_newest_key_seals_and_every_key_opens() -> None:
    """After a rotation old envelopes open, new ones are under the new key, and one can tell."""
    old, new = Vault.generate_key(), Vault.generate_key()
    before = Vault([old]).seal(b"secret", *PLACE)
    both = Vault([new, old])
    after = both.seal(b"secret", *PLACE)
    assert both.unseal(before, *PLACE) == both.unseal(after, *PLACE) == b"secret"
    assert (both.is_newest(before), both.is_newest(after)) == (False, True)
    assert Vault([new]).unseal(after, *PLACE) == b"secret"


def test_c46_an_unknown_key_fails_closed_and_is_named() -> None:
    """The error names the key's id, so that one knows which key to put back."""
    stranger, vault = Vault([Vault.generate_key()]), Vault([Vault.generate_key()])
    sealed = stranger.seal(b"secret", *PLACE)
    with pytest.raises(UnsealError, match=sealed[1:9].hex()):
        vault.unseal(sealed, *PLACE)


def test_a_key_may_be_raw_or_base64() -> None:
    """Raw bytes, padded and unpadded URL-safe base64 are the same key."""
    raw = secrets.token_bytes(32)
    text = base64.urlsafe_b64encode(raw).decode()
    sealed = Vault([raw]).seal(b"secret", *PLACE)
    for key in (text, text.rstrip("="), text.encode(), f" {text}\n"):
        assert Vault([key]).unseal(sealed, *PLACE) == b"secret"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["secret"],
        [b"x" * 31],
        [b"x" * 33],
        [""],
        ["ü" * 32],
        ["!" * 43],
        "A" * 43,
        [None],
        ["\ud800"],
    ],
    ids=[
        "none",
        "short",
        "31",
        "33",
        "empty",
        "umlauts",
        "punctuation",
        "not a list",
        "no key at all",
        "surrogate",
    ],
)
def test_a_bad_key_is_refused_with_the_remedy(keys: Any) -> None:
    """The error says what a key looks like, and does not show the one given."""
    with pytest.raises(ConfigurationError) as caught:
        Vault(keys)
    assert "key" in str(caught.value)
    assert not any(
        key in str(caught.value) for key in keys if isinstance(key, str) and len(key) > 5
    )


def test_c48_a_vault_shows_no_key() -> None:
    """Its repr has key ids alone."""
    key = Vault.generate_key()
    shown = repr(Vault([key])) + str(vars(Vault([key])))
    assert key not in shown
    assert repr(base64.urlsafe_b64decode(key)) not in shown


def test_pseudonyms_need_the_newest_key() -> None:
    """The same wherever that is, another under another, and told from each other."""
    first, second = Vault.generate_key(), Vault.generate_key()
    name = Vault([first]).pseudonym("grant")
    assert name == Vault([first, second]).pseudonym("grant")
    assert name != Vault([second, first]).pseudonym("grant")
    assert name != Vault([first]).pseudonym("another")
    assert len(name) == 16

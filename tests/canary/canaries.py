"""The secrets of a run, and where they turn up again."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

SHORTEST = 8
"""Characters: what is shorter could be anything."""
TELLING = 24
"""Characters from the middle of a longer one; a page may show how a token begins."""


class Canaries:
    """Secrets by name.

    Attributes:
        known: Each secret with what it is called.
    """

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def add(self, **secrets: object) -> None:
        """Remember secrets that a run makes or is given; None does not count."""
        for name, secret in secrets.items():
            if secret is not None:
                assert len(str(secret)) >= SHORTEST, f"{name} is too short to be looked for"
                self.known[str(secret)] = name

    def add_all(self, name: str, secrets: Iterable[str]) -> None:
        """Remember several of a kind."""
        for secret in secrets:
            self.add(**{name: secret})

    def names(self) -> set[str]:
        """The kinds that are known."""
        return set(self.known.values())

    def found_in(self, text: str | bytes, *, but: Iterable[str] = ()) -> set[str]:
        """The kinds that stand in a text, plain or encoded, with a bit of what is around them.

        Args:
            text: What is searched.
            but: Kinds that belong there.
        """
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        allowed = set(but)
        return {
            f"{name}: {_around(text, form)}"
            for secret, name in self.known.items()
            if name not in allowed
            for form in _forms(secret)
            if form in text
        }


def _around(text: str, form: str) -> str:
    begin = text.index(form)
    return text[max(0, begin - 90) : begin + 60].replace("\n", " ")


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text: itself, for a URL, in hex, in base64 at any place."""
    spare = max(0, len(secret) - TELLING) // 2
    telling = secret[spare : spare + TELLING]
    yield telling
    quoted = quote(telling, safe="")
    if quoted != telling:
        yield quoted
    raw = telling.encode()
    yield raw.hex()
    for offset in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            # Its first and last characters depend on what stands before and after it.
            yield encode(bytes(offset) + raw).decode()[offset and 4 : -4]

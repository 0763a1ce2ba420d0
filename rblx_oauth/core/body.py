"""The body of one answer: decoded piece by piece as it comes, never over the cap."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from rblx_oauth.core.message import MAX_BODY
from rblx_oauth.errors import ProtocolError, ResponseTooLarge

ACCEPT_ENCODING = "gzip"
"""What the transports ask for; any other coding in an answer is an error."""

_GZIP = 16 + zlib.MAX_WBITS

_INFLATED = 256 * 1024
"""Bytes that are inflated at a time."""


class BodyDecoder:
    """Decodes the pieces of one body as they come off the wire, and counts them.

    A compressed body is inflated piece by piece up to the cap, so that a few
    kilobytes that inflate to gigabytes cost no more than the cap.
    """

    def __init__(
        self,
        encoding: str | None,
        *,
        source: str,
        operation: str | None = None,
        cap: int = MAX_BODY,
    ) -> None:
        coding = (encoding or "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip"):
            raise ProtocolError(
                f"{source} answered in a content coding that was not asked for",
                operation=operation,
            )
        self._inflater = None if coding == "identity" else zlib.decompressobj(_GZIP)
        self._begun = False
        self._room = cap
        self._source = source
        self._operation = operation
        self._cap = cap

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next piece decodes to, in pieces.

        Raises:
            ResponseTooLarge: The body is over the cap.
            ProtocolError: It is not what its Content-Encoding says.
        """
        if self._inflater is None:
            yield self._counted(data)
            return
        self._begun = self._begun or bool(data)
        try:
            while data:
                if self._inflater.eof:  # a gzip body may have several members (RFC 1952 2.2)
                    self._inflater = zlib.decompressobj(_GZIP)
                yield self._counted(self._inflater.decompress(data, min(self._room + 1, _INFLATED)))
                data = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error:
            raise self._broken() from None

    def finish(self) -> None:
        """See that the body is whole.

        Raises:
            ProtocolError: The compressed body ended too early.
        """
        if self._inflater is not None and self._begun and not self._inflater.eof:
            raise self._broken()

    def _counted(self, data: bytes) -> bytes:
        self._room -= len(data)
        if self._room < 0:
            raise ResponseTooLarge(
                f"{self._source} sent more than {self._cap} bytes in one answer",
                operation=self._operation,
            )
        return data

    def _broken(self) -> ProtocolError:
        return ProtocolError(
            f"{self._source} sent a compressed body that does not decompress",
            operation=self._operation,
        )


class BodyReader:
    """Collects one body; the arguments are those of `BodyDecoder`."""

    def __init__(
        self,
        encoding: str | None,
        *,
        source: str,
        operation: str | None = None,
        cap: int = MAX_BODY,
    ) -> None:
        self._decoder = BodyDecoder(encoding, source=source, operation=operation, cap=cap)
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next piece; see `BodyDecoder.feed`."""
        self._pieces.extend(self._decoder.feed(data))

    def finish(self) -> bytes:
        """The whole body; see `BodyDecoder.finish`."""
        self._decoder.finish()
        return b"".join(self._pieces)


def has_end(headers: Mapping[str, str]) -> bool:
    """Whether the end of a body can be told from a connection that broke (RFC 9112 6.3, 8).

    Args:
        headers: The answer's, whose names may have any case if the mapping takes any.
    """
    if "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower():
        return True
    # A compressed body says itself where it ends.
    return headers.get("content-encoding", "identity").strip().lower() != "identity"

"""The body of one answer: put together from pieces, inflated, never over the cap."""

from __future__ import annotations

import zlib

from rblx_oauth.core.message import MAX_BODY
from rblx_oauth.errors import ProtocolError, ResponseTooLarge

ACCEPT_ENCODING = "gzip"
"""What the transports ask for; any other coding in an answer is an error."""

_GZIP = 16 + zlib.MAX_WBITS


class BodyReader:
    """Collects the pieces of one body as they come off the wire.

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
        self._pieces: list[bytes] = []
        self._room = cap
        self._source = source
        self._operation = operation
        self._cap = cap

    def feed(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            ResponseTooLarge: The body is over the cap.
            ProtocolError: It is not what its Content-Encoding says.
        """
        if self._inflater is None:
            self._keep(data)
            return
        try:
            while data:
                if self._inflater.eof:  # a gzip body may have several members (RFC 1952 2.2)
                    self._inflater = zlib.decompressobj(_GZIP)
                self._keep(self._inflater.decompress(data, self._room + 1))
                data = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error:
            raise self._broken() from None

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            ProtocolError: The compressed body ended too early.
        """
        if self._inflater is not None and self._pieces and not self._inflater.eof:
            raise self._broken()
        return b"".join(self._pieces)

    def _keep(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            raise ResponseTooLarge(
                f"{self._source} sent more than {self._cap} bytes in one answer",
                operation=self._operation,
            )
        self._pieces.append(data)

    def _broken(self) -> ProtocolError:
        return ProtocolError(
            f"{self._source} sent a compressed body that does not decompress",
            operation=self._operation,
        )

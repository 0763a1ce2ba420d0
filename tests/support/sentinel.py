"""A Redis Sentinel of the tests' own, on loopback, and a replica for it to promote."""

from __future__ import annotations

from redis import Redis, RedisError
from redis.sentinel import Sentinel

from tests.support.certificates import Authority
from tests.support.redis import EncryptedRedisServer, RedisServer, new_redis, tls_settings

PRIMARY = "primary"
"""What the Sentinel calls the one that takes writes."""

_SETTINGS = f"""
bind 127.0.0.1
port {{port}}
sentinel monitor {PRIMARY} 127.0.0.1 {{primary}} 1
sentinel down-after-milliseconds {PRIMARY} 300
sentinel failover-timeout {PRIMARY} 1000
{{more}}
"""


class SentinelServer(RedisServer):
    """``redis-server --sentinel`` on a free port; the only one, so that its word is enough.

    Args:
        primary: Which takes writes at first. The Sentinel speaks TLS if that does.
        password: What it asks for, if anything.
    """

    def __init__(self, primary: RedisServer, *, password: str | None = None) -> None:
        super().__init__()
        self._first = primary
        self._password = password

    @property
    def url(self) -> str:
        """The store URL."""
        scheme, _, rest = self._first.url.partition("://")
        query = rest.partition("?")[2]
        return f"{scheme}+sentinel://127.0.0.1:{self.port}/{PRIMARY}/0?{query}".rstrip("?")

    def install(self) -> None:
        """It writes into its settings what it finds out."""
        more = f"requirepass {self._password}" if self._password else ""
        if self._authority is not None:
            settings = tls_settings(self.port, self._authority)
            more += "".join(f"\n{name} {value}" for name, value in settings.items())
        (self.directory / "settings").write_text(
            _SETTINGS.format(port=self.port, primary=self._first.port, more=more)
        )

    def command(self) -> list[str]:
        """It listens on 127.0.0.1 alone."""
        return ["redis-server", str(self.directory / "settings"), "--sentinel"]

    def client(self) -> Redis:
        """A plain client of it."""
        return Redis(
            host="127.0.0.1",
            port=self.port,
            password=self._password,
            ssl=self._authority is not None,
            ssl_ca_certs=str(self._authority.file) if self._authority else None,
        )

    def names(self) -> int | None:
        """The port of the one that takes writes; None while it knows of none that is up."""
        try:
            _, port = Sentinel([("127.0.0.1", self.port)]).discover_master(PRIMARY)
        except RedisError:
            return None
        return int(port)

    def sees_a_replica(self) -> bool:
        """Whether there is one that it would promote."""
        with self.client() as client:
            found = client.sentinel_slaves(PRIMARY)
        return any(
            each["flags"] == "slave" and each["master-link-status"] == "ok" for each in found
        )

    @property
    def _authority(self) -> Authority | None:
        first = self._first
        return first.authority if isinstance(first, EncryptedRedisServer) else None


def replica_of(primary: RedisServer) -> RedisServer:
    """Another Redis that follows it, to be entered."""
    return new_redis("--replicaof", "127.0.0.1", str(primary.port))

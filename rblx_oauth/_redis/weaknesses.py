"""What in the set-up of a Redis may lose what a store keeps there."""

from __future__ import annotations

from collections.abc import Mapping

_UNTOLD = (
    "The Redis of the token store does not tell its user how it is set up (INFO): see yourself "
    "that its maxmemory-policy is noeviction and that appendonly is on."
)


def weaknesses(info: Mapping[str, object] | None, saves: bool | None) -> list[str]:
    """What is wrong with how a Redis is set up, a sentence each.

    Args:
        info: What INFO says; None if this user may not ask.
        saves: Whether it makes snapshots; None if this user may not ask.
    """
    if info is None:
        return [_UNTOLD]
    found = []
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        lost = "grants and sessions" if policy.startswith("allkeys") else "sessions"
        found.append(
            f"The Redis of the token store deletes {lost} when its memory is full "
            f"(maxmemory-policy {policy}), and those people must log in again: set it to "
            "noeviction."
        )
    if not info.get("aof_enabled") and not saves:
        unsure = "perhaps " if saves is None else ""
        found.append(
            f"The Redis of the token store has appendonly off and {unsure}saves no snapshots, so "
            "after a restart everybody must log in again: turn appendonly on."
        )
    return found

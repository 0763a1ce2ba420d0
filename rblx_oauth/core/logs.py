"""What log records carry beside their message, for formatters that write JSON."""

from __future__ import annotations


def fields(event: str, **facts: object) -> dict[str, object]:
    """The ``extra=`` of a log call: each fact under its name, behind ``roblox_``.

    Facts are numbers and words of ours, fit for anybody's eyes. A grant goes by
    its pseudonym (`rblx_oauth.vault.Vault.pseudonym`).

    Args:
        event: What happened, in dotted words that stay the same when the message is reworded.
        facts: What else there is to say.
    """
    # The prefix keeps clear of what a record has already, where logging raises.
    return {"roblox_event": event} | {f"roblox_{name}": fact for name, fact in facts.items()}

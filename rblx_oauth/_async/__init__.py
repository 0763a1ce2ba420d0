"""The source of both colours; ``rblx_oauth/_sync`` is generated from here."""

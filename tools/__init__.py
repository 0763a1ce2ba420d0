"""Commands for people who work on rblx_oauth; not part of the distribution."""

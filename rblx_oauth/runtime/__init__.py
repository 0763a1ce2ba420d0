"""The few things that differ between threads and tasks, twice, under the same names.

``_async`` imports them from ``runtime.aio``; in its generated twin the same
lines import from ``runtime.threads``.
"""

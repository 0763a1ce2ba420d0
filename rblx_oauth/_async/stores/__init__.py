"""Where grants and records are kept. `opening` chooses by URL.

This imports none of its modules: threads that come for one of them and for the package at
once would wait for each other.
"""

"""The extension object, in a module of its own so that views can import it."""

from __future__ import annotations

from flask_ext import RobloxOAuth

roblox = RobloxOAuth()

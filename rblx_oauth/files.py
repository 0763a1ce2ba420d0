"""Files for the functions of `rblx_oauth.api` that take one.

The resources make them by themselves of whatever they are given. Each function
checks format and size at once, opens the file anew for every try, and never
reads it whole.
"""

from __future__ import annotations

from rblx_oauth.core.files import Progress, Source, asset_file, image_file, place_file, upload_file
from rblx_oauth.core.message import FilePart

__all__ = [
    "FilePart",
    "Progress",
    "Source",
    "asset_file",
    "image_file",
    "place_file",
    "upload_file",
]

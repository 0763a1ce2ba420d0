"""Headers that limit what a page of this site can do, and who may frame it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from example_site.config import setting


def init_app(app: Flask) -> None:
    """Send them with every answer."""
    # Avatars come from Roblox over https, or from the sandbox on this machine.
    # ``blob:`` is the preview of a picture that is about to be uploaded.
    pictures = ["'self'", "blob:", "https:", *_plain_origin(setting(app, "ROBLOX_API_BASE"))]
    policy = "; ".join(
        (
            "default-src 'self'",
            f"img-src {' '.join(pictures)}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

    @app.after_request
    def limit(response: Response) -> Response:
        if request.endpoint != "static":
            # The back button must not show a person's pages to whoever comes after them.
            response.cache_control.no_store = True
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


def _plain_origin(url: str) -> list[str]:
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.scheme == "http" else []

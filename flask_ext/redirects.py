"""Where a browser may be sent: to paths of this site and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from flask import current_app, request

MAX_PATH = 2048


def safe_path(target: str | None, *, root: str = "") -> str | None:
    r"""`target` if it is a path of this site that every browser reads as such; else None.

    A browser's URL parser drops tabs and newlines, takes ``\`` for ``/``, and
    reads ``//host`` as another host, so anything that could become one of
    these, even after somebody decodes it once or twice more, is refused. So are
    dot segments, which could climb out of `root`.

    Args:
        target: Path and query, as in ``/games?page=2``.
        root: The prefix the site is mounted under (``SCRIPT_NAME``), percent-encoded.
    """
    if not target or len(target) > MAX_PATH:
        return None
    # isprintable: no control, format, surrogate or separator character but the space, which a
    # browser drops at the end, so that what was a name becomes a dot segment.
    if "\\" in target or not target.isprintable() or target.endswith(" "):
        return None
    path = target.partition("?")[0].partition("#")[0]
    if path != root and not path.startswith(f"{root}/"):
        return None
    for _ in range(3):
        if not _plain(path):
            return None
        path = unquote(path, errors="replace")
    return target


def _plain(path: str) -> bool:
    return (
        path.startswith("/")
        and "//" not in path
        and "\\" not in path
        and path.isprintable()
        and not {".", ".."} & set(path.split("/"))
    )


def mount() -> str:
    """The prefix this site is mounted under, percent-encoded; empty at the root of a host."""
    return quote(request.root_path)


def next_path(target: str | None) -> str:
    """Where to go after something: `target` if it is safe, else the front page."""
    return safe_path(target, root=mount()) or f"{mount()}/"


def here() -> str:
    """Path and query of this request; the front page where they cannot be repeated safely."""
    query = request.query_string.decode("ascii", "replace")
    path = mount() + quote(request.path)
    return next_path(f"{path}?{query}" if query else path)


def form_page(public_origin: str) -> str:
    """The page of this site whose form or script led here; else the front page.

    htmx says which it is (``HX-Current-URL``); for others it is the Referer.

    Args:
        public_origin: Scheme and host as browsers see them, behind a proxy too.
    """
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return next_path(None)
    ours = (public_origin, request.host_url.rstrip("/"))
    if f"{parts.scheme}://{parts.netloc}" not in ours or not _can_be_visited(parts.path):
        return next_path(None)
    return next_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _can_be_visited(path: str) -> bool:
    """Whether a page answers there: a form that was shown again has the address it posts to."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(
        unquote(path).removeprefix(request.root_path), "GET"
    )

"""One module a page. `blueprints` is all of them."""

from __future__ import annotations

from example_site.views import announcements, dashboard, data, decals, home, sessions

blueprints = tuple(
    module.pages for module in (home, dashboard, announcements, data, decals, sessions)
)

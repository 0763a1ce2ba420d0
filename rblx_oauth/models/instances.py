"""Instances: the objects that a place is made of."""

from __future__ import annotations

from rblx_oauth.models.base import Model
from rblx_oauth.models.generated.instances import (
    EngineInstance,
    InstanceDetails,
    LocalScript,
    ModuleScript,
    Script,
)


class Instance(Model, frozen=True):
    """An instance of a place.

    Attributes:
        path: Names it, within its universe and place.
        has_children: Whether there are instances inside it.
        engine_instance: Its properties, as the engine names them.
    """

    path: str = ""
    has_children: bool = False
    engine_instance: EngineInstance = EngineInstance()

    @property
    def id(self) -> str:
        """What it is asked for by."""
        return self.engine_instance.id or self.path.rpartition("/")[2]

    @property
    def name(self) -> str:
        """Its name; several may have the same."""
        return self.engine_instance.name or ""

    @property
    def parent_id(self) -> str:
        """The instance that it is inside of."""
        return self.engine_instance.parent or ""

    @property
    def details(self) -> InstanceDetails:
        """What depends on its class; empty for those that Roblox tells nothing of."""
        return self.engine_instance.details or InstanceDetails()

    @property
    def script(self) -> Script | LocalScript | ModuleScript | None:
        """Its source and how it runs; None where it is no script."""
        details = self.details
        return details.script or details.local_script or details.module_script


class InstanceChildren(Model, frozen=True):
    """Some of the instances that are inside another.

    Attributes:
        instances: They.
        next_page_token: Asks for more; empty when these were the last.
    """

    instances: list[Instance] = []
    next_page_token: str = ""

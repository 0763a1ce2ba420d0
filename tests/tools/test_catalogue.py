"""The catalogue's generator, given small documents: what it finds, and what it refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tools import build_catalogue, build_models, document as documents

THING = {"type": "object", "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}
GET = {
    "operationId": "Things_Get",
    "security": [{"roblox-api-key": []}],
    "x-roblox-rate-limits": {"perApiKeyOwner": {"period": "MINUTE", "maxInPeriod": 60}},
    "x-roblox-scopes": [{"name": "thing:read"}],
    "parameters": [
        {"name": "thingId", "in": "path", "required": True, "schema": {"type": "string"}}
    ],
    "responses": {
        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    },
}
DOCUMENT: dict[str, Any] = {
    "paths": {"/things/{thingId}": {"get": GET}},
    "components": {"schemas": {"Thing": THING}},
}
OPERATIONS = '[things]\nget_thing = "GET /things/{thingId}"\n'
CORRECTIONS = "[parameter_facts]\n"
MODELS = "[hand]\n[names]\n"


class Workshop:
    """A document, an overlay and a catalogue of one's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document = deepcopy(DOCUMENT)
        self.overlay("operations", OPERATIONS)
        self.overlay("corrections", CORRECTIONS)
        self.overlay("models", MODELS)

    def overlay(self, name: str, text: str) -> None:
        """Write a file of the overlay."""
        (self.folder / f"{name}.toml").write_text(text)

    def path(self) -> str:
        """The document as a file."""
        file = self.folder / "document.json"
        file.write_text(json.dumps(self.document))
        return str(file)

    def build(self, *options: str) -> int:
        """Run the tool."""
        return build_catalogue.main([self.path(), *options])

    def rows(self) -> list[dict[str, Any]]:
        """What the catalogue holds."""
        rows: list[dict[str, Any]] = json.loads(build_catalogue.TARGET.read_text())["operations"]
        return rows


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A workshop whose catalogue is built."""
    monkeypatch.setattr(documents, "OVERLAY", tmp_path)
    monkeypatch.setattr(build_catalogue, "TARGET", tmp_path / "operations.json")
    made = Workshop(tmp_path)
    assert made.build() == 0
    assert made.build("--check") == 0
    return made


def test_facts_are_read_from_the_document(workshop: Workshop) -> None:
    """Method, path, credentials, limits and the model of the answer."""
    (row,) = workshop.rows()
    assert (row["name"], row["family"], row["method"]) == ("get_thing", "things", "GET")
    assert row["path"] == "/things/{thing_id}"
    assert (row["credentials"], row["scopes"]) == (["api_key"], ["thing:read"])
    assert row["key_limit"] == {"count": 60, "seconds": 60}
    assert (row["result"], row["repeat"]) == ("Thing", "always")


def test_an_operation_without_a_name_is_named(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document with one operation more fails until the overlay names it."""
    workshop.document["paths"]["/things"] = {"post": GET}
    assert workshop.build() == 1
    assert "without a name: POST /things" in capsys.readouterr().out
    assert len(workshop.rows()) == 1


def test_an_operation_that_is_gone_is_named(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document with one operation fewer fails until the overlay lets it go."""
    workshop.document["paths"]["/others/{thingId}"] = workshop.document["paths"].pop(
        "/things/{thingId}"
    )
    assert workshop.build("--check") == 1
    out = capsys.readouterr().out
    assert "no longer in the document: GET /things/{thingId}" in out
    assert "without a name: GET /others/{thingId}" in out


def test_what_changed_is_named(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """--check tells which operations came, went or changed, and in which facts."""
    before = build_catalogue.TARGET.read_text()
    facts = workshop.document["paths"]["/things/{thingId}"]["get"]
    facts["x-roblox-rate-limits"]["perApiKeyOwner"]["maxInPeriod"] = 30
    facts["x-roblox-scopes"] = [{"name": "thing:look"}]
    workshop.document["paths"]["/things"] = {"delete": GET | {"parameters": []}}
    workshop.overlay("operations", OPERATIONS + 'drop_things = "DELETE /things"\n')
    assert workshop.build("--check") == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "added: drop_things",
        "changed: get_thing (key_limit, scopes)",
        "changed: the scopes",
    ]
    assert build_catalogue.TARGET.read_text() == before
    workshop.build()
    after = build_catalogue.TARGET.read_text()
    assert "dropped: drop_things" in build_catalogue.differences(after, before)


@pytest.mark.parametrize(
    ("corrections", "said"),
    [
        ('[get_think]\nrepeat = "never"', "get_think.repeat"),
        ("[get_thing]\nrepaet = 'never'", "get_thing.repaet"),
        ("[get_thing]\ndrop = ['size']", "get_thing.drop.size"),
        ("[get_thing]\nrequired = ['thing']", "get_thing.required.thing"),
        ("[get_thing]\nrename = { thing_id = 'id' }", "get_thing.rename.thing_id"),
        ("[get_thing]\nparameters = { thingId = {} }", "get_thing.parameters.thingId"),
        ("[parameter_facts]\nthung_id = { type = 'id' }", "parameter_facts.thung_id"),
    ],
)
def test_a_correction_of_nothing_is_an_error(
    workshop: Workshop, corrections: str, said: str
) -> None:
    """A slip in the overlay, or what a new document made needless, does not stay unseen."""
    shared = "" if "parameter_facts" in corrections else CORRECTIONS
    workshop.overlay("corrections", shared + corrections)
    with pytest.raises(SystemExit, match=f"nothing is corrected by {said}$"):
        workshop.build()


def test_corrections_are_made(workshop: Workshop) -> None:
    """What the overlay says stands in the catalogue in place of the document's word."""
    workshop.overlay(
        "corrections",
        '[parameter_facts]\nthing = { type = "id", max_length = 9 }\n'
        '[get_thing]\nrepeat = "never"\nscopes = []\nrename = { thingId = "thing" }\n',
    )
    assert workshop.build() == 0
    (row,) = workshop.rows()
    assert (row["repeat"], "scopes" in row, row["path"]) == ("never", False, "/things/{thing}")
    (parameter,) = row["parameters"]
    assert (parameter["name"], parameter["type"], parameter["max_length"]) == ("thing", "id", 9)


def two_things(workshop: Workshop) -> None:
    """A second operation, whose answer's schema would have the same name."""
    other = deepcopy(GET)
    content = other["responses"]["200"]["content"]["application/json"]  # type: ignore[index]
    content["schema"] = {"$ref": "#/components/schemas/Other.Thing"}
    workshop.document["components"]["schemas"]["Other.Thing"] = {
        "type": "object",
        "properties": {"weight": {"type": "integer"}},
    }
    workshop.document["paths"]["/others/{thingId}"] = {"get": other}
    workshop.overlay("operations", OPERATIONS + 'get_other = "GET /others/{thingId}"\n')


def test_two_schemas_of_one_name_are_an_error(workshop: Workshop) -> None:
    """Silently mixed, each would have the other's members."""
    two_things(workshop)
    with pytest.raises(SystemExit, match=r"Thing and Other\.Thing are both Thing"):
        workshop.build()


@pytest.mark.parametrize("name", ["OtherThing", "Thing"])
def test_two_schemas_of_one_name_are_told_apart_or_made_one(workshop: Workshop, name: str) -> None:
    """As the overlay says."""
    two_things(workshop)
    workshop.overlay("models", f'[hand]\n[names]\n"Other.Thing" = "{name}"\n')
    assert workshop.build() == 0
    assert [row["result"] for row in workshop.rows()] == ["Thing", name]
    models = build_models.Models(documents.Document(workshop.document))
    models.check_all_used()
    text = models.files()["things.py"]
    assert ("class OtherThing" in text) == (name == "OtherThing")
    assert "    size: int" in text
    assert "    weight: int" in text


def test_a_model_that_nobody_knows_is_an_error(workshop: Workshop) -> None:
    """The overlay may name no model that is neither written by hand nor in the document."""
    workshop.overlay("corrections", CORRECTIONS + '[get_thing]\nresult = "Thingy"\n')
    with pytest.raises(SystemExit, match="the overlay names Thingy, which is no model"):
        build_models.Models(documents.Document(workshop.document))


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ('[names]\nThink = "Thought"', "names.Think"),
        ('[names]\n[members.Thing]\nname = "title"', "members.Thing.name"),
        ('[names]\n[types.Thong]\nid = "id"', "types.Thong.id"),
    ],
)
def test_a_word_about_no_model_is_an_error(workshop: Workshop, models: str, said: str) -> None:
    """As a correction of nothing."""
    workshop.overlay("models", f"[hand]\n{models}\n")
    with pytest.raises(SystemExit, match=f"no model needs {said}$"):
        build_models.Models(documents.Document(workshop.document)).check_all_used()


def test_ids_that_are_sent_need_a_word(workshop: Workshop) -> None:
    """Read, a path may become an id; written, the overlay must say what it travels as."""
    facts = workshop.document["paths"]["/things/{thingId}"]["get"]
    facts["requestBody"] = {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"thing": {"$ref": "#/components/schemas/Thing"}},
                }
            }
        }
    }
    workshop.document["components"]["schemas"]["Thing"]["properties"]["userId"] = {"type": "string"}
    models = build_models.Models(documents.Document(workshop.document))
    with pytest.raises(SystemExit, match=r"Thing\.userId is sent, what as\?"):
        models.files()
    workshop.overlay("models", MODELS + '[types.Thing]\nuserId = "string"\n')
    files = build_models.Models(documents.Document(workshop.document)).files()
    assert "user_id: str | None = None" in files["things.py"]

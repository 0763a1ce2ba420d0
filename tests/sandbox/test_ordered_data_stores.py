"""Ordered data stores: integers by key, listed by size, the same in both versions."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

import pytest
import requests

from rblx_oauth import Client, api, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.ordered import OrderedShelf
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

UNIVERSE = 3000001
V2 = f"/cloud/v2/universes/{UNIVERSE}/ordered-data-stores/things/scopes/global/entries"
V1 = f"/ordered-data-stores/v1/universes/{UNIVERSE}/orderedDataStores/things/scopes/global/entries"
BOTH = pytest.mark.parametrize("base", [V2, V1], ids=["v2", "v1"])
MOST, LEAST = 2**63 - 1, -(2**63)

NAMES = {
    V2: ("maxPageSize", "pageToken", "orderBy", "allowMissing", "orderedDataStoreEntries"),
    V1: ("max_page_size", "page_token", "order_by", "allow_missing", "entries"),
}


def create(app: App, base: str, key: str, value: object) -> requests.Response:
    """Create an entry."""
    return app.call("POST", base, params={"id": key}, json={"value": value})


def put(app: App, base: str, key: str, value: object) -> requests.Response:
    """Write an entry, whether it is there or not."""
    allowed = {NAMES[base][3]: "true"}
    return app.call("PATCH", f"{base}/{quote(key, safe='')}", params=allowed, json={"value": value})


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal: v1 says it as v2 does."""
    assert answer.json()["message"]
    return answer.status_code, answer.json()["code"]


def listed(
    app: App, base: str, *, order: str = "", within: str = "", size: int = 100
) -> list[list[tuple[str, int]]]:
    """Every page of a listing, as keys and values."""
    size_name, token_name, order_name, _, field = NAMES[base]
    params: dict[str, object] = {size_name: size}
    params |= {order_name: order} if order else {}
    params |= {"filter": within} if within else {}
    pages = []
    while True:
        answer = app.call("GET", base, params=params)
        assert answer.status_code == 200, answer.text
        pages.append([(each["id"], each["value"]) for each in answer.json()[field]])
        params[token_name] = answer.json().get("nextPageToken")
        if not params[token_name]:
            return pages


@BOTH
def test_an_entry_lives(app: App, base: str) -> None:
    """Created, read, written over, counted up and deleted at once."""
    made = create(app, base, "a/é", 5).json()
    assert (made["id"], made["value"]) == ("a/é", 5)
    assert made["path"].endswith("things/scopes/global/entries/a%2F%C3%A9")
    path = f"{base}/a%2F%C3%A9"
    assert app.call("GET", path).json() == made
    assert app.call("PATCH", path, json={"value": -7}).json()["value"] == -7
    assert app.call("POST", f"{path}:increment", json={"amount": 10}).json()["value"] == 3
    assert app.call("DELETE", path).status_code == 200
    assert error(app.call("GET", path)) == (404, "NOT_FOUND")
    assert listed(app, base) == [[]]


def test_both_versions_serve_the_same_data(app: App) -> None:
    """What one wrote, the other reads, counts and deletes."""
    create(app, V1, "a", 1)
    assert app.call("POST", f"{V2}/a:increment", json={"amount": 1}).json()["value"] == 2
    assert listed(app, V1) == listed(app, V2) == [[("a", 2)]]
    app.call("DELETE", f"{V2}/a")
    assert app.call("GET", f"{V1}/a").status_code == 404


@BOTH
def test_creating_twice_is_refused(app: App, base: str) -> None:
    """400, as documented, and the value stays."""
    create(app, base, "a", 1)
    assert error(create(app, base, "a", 2)) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", f"{base}/a").json()["value"] == 1


@BOTH
def test_an_update_creates_only_when_told(app: App, base: str) -> None:
    """Without the flag a missing entry is 404, and nothing is made."""
    missing = app.call("PATCH", f"{base}/a", json={"value": 1})
    assert error(missing) == (404, "NOT_FOUND")
    assert app.cloud.state.shelves.of(OrderedShelf).find(str(UNIVERSE), "things", "global") is None
    assert put(app, base, "a", 1).json()["value"] == 1


@BOTH
def test_deleting_what_is_not_there(app: App, base: str) -> None:
    """A 404 in v2; the first version calls it a success."""
    answer = app.call("DELETE", f"{base}/a")
    assert answer.status_code == (404 if base == V2 else 200)


@BOTH
def test_values_are_integers_of_64_bits(app: App, base: str) -> None:
    """The edges are exact, beyond them is a 400; a fraction is rounded, as Roblox says."""
    for value in (MOST, LEAST, 0):
        assert put(app, base, "a", value).json()["value"] == value
        assert app.call("GET", f"{base}/a").json()["value"] == value
    assert put(app, base, "a", 2.6).json()["value"] == 3
    for wrong in (MOST + 1, LEAST - 1, 1e300, "5", None, True, [1]):
        assert error(put(app, base, "a", wrong)) == (400, "INVALID_ARGUMENT")
        assert error(create(app, base, "b", wrong)) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", f"{base}/a").json()["value"] == 3


@BOTH
def test_increments_are_whole_and_stay_within_64_bits(app: App, base: str) -> None:
    """They begin at nothing, take whole numbers, and the sum is clamped."""
    path = f"{base}/a:increment"
    assert app.call("POST", path, json={"amount": 5.0}).json()["value"] == 5
    for wrong in (1.5, "1", None, MOST + 1):
        assert error(app.call("POST", path, json={"amount": wrong})) == (400, "INVALID_ARGUMENT")
    for amount, edge in ((MOST, MOST), (LEAST, LEAST)):
        put(app, base, "a", amount)
        assert app.call("POST", path, json={"amount": amount}).json()["value"] == edge


@BOTH
def test_entries_are_listed_by_value(app: App, base: str) -> None:
    """Ascending unless told, equal values by key, 10 a page by default and 100 at most."""
    for number in range(120):
        put(app, base, f"k{number:03}", number // 2)
    everything = [(f"k{number:03}", number // 2) for number in range(120)]
    pages = listed(app, base, size=0)
    assert [len(page) for page in pages] == [10] * 12
    assert [each for page in pages for each in page] == everything
    pages = listed(app, base, order="value desc", size=999)
    assert [len(page) for page in pages] == [100, 20]
    assert [each for page in pages for each in page] == everything[::-1]
    if base == V1:
        assert listed(app, base, order="desc", size=999) == pages
    for wrong in ("id", "value asc", "value desc, id"):
        answer = app.call("GET", base, params={NAMES[base][2]: wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT")


@BOTH
def test_a_filter_bounds_the_values(app: App, base: str) -> None:
    """`>=` and `<=`, joined by `&&`, one space between all of them; nothing else is understood."""
    for value in range(-5, 6):
        put(app, base, f"k{value}", value)

    def values(within: str, order: str = "") -> list[int]:
        pages = listed(app, base, within=within, order=order, size=2)
        return [value for page in pages for _, value in page]

    assert values("entry >= 4") == [4, 5]
    assert values("entry <= -4", "value desc") == [-4, -5]
    assert values("entry >= -1 && entry <= 1") == [-1, 0, 1]
    assert values("entry <= 2 && entry >= 0 && entry <= 9", "value desc") == [2, 1, 0]
    assert values(f"entry >= {LEAST} && entry <= {MOST}") == list(range(-5, 6))
    assert values("entry >= 2 && entry <= 1") == []
    for wrong in (
        "entry > 1",
        "entry >=1",
        "entry >= 1  && entry <= 2",
        "value >= 1",
        "entry >= x",
    ):
        answer = app.call("GET", base, params={"filter": wrong})
        assert error(answer) == (400, "INVALID_ARGUMENT"), wrong


@BOTH
def test_a_token_belongs_to_its_listing(app: App, base: str) -> None:
    """Another filter or order midway is refused; a listing survives entries that come and go."""
    size, token, order, _, field = NAMES[base]
    for value in range(5):
        put(app, base, f"k{value}", value)
    first = app.call("GET", base, params={size: 2}).json()
    app.call("DELETE", f"{base}/k1")
    put(app, base, "new", 1)
    rest = app.call("GET", base, params={token: first["nextPageToken"]}).json()
    assert [each["id"] for each in rest[field]] == ["new", "k2", "k3", "k4"]
    for wrong in ({order: "value desc"}, {"filter": "entry >= 0"}):
        answer = app.call("GET", base, params={token: first["nextPageToken"]} | wrong)
        assert error(answer) == (400, "INVALID_ARGUMENT")


@BOTH
def test_names_have_up_to_fifty_characters(app: App, base: str) -> None:
    """Keys, scopes and store names of more are refused."""
    long = "x" * 51
    for path in (
        f"{base}/{long}",
        f"{base.replace('things', long)}/a",
        f"{base.replace('global', long)}/a",
    ):
        assert error(app.call("GET", path)) == (400, "INVALID_ARGUMENT")
    for key in ("", long):
        assert error(create(app, base, key, 1)) == (400, "INVALID_ARGUMENT")


@BOTH
def test_a_universe_of_others_is_shut(app: App, base: str) -> None:
    """403 for a universe that the key's owner does not own, 404 for one that nobody does."""
    shut = base.replace(str(UNIVERSE), "3000004")
    assert error(app.call("GET", shut)) == (403, "PERMISSION_DENIED")
    assert error(app.call("GET", base.replace(str(UNIVERSE), "1"))) == (404, "NOT_FOUND")


def test_the_first_version_counts_300_reads_and_writes(cloud: Sandbox, app: App) -> None:
    """Per universe and minute; the second version counts otherwise."""
    shelf = cloud.state.shelves.of(OrderedShelf)
    shelf.make(str(UNIVERSE), "things", "global").put("a", 1)
    answers = [app.call("GET", f"{V1}/a") for _ in range(301)]
    assert {each.status_code for each in answers[:300]} == {200}
    assert error(answers[-1]) == (429, "RESOURCE_EXHAUSTED")
    assert int(answers[-1].headers["retry-after"]) <= 60
    assert put(app, V1, "a", 2).status_code == 200
    assert app.call("GET", f"{V2}/a").status_code == 200


@pytest.mark.parametrize("seed", range(3))
def test_listing_agrees_with_a_plain_model(app: App, seed: int) -> None:
    """After random writes and deletes, any filter, order and page size is as in a dict."""
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    model: dict[str, int] = {}
    scope = app.cloud.state.shelves.of(OrderedShelf).make(str(UNIVERSE), "things", "global")
    for _ in range(400):
        key = "".join(chance.choices("ab/é😀", k=chance.randint(1, 3)))
        if chance.random() < 0.7:
            model[key] = chance.randint(-6, 6)
            scope.put(key, model[key])
        else:
            assert scope.remove(key) == (model.pop(key, None) is not None)
    assert len(scope) == len(model)
    for _ in range(12):
        low, high = sorted(chance.choices(range(-7, 8), k=2))
        descending = chance.random() < 0.5
        wanted = sorted((value, key) for key, value in model.items() if low <= value <= high)
        pages = listed(
            app,
            V2,
            within=f"entry >= {low} && entry <= {high}",
            order="value desc" if descending else "value",
            size=chance.choice((1, 3, 100)),
        )
        found = [(value, key) for page in pages for key, value in page]
        assert found == (wanted[::-1] if descending else wanted)


def test_it_survives_in_a_file(cloud: Sandbox, app: App) -> None:
    """What is dumped and loaded is listed as before, and can be changed."""
    for number, key in enumerate("cab"):
        put(app, V2, key, number)
    kept = dump(cloud.state)
    cloud.reset()
    assert listed(app, V2) == [[]]
    load(cloud.state, kept, alone=True)
    assert listed(app, V2) == [[("c", 0), ("a", 1), ("b", 2)]]
    put(app, V2, "c", 9)
    assert listed(app, V2) == [[("a", 1), ("b", 2), ("c", 9)]]


def test_people_write_them_in_seed_files_as_plain_numbers(cloud: Sandbox, app: App) -> None:
    """By universe, store, scope and key."""
    stores = {str(UNIVERSE): {"things": {"global": {"a": 2, "b": 1}}}}
    load(cloud.state, {"ordered_data_stores": {"stores": stores}})
    assert listed(app, V2) == [[("b", 1), ("a", 2)]]


def test_this_librarys_calls(client: Client) -> None:
    """All twelve operations, as the generated functions send and read them."""
    where: Any = {"universe_id": UNIVERSE, "ordered_data_store_id": "scores", "scope_id": "global"}
    v2 = api.ordered_data_stores
    top = client.send(v2.list_ordered_data_store_entries(**where, order_by="value desc")).items
    assert [each.value for each in top] == [12_500, 9000, 450]
    entry: Any = {**where, "entry_id": "é"}
    client.send(v2.create_ordered_data_store_entry(**entry, value=MOST))
    assert client.send(v2.get_ordered_data_store_entry(**entry)).value == MOST
    client.send(v2.update_ordered_data_store_entry(**entry, value=1))
    assert client.send(v2.increment_ordered_data_store_entry(**entry, amount=2)).value == 3
    client.send(v2.delete_ordered_data_store_entry(**entry))
    with pytest.raises(errors.NotFound):
        client.send(v2.delete_ordered_data_store_entry(**entry))
    v1 = api.ordered_data_stores_v1
    here: Any = {"universe_id": UNIVERSE, "ordered_data_store": "scores", "scope": "global"}
    client.send(v1.create_ordered_entry_v1(**here, entry_id="é", value=LEAST))
    assert client.send(v1.get_ordered_entry_v1(**here, entry="é")).value == LEAST
    client.send(v1.update_ordered_entry_v1(**here, entry="é", value=5))
    assert client.send(v1.increment_ordered_entry_v1(**here, entry="é", amount=1)).value == 6
    assert client.send(v1.list_ordered_entries_v1(**here)).items[0].id == "é"
    client.send(v1.delete_ordered_entry_v1(**here, entry="é"))
    with pytest.raises(errors.BadRequest):
        client.send(v1.list_ordered_entries_v1(**here, filter="entry = 1"))

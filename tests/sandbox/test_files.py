"""Seed files: what is wrong in one is told with its line; the program ends without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.files import FileError, read_into
from rblx_oauth.sandbox.sections import dump

YAML = [
    # Sections, fields, and what is in them.
    ("usres: []", 1, "Unknown section `usres`; the nearest is `users` - at usres"),
    ("users:\n  - id: 5\n    name: x\n    colour: red", 4, "`colour` - at users[0].colour"),
    ("users:\n  - {id: 1, name: a}\n  - {id: 2}", 3, "required field `name` - at users[1]"),
    ("users:\n  - id: 3\n    name: [c]", 3, "Expected `str`, got `array` - at users[0].name"),
    ("users: {1: {name: a}}", 1, "Expected `array`, got `object` - at users"),
    ("settings:\n  token_seconds: 60\n  token_secs: 1", 3, "unknown field `token_secs`"),
    ("settings:\n  token_seconds: many", 2, "got `str` - at settings.token_seconds"),
    ("settings: {token_seconds: 0}", 1, "Expected `int` >= 1 - at settings.token_seconds"),
    ("ids:\n  asset: 5\n  badge: -1", 3, "Expected `int` >= 1 - at ids.badge"),
    ("clock_ahead: tomorrow", 1, "Expected `float`, got `str` - at clock_ahead"),
    ("clock_ahead: .nan", 1, "Expected `float`, got `null` - at clock_ahead"),
    # Deep in maps and lists, whose keys the checker does not tell.
    (
        "data_stores:\n  3000001:\n    coins:\n      global: {a: 1}\n    pets: 5",
        5,
        "Expected `object`, got `int` - at data_stores.3000001.pets",
    ),
    (
        """user_restrictions: {by_universe: {3000001: {universe: {
            1000003: {active: true},
            1000002: {active: perhaps}}}}}""",
        3,
        "`bool`, got `str` - at user_restrictions.by_universe.3000001.universe.1000002.active",
    ),
    (
        "followings:\n  by_user:\n    1000001: {3000001: 5.5}\n    1000002: {3000001: [1]}",
        4,
        "got `array` - at followings.by_user.1000002.3000001",
    ),
    (
        "followings:\n  by_user:\n    1000001: {3000001: 5}\n    1000002: {Lantern: 5}",
        4,
        "Expected `str` matching regex '^[0-9]{1,19}$' - at followings.by_user.1000002.Lantern",
    ),
    (
        "secrets:\n  secrets:\n    3000001:\n      key: {value: '%%%'}",
        4,
        "Invalid base64 encoded string - at secrets.secrets.3000001.key.value",
    ),
    (
        """oauth: {access: {a: {jti: a, scopes: [], issued_at: 1, expires_at: 2,
            grant: {id: x, user_id: '1', client_id: '2', scope: '', picks: {},
                created: 1, authenticated: 1}}}}""",
        1,
        "a token is of a grant that is not among the grants - at oauth",
    ),
    # What is no YAML, or more than plain data.
    ("users:\n  - {id: 1, name: a}\n\tb: c", 3, "not valid YAML: found character '\\t'"),
    ("users: [a: b: c]", 1, "not valid YAML: expected"),
    ("users:\n  - !!python/object:os.system {}", 2, "not valid YAML: could not determine"),
    ("users: []\n# \x07", 2, "not valid YAML: special characters"),
    ("clock_ahead: 2026-02-30", 0, "not valid YAML: day is out of range"),
    ("a: &a [*a]", 0, "it is in itself, or nested too deeply"),
    ("", 1, "Expected `object` with sections"),
    ("- 1\n- 2", 1, "Expected `object` with sections"),
]
JSON = [
    ('{"users": [\n {"id": "5",}\n]}', 2, "not valid JSON: "),
    ('{"users": [\n {"id": "5", "name": "a"}', 2, "not valid JSON: "),
    ("", 1, "not valid JSON: "),
    ('{"users": [\n {"id": 5}\n]}', 2, "Expected `str`, got `int` - at users[0].id"),
    ('{\n"clock_ahead": NaN}', 2, "not valid JSON: "),
    ("[" * 100_000, 0, "it is in itself, or nested too deeply"),
    ('{\n"users": [], "nobody": []}', 2, "Unknown section `nobody`"),
]


@pytest.mark.parametrize(
    ("suffix", "text", "line", "said"),
    [(".yaml", *each) for each in YAML] + [(".json", *each) for each in JSON],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, suffix: str, text: str, line: int, said: str
) -> None:
    """The file's name, the line where there is one, what is wrong, and where; nothing is read."""
    file = tmp_path / f"world{suffix}"
    file.write_text(text, encoding="utf-8")
    cloud = Sandbox()
    before = dump(cloud.state)
    with pytest.raises(FileError) as caught:
        read_into(cloud.state, file)
    place = f"{file.name}, line {line}: " if line else f"{file.name}: "
    assert str(caught.value).startswith(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert dump(cloud.state) == before


def test_nothing_of_a_wrong_file_is_read(tmp_path: Path) -> None:
    """One wrong section, and the good ones before and after it are left out as well."""
    file = tmp_path / "world.yaml"
    file.write_text("users:\n  - {id: 5, name: new}\nids: {asset: x}\nclock_ahead: 5\n")
    cloud = Sandbox()
    before = dump(cloud.state)
    with pytest.raises(FileError, match=r"line 3"):
        read_into(cloud.state, file, alone=True)
    assert dump(cloud.state) == before


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A file that is no text, one that is not there, and a folder."""
    file = tmp_path / "world.yaml"
    if content is not None:
        file.write_bytes(content)
    for path in (file, tmp_path):
        with pytest.raises(FileError, match=f"{path.name}: cannot be read: "):
            Sandbox(seed=path)


def test_a_seed_adds_to_what_is_there(tmp_path: Path) -> None:
    """Sections that are given, settings and counts among them, leave the others as they are."""
    file = tmp_path / "world.yml"
    file.write_text(
        "\ufeffusers:\n  - {id: 1000009, name: new}\nsettings: {token_seconds: 60}\n"
        "ids: {asset: 9000000}\n",
        encoding="utf-8",
    )
    plain, cloud = dump(Sandbox().state), Sandbox(seed=file)
    assert [each["id"] for each in cloud.users] == [1000001, 1000002, 1000003, 1000009]
    assert cloud.settings.token_seconds == 60
    assert cloud.settings.operation_seconds == 1.0
    assert cloud.state.ids.counts() == {**plain["ids"], "asset": 9_000_000}  # type: ignore[dict-item]
    assert cloud.state.ids.asset() == "9000000"


def test_yaml_without_its_library_names_the_extra(tmp_path: Path) -> None:
    """A JSON seed needs no PyYAML, and a YAML one says what to install."""
    (tmp_path / "world.yaml").write_text("users: []")
    (tmp_path / "world.json").write_text('{"users": [{"id": 5}]}')
    code = (
        "import sys; sys.modules['yaml'] = None\n"
        "from rblx_oauth.sandbox.__main__ import main\n"
        "sys.exit(main(['--port', '0', '--seed', sys.argv[1]]))"
    )
    for name, said in (
        ("world.yaml", 'YAML needs PyYAML: pip install "rblx-oauth[sandbox]"; or give JSON'),
        ("world.json", "Expected `str`, got `int` - at users[0].id"),
    ):
        command = [sys.executable, "-c", code, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"{name}: {said}\n"


@pytest.mark.parametrize("option", ["--seed", "--state"])
def test_the_program_ends_with_status_2(tmp_path: Path, option: str) -> None:
    """A wrong file is one line on stderr, without a traceback, for a seed and for a state."""
    file = tmp_path / "world.json"
    file.write_text('{\n"users": [], "nobody": []}')
    command = [sys.executable, "-m", "rblx_oauth.sandbox", "--port", "0", option, str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("world.json, line 2: Unknown section `nobody`; the nearest is `")
    assert done.stderr.count("\n") == 1


def test_a_state_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A missing folder before anything is done, one that went meanwhile at the end."""
    folder = tmp_path / "folder"
    command = [sys.executable, "-m", "rblx_oauth.sandbox", "--port", "0", "--json"]
    command += ["--state", str(folder / "cloud.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"cloud.json: cannot be written: there is no folder {folder}\n"
    folder.mkdir()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        folder.rmdir()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said.startswith(f"cannot write {folder / 'cloud.json'}: ")
    assert said.count("\n") == 1

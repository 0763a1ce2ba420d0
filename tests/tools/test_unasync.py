"""The generator of the sync colour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import unasync


@pytest.fixture
def trees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with an `_async` of one file, and two rules."""
    source = tmp_path / "package" / "_async"
    source.mkdir(parents=True)
    (source / "thing.py").write_text("async def read():\n    await AsyncThing()\n")
    (tmp_path / "package" / "_sync").mkdir()
    monkeypatch.setattr(unasync, "PACKAGE", tmp_path / "package")
    monkeypatch.setattr(unasync, "SOURCE", source)
    monkeypatch.setattr(unasync, "TARGET", tmp_path / "package" / "_sync")
    monkeypatch.setattr("sys.argv", ["unasync"])
    rules = [(r"\basync def\b", "def"), (r"\bawait ", ""), (r"\bAsync([A-Z]\w*)", r"\1")]
    monkeypatch.setattr(unasync, "RULES", rules)
    return tmp_path / "package"


def test_the_sync_colour_is_written(trees: Path) -> None:
    """Keywords and prefixes go, and a notice says where the file comes from."""
    assert unasync.main() == 0
    notice, *lines = (trees / "_sync" / "thing.py").read_text().splitlines()
    assert "_async/thing.py" in notice
    assert lines == ["def read():", "    Thing()"]


def test_a_changed_byte_is_noticed(trees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--check fails once a generated file differs, and writes nothing."""
    unasync.main()
    monkeypatch.setattr("sys.argv", ["unasync", "--check"])
    assert unasync.main() == 0
    generated = trees / "_sync" / "thing.py"
    generated.write_text(generated.read_text() + " ")
    assert unasync.main() == 1
    assert generated.read_text().endswith(" ")


def test_a_left_over_file_is_noticed_and_removed(
    trees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose source is gone fails the check, and goes with the next run."""
    unasync.main()
    (trees / "_sync" / "old.py").write_text("")
    monkeypatch.setattr("sys.argv", ["unasync", "--check"])
    assert unasync.main() == 1
    monkeypatch.setattr("sys.argv", ["unasync"])
    unasync.main()
    assert not (trees / "_sync" / "old.py").exists()


def test_a_rule_that_matches_nothing_is_an_error(
    trees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unused rule stops the generator and is named."""
    monkeypatch.setattr(unasync, "RULES", [*unasync.RULES, (r"\bnever\b", "")])
    with pytest.raises(SystemExit, match="never"):
        unasync.main()

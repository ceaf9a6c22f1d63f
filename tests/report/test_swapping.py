"""Files that are replaced together: whatever stops it, all of them are new, or all are old."""

from pathlib import Path

import pytest

from mwt.report.swapping import finish, swapping

OLD = {"pages/a.txt": "old a", "pages/b.txt": "old b", "list.txt": "old"}
NEW = {"pages/a.txt": "new a", "pages/c.txt": "new c", "list.txt": "new", "more/d.txt": "d"}


def laid(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def content(root):
    found = {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}
    return {name: text for name, text in found.items() if not name.startswith(".publish")}


def replace(root):
    with swapping(root) as swap:
        laid(swap.add(root / "pages"), {"a.txt": "new a", "c.txt": "new c"})
        swap.add(root / "list.txt").write_text("new")
        laid(swap.add(root / "more"), {"d.txt": "d"})


def test_all_is_replaced_and_nothing_is_left_over(tmp_path):
    laid(tmp_path, OLD)
    replace(tmp_path)
    assert content(tmp_path) == NEW
    assert not (tmp_path / ".publish").exists()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(8))
def test_a_kill_between_any_two_steps_leaves_all_or_nothing(step, tmp_path, monkeypatch):
    laid(tmp_path, OLD)
    done = iter(range(100))

    def counted(function):
        def renamed(*arguments):
            if next(done) == step:
                raise Killed
            return function(*arguments)

        return renamed

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):  # of which the plan takes one, and each path up to two
            patch.setattr(Path, name, counted(getattr(Path, name)))
        try:
            replace(tmp_path)
        except Killed:
            assert step < 6
    whole = (tmp_path / ".publish/whole.json").exists()
    assert whole == (0 < step < 6)
    finish(tmp_path)
    assert content(tmp_path) == (OLD if step == 0 else NEW)
    replace(tmp_path)
    assert content(tmp_path) == NEW


def test_what_fails_while_it_is_laid_replaces_nothing(tmp_path):
    laid(tmp_path, OLD)

    def fails():
        with swapping(tmp_path) as swap:
            swap.add(tmp_path / "list.txt").write_text("new")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert content(tmp_path) == OLD
    finish(tmp_path)
    assert content(tmp_path) == OLD

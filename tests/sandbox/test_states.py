"""The drawing of the states follows the tables of transitions, and says when it does not."""

from saleor_support_plugin.returns import axes
from sandbox import draw_states


def test_readme_shows_the_states_as_the_tables_have_them(monkeypatch):
    monkeypatch.setattr("sys.argv", ["draw_states", "--check"])
    assert draw_states.main() == 0


def test_every_transition_is_drawn_and_no_other():
    for _title, table, first in draw_states.AXES:
        drawn = {
            tuple(line.split(" --> "))
            for line in (one.strip() for one in draw_states._diagram(table, first).splitlines())
            if " --> " in line and "[*]" not in line
        }
        assert drawn == {(str(state), str(to)) for state, some in table.items() for to in some}


def test_a_stale_drawing_is_refused_and_redrawn(monkeypatch, tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{draw_states.BEGIN}\nold\n{draw_states.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(draw_states, "TARGET", readme)
    monkeypatch.setattr("sys.argv", ["draw_states", "--check"])
    assert draw_states.main() == 1
    assert "make states" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["draw_states"])
    assert draw_states.main() == 0
    assert readme.read_text(encoding="utf-8") == f"before\n{draw_states.drawing()}\nafter\n"
    monkeypatch.setattr("sys.argv", ["draw_states", "--check"])
    assert draw_states.main() == 0


def test_a_readme_without_the_marks_is_refused(monkeypatch, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("nothing", encoding="utf-8")
    monkeypatch.setattr(draw_states, "TARGET", readme)
    monkeypatch.setattr("sys.argv", ["draw_states"])
    assert draw_states.main() == 1


def test_each_status_people_see_has_its_row():
    rows = dict(draw_states._shown())
    assert set(rows) == set(axes.ReturnStatus)
    assert rows["approved"] == "goods `awaiting`, `label_sent`"
    assert rows["declined"] == "authorisation is `declined`"

"""An audit passes what its graph compiles to, and stops at its limits; a session insists on one."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from delea import __version__
from delea.artifact import GRAPH_SECTION
from delea.artifact.wasm import Section, read_sections, write_sections
from delea.errors import StoreError, UnauditedError
from delea.roles import auditing, creator
from delea.roles.apart import ChildLimits
from delea.roles.auditing import check_audited, remembering, trust
from delea.roles.session import Session
from delea.store import Store

CHILDREN = Path("/proc/thread-self/children")
_PATH = Path(__file__).parents[3] / "attacks" / "victim.py"
_spec = importlib.util.spec_from_file_location("attacks_victim_of_roles", _PATH)
victim = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(victim)


@pytest.fixture(scope="module")
def altered(artifact):
    """The module with an `infer` that shows the bits of a NaN: legal, and it runs."""
    return victim.show_nan(artifact.module)


def test_what_was_compiled_here_passes(artifact):
    check_audited(artifact.module)


def test_other_code_fails_and_the_section_is_named(altered):
    with pytest.raises(UnauditedError) as told:
        check_audited(altered)
    assert str(told.value) == (
        "the module is not what the graph inside it compiles to: sections that differ: 10;"
        f" another release than this Delea {__version__} made it, which it does not say,"
        " or it was changed"
    )


def test_long_names_of_sections_hide_no_reason(artifact):
    parts = [*read_sections(artifact.module), Section(0, "x" * 1000, b"")]
    with pytest.raises(UnauditedError, match=rf"differ: {'x' * 100}; .* or it was changed$"):
        check_audited(write_sections(parts))


def test_a_module_without_a_graph_fails(with_section):
    with pytest.raises(UnauditedError, match="a module that can be audited expected: "):
        check_audited(with_section(GRAPH_SECTION, b""))


def test_bytes_that_are_no_module_fail():
    with pytest.raises(UnauditedError, match="a Wasm binary starts with"):
        check_audited(b"(module)")


def test_an_audit_stops_at_its_cpu_time(bomb):
    with pytest.raises(UnauditedError, match=r"within 1 s of CPU .* stopped with code -24"):
        check_audited(bomb, limits=ChildLimits(cpu_seconds=1))


def test_an_audit_stops_at_its_wall_clock(bomb):
    with pytest.raises(UnauditedError, match=r"an audit within 0\.5 s expected"):
        check_audited(bomb, limits=ChildLimits(seconds=0.5))


def test_an_audit_stops_at_its_memory(artifact):
    with pytest.raises(UnauditedError, match="memory"):
        check_audited(artifact.module, limits=ChildLimits(memory_bytes=48 << 20))


def test_the_limits_of_an_audit_are_those_of_the_documents():
    assert ChildLimits() == ChildLimits(cpu_seconds=10, seconds=120.0, memory_bytes=805_306_368)


def test_what_passed_once_is_not_audited_again_unless_asked(artifact, tmp_path, monkeypatch):
    folder = tmp_path / "audited"
    remembering(folder)(artifact.module)
    asked = []
    monkeypatch.setattr(auditing, "check_audited", asked.append)
    remembering(folder)(artifact.module)
    assert asked == []
    remembering(folder, again=True)(artifact.module)
    assert asked == [artifact.module]


def test_what_fails_is_not_remembered(altered, artifact, tmp_path):
    audit = remembering(tmp_path / "audited")
    for _ in range(2):
        with pytest.raises(UnauditedError):
            audit(altered)
    assert not (tmp_path / "audited").exists()
    audit(artifact.module)
    with pytest.raises(UnauditedError):
        audit(altered)


def test_a_mark_that_says_something_else_is_none(altered, tmp_path):
    audit = remembering(tmp_path)
    mark = tmp_path / auditing.digest(altered).hex()
    mark.write_bytes(b"")
    with pytest.raises(UnauditedError):
        audit(altered)
    mark.write_bytes(b"audited\naudited\n")
    with pytest.raises(StoreError, match="at most 8 bytes"):
        audit(altered)


def test_a_session_takes_no_module_that_fails_its_audit(
    chain, anvil, keys, artifact, altered, tmp_path
):
    snapshot, store = anvil.snapshot(), Store(tmp_path)
    offer = creator.Offer("odd", "ODD", horizon=6_400, max_updates=1)
    work = (chain, store, replace(artifact, module=altered), offer)
    with pytest.raises(UnauditedError, match="sections that differ: 10"):
        creator.create(*work, key=keys[0], audit=check_audited)
    assert not list(tmp_path.iterdir())
    model = creator.create(*work, key=keys[0], audit=trust).address
    before = CHILDREN.read_text()
    with pytest.raises(UnauditedError, match="sections that differ: 10"):
        Session(chain, model, store, audit=check_audited)
    assert CHILDREN.read_text() == before
    with Session(chain, model, store, audit=trust) as session:
        assert session.module == altered
    anvil.revert(snapshot)

"""What rendering costs, in microseconds: ``python bench/templating.py``.

Each line is the best of five rounds; the goals stand beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchestra.model.origin import LocatedDict, Origin, TemplateText
from orchestra.model.secret import Redactor
from orchestra.templating.scope import Scope
from orchestra.templating.templar import Templar

HERE = Origin("bench.yml", 1, 1)
ROUNDS = 5


class NoFiles:
    """A run without files."""

    def search(self, kind: str, name: str) -> str | None:
        """Nothing is found."""
        return None

    def search_paths(self, kind: str) -> Sequence[str]:
        """Nowhere."""
        return ()

    def read(self, path: str) -> bytes:
        """Nothing."""
        return b""

    def setting(self, name: str) -> Any:
        """Nothing is set."""
        raise KeyError(name)

    def warn(self, message: str) -> None:
        """Nobody listens."""


def measure(action: Callable[[], object], count: int = 5000) -> float:
    """Microseconds for one call of ``action``."""
    action()
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(count):
            action()
        best = min(best, time.perf_counter() - start)
    return best / count * 1e6


def text(source: str) -> TemplateText:
    """A template of the project."""
    return TemplateText(source, HERE)


def main() -> None:
    """Measure and print."""
    start = time.perf_counter()
    templar = Templar(object(), Redactor())
    files = NoFiles()
    variables: dict[str, Any] = {
        **{f"var{number}": number for number in range(200)},
        "a": "one",
        "b": "two",
        "port": 80,
        "nested": text("{{ a }}/{{ b }}"),
        "cfg": LocatedDict({"host": text("{{ a }}"), "port": 80}),
        "facts": {f"fact{number}": {"x": number} for number in range(500)},
    }

    def scope() -> Scope:
        return templar.scope(variables, files)

    scope().render(text("{{ a ~ b }}"))
    print(f"first template, with the import of Jinja   {(time.perf_counter() - start) * 1000:8.1f} ms")
    kept = scope()
    plain = {"path": "/etc/motd", "mode": "0644", "lines": ["a", "b"]}
    args = LocatedDict({"path": text("/etc/{{ a }}"), "mode": "0644", "owner": "root", "port": text("{{ port }}")})
    condition = "a == 'one' and b is defined"
    cases: list[tuple[str, Callable[[], object], str]] = [
        ("plain value", lambda: kept.render(plain), "0"),
        ("new scope", scope, "1"),
        ("{{ a }}, new scope", lambda: scope().render(text_a), "6"),
        ("{{ a }}-{{ b }}, new scope", lambda: scope().render(text_ab), "10"),
        ("{{ port + 1 }}, new scope", lambda: scope().render(text_native), "6"),
        ("{{ port + 1 }}, same scope", lambda: kept.render(text_native), "3"),
        ("{{ nested }}, new scope", lambda: scope().render(text_nested), "10"),
        ("{{ cfg.host }}, new scope", lambda: scope().render(text_lazy), "10"),
        ("{{ facts.fact7.x }}, new scope", lambda: scope().render(text_facts), "6"),
        ("{{ a | default('x') | upper }}", lambda: kept.render(text_filters), "6"),
        ("arguments of a task, new scope", lambda: scope().render_args(args), "15"),
        (f"condition {condition}", lambda: kept.condition(condition), "6"),
        ("same, new scope", lambda: scope().condition(condition), "10"),
        ("loop item: child scope, {{ item }}", lambda: kept.child({"item": "x"}).render(text_item), "6"),
    ]
    text_a, text_ab, text_native = text("{{ a }}"), text("{{ a }}-{{ b }}"), text("{{ port + 1 }}")
    text_nested, text_lazy, text_facts = text("{{ nested }}"), text("{{ cfg.host }}"), text("{{ facts.fact7.x }}")
    text_filters, text_item = text("{{ a | default('x') | upper }}"), text("{{ item }}")
    for name, action, goal in cases:
        print(f"{name:44} {measure(action):8.2f} us   goal {goal:>3}")
    number = iter(range(10**9))
    compiled = measure(lambda: kept.render(text(f"{{{{ a }}}}-{next(number)}")), 200)
    print(f"{'a text that was not seen before':44} {compiled:8.2f} us")


if __name__ == "__main__":
    main()

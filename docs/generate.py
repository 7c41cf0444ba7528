"""Writes the parts of the manual that follow from declarations: modules, keywords, settings, names in templates.

``python docs/generate.py`` brings them up to date, ``--check`` says which are not (status 1). What a page says in its
own words stands outside of the marks and is left alone. tests/docs/test_generated.py sees whether somebody forgot it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestra.engine.vaultfilters import vault_filters
from orchestra.language.keywords import BLOCK, HANDLER, KEYWORDS, KINDS, PLAY, ROLE, TASK, Join, Keyword, described
from orchestra.library.catalogue import Library
from orchestra.library.declaration import ModuleDeclaration
from orchestra.library.doctext import public_options
from orchestra.model.secret import Redactor
from orchestra.runner.options import Option, declared
from orchestra.settings.settings import SPECS
from orchestra.settings.spec import Spec
from orchestra.templating.lookups.registry import Lookups
from orchestra.templating.registry import make_tables

HERE = Path(__file__).parent
END = "<!-- end of generated text -->"
MARK = "<!-- written by docs/generate.py from the module's declaration -->"


def pages() -> dict[Path, str]:
    """Every page that is generated, wholly or in part: its path and what it should say."""
    library = Library()
    modules = [library.find(name) for name in library.names()]
    found = {HERE / "modules" / f"{module.name}.md": module_page(module) for module in modules if module}
    parts: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("modules/index.md", "modules", lambda: module_table([module for module in modules if module])),
        ("playbooks.md", "keywords", keyword_tables),
        ("playbooks.md", "templates", template_names),
        ("configuration.md", "settings", settings_table),
    )
    for name, mark, make in parts:
        path = HERE / name
        found[path] = replace_part(found.get(path) or path.read_text(encoding="utf-8"), mark, make())
    return found


def replace_part(page: str, mark: str, text: str) -> str:
    """``page`` with ``text`` between the marks of that name."""
    start = f"<!-- generated: {mark} -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(END), re.DOTALL)
    changed, count = pattern.subn(lambda _: f"{start}\n{text.strip()}\n{END}", page)
    if count != 1:
        raise SystemExit(f"the marks of {mark!r} stand {count} times in a page, once is right")
    return changed


# Modules


def module_table(modules: list[ModuleDeclaration]) -> str:
    """A line for each module."""
    rows = [f"| [{module.name}]({module.name}.md) | {_cell(module.summary)} |" for module in modules]
    return "\n".join(["| Module | What it does |", "|---|---|", *rows])


def module_page(module: ModuleDeclaration) -> str:
    """One module's page."""
    text = "\n\n".join(" ".join(part.split()) for part in module.description.split("\n\n"))
    lines = [f"# {module.name}", "", text, "", f"Names: {', '.join(f'`{name}`' for name in module.names)}", ""]
    if module.action:
        lines += ["Done by the controller.", ""]
    if module.free_form:
        lines += [f"Text behind the module's name goes into `{module.free_form}`.", ""]
    options = public_options(module.options)
    if options:
        lines += ["## Options", "", *_option_table(options, ""), ""]
    for title, names in _rules(module.options_class):
        lines += [f"{title}: {names}.", ""]
    if module.check_mode:
        lines += ["## Check mode", "", module.check_mode, ""]
    if module.examples:
        lines += ["## Examples", "", "```yaml tasks", module.examples, "```", ""]
    if module.returns:
        rows = [f"| `{name}` | {_cell(meaning)} |" for name, meaning in module.returns.items()]
        lines += ["## Return values", "", "| Name | Meaning |", "|---|---|", *rows, ""]
    return "\n".join([*lines, MARK, ""])


def _option_table(options: Mapping[str, Option], prefix: str) -> Iterator[str]:
    if not prefix:
        yield from ("| Option | Kind | Default | Meaning |", "|---|---|---|---|")
    for name, option in sorted(options.items(), key=lambda pair: (not pair[1].required, pair[0])):
        kind = f"{option.kind} of {option.elements}" if option.elements is not None else str(option.kind)
        default = "**required**" if option.required else _code(option.default)
        yield f"| `{prefix}{name}` | {kind} | {default} | {_prose(_meaning(option))} |"
        if option.options is not None:
            yield from _option_table(public_options(declared(option.options)), f"{prefix}{name}.")


def _meaning(option: Option) -> str:
    parts = [option.help]
    if option.choices is not None:
        parts.append("One of " + ", ".join(f"`{choice}`" for choice in option.choices) + ".")
    if option.aliases:
        parts.append("Also: " + ", ".join(f"`{alias}`" for alias in option.aliases) + ".")
    if option.secret:
        parts.append("Never shown.")
    return " ".join(parts)


def _rules(options: type) -> Iterator[tuple[str, str]]:
    """The rules between options, in words."""
    groups = {
        "One of these is needed": getattr(options, "REQUIRED_ONE_OF", ()),
        "These exclude each other": getattr(options, "MUTUALLY_EXCLUSIVE", ()),
        "These go together": getattr(options, "REQUIRED_TOGETHER", ()),
    }
    for title, rules in groups.items():
        for names in rules:
            yield title, ", ".join(f"`{name}`" for name in names)
    for name, value, needed, *any_of in getattr(options, "REQUIRED_IF", ()):
        joint = " or " if any_of and any_of[0] else " and "
        yield f"With `{name}: {_plain(value)}` it needs", joint.join(f"`{one}`" for one in needed)


# Keywords


def keyword_tables() -> str:
    """The keywords of plays, blocks, tasks and roles."""
    sentences = described()
    missing = sorted(set(KEYWORDS) ^ set(sentences))
    if missing:
        raise SystemExit(f"keywords.txt and keywords.py of orchestra/language differ: {', '.join(missing)}")
    lines = ["| Keyword | Where | Value | Handed down | Meaning |", "|---|---|---|---|---|"]
    for name in sorted(KEYWORDS):
        row = KEYWORDS[name]
        shown = "with_*" if name == "with_" else name
        lines.append(f"| `{shown}` | {_places(row)} | {KINDS[row.kind][1]} | {_join(row)} | {_cell(sentences[name])} |")
    return "\n".join(lines)


def _places(row: Keyword) -> str:
    order = (PLAY, ROLE, BLOCK, TASK, HANDLER)
    if set(order) <= set(row.places):
        return "everywhere"
    return ", ".join(place for place in order if place in row.places)


def _join(row: Keyword) -> str:
    words = {
        Join.OWN: "", Join.INNERMOST: "innermost wins", Join.REPLACE: "innermost wins", Join.EXTEND: "added up",
        Join.LAYERS: "name by name",
    }  # fmt: skip
    return words[row.join]


# Templates


def template_names() -> str:
    """Names of filters, tests and lookups."""
    filters, tests = make_tables({}, {}, Redactor(), vault_filters(Redactor()))
    kinds = (
        ("Filters", filters.names()),
        ("Tests", tests.names()),
        ("Lookups", Lookups({}).names()),
    )
    return "\n\n".join(f"**{title}**: {', '.join(f'`{name}`' for name in _short(names))}." for title, names in kinds)


def _short(names: Any) -> list[str]:
    return sorted({name for name in names if "." not in name and re.match(r"[a-z]", name)})


# Settings


def settings_table() -> str:
    """All settings, section by section."""
    sections: dict[str, list[Spec]] = {}
    for spec in SPECS.values():
        sections.setdefault(_section(spec), []).append(spec)
    lines: list[str] = []
    for section, specs in sections.items():
        lines += [f"### [{section}]", "", "| Key | Default | Environment | Meaning |", "|---|---|---|---|"]
        lines += [_setting(spec) for spec in sorted(specs, key=_key)]
        lines.append("")
    return "\n".join(lines)


def _section(spec: Spec) -> str:
    return spec.places[-1].partition(".")[0] if spec.places else "environment only"


def _key(spec: Spec) -> str:
    return spec.places[-1].partition(".")[2] if spec.places else spec.name


def _setting(spec: Spec) -> str:
    variables = [name[1:] if name.startswith("=") else f"ORCHESTRA_{name}" for name in spec.env]
    meaning = spec.doc
    if spec.choices:
        meaning += " One of " + ", ".join(f"`{choice}`" for choice in spec.choices) + "."
    default = list(spec.default) if isinstance(spec.default, tuple) else spec.default
    environment = ", ".join(f"`{name}`" for name in variables if not name.endswith("_"))
    return f"| `{_key(spec)}` | {_code(default)} | {environment} | {_cell(meaning)} |"


# Text


def _code(value: Any) -> str:
    if value in (None, "", [], ()):
        return ""
    return f"`{_cell(_plain(value))}`"


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _prose(text: str) -> str:
    """As _cell, with stars outside of code taken as stars."""
    return "".join(
        part if part.startswith("`") else part.replace("*", "\\*") for part in re.split("(`[^`]*`)", _cell(text))
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write what differs, or only name it."""
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    gone = [path for path in (HERE / "modules").glob("*.md") if path not in wanted and MARK in path.read_text()]
    for path in [*stale, *gone]:
        sys.stdout.write(f"{path.relative_to(HERE.parent)}\n")
    if "--check" in arguments:
        return 1 if stale or gone else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    for path in gone:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

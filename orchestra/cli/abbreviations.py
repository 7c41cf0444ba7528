"""Long options by their beginnings (``--lim web``, ``--syn``), as ansible-playbook's own parser takes them.

Click knows whole names only, so the words of a command line are completed before it reads them. A beginning that
several options share is refused with their names; one that none has is left for click to complain about. Letters become
whole names too: click takes ``-i`` for a mistake first, and compares it with every name for its "did you mean".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click


def completed(command: click.Command, context: click.Context, words: Sequence[str]) -> list[str]:
    """The words behind a command's name with every long option's whole name.

    Raises:
        BadOptionUsage: a beginning fits several options.
    """
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    left = iter(words)
    done: list[str] = []
    for word in left:
        if word == "--":
            return [*done, word, *left]
        if isinstance(command, click.Group) and not word.startswith("-"):
            return [*done, word, *_of_subcommand(command, context, word, list(left))]
        word = _whole(word, options, context) if word.startswith("--") else word
        value = list(_next(left)) if _wants_value(word, options) else []
        done += [*_spelled_out(word, options, bool(value)), *value]
    return done


def _of_subcommand(group: click.Group, context: click.Context, name: str, words: list[str]) -> list[str]:
    command = group.get_command(context, name)
    return words if command is None else completed(command, context, words)


def _next(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        yield word
        return


def _whole(word: str, options: Sequence[click.Option], context: click.Context) -> str:
    """The word with the name that its beginning means."""
    name, equals, value = word.partition("=")
    fitting = {flag: option for option in options for flag in _flags(option) if flag.startswith(name)}
    if name in fitting or not fitting:
        return word
    if len({id(option) for option in fitting.values()}) > 1:
        raise click.BadOptionUsage(name, f"{name!r} may be {', '.join(sorted(fitting))}: write more of it.", context)
    return next(iter(fitting)) + equals + value


def _flags(option: click.Option) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def _wants_value(word: str, options: Sequence[click.Option]) -> bool:
    """Whether the next word belongs to this one."""
    if word.startswith("--"):
        return any(word in _flags(option) and _takes_value(option) for option in options)
    for index, letter in enumerate(word[1:] if word.startswith("-") else ""):
        if any(f"-{letter}" in option.opts and _takes_value(option) for option in options):
            return index == len(word) - 2
    return False


def _spelled_out(word: str, options: Sequence[click.Option], has_value: bool) -> list[str]:
    """``-i`` with its value, and flags (``-vvC``), by their long names; what else there is stays as it is."""
    letters = word[1:] if word.startswith("-") and not word.startswith("--") else ""
    meant = [next((one for one in options if f"-{letter}" in one.opts), None) for letter in letters]
    known = [one for one in meant if one is not None and (not _takes_value(one) or (has_value and len(meant) == 1))]
    names = [name for one in known for name in [_long_name(one)] if name]
    return names if names and len(names) == len(letters) else [word]


def _long_name(option: click.Option) -> str:
    return next((name for name in option.opts if name.startswith("--")), "")


def _takes_value(option: click.Option) -> bool:
    return not (option.is_flag or option.count)

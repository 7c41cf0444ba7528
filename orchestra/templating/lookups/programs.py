"""Lookups that ask outside: the output of commands, the content of URLs, DNS records."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.lookups.call import Lookup, LookupCall


def _output(call: LookupCall, name: str, command: str) -> bytes:
    """What a command line of the project's text prints. The shell is what the lookup promises."""
    folder = call.scope.get("playbook_dir")
    shell = subprocess.Popen(  # noqa: S602 - "pipe" and "lines" are defined to run a shell command line of the project
        command,
        shell=True,
        cwd=folder if isinstance(folder, str) and os.path.isdir(folder) else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with shell:
        try:
            output: bytes
            output, errors = call.scope.lookups.wait(shell.communicate)
        except BaseException:  # the run is interrupted while it waits
            _kill(shell)
            raise
    if shell.returncode:
        said = errors.decode(errors="replace").strip().splitlines()[-1:]
        raise TemplateError(
            f"lookup_plugin.{name}({command}) returned {shell.returncode}", hint=f"it said: {said[0]}" if said else ""
        )
    return output


def _kill(shell: subprocess.Popen[bytes]) -> None:
    """End a shell with what it runs; it has no process group of its own, because it may ask on the terminal."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text()
        for child in children.split():
            os.kill(int(child), signal.SIGKILL)
    shell.kill()


def pipe(call: LookupCall) -> Sequence[Any]:
    """The output of each command, without blanks at its end."""
    return [_output(call, "pipe", str(term)).decode(errors="surrogateescape").rstrip() for term in call.terms]


def lines(call: LookupCall) -> Sequence[Any]:
    """The lines that commands print."""
    printed = [_output(call, "lines", term) for term in call.texts()]
    return [line.decode(errors="surrogateescape") for output in printed for line in output.splitlines()]


def url(call: LookupCall) -> Sequence[Any]:
    """The content of each URL, as lines or (split_lines=False) as one text."""
    found: list[str] = []
    for address in call.texts():
        text = call.scope.lookups.wait(functools.partial(_fetch, call, address))
        found.extend(text.splitlines() if call.flag("split_lines", True) else [text])
    return found


def _fetch(call: LookupCall, address: str) -> str:
    from urllib.error import HTTPError, URLError
    from urllib.request import Request

    if address.partition(":")[0].lower() not in ("http", "https", "ftp", "file"):
        raise TemplateError(f"'{_public(address)}' is not a URL that can be fetched")
    request = Request(address, headers=_headers(call))  # noqa: S310 - the scheme was checked
    try:
        with _opener(call).open(request, timeout=float(call.option("timeout", 10))) as response:
            content: bytes = response.read()
    except HTTPError as error:
        raise TemplateError(f"{_public(address)} answered {error.code} {error.reason}") from None
    except (URLError, OSError) as error:
        raise TemplateError(f"{_public(address)} can not be fetched: {getattr(error, 'reason', error)}") from None
    return content.decode(errors="surrogateescape")


def _opener(call: LookupCall) -> Any:
    import ssl
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener

    context = ssl.create_default_context(cafile=call.option("ca_path"))
    if not call.flag("validate_certs", True):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    handlers: list[Any] = [HTTPSHandler(context=context)]
    if not call.flag("use_proxy", True):
        handlers.append(ProxyHandler({}))
    return build_opener(*handlers)


def _headers(call: LookupCall) -> dict[str, str]:
    import base64

    headers = {"User-Agent": call.text("http_agent", "ansible-httpget")}
    given = call.option("headers", {})
    if isinstance(given, Mapping):
        headers.update({str(name): str(value) for name, value in given.items()})
    if call.flag("force"):
        headers["cache-control"] = "no-cache"
    if call.option("username"):
        pair = f"{call.text('username')}:{call.text('password')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _public(address: str) -> str:
    """A URL without the user and password in it."""
    scheme, found, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2]}{slash}{path}"


LOOKUPS: dict[str, Lookup] = {"pipe": pipe, "lines": lines, "url": url}

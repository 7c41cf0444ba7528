"""AnsibleModule: what a module of the Ansible world sees of its task. Written from its documentation.

It reads its task from the session, and an end is an answer kept there: nothing is printed and parsed again.
"""

import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from orchestra.runner.foreign.arguments import (
    FILE_COMMON_ARGUMENTS,
    Binder,
    Rules,
    env_fallback,
    remove_values,
    sanitize_keys,
)
from orchestra.runner.foreign.booleans import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean
from orchestra.runner.foreign.distro import get_distribution, get_platform_subclass, load_platform_subclass
from orchestra.runner.foreign.faults import AnsibleFallbackNotFound, UnsupportedError
from orchestra.runner.foreign.finding import get_bin_path, is_executable
from orchestra.runner.foreign.formatters import bytes_to_human, human_to_bytes
from orchestra.runner.foreign.labels import Labels
from orchestra.runner.foreign.permissions import Files
from orchestra.runner.foreign.programs import Programs
from orchestra.runner.foreign.release import __version__
from orchestra.runner.foreign.session import current, deprecate, warn
from orchestra.runner.foreign.text import (
    container_to_bytes,
    container_to_text,
    jsonify,
    plain,
    to_bytes,
    to_native,
    to_text,
)
from orchestra.runner.foreign.validation import DEFAULT_TYPE_VALIDATORS, safe_eval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [  # and what modules took from here with a star when that was the custom
    "AnsibleFallbackNotFound", "AnsibleModule", "BOOLEANS", "BOOLEANS_FALSE", "BOOLEANS_TRUE", "FILE_COMMON_ARGUMENTS",
    "boolean", "bytes_to_human", "datetime", "deprecate", "env_fallback", "get_bin_path", "get_distribution",
    "get_platform", "get_platform_subclass", "human_to_bytes", "is_executable", "json", "jsonify",
    "load_platform_subclass", "missing_required_lib", "os", "platform", "re", "remove_values", "shutil", "subprocess",
    "sys", "tempfile", "time", "to_bytes", "to_native", "to_text", "traceback", "warn",
]  # fmt: skip


#: Words by which an option is taken for a password.
_PASSWORDS = frozenset(("pass", "password", "passphrase", "passwd", "passwrd"))

json_dict_bytes_to_unicode = container_to_text
json_dict_unicode_to_bytes = container_to_bytes


def _load_params() -> "dict[str, Any]":
    """What the task gave, before it is held against a spec."""
    return dict(current().params)


def get_platform() -> "str":
    """The system's name, such as Linux."""
    return platform.system()


def missing_required_lib(library: "str", reason: "Any" = None, url: "Any" = None) -> "str":
    """The sentence about a Python library that is not on the host."""
    text = "Failed to import the required Python library ({}) on {}'s Python {}.".format(
        library, platform.node(), sys.executable
    )
    if reason:
        text += " This is required {}.".format(reason)
    if url:
        text += " See {} for more info.".format(url)
    return text + (
        " Please read the module documentation and install it in the appropriate location."
        " If the required library is installed, but Ansible is using the wrong Python interpreter,"
        " please consult the documentation on ansible_python_interpreter"
    )


class AnsibleModule(Programs, Files, Labels):
    """One run of a module: its options, checked and typed, and the ways to end it."""

    def __init__(
        self,
        argument_spec: "dict[str, Any]",
        bypass_checks: "bool" = False,
        no_log: "bool" = False,
        mutually_exclusive: "Any" = None,
        required_together: "Any" = None,
        required_one_of: "Any" = None,
        add_file_common_args: "bool" = False,
        supports_check_mode: "bool" = False,
        required_if: "Any" = None,
        required_by: "Any" = None,
    ) -> "None":
        session = current()
        self._session = session
        self._name = session.name
        self.supports_check_mode = supports_check_mode
        self.check_mode = bool(session.system.check)
        self.no_log = no_log
        self.bypass_checks = bypass_checks
        self.mutually_exclusive = mutually_exclusive
        self.required_together = required_together
        self.required_one_of = required_one_of
        self.required_if = required_if
        self.required_by = required_by
        self.cleanup_files = []  # type: list[str]
        self._diff = bool(session.system.diff)
        self._debug = False
        self._verbosity = 0
        self._target_log_info = None
        self._remote_tmp = None  # no folder on a host is kept for modules
        self.ansible_version = __version__
        self.no_log_values = session.hidden
        self.run_command_environ_update = {}
        self.aliases = {}  # type: dict[str, str]
        self.argument_spec = argument_spec
        if add_file_common_args:
            for name, one in FILE_COMMON_ARGUMENTS.items():
                argument_spec.setdefault(name, one)
        self.params = dict(session.params)
        self._bind()
        self._mind_passwords()
        self._CHECK_ARGUMENT_TYPES_DISPATCHER = dict(DEFAULT_TYPE_VALIDATORS)
        if self.check_mode and not supports_check_mode:
            self.exit_json(
                skipped=True, msg="remote module ({}) does not support check mode".format(self._name), changed=False
            )

    def _bind(self) -> "None":
        binder = Binder()
        rules = Rules(
            mutually_exclusive=self.mutually_exclusive,
            required_together=self.required_together,
            required_one_of=self.required_one_of,
            required_if=self.required_if,
            required_by=self.required_by,
        )
        binder.bind(self.argument_spec, self.params, rules, [])
        self.no_log_values.update(binder.secrets)
        for fault in binder.everything()[:1]:
            unknown = "Unsupported parameters for ({}) module: ".format(self._name)
            self.fail_json(msg=(unknown if isinstance(fault, UnsupportedError) else "") + fault.msg)
        for text in binder.warnings:
            self.warn(text)
        for found in binder.deprecations:
            self.deprecate(**found)

    def _mind_passwords(self) -> "None":
        """Tell of options that are called like passwords, and of which the spec does not say whether they are any."""
        for name in self.params if not self.no_log else ():
            spec = self.argument_spec.get(self.aliases.get(name, name), {})
            if spec.get("no_log") is None and not _PASSWORDS.isdisjoint(re.split(r"[-_\s]", name.lower())):
                self.warn("Module did not set no_log for {}".format(name))

    # --- words on the way ---

    @property
    def tmpdir(self) -> "str":
        """A private folder that goes with the task."""
        return str(self._session.system.scratch())

    def warn(self, warning: "str") -> "None":
        """Add a warning to the result."""
        warn(warning)

    def error_as_warning(self, msg: "Any", exception: "BaseException") -> "None":
        """Add an exception to the warnings."""
        warn("{}: {}".format(msg, exception) if msg else str(exception))

    def deprecate(
        self, msg: "str", version: "Any" = None, date: "Any" = None, collection_name: "Any" = None, **more: "Any"
    ) -> "None":
        """Add a deprecation to the result."""
        deprecate(msg, version=version, date=date, collection_name=collection_name)

    def log(self, msg: "Any", log_args: "Any" = None) -> "None":
        """Write a line to the host's log."""
        import syslog

        text = to_text(msg)
        for secret in self.no_log_values:
            text = text.replace(secret, "********")
        syslog.openlog("ansible-{}".format(self._name), 0, syslog.LOG_USER)
        syslog.syslog(syslog.LOG_INFO, text)

    def debug(self, msg: "Any") -> "None":
        """Nothing: there is no debugging of modules here."""

    def boolean(self, arg: "Any") -> "Any":
        """A truth value."""
        if arg is None:
            return arg
        try:
            return boolean(arg)
        except TypeError as error:
            return self.fail_json(msg=str(error))

    def jsonify(self, data: "Any") -> "str":
        """JSON text."""
        return jsonify(data)

    def from_json(self, data: "Any") -> "Any":
        """The value of JSON text."""
        return json.loads(data)

    def safe_eval(self, value: "Any", locals: "Any" = None, include_exceptions: "bool" = False) -> "Any":
        """The Python literal that a text is."""
        return safe_eval(value, locals, include_exceptions)

    @staticmethod
    def bytes_to_human(size: "float") -> "str":
        """A size as people write it."""
        return bytes_to_human(size)

    pretty_bytes = bytes_to_human

    @staticmethod
    def human_to_bytes(number: "str", isbits: "bool" = False) -> "int":
        """A size as people write it, in bytes or bits."""
        return human_to_bytes(number, isbits=isbits)

    def add_cleanup_file(self, path: "str") -> "None":
        """Remove this file in the end."""
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self) -> "None":
        """Remove what is to be removed."""
        for path in self.cleanup_files:
            self.cleanup(path)

    def get_distribution(self) -> "Any":
        """The name of the distribution."""
        return get_distribution()

    # --- the end ---

    def exit_json(self, **kwargs: "Any") -> "Any":
        """End the task with these values."""
        self._end(kwargs)
        sys.exit(0)

    def fail_json(self, msg: "str", **kwargs: "Any") -> "Any":
        """End the task as failed."""
        exception = kwargs.pop("exception", None)
        kwargs.update(failed=True, msg=msg)
        if exception is not None:
            kwargs["exception"] = exception if isinstance(exception, str) else _trace(exception)
        elif sys.exc_info()[2] is not None:
            kwargs["exception"] = _trace(sys.exc_info()[1])
        self._end(kwargs)
        sys.exit(1)

    def fail_on_missing_params(self, required_params: "Any" = None) -> "None":
        """End the task as failed where one of these has no value."""
        missing = [name for name in required_params or () if not self.params.get(name)]
        if missing:
            self.fail_json(msg="missing required arguments: {}".format(", ".join(missing)))

    def _end(self, values: "dict[str, Any]") -> "None":
        self.do_cleanup_files()
        if "path" in values or "dest" in values:
            self.add_path_info(values)
        for text in _listed(values.pop("warnings", ())):
            warn(text) if isinstance(text, str) else None
        for found in _listed(values.pop("deprecations", ())):
            if isinstance(found, dict):
                deprecate(**{str(key): value for key, value in found.items()})
            else:
                deprecate(*([found] if isinstance(found, str) else found))
        values.setdefault("invocation", {"module_args": dict(self.params)})
        values = _as_json(values)
        places = self._session.places_of(values) if self._session.places_of else None
        values = container_to_text(values)
        keep = frozenset(("msg", "changed", "failed", "rc", "warnings", "exception", "diff", "skipped", "invocation"))
        values = remove_values(sanitize_keys(values, self.no_log_values, keep), self.no_log_values)
        if places:
            values["_deprecated_texts"] = remove_values(container_to_text(places), self.no_log_values)
        self._session.finish(values)


def _listed(found: "Any") -> "Any":
    return [found] if isinstance(found, (str, dict)) else found or ()


def _as_json(value: "Any") -> "Any":
    """Only what JSON knows, so that nothing odd leaves the module."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dict):
        return {key if isinstance(key, str) else to_text(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_as_json(item) for item in value]
    if hasattr(value, "__fspath__"):
        return os.fspath(value)
    return _as_json(plain(value))


def _trace(error: "Any") -> "str":
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))

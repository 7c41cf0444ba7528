"""Ansible's commands refuse to start in a locale that is not there or is no UTF-8; so do their names here."""

from __future__ import annotations

import locale
import sys


def locale_problem() -> str:
    """What is wrong with the process's locale, in the words that callers look for; empty when nothing is."""
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error as error:
        return f"ERROR: Ansible could not initialize the preferred locale: {error}"
    encoding = sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") != "utf8":
        return f"ERROR: Ansible requires the locale encoding to be UTF-8; Detected {encoding}."
    return ""

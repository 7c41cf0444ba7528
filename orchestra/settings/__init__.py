"""One frozen Settings object from files, environment and flags."""

from orchestra.settings.load import load_settings
from orchestra.settings.settings import Settings

__all__ = ["Settings", "load_settings"]

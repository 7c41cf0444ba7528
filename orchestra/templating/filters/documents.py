"""Filters of community.general and ansible.utils between data and other forms of text: CSV, INI, XML, PEM."""

from __future__ import annotations

import configparser
import csv
import io
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestra.errors import TemplateError
from orchestra.templating.finish import finish

_DIALECTS = ("excel", "excel-tab", "unix")


def from_csv(
    text: Any,
    dialect: str = "excel",
    fieldnames: Any = None,
    delimiter: str | None = None,
    skipinitialspace: bool | None = None,
    strict: bool | None = None,
) -> list[dict[str, str]]:
    """The rows of CSV text, each a dictionary by the names in the first row (or ``fieldnames``)."""
    if dialect not in _DIALECTS:
        raise TemplateError(f"dialect '{dialect}' is not supported", hint=f"there are {', '.join(_DIALECTS)}")
    given = {"delimiter": delimiter, "skipinitialspace": skipinitialspace, "strict": strict}
    options: Any = {name: value for name, value in given.items() if value is not None}
    try:
        return list(csv.DictReader(io.StringIO(text), fieldnames, dialect=dialect, **options))
    except csv.Error as error:
        raise TemplateError(f"Unable to process file: {error}") from None


class _Ini(configparser.RawConfigParser):
    def __init__(self) -> None:
        super().__init__(interpolation=None)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def from_ini(text: Any, **_options: Any) -> dict[str, dict[str, str]]:
    """The sections of INI text, each a dictionary."""
    if not isinstance(text, str):
        raise TemplateError(f"from_ini requires a str, got {type(text)}")
    parser = _Ini()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise TemplateError(f"from_ini failed to parse given string: {error}") from None
    sections = {name: dict(parser.items(name)) for name in parser.sections()}
    defaults = dict(parser.defaults())
    return {**sections, **({"DEFAULT": defaults} if defaults else {})}


def to_ini(sections: Any) -> str:
    """INI text of a dictionary of sections."""
    if not isinstance(sections, Mapping):
        raise TemplateError(f"to_ini requires a dict, got {type(sections)}")
    plain = finish(sections)
    if not plain:
        raise TemplateError("to_ini received an empty dict. An empty dict cannot be converted.")
    parser, written = _Ini(), io.StringIO()
    try:
        parser.read_dict(plain)
    except (AttributeError, TypeError, ValueError, configparser.Error) as error:
        raise TemplateError(f"to_ini failed to parse given dict: {error}") from None
    parser.write(written)
    return written.getvalue()[:-1]


def _xmltodict() -> Any:
    try:
        import xmltodict  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise TemplateError(
            "from_xml and to_xml need the Python package xmltodict", hint="pip install 'orchestra[xml]'"
        ) from None
    return xmltodict


def from_xml(text: Any, engine: str = "xmltodict") -> Any:
    """What an XML document holds, as dictionaries."""
    _check_engine(engine)
    try:
        return _xmltodict().parse(text)
    except Exception as error:  # the parser's own kinds of errors differ from version to version
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(f"the XML can not be read: {error}") from None


def to_xml(data: Any, engine: str = "xmltodict", indent: str = "tabs", indent_width: int = 4, **more: Any) -> str:
    """An XML document of a dictionary with one key."""
    _check_engine(engine)
    marks = {"tabs": "\t", "spaces": " " * indent_width}
    if indent not in marks:
        raise TemplateError(f"indent has to be tabs or spaces, not '{indent}'")
    text: str = _xmltodict().unparse(finish(data), pretty=True, indent=marks[indent], **more)
    return text


def _check_engine(engine: str) -> None:
    if engine != "xmltodict":
        raise TemplateError(f"engine: {engine} is not supported", hint="there is xmltodict")


def crc32(text: Any) -> str:
    """The CRC-32 of a text, in hexadecimal."""
    if not isinstance(text, str):
        raise TemplateError(f"crc32 takes text, not {type(text).__name__}")
    return f"{zlib.crc32(text.encode()) & 0xFFFFFFFF:x}"


def unicode_normalize(text: Any, form: str = "NFC") -> str:
    """The text in one of Unicode's normal forms."""
    if not isinstance(text, str):
        raise TemplateError(f"Invalid type {type(text)} passed to unicode_normalize (expected str)")
    if form not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise TemplateError(f"Invalid value for form: {form}")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def split_pem(text: Any) -> list[str]:
    """The PEM blocks in a text, each with its two frame lines."""
    if not isinstance(text, (str, bytes)):
        raise TemplateError(f"The community.crypto.split_pem input must be a text type, not {type(text)}")
    lines = (text.decode() if isinstance(text, bytes) else str(text)).splitlines(keepends=True)
    return list(_pem_blocks(lines))


def _pem_blocks(lines: Iterable[str]) -> Iterable[str]:
    block: list[str] = []
    for line in lines:
        if line.startswith("-----BEGIN "):
            block = []
        block.append(line)
        if line.startswith("-----END ") and block[0].startswith("-----BEGIN "):
            yield "".join(block)
            block = []


def to_serial(number: Any) -> str:
    """A certificate's serial number as colons and hexadecimal."""
    if not isinstance(number, int):
        raise TemplateError(
            f"The input for the community.crypto.to_serial filter must be an integer; got {type(number)}"
        )
    if number < 0:
        raise TemplateError("The input for the community.crypto.to_serial filter must not be negative")
    digits = f"{number:X}"
    digits = f"0{digits}" if len(digits) % 2 else digits
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def parse_serial(text: Any) -> int:
    """The number that colons and hexadecimal mean."""
    if not isinstance(text, str):
        raise TemplateError(
            f"The input for the community.crypto.parse_serial filter must be a string; got {type(text)}"
        )
    value = 0
    for place, part in enumerate(str(text).split(":"), 1):
        try:
            octet = int(part, 16)
        except ValueError:
            raise TemplateError(f"The {place}. part {part!r} is not a hexadecimal number in range [0, 255]") from None
        if not 0 <= octet <= 255:
            raise TemplateError(f"The {place}. part {part!r} is not in range [0, 255]")
        value = (value << 8) | octet
    return value


FILTERS: dict[str, Callable[..., Any]] = {
    "from_csv": from_csv,
    "from_ini": from_ini,
    "to_ini": to_ini,
    "from_xml": from_xml,
    "to_xml": to_xml,
    "crc32": crc32,
    "unicode_normalize": unicode_normalize,
    "split_pem": split_pem,
    "to_serial": to_serial,
    "parse_serial": parse_serial,
}

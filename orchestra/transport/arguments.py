"""The ssh command line that inventories carry in ``ansible_ssh_common_args`` and its sisters, read without ssh.

Every option has one of three fates: it is meant for us, it is harmless to leave out, or it is an OptionError that names
it. Nothing is dropped in silence that would change where a connection goes or whom it trusts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from orchestra.errors import OptionError, nearest
from orchestra.model.record import record
from orchestra.transport.shells import split_words

#: Options of ssh_config(5) that have an effect here; all but the last row are read by asyncssh's own parser.
_HONOURED_NAMES = """
    addressfamily bindaddress canonicaldomains canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots
    canonicalizepermittedcnames casignaturealgorithms certificatefile challengeresponseauthentication ciphers
    compression connecttimeout enablesshkeysign forwardagent globalknownhostsfile gssapiauthentication
    gssapidelegatecredentials gssapikeyexchange hostbasedauthentication hostkeyalgorithms hostname hostkeyalias
    identitiesonly identityagent identityfile kbdinteractiveauthentication kexalgorithms macs passwordauthentication
    preferredauthentications port proxycommand proxyjump pubkeyauthentication rekeylimit sendenv serveralivecountmax
    serveraliveinterval setenv tag tcpkeepalive user userknownhostsfile
    batchmode connectionattempts hashknownhosts stricthostkeychecking
"""
#: Options that shape ssh's own process, its output or its multiplexing; leaving them out changes nothing for a run.
_HARMLESS_NAMES = """
    addkeystoagent checkhostip clearallforwardings controlmaster controlpath controlpersist dynamicforward escapechar
    exitonforwardfailure fingerprinthash forkafterauthentication forwardx11 forwardx11timeout forwardx11trusted
    gatewayports ignoreunknown include ipqos keepalive localcommand localforward loglevel logverbose
    nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming permitlocalcommand
    permitremoteopen proxyusefdpass pubkeyacceptedalgorithms pubkeyacceptedkeytypes hostkeyacceptedalgorithms
    hostbasedacceptedalgorithms hostbasedkeytypes remotecommand remoteforward requesttty requiredrsasize
    securitykeyprovider sessiontype stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility
    gssapitrustdns gssapiclientidentity gssapiserveridentity gssapirenewalforcesrekey gssapikexalgorithms
    updatehostkeys useroaming userkeychain usekeychain verifyhostkeydns visualhostkey xauthlocation
"""
HONOURED = frozenset(_HONOURED_NAMES.split())
HARMLESS = frozenset(_HARMLESS_NAMES.split())
#: Letters that take a value: the ssh_config option that says the same.
_VALUED = {
    "i": "IdentityFile",
    "J": "ProxyJump",
    "p": "Port",
    "l": "User",
    "b": "BindAddress",
    "c": "Ciphers",
    "m": "MACs",
}
_SWITCHES = {
    "A": ("ForwardAgent", "yes"),
    "a": ("ForwardAgent", "no"),
    "C": ("Compression", "yes"),
    "4": ("AddressFamily", "inet"),
    "6": ("AddressFamily", "inet6"),
}
#: They concern ssh's process, its terminal or its output, which we do not have.
_IGNORED_SWITCHES = frozenset("fgKkMnNqsTtvxXYy")
_IGNORED_VALUED = frozenset("BDeELORSwQ")


@record
class SshArguments:
    """What a command line asked for: ssh_config options in their order (the first one wins), and a file of its own."""

    options: tuple[tuple[str, str], ...] = ()
    #: The file of ``-F``; None reads the usual ones, ``none`` reads no file.
    config_file: str | None = None


@lru_cache(maxsize=4096)
def parse_arguments(text: str) -> SshArguments:
    """Read the words of an ssh command line.

    Raises:
        OptionError: an unknown option, or one without its value; the message names it.
    """
    try:
        words = iter(split_words(text))
    except ValueError as problem:
        raise OptionError(f"the ssh arguments {text!r} cannot be split into words: {problem}") from None
    options: list[tuple[str, str]] = []
    config_file: str | None = None
    for word in words:
        if not word.startswith("-") or word == "-":
            raise OptionError(
                f"{word!r} in the ssh arguments is not an option",
                hint="the host comes from the inventory, not from here",
            )
        for letter, value in _letters(word, words):
            if letter == "F":
                config_file = value
            elif letter == "o":
                options.extend(_named_option(value))
            else:
                options.extend(_option_of(letter, value))
    return SshArguments(tuple(options), config_file)


def _letters(word: str, following: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Take ``-Av``, ``-oKey=value`` and ``-o Key=value`` apart as getopt does."""
    rest = word[1:]
    while rest:
        letter, rest = rest[0], rest[1:]
        if letter in _VALUED or letter in _IGNORED_VALUED or letter in "oF":
            value = rest or next(following, "")
            if not value:
                raise OptionError(f"the ssh option -{letter} needs a value")
            yield letter, value
            return
        yield letter, ""


def _option_of(letter: str, value: str) -> list[tuple[str, str]]:
    if letter in _VALUED:
        return [(_VALUED[letter], value)]
    if letter in _SWITCHES:
        return [_SWITCHES[letter]]
    if letter in _IGNORED_SWITCHES or letter in _IGNORED_VALUED:
        return []
    raise OptionError(
        f"the ssh option -{letter} is not supported", hint="-o Name=value takes every option of ssh_config(5)"
    )


def _named_option(text: str) -> list[tuple[str, str]]:
    name, value = _name_and_value(text)
    lowered = name.lower()
    if lowered in HARMLESS:
        return []
    if lowered not in HONOURED:
        close = nearest(lowered, HONOURED | HARMLESS)
        raise OptionError(
            f"the ssh option {name!r} (in -o {text}) is not supported",
            hint=f"did you mean {close[0]}?" if close else "",
        )
    if not value:
        raise OptionError(f"the ssh option -o {text} has no value", hint="write it as -o Name=value")
    return [(name, value)]


def _name_and_value(text: str) -> tuple[str, str]:
    """``Name=value`` and ``Name value``, with spaces around the sign as ssh_config(5) allows them."""
    name, sign, value = text.strip().partition("=")
    if not sign or len(name.split()) > 1:
        name, _, value = text.strip().partition(" ")
    value = value.strip()
    return name.strip(), value[1:].lstrip() if value.startswith("=") else value

"""What sudo, su, doas and PAM say, and what it means. Only texts and sentences; nothing is started here."""

from __future__ import annotations

import re

from orchestra.errors import BecomeFailed
from orchestra.model.invocation import Become

#: "Password" as su, doas and PAM print it in the languages that they are translated to.
_PROMPT_WORDS = """
password passphrase passcode pass-phrase
adgangskode aðgangsorð contrasenya contraseña contrasinal heslo hasło jelszó
kennwort lykilorð lozinka lösenord  palavra-passe parol parola parolă parole parool parolo
pasahitza passord passwort pasvorto pasword salasana sandi sarvoch senha slaptažodis geslo fjalëkalimi
wachtwoord wagwoord cyfrinair ger-tremen
κωδικός συνθηματικό лозинка парола пароль құпиясөз гасло գաղտնաբառ סיסמה ססמה گذرواژه
कूटशब्द पासवर्ड गुप्तशब्द शब्दकूट পাসওয়ার্ড ਪਾਸਵਰਡ પાસવર્ડ கடவுச்சொல் సంకేతపదం సంకేతపదము ಗುಪ್ತಪದ රහස්පදය හස්පදය
รหัสผ่าน ពាក្យសម្ងាត់ პაროლი 密码 密碼 口令 パスワード 암호 비밀번호
"""
_PHRASES = ("mot de passe", "mật khẩu", "facal-faire", "كلمة السر", "كلمة المرور")
_WORDS = (*_PROMPT_WORDS.split(), *_PHRASES)
_COLON = re.compile("[:\uff1a\ufe55\ufe30]\\s*\\Z")

#: (pattern of what was said, sentence, hint); {user} and {method} are filled in; the first match holds.
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"not in the sudoers file|may not run sudo|is not allowed to run sudo",
        "the login user may not use sudo at all: it is not in sudoers",
        "add it to sudoers, or log in as another user (ansible_user)",
    ),
    (
        r"is not allowed to execute|not allowed to set|a rule .* forbids|not permitted to",
        "{method} does not allow the login user to run this as {user}",
        "the rule must allow /bin/sh, or ALL, as {user}",
    ),
    (
        r"unknown user|does not exist|no passwd entry|user .* not found|invalid user",
        "there is no user {user} on the host",
        "",
    ),
    (
        r"effective uid is not 0|no new privileges|must be owned by uid 0|must be setuid root|must be suid",
        "{method} cannot work on this host",
        "it lacks its setuid bit, or its file system is mounted nosuid, or a container forbids it",
    ),
    (
        r"(account|password) (has )?expired|account is locked|change your password",
        "the account or its password has expired",
        "",
    ),
    (
        r"account is currently not available|nologin|This account is",
        "the login shell of {user} refuses to run anything",
        "with su, set ansible_become_flags to '-s /bin/sh'",
    ),
    (
        r"incorrect password|authentication fail|authentication token manipulation|sorry, try again|maximum \d+ tries",
        "Incorrect {method} password for user {user}",
        "",
    ),
    (
        r"password is required|authentication required|no password was provided|terminal is required|conversation fail",
        "Missing {method} password",
        "",
    ),
    (r"operation not permitted", "{method} does not allow the login user to become {user}", "see doas.conf or PAM"),
    (
        r"syntax error|parse error|no valid sudoers|unable to open .*sudoers|doas is not enabled",
        "{method}'s own configuration is broken",
        "",
    ),
    (r"permission denied", "{method} refuses the login user", ""),
)
_MISSING_PROGRAM = re.compile(r"not found|no such file|unknown command|not recognized", re.IGNORECASE)
_TERMINAL = re.compile(
    r"must have a tty|a tty is required|no tty present|must be run from a terminal|terminal is required|must be a tty",
    re.IGNORECASE,
)
_LOOKUP = re.compile(r"unable to resolve host|unable to lookup .* via|name resolution", re.IGNORECASE)
_GIVE_IT = "give it with -K, --become-password-file or ansible_become_password"


def is_prompt(text: str, ours: str) -> bool:
    """Whether ``text`` ends by asking for a password: by our own prompt, or by PAM's in some language."""
    if ours.strip() in text:
        return True
    tail = _last_line(text)
    return bool(_COLON.search(tail)) and any(word in tail.lower() for word in _WORDS)


def looks_like_prompt(text: str) -> bool:
    """Whether ``text`` could be a prompt in a language we do not read: an open line that ends in a colon."""
    return bool(_COLON.search(_last_line(text)))


def _last_line(text: str) -> str:
    return text.replace("\r", "\n").rpartition("\n")[2]


def wants_terminal(said: str, become: Become) -> bool:
    """Whether the program only refused because it had no terminal. Without a password a terminal is no help to doas."""
    if become.password is None:
        return "must have a tty" in said.lower()
    if become.method == "doas":  # it reads passwords from a terminal only, and does not say so where it has none
        return "authentication failed" in said.lower() or bool(_TERMINAL.search(said))
    return bool(_TERMINAL.search(said))


def names_slow_lookup(said: str) -> bool:
    """Whether the program complained about looking up a name."""
    return bool(_LOOKUP.search(said))


def missing_password(become: Become) -> BecomeFailed:
    """A password was asked for and there is none."""
    return BecomeFailed(f"Missing {become.method} password", hint=_GIVE_IT)


def wrong_password(become: Become) -> BecomeFailed:
    """The password was not taken."""
    whose = "the login user's password is wanted (sudo asks for it, not for root's)" if become.method == "sudo" else ""
    return BecomeFailed(f"Incorrect {become.method} password for user {become.user}", hint=whose)


def silence(become: Become, seconds: float, said: str) -> BecomeFailed:
    """The deadline passed without a prompt or an answer."""
    shown = _shown(said)
    if names_slow_lookup(said) or not shown:
        cause = "the host may be waiting for a name server: sudo looks up the host's own name"
    else:
        cause = "it may be waiting for something that it did not ask for in a way we know"
    said_text = f"; it said: {shown}" if shown else ""
    return BecomeFailed(
        f"{become.method} did not answer within {seconds:g} s{said_text}",
        hint=f"{cause}; an entry for it in the host's /etc/hosts mends slow name resolution",
    )


def refusal(become: Become, status: int, said: str, *, password_sent: bool) -> BecomeFailed:
    """The program ended before the wanted command ran: say why in words of our own, then in its own."""
    shown = _shown(said)
    program = become.exe or become.method
    if status in (126, 127) and (not shown or _MISSING_PROGRAM.search(said)):
        hint = "" if become.method == "sudo" else "become_method names the program to use"
        return BecomeFailed(f"{program} is not installed on the host ({shown or 'status 127'})", hint=hint)
    for pattern, sentence, hint in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            if "Missing" in sentence or (sentence.startswith("Incorrect") and not password_sent):
                return missing_password(become)
            filled = sentence.format(user=become.user, method=become.method)
            return BecomeFailed(
                f"{filled}" + (f" ({shown})" if shown else ""),
                hint=hint.format(user=become.user, method=become.method),
            )
    return BecomeFailed(f"{program} ended with status {status}" + (f": {shown}" if shown else ""))


def _shown(said: str) -> str:
    """The last lines that matter, on one line, without control characters."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    text = " / ".join(lines[-3:])
    return "".join(char for char in text if char.isprintable())[:400]

"""Wait until a port answers, is closed or drained, or until a file is there, is gone, or holds a text."""

from orchestra.runner.sdk import Failed, Int, List, Path, Str, option

NAMES = ("ansible.builtin.wait_for", "ansible.legacy.wait_for")
CHECK_MODE = "Nothing is waited for; the task is skipped."

EXAMPLES = """
- name: The service listens
  wait_for:
    port: 8080
    timeout: 60

- name: The machine is down
  wait_for:
    host: "{{ inventory_hostname }}"
    port: 22
    state: stopped
  delegate_to: localhost

- name: The log says that it is ready
  wait_for:
    path: /var/log/app.log
    search_regex: 'ready after (\\d+) ms'
"""

RETURNS = {
    "state": "what it was waited for",
    "elapsed": "seconds",
    "match_groups": "what the groups of search_regex matched",
    "match_groupdict": "the same for named groups",
    "port": "the port",
    "path": "the path",
}
CONNECTION_STATES = {
    "ESTABLISHED": "01",
    "SYN_SENT": "02",
    "SYN_RECV": "03",
    "FIN_WAIT1": "04",
    "FIN_WAIT2": "05",
    "TIME_WAIT": "06",
}


class Options:
    host = option(Str, "A name or address.", default="127.0.0.1")
    port = option(Int, "A TCP port.")
    path = option(Path, "A file.")
    state = option(
        Str,
        "started and present mean the same: a port is open, a file is there.",
        default="started",
        choices=("absent", "drained", "present", "started", "stopped"),
    )
    search_regex = option(Str, "What the port must say, or the file must hold.")
    timeout = option(Int, "Seconds until it counts as failed.", default=300)
    connect_timeout = option(Int, "Seconds for one try to connect.", default=5)
    delay = option(Int, "Seconds before the first look.", default=0)
    sleep = option(Int, "Seconds between two looks.", default=1)
    msg = option(Str, "What to say where it failed.")
    exclude_hosts = option(List, "For drained: hosts whose connections do not count.", elements=Str)
    active_connection_states = option(
        List,
        "For drained: TCP states that count.",
        default=["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"],
        elements=Str,
    )


def plan(options, system):
    trouble = _trouble(options)
    if trouble:
        raise Failed(trouble, elapsed=0)
    if system.check:
        return {"skipped": True, "changed": False, "msg": "remote module (wait_for) does not support check mode"}
    return Wait(options, system).hold()


def _trouble(options):
    """Wishes that contradict each other."""
    if options.port and options.path:
        return "port and path parameter can not both be passed to wait_for"
    if options.path and options.state in ("stopped", "drained"):
        return "state={} should only be used for checking a port in the wait_for module".format(options.state)
    if options.exclude_hosts is not None and options.state != "drained":
        return "exclude_hosts should only be with state=drained"
    unknown = [one for one in options.active_connection_states if one not in CONNECTION_STATES]
    return "unknown active_connection_state ({}) defined".format(", ".join(unknown)) if unknown else ""


class Wait:
    """One wait: what for, and since when."""

    def __init__(self, options, system):
        self.options = options
        self.system = system
        self.began = system.now()
        self.regex = _compiled(options.search_regex) if options.search_regex else None
        self.match = None

    def hold(self):
        """Until it is so; the result. Failed when the time is over."""
        if self.options.delay:
            self.system.sleep(self.options.delay)
        if self.options.port is None and self.options.path is None and self.options.state != "drained":
            self.system.sleep(self.options.timeout)  # as Ansible does: the delay comes on top
            return self._result()
        is_so = self._question()
        end = self.began + self.options.timeout
        while True:
            if is_so():
                return self._result()
            if self.system.now() >= end:
                raise Failed(self.options.msg or self._late(), elapsed=int(self._elapsed()))
            self.system.sleep(min(self.options.sleep, max(0.0, end - self.system.now())))

    def _elapsed(self):
        return self.system.now() - self.began

    def _question(self):
        state, port = self.options.state, self.options.port is not None
        if state == "drained":
            return self._is_drained
        if state in ("absent", "stopped"):
            return (lambda: not self._is_open()) if port else lambda: not self.system.exists(self.options.path)
        return self._answers if port else self._is_present

    def _late(self):
        options = self.options
        place = "{}:{}".format(options.host, options.port)
        if options.state == "drained":
            return "Timeout when waiting for {} to drain".format(place)
        if options.state in ("absent", "stopped"):
            what = "{} to stop.".format(place) if options.port else "{} to be absent.".format(options.path)
            return "Timeout when waiting for " + what
        if options.search_regex:
            return "Timeout when waiting for search string {} in {}".format(options.search_regex, options.path or place)
        return "Timeout when waiting for {}".format("file " + options.path if options.path else place)

    def _result(self):
        options = self.options
        groups = [] if self.match is None else [_text(one) for one in self.match.groups()]
        named = {} if self.match is None else {name: _text(one) for name, one in self.match.groupdict().items()}
        values = {"state": options.state, "port": options.port, "search_regex": options.search_regex}
        values.update(path=options.path, elapsed=int(self._elapsed()), match_groups=groups, match_groupdict=named)
        if options.path is not None:
            values.update(self.system.path_info(options.path))
        return values

    # --- looks -------------------------------------------------------------------------------------------------

    def _is_present(self):
        """The file is there, and holds what is searched for."""
        if not self.system.exists(self.options.path):
            return False
        if self.regex is None:
            return True
        try:
            self.match = self.regex.search(self.system.read_bytes(self.options.path))
        except OSError:
            return False
        return self.match is not None

    def _connect(self, seconds):
        import socket

        return socket.create_connection((self.options.host, self.options.port), max(0.1, seconds))

    def _is_open(self):
        try:
            self._connect(self.options.connect_timeout).close()
        except OSError:
            return False
        return True

    def _answers(self):
        """Somebody listens, and says what is searched for."""
        left = self.began + self.options.timeout - self.system.now()
        try:
            with self._connect(min(self.options.connect_timeout, max(left, 1))) as connection:
                return self.regex is None or self._says(connection)
        except OSError:
            return False

    def _says(self, connection):
        said = b""
        end = self.began + self.options.timeout
        while self.system.now() < end:
            connection.settimeout(max(0.1, min(self.options.connect_timeout, end - self.system.now())))
            block = connection.recv(65536)
            said = (said + block)[-1048576:]
            self.match = self.regex.search(said)
            if self.match is not None or not block:
                return self.match is not None
        return False

    def _is_drained(self):
        """No connection to the port is left, as the kernel's tables say."""
        wanted = {CONNECTION_STATES[name] for name in self.options.active_connection_states}
        ours = _addresses(self.options.host)
        excluded = {address for host in self.options.exclude_hosts or () for address in _addresses(host)}
        for local, port, remote, state in self._connections():
            known = local in ours or "0.0.0.0" in ours or "::" in ours or local in ("0.0.0.0", "::")
            if port == self.options.port and state in wanted and known and remote not in excluded:
                return False
        return True

    def _connections(self):
        for name, family in (("/proc/net/tcp", 4), ("/proc/net/tcp6", 6)):
            if self.system.exists(name):
                for line in self.system.read_text(name).splitlines()[1:]:
                    fields = line.split()
                    local, _, port = fields[1].partition(":")
                    yield (
                        _address(local, family),
                        int(port, 16),
                        _address(fields[2].partition(":")[0], family),
                        fields[3],
                    )


def _compiled(pattern):
    import re

    try:
        return re.compile(pattern.encode("utf-8", "surrogateescape"), re.MULTILINE)
    except re.error as error:
        raise Failed("search_regex is not a valid regular expression: {}".format(error), elapsed=0) from None


def _text(value):
    return None if value is None else value.decode("utf-8", "surrogateescape")


def _addresses(host):
    """Every address of a host, as text."""
    import socket

    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise Failed("the host {!r} is not known: {}".format(host, error), elapsed=0) from None
    return found | {"::ffff:" + one for one in found if "." in one}


def _address(text, family):
    """An address as /proc/net/tcp writes it: 32-bit words of the machine's byte order in hexadecimal."""
    import socket
    import sys

    words = [bytes.fromhex(text[index : index + 8]) for index in range(0, len(text), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return socket.inet_ntop(socket.AF_INET if family == 4 else socket.AF_INET6, packed)

"""HTTP and FTP requests with the options that get_url, uri and unarchive share.

Built on urllib: proxies from the task's environment, certificates, client certificates, basic and digest
authentication, netrc, redirects by rule, unix sockets. It only fetches: what becomes of the content is for effects.
"""

import os
import re

from orchestra.runner.sdk import Bool, Dict, Failed, List, Path, Str, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.sdk import System

BLOCK = 65536
_TO_GET = (301, 302, 303)


class RequestOptions:
    """The options of modules that ask a web server."""

    url_username = option(Str, "User for basic or digest authentication.", aliases=("username", "user"))
    url_password = option(Str, "Password for it.", aliases=("password",), secret=True)
    force_basic_auth = option(Bool, "Send user and password at once, without being asked.", default=False)
    validate_certs = option(Bool, "Verify the server's certificate.", default=True)
    ca_path = option(Path, "A file or folder of certificates to trust besides the system's.")
    client_cert = option(Path, "A certificate of our own, in PEM format; it may hold the key too.")
    client_key = option(Path, "Its key.")
    ciphers = option(List, "TLS ciphers to offer, in OpenSSL's format.", elements=Str)
    use_proxy = option(Bool, "Use the proxy that the environment names.", default=True)
    use_netrc = option(Bool, "Use the user's netrc where no user is given.", default=True)
    use_gssapi = option(Bool, "Kerberos; not available here.", default=False)
    http_agent = option(Str, "What we call ourselves.", default="ansible-httpget")
    headers = option(Dict, "More headers.")
    unredirected_headers = option(List, "Headers that do not go along when we are sent elsewhere.", elements=Str)
    decompress = option(Bool, "Unpack a content that the server has compressed.", default=True)


class Response:
    """What a server answered: status (None without HTTP), headers in lower case, final url; `with` closes it."""

    def __init__(self, raw: "Any", status: "int | None", url: "str", message: "str" = "") -> "None":
        self.raw = raw
        self.status = status
        self.url = masked(url)
        self.message = message
        self.headers = _headers(raw)

    def __enter__(self) -> "Response":
        return self

    def __exit__(self, *exc: "Any") -> "None":
        self.raw.close()

    def blocks(self, decompress: "bool" = True) -> "Any":
        """The content, piece by piece."""
        unpack = _unpacker(self.headers.get("content-encoding", "")) if decompress else None
        while True:
            try:
                block = self.raw.read(BLOCK)
            except OSError as error:
                raise Failed("Connection failure: {}".format(error), url=self.url) from None
            if not block:
                break
            yield block if unpack is None else unpack.decompress(block)
        self.raw.close()
        if unpack is not None:
            yield unpack.flush()

    def read(self, decompress: "bool" = True) -> "bytes":
        """All of the content."""
        return b"".join(self.blocks(decompress))

    def save(self, path: "str", decompress: "bool" = True) -> "int":
        """Write the content to a new private file; its size."""
        size = 0
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for block in self.blocks(decompress):
                file.write(block)
                size += len(block)
        return size

    def is_fine(self) -> "bool":
        """Whether there is a content: 200, or no HTTP at all."""
        return self.status in (200, None)

    def length(self) -> "int | None":
        """How long the server says that the content is."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isdigit() and "content-encoding" not in self.headers else None

    def summary(self) -> "str":
        """As Ansible words it: OK (12 bytes)."""
        return self.message or "OK ({} bytes)".format(self.headers.get("content-length", "unknown"))


def _headers(raw: "Any") -> "dict[str, str]":
    found = {}  # type: dict[str, str]
    for name, value in raw.headers.items() if raw is not None and raw.headers is not None else ():
        name = name.lower()
        found[name] = found[name] + ", " + value if name in found else value
    return found


def _unpacker(encoding: "str") -> "Any":
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    import zlib

    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def ask(
    options: "Any",
    system: "System",
    url: "str",
    method: "str" = "GET",
    data: "bytes | None" = None,
    timeout: "float" = 10,
    redirects: "str" = "urllib2",
    headers: "dict[str, str] | None" = None,
    jar: "Any" = None,
) -> "Response":
    """Send a request and return the response, also one whose status says no. Failed where there is no answer at all.

    `redirects`: all, none, safe (only GET and HEAD), urllib2 (as urllib does). `jar`: a CookieJar to fill.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request

    if options.use_gssapi:
        raise Failed("use_gssapi is not available: this needs the gssapi library on the host", url=masked(url))
    plain, user, password = _credentials(options, system, url)
    request = Request(plain, data=data, method=method.upper())
    _dress(request, options, headers or {}, user, password)
    opener = _opener(options, system, plain, user, password, redirects, jar)
    try:
        raw = opener.open(request, timeout=timeout)
    except HTTPError as error:
        return Response(error, error.code, error.geturl() or plain, "HTTP Error {}: {}".format(error.code, error.msg))
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise Failed("Request failed: {}".format(_why(error)), url=masked(url), status=-1) from None
    status = raw.status if url.startswith("http") else None  # ftp and files have none
    return Response(raw, status, raw.geturl())


def masked(url: "str") -> "str":
    """The address as it may be shown: for user and password in it stand asterisks, as in Ansible."""
    return re.sub("(?<=://)[^/?#]*@", lambda found: "****:****@" if ":" in found.group() else "****@", url, count=1)


def _why(error: "BaseException") -> "str":
    if type(error).__name__ == "timeout" or isinstance(error, TimeoutError):
        return "Connection failure: timed out"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "{} (validate_certs: false turns the check off, ca_path names a certificate to trust)".format(error)
    return str(error)


def _credentials(options: "Any", system: "System", url: "str") -> "tuple[str, str | None, str | None]":
    """(the address without them, user, password): from the options, the address itself, or netrc."""
    from urllib.parse import quote, unquote, urlsplit, urlunsplit

    url = quote(url, safe="".join(map(chr, range(33, 127))))  # what is not ASCII, and blanks
    parts = urlsplit(url)
    user, password = options.url_username, options.url_password
    if "@" in parts.netloc and parts.scheme in ("http", "https"):
        user = user or unquote(parts.username or "")
        password = password if password is not None else unquote(parts.password or "")
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if not user and options.use_netrc and "Authorization" not in (options.headers or {}):
        user, password = _from_netrc(system, parts.hostname or "") or (user, password)
    return url, user or None, password


def _from_netrc(system: "System", host: "str") -> "tuple[str, str | None] | None":
    path = system.environ.get("NETRC") or system.expand("~/.netrc")
    if not os.path.isfile(path):
        return None
    from netrc import NetrcParseError, netrc

    try:
        found = netrc(path).authenticators(host)
    except (NetrcParseError, OSError):
        return None
    return (found[0], found[2]) if found else None


def _dress(
    request: "Any", options: "Any", more: "dict[str, str]", user: "str | None", password: "str | None"
) -> "None":
    """Put the headers on a request."""
    once = {name.lower() for name in options.unredirected_headers or ()}
    headers = {"User-Agent": options.http_agent}
    headers.update(more)
    headers.update({str(name): str(value) for name, value in (options.headers or {}).items()})
    if user and options.force_basic_auth:
        from binascii import b2a_base64

        pair = "{}:{}".format(user, password or "").encode("utf-8")
        headers["Authorization"] = "Basic " + b2a_base64(pair, newline=False).decode("ascii")
        once.add("authorization")
    for name, value in headers.items():
        if name.lower() in once:
            request.add_unredirected_header(name, value)
        else:
            request.add_header(name, value)


def _opener(
    options: "Any",
    system: "System",
    url: "str",
    user: "str | None",
    password: "str | None",
    redirects: "str",
    jar: "Any",
) -> "Any":
    """An opener with exactly the handlers that the options ask for."""
    from urllib import request as web

    handlers = [
        _secure_handler(options),
        web.ProxyHandler(_proxies(options, system, url)),
        _redirect_handler(redirects),
    ]
    if user and not options.force_basic_auth:
        known = web.HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, url, user, password or "")
        handlers += [web.HTTPBasicAuthHandler(known), web.HTTPDigestAuthHandler(known)]
    if jar is not None:
        handlers.append(web.HTTPCookieProcessor(jar))
    if getattr(options, "unix_socket", None):
        handlers += _socket_handlers(options.unix_socket)
    return web.build_opener(*handlers)


def _secure_handler(options: "Any") -> "Any":
    """HTTPS by the options; certificates are only loaded where an address, or a redirect, needs them."""
    from http.client import HTTPSConnection
    from urllib.request import HTTPSHandler

    class Secure(HTTPSHandler):
        def https_open(self, req: "Any") -> "Any":
            return self.do_open(HTTPSConnection, req, context=_tls(options))

    return Secure()


def _tls(options: "Any") -> "Any":
    import ssl

    context = ssl.create_default_context()
    if options.ca_path:
        where = "capath" if os.path.isdir(options.ca_path) else "cafile"
        context.load_verify_locations(**{where: options.ca_path})
    if not options.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.ciphers:
        context.set_ciphers(":".join(options.ciphers))
    if options.client_cert:
        context.load_cert_chain(options.client_cert, options.client_key)
    return context


def _proxies(options: "Any", system: "System", url: "str") -> "dict[str, str]":
    """The proxies of the task's environment, unless no_proxy names the host."""
    from urllib.parse import urlsplit

    if not options.use_proxy or _is_direct(system, urlsplit(url).hostname or ""):
        return {}
    found = {}
    for scheme in ("http", "https", "ftp"):
        named = [system.environ.get(scheme + "_proxy"), system.environ.get(scheme.upper() + "_PROXY")]
        if "REQUEST_METHOD" in system.environ and scheme == "http":
            named = named[:1]  # inside a CGI program the upper-case name is set by whoever asks
        for value in named[::-1]:
            if value:
                found[scheme] = value
    return found


def _is_direct(system: "System", host: "str") -> "bool":
    listed = system.environ.get("no_proxy", system.environ.get("NO_PROXY", ""))
    for name in listed.replace(" ", ",").split(","):
        name = name.strip().lstrip(".").lower()
        if name == "*" or (name and (host == name or host.endswith("." + name))):
            return True
    return False


def _redirect_handler(rule: "str") -> "Any":
    from urllib.request import HTTPRedirectHandler, Request

    class Redirects(HTTPRedirectHandler):
        """Goes where it is sent, as far as the rule allows; the method stays where 307 and 308 ask for it."""

        def redirect_request(
            self, req: "Any", fp: "Any", code: "Any", msg: "Any", headers: "Any", newurl: "Any"
        ) -> "Any":
            method = req.get_method()
            looks = method in ("GET", "HEAD")
            if rule in ("no", "none") or (rule == "safe" and not looks):
                return None
            if rule == "urllib2" and not looks and code not in _TO_GET:
                return None
            if code in _TO_GET and not looks:
                method, data = "GET", None
            else:
                data = req.data
            dropped = ("content-length", "content-type") if data is None else ()
            kept = {name: value for name, value in req.headers.items() if name.lower() not in dropped}
            return Request(newurl.replace(" ", "%20"), data, kept, req.origin_req_host, True, method)

        http_error_308 = HTTPRedirectHandler.http_error_302

    return Redirects()


def _socket_handlers(path: "str") -> "list[Any]":
    """Handlers that talk to a unix socket, whatever host the address names."""
    import http.client
    import socket
    from urllib.request import HTTPHandler

    class Connection(http.client.HTTPConnection):
        def connect(self) -> "None":
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(path)

    class Handler(HTTPHandler):
        def http_open(self, req: "Any") -> "Any":
            return self.do_open(Connection, req)

    return [Handler()]

"""Asking web servers: Ansible's `urls`, over the standard library."""

import base64
import ssl
from email.utils import parsedate_to_datetime
from http import cookiejar
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from orchestra.runner.foreign.text import to_bytes, to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


HAS_SSL = True
HAS_GSSAPI = False


class ParseResultDottedDict(dict):  # type: ignore[type-arg]
    """A URL's parts, as items and as attributes."""

    def __init__(self, *args: "Any", **kwargs: "Any") -> "None":
        super().__init__(*args, **kwargs)
        self.__dict__ = self

    def as_list(self) -> "list[Any]":
        """The parts in their order."""
        return [self.get(name) for name in ("scheme", "netloc", "path", "params", "query", "fragment")]


def generic_urlparse(parts: "Any") -> "ParseResultDottedDict":
    """The parts that urlparse found, by name."""
    found = ParseResultDottedDict(parts._asdict())
    for name in ("username", "password", "hostname", "port"):
        found[name] = getattr(parts, name)
    return found


class ConnectionError(Exception):
    """A server can not be reached."""


class SSLValidationError(ConnectionError):
    """A certificate is wrong."""


class NoSSLError(SSLValidationError):
    """There is no TLS here."""


class ProxyError(ConnectionError):
    """A proxy is in the way."""


class MissingModuleError(Exception):
    """A library is missing."""


def url_argument_spec() -> "dict[str, Any]":
    """The options that modules which fetch something have."""
    return {
        "url": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "http_agent": {"type": "str", "default": "ansible-httpget"},
        "use_proxy": {"type": "bool", "default": True},
        "validate_certs": {"type": "bool", "default": True},
        "url_username": {"type": "str"},
        "url_password": {"type": "str", "no_log": True},
        "force_basic_auth": {"type": "bool", "default": False},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "use_gssapi": {"type": "bool", "default": False},
    }


def basic_auth_header(username: "str", password: "str") -> "bytes":
    """The value of an Authorization header."""
    pair = "{}:{}".format(username or "", password or "")
    return b"Basic " + base64.b64encode(to_bytes(pair, errors="surrogate_or_strict"))


class _Redirects(HTTPRedirectHandler):
    """Follows as asked: all, safe (GET and HEAD), none."""

    def __init__(self, follow: "Any") -> "None":
        self._follow = {True: "all", False: "none", "yes": "all", "no": "none", None: "all"}.get(follow, follow)

    def redirect_request(self, req: "Any", fp: "Any", code: "int", msg: "str", headers: "Any", newurl: "str") -> "Any":
        """Part of urllib's interface."""
        method = req.get_method()
        if self._follow == "none" or (self._follow in ("safe", "urllib2") and method not in ("GET", "HEAD")):
            raise HTTPError(newurl, code, msg, headers, fp)
        kept = method if method in ("GET", "HEAD") or code in (307, 308) else "GET"
        sent = {key: value for key, value in req.headers.items() if key.lower() not in ("content-length", "host")}
        if urlparse(newurl).hostname != urlparse(req.full_url).hostname:
            sent.pop("Authorization", None)
        data = req.data if code in (307, 308) else None
        return Request(newurl.replace(" ", "%20"), data=data, headers=sent, method=kept)


def _opener(
    validate: "bool", proxy: "bool", follow: "Any", cookies: "Any", ca: "Any", cert: "Any", key: "Any"
) -> "Any":
    context = ssl.create_default_context(cafile=ca)
    if not validate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, key)
    handlers = [HTTPSHandler(context=context), _Redirects(follow)]  # type: list[Any]
    if not proxy:
        handlers.append(ProxyHandler({}))
    if cookies is not None:
        handlers.append(HTTPCookieProcessor(cookies))
    return build_opener(*handlers)


def open_url(
    url: "str",
    data: "Any" = None,
    headers: "Any" = None,
    method: "Any" = None,
    use_proxy: "bool" = True,
    force: "bool" = False,
    last_mod_time: "Any" = None,
    timeout: "float" = 10,
    validate_certs: "bool" = True,
    url_username: "Any" = None,
    url_password: "Any" = None,
    http_agent: "Any" = None,
    force_basic_auth: "bool" = False,
    follow_redirects: "Any" = "urllib2",
    client_cert: "Any" = None,
    client_key: "Any" = None,
    cookies: "Any" = None,
    use_gssapi: "bool" = False,
    unix_socket: "Any" = None,
    ca_path: "Any" = None,
    unredirected_headers: "Any" = None,
    decompress: "bool" = True,
    ciphers: "Any" = None,
    use_netrc: "bool" = True,
) -> "Any":
    """Ask a server; the answer as urllib gives it. Raises HTTPError, URLError."""
    parts = urlparse(url)
    if parts.username and not url_username:
        url_username, url_password = parts.username, parts.password
        url = url.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)
    request = Request(url, data=to_bytes(data) if data is not None else None, method=(method or "").upper() or None)
    if http_agent:
        request.add_header("User-agent", http_agent)
    if force:
        request.add_header("cache-control", "no-cache")
    elif last_mod_time:
        request.add_header("If-Modified-Since", last_mod_time.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    for name, value in (headers or {}).items():
        request.add_header(name, to_text(value))
    if url_username:
        request.add_header("Authorization", to_text(basic_auth_header(url_username, url_password)))
    opener = _opener(validate_certs, use_proxy, follow_redirects, cookies, ca_path, client_cert, client_key)
    return _unpacked(opener.open(request, timeout=timeout), decompress)


def _unpacked(answer: "Any", decompress: "bool") -> "Any":
    if decompress and answer.headers.get("content-encoding", "").lower() == "gzip":
        import gzip

        answer.fp = gzip.GzipFile(fileobj=answer.fp)
    return answer


def fetch_url(
    module: "Any",
    url: "str",
    data: "Any" = None,
    headers: "Any" = None,
    method: "Any" = None,
    use_proxy: "Any" = None,
    force: "bool" = False,
    last_mod_time: "Any" = None,
    timeout: "float" = 10,
    use_gssapi: "bool" = False,
    unix_socket: "Any" = None,
    ca_path: "Any" = None,
    cookies: "Any" = None,
    unredirected_headers: "Any" = None,
    decompress: "bool" = True,
    ciphers: "Any" = None,
    use_netrc: "bool" = True,
) -> "tuple[Any, dict[str, Any]]":
    """Ask a server with the options of a module; (answer or None, what is known of it). Never raises for the answer."""
    given = module.params
    jar = cookies if cookies is not None else cookiejar.CookieJar()
    info = {"url": url, "status": -1}  # type: dict[str, Any]
    try:
        answer = open_url(
            url,
            data=data,
            headers=headers,
            method=method,
            use_proxy=given.get("use_proxy", True) if use_proxy is None else use_proxy,
            force=force,
            last_mod_time=last_mod_time,
            timeout=timeout,
            validate_certs=given.get("validate_certs", True),
            url_username=given.get("url_username", "") or "",
            url_password=given.get("url_password", "") or "",
            http_agent=given.get("http_agent", "ansible-httpget"),
            force_basic_auth=given.get("force_basic_auth", False),
            follow_redirects=given.get("follow_redirects", "urllib2"),
            client_cert=given.get("client_cert"),
            client_key=given.get("client_key"),
            cookies=jar,
            ca_path=ca_path,
            decompress=decompress,
        )
    except HTTPError as error:
        info.update({key.lower(): value for key, value in error.headers.items()})
        body = error.read()
        info.update(msg=str(error), body=body, status=error.code)
        return error, info
    except (URLError, OSError, ssl.SSLError, ValueError) as error:
        info["msg"] = _unreached(url, error)
        return None, info
    info.update({key.lower(): value for key, value in answer.headers.items()})
    info.update(msg="OK ({} bytes)".format(answer.headers.get("Content-Length", "unknown")), url=answer.geturl())
    info.update(status=answer.code, cookies={cookie.name: cookie.value for cookie in jar})
    info["cookies_string"] = "; ".join("{}={}".format(cookie.name, cookie.value) for cookie in jar)
    return answer, info


def _unreached(url: "str", error: "Any") -> "str":
    if isinstance(error, URLError):
        return "Request failed: {}".format(error)
    return "Connection failure: {}".format(error)


def fetch_file(
    module: "Any", url: "str", data: "Any" = None, headers: "Any" = None, method: "Any" = None, **more: "Any"
) -> "str":
    """Fetch something into a file that goes with the task; the file's path. Fails the task where it can not be."""
    import os
    import tempfile

    answer, info = fetch_url(module, url, data, headers, method, **more)
    if answer is None or info["status"] != 200:
        module.fail_json(msg="Failure downloading {}, {}".format(url, info["msg"]))
    handle, path = tempfile.mkstemp(dir=module.tmpdir, suffix=os.path.splitext(url.rpartition("/")[2])[1])
    with os.fdopen(handle, "wb") as file:
        for block in iter(lambda: answer.read(1 << 16), b""):
            file.write(block)
    return path


def rfc2822_date_string(timetuple: "Any", zone: "str" = "-0000") -> "str":
    """A date as mails have it."""
    from time import strftime

    return strftime("%a, %d %b %Y %H:%M:%S ", timetuple) + zone


def last_modified(headers: "Any") -> "Any":
    """When what was fetched changed last, or None."""
    found = headers.get("last-modified")
    return parsedate_to_datetime(found) if found else None

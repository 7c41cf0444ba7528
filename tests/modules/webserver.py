"""A web server on loopback with a page for each thing that get_url, uri and unarchive must cope with."""

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = b"A text that is served.\n"
STAMP = 1_000_000_000
SUMS = f"{'0' * 64}  other.txt\n{sha256(TEXT).hexdigest()} *a.txt\n".encode()


class Pages(BaseHTTPRequestHandler):
    """/a.txt /gzip /sums /json /redirect /loop /auth /echo /cookie /named /archive.tgz /404 ..."""

    archive = b""
    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        page = getattr(self, "page_" + self.path.strip("/").split("?")[0].replace(".", "_"), None)
        if page is None:
            self.say(404, b"nothing here\n")
        else:
            page()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  (http.server names them)

    def say(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def page_a_txt(self) -> None:
        stamp = formatdate(STAMP, usegmt=True)
        if self.headers.get("If-Modified-Since") and self.headers.get("Cache-Control") != "no-cache":
            self.send_response(304)
            self.end_headers()
            return
        self.say(200, TEXT, Content_Type="text/plain", Last_Modified=stamp)

    def page_gzip(self) -> None:
        self.say(200, gzip.compress(TEXT), Content_Encoding="gzip", Content_Type="text/plain")

    def page_sums(self) -> None:
        self.say(200, SUMS)

    def page_json(self) -> None:
        self.say(200, b'{"a": [1, 2]}', Content_Type="application/json; charset=utf-8")

    def page_redirect(self) -> None:
        self.say(302, Location="/a.txt")

    def page_redirect307(self) -> None:
        self.say(307, Location="/echo")

    def page_auth(self) -> None:
        expected = "Basic " + base64.b64encode(b"me:secret").decode()
        if self.headers.get("Authorization") == expected:
            self.say(200, b"welcome\n")
        else:
            self.say(401, b"who are you\n", WWW_Authenticate='Basic realm="x"')

    def page_echo(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        said = {"method": self.command, "body": self.rfile.read(length).decode(), "headers": dict(self.headers)}
        self.say(200, json.dumps(said).encode(), Content_Type="application/json")

    def page_cookie(self) -> None:
        self.say(200, b"", Set_Cookie="kind=oat; Path=/")

    def page_named(self) -> None:
        self.say(200, TEXT, Content_Disposition='attachment; filename="../given.txt"')

    def page_archive_tgz(self) -> None:
        self.say(200, self.server.archive)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The server with what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.requests: list[str] = []
        self.archive = b""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the block runs."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

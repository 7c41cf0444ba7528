"""A service that says its message and whether it is well; put yours in its place."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = os.environ["BACKEND_MESSAGE"]
ANSWERS = {"/api/health": {"status": "well"}, "/api/message": {"message": MESSAGE}}


class Handler(BaseHTTPRequestHandler):
    """Answers from a table; anything else is not found."""

    def do_GET(self):
        answer = ANSWERS.get(self.path)
        body = json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["BACKEND_PORT"])), Handler).serve_forever()

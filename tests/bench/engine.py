#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""engine.py SOCKET ID-FILE: answers as dockerd would with a container for each id of the file.

A stand-in, as a thousand real containers would take longer than the rest of the bench together.
"""
import http.server
import json
import re
import socketserver
import sys
import threading


def description(number, container_id):
    return {
        "Id": container_id,
        "Names": [f"/bench-{number}"],
        "Image": "bench",
        "Created": 1790000000,
        "State": "running",
        "Labels": {"number": str(number)},
    }


class Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    containers = []

    def do_GET(self):
        if "/events" in self.path:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.flush()
            threading.Event().wait()
        wanted = re.search(r"[0-9a-f]{64}", self.path)
        found = [c for c in self.containers if not wanted or c["Id"] == wanted.group()]
        body = json.dumps(found if "/containers/json" in self.path else {"ApiVersion": "1.41"})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that has gone is no news."""


with open(sys.argv[2], encoding="ascii") as ids:
    Engine.containers = [description(n, line.strip()) for n, line in enumerate(ids)]
Server(sys.argv[1], Engine).serve_forever()

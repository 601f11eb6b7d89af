#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that is no engine: bad_engine.py SOCKET MANNER

Real engines cannot be made to answer like this. Serves until it is killed; each connection in a
thread of its own.
"""
import os
import random
import socket
import sys
import threading

OK = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PING = OK + b"Content-Length: 2\r\n\r\nOK"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def garbage(connection, _path):
    connection.sendall(random.randbytes(65536))


def half(connection, path):
    """Ends in the middle of a header, or of a body."""
    connection.sendall(PING if path == "/_ping" else OK + b"Content-Length: 1000\r\n\r\n[{\"Id\":")


def silent(connection, _path):
    """Takes the question and never answers."""
    connection.recv(1)


def endless_header(connection, _path):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")


def endless_body(connection, _path):
    connection.sendall(CHUNKED)
    while True:
        connection.sendall(chunk(b" " * 65536))


def endless_event(connection, path):
    """An event of which no end comes."""
    if path == "/_ping":
        connection.sendall(PING)
        return
    connection.sendall(CHUNKED + chunk(b'{"Type":"container","Action":"'))
    while True:
        connection.sendall(chunk(b"x" * 65536))


def endless_list(connection, path):
    """A gigabyte of labels."""
    if path == "/_ping":
        connection.sendall(PING)
        return
    connection.sendall(CHUNKED)
    if "/events" in path:
        connection.recv(1)
        return
    identity = b"%064x" % 1
    connection.sendall(chunk(b'[{"Id":"' + identity + b'","Names":["/x"],"Labels":{'))
    for number in range(1 << 14):
        connection.sendall(chunk(b'"%d":"%s",' % (number, b"x" * 65536)))
    connection.sendall(chunk(b'"end":""}}]') + b"0\r\n\r\n")


def values(connection, path):
    """Many small values, which take much more memory than text."""
    if path == "/_ping":
        connection.sendall(PING)
        return
    connection.sendall(CHUNKED)
    if "/events" in path:
        connection.recv(1)
        return
    connection.sendall(chunk(b"[" + b"1," * (10 << 20) + b"1]") + b"0\r\n\r\n")


def nested(connection, path):
    if path == "/_ping":
        connection.sendall(PING)
        return
    connection.sendall(CHUNKED)
    if "/events" in path:
        connection.sendall(chunk(b"[" * 100000 + b"\n"))
    connection.sendall(chunk(b"[" * (1 << 20)) + b"0\r\n\r\n")


MANNERS = {function.__name__: function for function in (
    garbage, half, silent, endless_header, endless_body, endless_event, endless_list, values,
    nested)}


def answer(connection, manner):
    try:
        question = connection.recv(65536)
        words = question.split(b" ", 2)
        path = words[1].decode("ascii", "replace") if len(words) == 3 else ""
        manner(connection, path)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    path, manner = sys.argv[1], MANNERS[sys.argv[2]]
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection, manner), daemon=True).start()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""CRI-O's answers, without CRI-O, of which there is no package.

    crio.py pod STATE NAME LABEL=VALUE...   prints the id of a new sandbox
    crio.py container STATE SANDBOX NAME    prints the id of a new container of it
    crio.py started STATE ID PID
    crio.py removed STATE ID
    crio.py store STATE DIRECTORY           writes the store's documents
    crio.py serve STATE SOCKET              until it is killed

The documents are those that a real one wrote, tests/fixtures/crio, with other names in them. Pods
have a kubelet's labels, but for those whose name begins with "bare". HTTP tells of a container as
soon as it is there, CRI once it has a process, and a pod's own labels are on its sandbox alone.
"""
import json
import os
import secrets
import socket
import sys
import threading

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fixtures/crio")
KUBELET = "io.kubernetes."
# What stands in the recordings for a container's id, its sandbox's, its name, and its pod's.
RECORDED = {
    False: ("a17f0c2e" + "0" * 55 + "2", "e8812458" + "0" * 55 + "1", "front", "web-0"),
    True: ("c04417aa" + "0" * 55 + "4", "5b3d9c41" + "0" * 55 + "3", "back", "bare"),
}
IMAGE_ID = "7d3e51b0" + "0" * 55 + "9"
IMAGE = "localhost/app:1"
RUNNING = 1


def recording(name):
    with open(os.path.join(FIXTURES, name), encoding="utf-8") as file:
        return file.read()


# -------- what there is --------

def save(state, item):
    """Whoever reads at the same time sees the old one or the new one."""
    path = os.path.join(state, item["id"])
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(item, file)
    os.rename(path + ".new", path)


def load(state, identity):
    if len(identity) != 64 or not identity.isalnum():
        return None
    try:
        with open(os.path.join(state, identity), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def load_all(state):
    items = [load(state, name) for name in sorted(os.listdir(state))]
    return [item for item in items if item]


def is_bare(item):
    return item["pod"].startswith("bare")


def labels_of(item):
    labels = dict(item["labels"])
    if not is_bare(item):
        labels.update({
            KUBELET + "pod.name": item["pod"],
            KUBELET + "pod.namespace": "shop",
            KUBELET + "pod.uid": "uid-of-" + item["pod"],
            KUBELET + "container.name": item["name"] or "POD",
        })
    return labels


def rewritten(text, item):
    """A recording, with this container or sandbox in it."""
    container, sandbox, name, pod = RECORDED[is_bare(item)]
    for old, new in ((container, item["id"]), (sandbox, item["sandbox"]), (pod, item["pod"]),
                     (name, item["name"] or name)):
        text = text.replace(old, new)
    return text


def information(item):
    kind = "container" if item["name"] else "sandbox"
    name = kind + ("-bare" if is_bare(item) else "") + ".json"
    answer = json.loads(rewritten(recording(name), item))
    answer["pid"] = item["pid"]
    answer["labels"] = labels_of(item)
    return json.dumps(answer)


def write_store(state, directory):
    entries = []
    for item in load_all(state):
        recorded = RECORDED[is_bare(item)][0 if item["name"] else 1]
        for entry in json.loads(recording("volatile-containers.json")):
            if entry["id"] == recorded:
                entries.append(json.loads(rewritten(json.dumps(entry), item)))
    for kind, name, text in (("containers", "volatile-containers.json", json.dumps(entries)),
                             ("images", "images.json", recording("images.json"))):
        os.makedirs(os.path.join(directory, "overlay-" + kind), exist_ok=True)
        path = os.path.join(directory, "overlay-" + kind, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)


# -------- CRI's messages --------

def varint(number):
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


def number(field, value):
    return varint(field << 3) + varint(value) if value else b""


def text(field, value):
    data = value if isinstance(value, bytes) else value.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def pairs(field, values):
    return b"".join(text(field, text(1, key) + text(2, value)) for key, value in values.items())


def metadata_of_pod(item):
    return text(1, item["pod"]) + text(2, "uid-of-" + item["pod"]) + text(3, "shop")


def listed_sandbox(item):
    return text(1, item["id"]) + text(2, metadata_of_pod(item)) + pairs(5, labels_of(item))


def listed_container(item):
    """By the image that was asked for."""
    image = IMAGE_ID if is_bare(item) else IMAGE
    return (text(1, item["id"]) + text(2, item["sandbox"]) + text(3, text(1, item["name"])) +
            text(4, text(1, image)) + number(6, RUNNING) + pairs(8, labels_of(item)))


def container_status(item):
    status = (text(1, item["id"]) + text(2, text(1, item["name"])) + number(3, RUNNING) +
              text(8, text(1, IMAGE)) + pairs(12, labels_of(item)))
    info = json.dumps({"sandboxID": item["sandbox"], "pid": item["pid"]})
    return text(1, status) + pairs(2, {"info": info})


def sandbox_status(item):
    status = text(1, item["id"]) + text(2, metadata_of_pod(item)) + pairs(7, labels_of(item))
    return text(1, status) + pairs(2, {"info": "{}"})


def call(state, method, request):
    """The reply, or None for what is not there."""
    if method == "Version":
        return text(2, "cri-o")
    created = [item for item in load_all(state) if not item["name"] or item["pid"]]
    if method == "ListPodSandbox":
        return b"".join(text(1, listed_sandbox(item)) for item in created if not item["name"])
    if method == "ListContainers":
        return b"".join(text(1, listed_container(item)) for item in created if item["name"])
    identity = request[2:2 + request[1]].decode() if len(request) > 2 else ""
    found = [item for item in created if item["id"] == identity]
    if method == "ContainerStatus" and found and found[0]["name"]:
        return container_status(found[0])
    if method == "PodSandboxStatus" and found and not found[0]["name"]:
        return sandbox_status(found[0])
    return None


# -------- the two protocols of its one socket --------

def answer_http(connection, state, data):
    path = data.split(b" ")[1].decode()
    item = load(state, path.removeprefix("/containers/"))
    body = (information(item) if item else "can't find the container").encode()
    status = "200 OK" if item else "404 Not Found"
    connection.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def reply_grpc(http2, stream, state, path, request):
    service, _, method = path.rpartition("/")
    reply = call(state, method, request) if service == "/runtime.v1.RuntimeService" else None
    first = [(":status", "200"), ("content-type", "application/grpc")]
    if reply is None:
        http2.send_headers(stream, first + [("grpc-status", "5"), ("grpc-message", "not here")],
                           end_stream=True)
        return
    http2.send_headers(stream, first)
    message = b"\0" + len(reply).to_bytes(4, "big") + reply
    for start in range(0, len(message), http2.max_outbound_frame_size):
        http2.send_data(stream, message[start:start + http2.max_outbound_frame_size])
    http2.send_headers(stream, [("grpc-status", "0")], end_stream=True)


def answer_grpc(connection, state, data):
    import h2.config
    import h2.connection
    import h2.events
    http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    http2.initiate_connection()
    paths, bodies = {}, {}
    while data:
        for event in http2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                headers = {bytes(key): bytes(value) for key, value in
                           ((k.encode() if isinstance(k, str) else k,
                             v.encode() if isinstance(v, str) else v) for k, v in event.headers)}
                paths[event.stream_id] = headers[b":path"].decode()
                bodies[event.stream_id] = b""
            elif isinstance(event, h2.events.DataReceived):
                bodies[event.stream_id] += event.data
                http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                reply_grpc(http2, event.stream_id, state, paths.pop(event.stream_id),
                           bodies.pop(event.stream_id)[5:])
        connection.sendall(http2.data_to_send())
        data = connection.recv(65536)


def answer(connection, state):
    with connection:
        try:
            data = connection.recv(65536)
            (answer_grpc if data.startswith(b"PRI") else answer_http)(connection, state, data)
        except OSError:
            pass


def serve(state, path):
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection, state), daemon=True).start()


# -------- commands --------

def add(state, sandbox, name, pod, labels):
    identity = secrets.token_hex(32)
    save(state, {"id": identity, "sandbox": sandbox or identity, "name": name, "pod": pod,
                 "labels": labels, "pid": 0})
    print(identity)


def main():
    command, state, *rest = sys.argv[1:]
    if command == "pod":
        add(state, None, None, rest[0], dict(label.split("=", 1) for label in rest[1:]))
    elif command == "container":
        add(state, rest[0], rest[1], load(state, rest[0])["pod"], {})
    elif command == "started":
        save(state, dict(load(state, rest[0]), pid=int(rest[1])))
    elif command == "removed":
        os.unlink(os.path.join(state, rest[0]))
    elif command == "store":
        write_store(state, rest[0])
    elif command == "serve":
        serve(state, rest[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pods of containerd's CRI: made by CRI's own calls, named through the native API and through CRI
# alone. Their pause containers are hidden unless asked for.
HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
# shellcheck source=tests/integration/containerd.sh
. "$here/containerd.sh"
need containerd ctr runc protoc curl

export CONTAINER_RUNTIME_ENDPOINT=unix:///run/containerd/containerd.sock

# A docker archive, made on the spot: the pod's pause container and its application in one.
import_image() {
    local digest
    make_rootfs "$HARNESS_WORK/rootfs" sh nice sleep || exit 1
    mkdir "$HARNESS_WORK/image"
    tar -C "$HARNESS_WORK/rootfs" -cf "$HARNESS_WORK/image/layer.tar" .
    digest=$(sha256sum <"$HARNESS_WORK/image/layer.tar" | cut -d' ' -f1)
    jq -n --arg digest "sha256:$digest" --arg arch "$(dpkg --print-architecture)" '{
        architecture: $arch, os: "linux", config: { Cmd: ["/bin/sleep", "1000"] },
        rootfs: { type: "layers", diff_ids: [$digest] }
    }' >"$HARNESS_WORK/image/config.json"
    echo '[{"Config": "config.json", "RepoTags": ["local/app:1"], "Layers": ["layer.tar"]}]' \
        >"$HARNESS_WORK/image/manifest.json"
    tar -C "$HARNESS_WORK/image" -cf "$HARNESS_WORK/image.tar" manifest.json config.json layer.tar
    ctr -n k8s.io images import --snapshotter native --no-unpack "$HARNESS_WORK/image.tar" >/dev/null || {
        fail "an image is imported"
        exit 1
    }
}

# cri METHOD REQUEST-TYPE TEXT: the id in the reply, or nothing; one frame there, one back.
cri() {
    local request=$HARNESS_WORK/request reply=$HARNESS_WORK/reply length
    protoc -I"$here/../cri" --encode="$2" requests.proto <<<"$3" >"$request" || return 1
    length=$(printf '%08x' "$(stat -c %s "$request")")
    {
        printf '\0'
        printf '%b' "\\x${length:0:2}\\x${length:2:2}\\x${length:4:2}\\x${length:6:2}"
        cat "$request"
    } >"$request.framed"
    curl -s --http2-prior-knowledge --unix-socket /run/containerd/containerd.sock \
        -H 'content-type: application/grpc' -H 'te: trailers' -D "$reply.headers" -o "$reply" \
        --data-binary "@$request.framed" "http://localhost/runtime.v1.RuntimeService/$1"
    if ! grep -q 'grpc-status: 0' "$reply.headers"; then
        fail "CRI $1" "$(cat "$reply.headers")"
        exit 1
    fi
    tail -c +6 "$reply" | protoc -I"$here/../cri" --decode=Id requests.proto | sed -n 's/^id: "\(.*\)"/\1/p'
}

# pod NAME [LABELS]: its sandbox, on the host's network. Sets $sandbox and $config.
pod() {
    config="metadata { name: \"$1\" uid: \"uid-of-$1\" namespace: \"shop\" } ${2-}
        linux { cgroup_parent: \"/k8s.io\" security_context { namespace_options { network: 2 } } }"
    sandbox=$(cri RunPodSandbox RunPodSandbox "config { $config }") || exit 1
}

# in_pod NAME [FIELDS]: a container that keeps asking for a better priority. Sets $container.
in_pod() {
    container=$(cri CreateContainer CreateContainer "pod_sandbox_id: \"$sandbox\"
        config {
            metadata { name: \"$1\" } image { image: \"local/app:1\" }
            command: \"/bin/sh\" args: \"-c\" args: \"$NICE_LOOP\" ${2-}
        }
        sandbox_config { $config }") || exit 1
    cri StartContainer Id "id: \"$container\"" >/dev/null
}

label() {
    printf 'labels { key: "%s" value: "%s" } ' "$1" "$2"
}

native_start
import_image

# As a kubelet makes them, with labels, the pod's own on the sandbox alone; and as others do, without.
pod web-0 "$(label io.kubernetes.pod.name web-0)$(label io.kubernetes.pod.namespace shop)$(
    label io.kubernetes.pod.uid uid-of-web-0)$(label app shop)"
in_pod front "$(label io.kubernetes.pod.name web-0)$(label io.kubernetes.pod.namespace shop)$(
    label io.kubernetes.pod.uid uid-of-web-0)$(label io.kubernetes.container.name front)"
front=$container
pod bare
in_pod back
back=$container bare=$sandbox

for runtime in containerd cri; do
    list=$("$LOCAL_GADGET" list-containers -r "$runtime" -o json)
    # CRI gives the image as it was asked for, containerd with its registry.
    same "$runtime: a kubelet's pod" "front web-0 shop uid-of-web-0 local/app:1 running" \
        "$(jq -r "(if type == \"array\" then .[] else . end) | select(.id == \"$front\") |
            \"\(.name) \(.podname) \(.namespace) \(.podUID) \(.image | ltrimstr(\"docker.io/\")) \(.state)\"" <<<"$list")"
    same "$runtime: a pod without labels" "back bare shop uid-of-bare" \
        "$(jq -r "(if type == \"array\" then .[] else . end) | select(.id == \"$back\") |
            \"\(.name) \(.podname) \(.namespace) \(.podUID)\"" <<<"$list")"
    same "$runtime: the pod's labels are its containers', and what marks the sandbox is not" \
        "shop front null" "$(jq -r "(if type == \"array\" then .[] else . end) |
            select(.id == \"$front\") | .labels |
            \"\(.app) \(.[\"io.kubernetes.container.name\"]) \(.[\"io.kubernetes.docker.type\"])\"" \
            <<<"$list")"
    same "$runtime: its pid" "$(ctr -n k8s.io task ls | awk -v id="$back" '$1 == id { print $2 }')" \
        "$(jq -r "(if type == \"array\" then .[] else . end) | select(.id == \"$back\") | .pid" \
            <<<"$list")"
    same "$runtime: pause containers are hidden" "" "$(grep -o "$bare" <<<"$list" | head -n 1)"
    same "$runtime: unless they are asked for" true "$("$LOCAL_GADGET" list-containers --all \
        -r "$runtime" -o json | jq -r "(if type == \"array\" then .[] else . end) |
            select(.id == \"$bare\") | .sandbox")"
done

for runtime in containerd cri; do
    tracer_start -r "$runtime"
    sees "$runtime: a container of before is denied" ".container == \"front\" and
        .pod == \"web-0\" and .namespace == \"shop\" and
        .capName == \"SYS_NICE\" and .verdict == \"Deny\""
    pod "late-$runtime"
    in_pod allowed 'linux { security_context { capabilities { add_capabilities: "SYS_NICE" } } }'
    sees "$runtime: one that comes is allowed, and named" ".container == \"allowed\" and
        .pod == \"late-$runtime\" and .containerId == \"$container\" and
        .capName == \"SYS_NICE\" and .verdict == \"Allow\"" 3
    sees_none "$runtime: from its first event on" ".containerId == \"$container\" and
        .container != \"allowed\""
    ends_well "$runtime: nothing was lost"
done

# By a label of the pod's, of one that was there and of one that comes.
for runtime in containerd cri; do
    tracer_start -r "$runtime" --selector app=shop
    sees "$runtime: selected by the pod's label" '.container == "front"'
    pod "picked-$runtime" "$(label app shop)"
    in_pod picked
    sees "$runtime: one that comes, too" ".container == \"picked\" and .pod == \"picked-$runtime\""
    pod "passed-$runtime" "$(label app other)"
    in_pod passed
    passed=$container
    pod "again-$runtime" "$(label app shop)"
    in_pod again
    sees "$runtime: and the next" ".pod == \"again-$runtime\"" 5
    sees_none "$runtime: no other" ".containerId == \"$passed\" or .container == \"back\""
    ends_well "$runtime: selected, nothing was lost"
done
tap_end

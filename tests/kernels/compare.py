# SPDX-License-Identifier: GPL-2.0-or-later
"""Two back-ends that watched the same work: the same events, and how often inferred AUDIT is right."""

import collections
import difflib
import json

AUDIT_SHARE = 0.999  # of inferred AUDIT, and of INSETID, that has to be right


class Record(dict):
    """An object of a JSON line. A key that is not there differs from all that can be expected."""

    def __missing__(self, key):
        return f"no {key}"


def parse(text):
    records = []
    for line in text.splitlines():
        try:
            records.append(Record(json.loads(line)))
        except ValueError:
            records.append(Record(type="garbled", text=line))
    return records


def between(events, begin, end):
    """Those after the first fence and before the second: processes that both back-ends saw."""
    pids = [event["pid"] for event in events]
    if begin not in pids or end not in pids:
        return None
    inner = events[pids.index(begin) + 1:pids.index(end)]
    return [event for event in inner
            if event["type"] == "normal" and event["comm"] != "local-gadget"]


def identity(event):
    """What has to be the same for both, of one check."""
    return (event["comm"], event["syscall"], event["uid"], event["cap"], event["verdict"],
            event["reason"],
            event["caps"], event["currentuserns"], event["targetuserns"], event["cgroupId"],
            event["overridden"], event["foreign"])


def by_thread(events):
    threads = collections.defaultdict(list)
    for event in events:
        threads[event["tid"]].append(event)
    return threads


def describe(event):
    stack = " < ".join(frame.split("+")[0] for frame in event.get("kernelStack") or ["no stack"])
    return (f"{event['comm']}[{event['tid']}] {event['syscall']} {event['capName']} "
            f"{event['verdict']} audit {event['audit']} insetid {event['insetid']}: {stack}")


def pair(truth, other):
    """Pairs of events of the same check, and the events that only one side has."""
    pairs, alone = [], []
    ours, theirs = by_thread(truth), by_thread(other)
    for tid in sorted(set(ours) | set(theirs)):
        left, right = ours[tid], theirs[tid]
        matcher = difflib.SequenceMatcher(None, [identity(event) for event in left],
                                          [identity(event) for event in right], autojunk=False)
        for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
            if tag == "equal":
                pairs += zip(left[start:stop], right[other_start:other_stop])
            else:
                alone += [("only fexit", event) for event in left[start:stop]]
                alone += [("only tracepoint", event) for event in right[other_start:other_stop]]
    return pairs, alone


def compare(results):
    """What is wrong, as lines; the figures, as one; each mismatch, with its stack."""
    fences = [parse(results.text("compare/" + fence)) for fence in ("begin", "end")]
    if not all(fences):
        return ["the two back-ends did not both start"], "", []
    begin, end = (fence[0]["pid"] for fence in fences)
    everything = [parse(results.text(f"compare/{backend}/events"))
                  for backend in ("fexit", "tracepoint")]
    truth, inferred = (between(events, begin, end) for events in everything)
    if not truth or not inferred:
        return ["the fences of the workload are not among the events"], "", []
    pairs, alone = pair(truth, inferred)
    lost = sum(event["count"] for events in everything for event in events
               if event["type"] == "lost")
    wrong = [(left, right) for left, right in pairs if left["audit"] != right["audit"]]
    setid = [(left, right) for left, right in pairs if left["insetid"] != right["insetid"]]
    share = 1 - len(wrong) / max(len(pairs), 1)
    figures = (f"{len(pairs)} checks seen by both, {len(alone)} by one alone, {lost} "
               f"counted as lost; inferred AUDIT right "
               f"in {100 * share:.3f} %, {len(wrong)} mismatches; INSETID, {len(setid)} mismatches")
    mismatches = [f"{who}: {describe(event)}" for who, event in alone]
    mismatches += [f"inferred {right['audit']}: {describe(left)}" for left, right in wrong]
    mismatches += [f"inferred insetid {right['insetid']}: {describe(left)}" for left, right in setid]
    enough = min(share, 1 - len(setid) / max(len(pairs), 1)) >= AUDIT_SHARE
    notes = [] if enough and not alone else ["the two differ: see the mismatches below"]
    return notes, figures, mismatches

#!/usr/bin/env python3
"""Prints how many test cases passed and failed in a run of `bazel test`.

    test_summary.py FILE    FILE is what --build_event_json_file wrote

The last line is always "N passed, N failed". A test program that left no list
of its cases (it crashed or timed out) counts as one failure, and so does each
target that did not build.
Skipped and disabled cases count as neither.
"""
import json
import sys
import urllib.parse
import xml.etree.ElementTree as ET


def cases(event):
    """Yields (name, "passed" | "failed" | "skipped") for each case of a run."""
    for output in event["testResult"].get("testActionOutput", []):
        if output["name"] != "test.xml":
            continue
        path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
        for case in ET.parse(path).getroot().iter("testcase"):
            name = f"{case.get('classname', '')}.{case.get('name')}".lstrip(".")
            if any(case.find(tag) is not None for tag in ("failure", "error")):
                yield name, "failed"
            elif case.get("status") == "notrun" or case.get("result") == "skipped":
                yield name, "skipped"
            else:
                yield name, "passed"


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []
    tests, ran, broken = set(), set(), set()
    with open(sys.argv[1], encoding="utf-8") as rows:
        events = [json.loads(row) for row in rows]
    for event in events:
        configured = event["id"].get("targetConfigured")
        if configured and event.get("configured", {}).get("testSize"):
            tests.add(configured["label"])
        completed = event["id"].get("targetCompleted")
        if completed and not event.get("completed", {}).get("success"):
            broken.add(completed["label"])
        if "testResult" not in event:
            continue
        label = event["id"]["testResult"]["label"]
        ran.add(label)
        failed = 0
        for name, outcome in cases(event):
            count[outcome] += 1
            if outcome == "failed":
                failed += 1
                failures.append(f"{label}  {name}")
        if event["testResult"]["status"] != "PASSED" and not failed:
            count["failed"] += 1
            failures.append(f"{label}  {event['testResult']['status']}")
    for label in sorted((tests | broken) - ran):
        count["failed"] += 1
        failures.append(f"{label}  did not build")
    if not tests:
        count["failed"] += 1
        failures.append("no test was found")

    for failure in failures:
        print(f"FAILED {failure}")
    if count["skipped"]:
        print(f"{count['skipped']} skipped")
    print(f"{count['passed']} passed, {count['failed']} failed")
    return 1 if count["failed"] else 0


sys.exit(main())

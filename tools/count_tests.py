"""Counts the cases of Bazel's tests.

Reads the labels of test targets from standard input, and for each the test.xml
that Bazel keeps below the folder named by the first argument. Prints "PASSED
FAILED". A target without a readable test.xml did not run: it is one failure.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases_of(xml_file):
    """How many cases of one target passed, and how many did not."""
    passed = failed = 0
    for case in ElementTree.parse(xml_file).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.get("status") != "notrun":
            passed += 1
    return passed, failed


def main():
    logs = pathlib.Path(sys.argv[1])
    passed = failed = 0
    for label in sys.stdin.read().split():
        xml_file = logs / label.removeprefix("//").replace(":", "/") / "test.xml"
        try:
            target_passed, target_failed = cases_of(xml_file)
        except (OSError, ElementTree.ParseError):
            target_passed, target_failed = 0, 1
        passed += target_passed
        failed += target_failed
    print(passed, failed)


main()

"""JUnit's XML, which most CI servers show: each file is a suite, each finding a case."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as ET

from incidentctl.lint.finding import Finding
from incidentctl.lint.report import Report
from incidentctl.text.escape import clean


def written(report: Report) -> str:
    """One XML document.  What does not count is a case that passed, and speaks in its output."""
    by_file: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_file[finding.file].append(finding)
    suites = ET.Element("testsuites", name="incidentctl lint")
    for name in sorted({*report.files, *by_file}):
        suites.append(_suite(report, name, by_file[name]))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _suite(report: Report, name: str, findings: list[Finding]) -> ET.Element:
    failures = sum(map(report.counts, findings))
    suite = ET.Element("testsuite", name=_plain(name), tests=str(len(findings) or 1), failures=str(failures))
    if not findings:
        ET.SubElement(suite, "testcase", classname=_plain(name), name="lint")
    for finding in findings:
        where = f"{finding.line}:{finding.column} {finding.rule}"
        case = ET.SubElement(suite, "testcase", classname=_plain(name), name=where)
        said = _plain(f"{finding.file}:{finding.line}:{finding.column}: {finding.message}\n{finding.hint}".strip())
        if report.counts(finding):
            ET.SubElement(case, "failure", type=finding.severity, message=_plain(finding.message)).text = said
        else:
            ET.SubElement(case, "system-out").text = said
    return suite


def _plain(text: str) -> str:
    """XML 1.0 has no control characters, and not these two either."""
    return clean(text, lines=True).replace("\ufffe", "?").replace("\uffff", "?")

"""What a run of lint found, as the output formats take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from incidentctl.lint.finding import Finding
from incidentctl.record import record


@record
class Report:
    """The findings by file, line and column; the names of the files that were looked at; their texts, for showing.

    `strict`: warnings count as errors do.
    """

    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    def counts(self, finding: Finding) -> bool:
        """Whether this finding alone makes the run fail."""
        return self.strict or finding.severity == "error"

    @property
    def failed(self) -> bool:
        """Whether any finding counts."""
        return any(map(self.counts, self.findings))

"""What the long tests have counted is said at the end of the run."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Figures that tests recorded as the property "figures"."""
    reports: list[pytest.TestReport] = [
        *terminalreporter.getreports("passed"),
        *terminalreporter.getreports("failed"),
    ]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == "figures" and getattr(report, "when", "") == "call":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")

"""Which labels may hold a service's name, the most telling first."""

from __future__ import annotations

from typing import Final

SERVICE_LABELS: Final = (
    "service",
    "service_name",
    "service.name",
    "app.kubernetes.io/name",
    "app_kubernetes_io_name",
    "app",
    "application",
    "component",
    "project",
    "deployment",
    "job",
    "namespace",
)
"""`service` is set by people; `job` and `namespace` are only where it runs."""

"""How things are measured and asked: what the runbook keeps of it."""

from __future__ import annotations

from incidentctl.runbook.model import Action, Check, Condition
from tests.runbook.reading import book_of, question

SERVICE = """
sources: {prometheus: {url: "${PROMETHEUS_URL}", headers: {Authorization: "Bearer ${TOKEN}"}}}
signals:
  queue: {redis: {url: "${REDIS}"}, unit: messages}
  latency_p99: {prometheus: {query: p99}}
decision_tree:
  - use: recent-deploy
    check: {deploys: {git: {repository: .., ref: main}, kubernetes: {}, github: {repository: a/b}}}
  - ask: Is it full?
    id: full
    check: {signal: queue > 10}
    checks:
      - {postgres: {dsn: "${DB}", longer_than: 30 s}}
      - {statuspage: {url: "https://status.example.com", components: [api, web]}}
    if_yes:
      - action: End it
        id: end
        end_queries: {dsn: "${DB}"}
      - action: Ask it to end
        id: ask-it
        http: {url: "https://example.com/end", method: POST, headers: {X-Reason: incident}}
comms:
  audiences:
    customers: {statuspage: {page: abc, components: [shop]}}
    partners: {email: {to: partners@example.com}}
postmortem: {template: docs/template.md}
"""


def test_a_check_keeps_its_texts_and_where_they_stand() -> None:
    book = book_of(SERVICE)
    (deploys,) = question(book, "recent-deploy").checks
    assert deploys == Check(
        "deploys",
        {"git.repository": "..", "git.ref": "main", "kubernetes": "", "github.repository": "a/b"},
        ("decision_tree", 0, "check", "deploys"),
    )
    signal, postgres, status = question(book, "full").checks
    at = ("decision_tree", 1, "check", "signal")
    assert signal == Check("signal", {"": "queue > 10"}, at, Condition("queue > 10", "queue", ">", 10.0, route=at))
    assert (postgres.kind, postgres.route) == ("postgres", ("decision_tree", 1, "checks", 0, "postgres"))
    assert postgres.values == {"dsn": "${DB}", "longer_than": "30 s"}
    assert status.values == {"url": "https://status.example.com", "components": "api\nweb"}


def test_signals_sources_actions_and_audiences_keep_theirs() -> None:
    book = book_of(SERVICE)
    queue = book.signals["queue"]
    assert queue.check == Check("redis", {"url": "${REDIS}"}, ("signals", "queue", "redis"))
    assert (queue.source, book.signals["latency_p99"].baseline) == ("redis", None)
    headers = {"url": "${PROMETHEUS_URL}", "headers.Authorization": "Bearer ${TOKEN}"}
    assert book.sources == {"prometheus": Check("prometheus", headers, ("sources", "prometheus"))}
    end, ask = question(book, "full").if_yes
    assert isinstance(end, Action)
    assert isinstance(ask, Action)
    assert end.end_queries == Check("end_queries", {"dsn": "${DB}"}, (*end.route, "end_queries"))
    assert (end.http, ask.end_queries) == (None, None)
    assert ask.http is not None
    assert ask.http.values["headers.X-Reason"] == "incident"
    customers, _internal, partners = book.comms.audiences
    assert (customers.channel, dict(customers.values)) == ("statuspage", {"page": "abc", "components": "shop"})
    assert dict(partners.values) == {"to": "partners@example.com"}
    assert book.postmortem_template == "docs/template.md"


def test_the_service_replaces_a_source_and_keeps_what_is_shared() -> None:
    book = book_of(
        "signals: {down: {http: {url: https://example.com}}}",
        "signals: {down: {prometheus: {query: up}, unit: hosts}}",
    )
    assert book.signals["down"].check == Check("http", {"url": "https://example.com"}, ("signals", "down", "http"))
    assert (book.signals["down"].source, book.signals["down"].unit) == ("http", "hosts")

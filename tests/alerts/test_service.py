"""Which service an alert is about, and when a person has to say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.service import Choice, service_of
from incidentctl.runbook.alert_names import declared
from tests.cli.conftest import ROOT

SERVICES = ["checkout", "payments", "search"]
DECLARED = {"Errors": ("checkout",), "Slow": ("checkout", "search"), "CartSlow": ("search",)}


def about(title: str = "It fails", *, names: tuple[str, ...] = (), hints: tuple[str, ...] = ()) -> Choice:
    return service_of(Alert("Alertmanager", title, names, hints), DECLARED, SERVICES)


@pytest.mark.parametrize(
    ("names", "hints", "certain"),
    [
        (("Errors",), (), "checkout"),
        (("errors",), (), "checkout"),
        (("Errors",), ("payments",), "checkout"),  # a person wrote it into the runbook
        (("Slow",), ("search",), "search"),  # two runbooks declare it, and the labels name one of them
        ((), ("payments",), "payments"),
        ((), ("Payments", "http", "payments"), "payments"),
        (("Other",), ("nowhere", "search"), "search"),
    ],
)
def test_what_is_certain_is_not_asked(names: tuple[str, ...], hints: tuple[str, ...], certain: str) -> None:
    choice = about(names=names, hints=hints)
    assert (choice.certain, choice.likely) == (certain, ())
    assert choice.because


@pytest.mark.parametrize(
    ("names", "hints", "likely", "default"),
    [
        (("Slow",), (), ("checkout", "search"), ""),
        (("Slow",), ("payments",), ("checkout", "search"), ""),
        (("Slow",), ("search", "checkout"), ("search", "checkout"), "search"),
        (("Errors", "CartSlow"), (), ("checkout", "search"), ""),
        ((), ("payments", "search"), ("payments", "search"), "payments"),
        ((), ("chekout",), ("checkout",), ""),
        ((), ("shop/payments-api",), ("payments",), ""),
        ((), (), (), ""),
    ],
)
def test_what_is_not_certain_is_asked_with_the_likeliest_first(
    names: tuple[str, ...], hints: tuple[str, ...], likely: tuple[str, ...], default: str
) -> None:
    choice = about(names=names, hints=hints)
    assert (choice.certain, choice.likely, choice.default) == ("", likely, default)


def test_a_declared_name_in_the_title_is_only_likely() -> None:
    choice = about("[FIRING:1] CartSlow (web)")
    assert (choice.certain, choice.default, choice.likely) == ("", "search", ("search",))


# --- the names that runbooks declare -----------------------------------------------------------------------


def test_the_example_runbooks_declare_their_alerts() -> None:
    answering = declared(ROOT / "runbooks")
    assert answering.remarks == ()
    assert answering.services["CheckoutErrors"] == ("checkout",)
    assert answering.services["PaymentsDeclined"] == ("payments",)


@pytest.mark.parametrize(
    "text",
    [
        "service: shop\nalerts: [A, 'B c']\nowner: x\n",
        'alerts:\n- A\n- "B c"  # why\n\nowner: x\n',
        "owner: x\nalerts: [\n  A,\n  B c,\n]\n",
        "alerts:\n  # all of them\n  - A\n\n  - B c",
        "alerts :  [A, B c]\r\nowner: x\r\n",
        "alerts: [A, B c]\nowner: [broken elsewhere\n",
    ],
)
def test_every_way_to_write_a_list_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "shop.yaml").write_bytes(text.encode())
    answering = declared(tmp_path)
    assert (answering.services, answering.remarks) == ({"A": ("shop",), "B c": ("shop",)}, ())


def test_two_services_may_declare_one_alert(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("alerts: A\n")
    assert declared(tmp_path).services == {"A": ("one", "two")}


def test_alerts_that_cannot_be_read_are_a_remark_and_stop_nobody(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("alerts: [A, B\n")
    (tmp_path / "binary.yaml").write_bytes(b"alerts: \x00\xff")
    (tmp_path / "dir.yaml").mkdir()
    (tmp_path / "good.yaml").write_text("alerts: [C]\n")
    (tmp_path / "none.yaml").write_text("alerts:\n")
    answering = declared(tmp_path)
    assert answering.services == {"C": ("good",)}
    assert [remark.split(":")[0].rpartition("/")[2] for remark in answering.remarks] == ["bad.yaml", "binary.yaml"]


def test_a_folder_that_is_not_there_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path / "nowhere").services == {}
    assert declared(None).services == {}

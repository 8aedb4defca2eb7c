"""Whether a request that was not answered may have done something all the same."""

from __future__ import annotations

import pytest

from incidentctl.http import Unanswered, once, send
from tests.servers.odd_http import odd_server
from tests.servers.started import free_port


def unasked(url: str) -> bool:
    with pytest.raises(Unanswered) as caught:
        once(send("POST", url, body=b"{}", seconds=1.5))
    return caught.value.unasked


def test_nothing_went_out_where_nobody_took_the_call_or_tls_failed() -> None:
    assert unasked(f"http://127.0.0.1:{free_port()}/")
    assert unasked("http://nowhere.invalid/")
    with odd_server() as server:
        server.scheme = "https"
        assert unasked(server.url("/ok"))
        assert server.asked == []


@pytest.mark.parametrize("way", ["/waits", "/hangs-up", "/breaks-off", "/babbles"])
def test_nobody_can_tell_what_a_server_did_that_took_the_request(way: str) -> None:
    with odd_server() as server:
        assert not unasked(server.url(way))
        assert len(server.asked) == 1

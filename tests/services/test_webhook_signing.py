"""What is signed can be verified, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhook_signing import (
    SIGNATURE,
    TIMESTAMP,
    NotOurs,
    new_secret,
    read_secret,
    shown_secret,
    signed,
    verify,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRETS = st.binary(min_size=24, max_size=64)
IDS = st.text("0123456789abcdef_evt", min_size=1, max_size=40)


def test_it_is_what_the_standard_says() -> None:
    """The example that the Standard Webhooks libraries are tested with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    headers = signed([read_secret(secret)], "msg_p5jXN8AQM9LWM0D4loKWxJek", body, at)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.lists(SECRETS, min_size=1, max_size=3), IDS, st.binary(max_size=500))
def test_each_of_the_secrets_verifies(secrets: list[bytes], event_id: str, body: bytes) -> None:
    headers = signed(secrets, event_id, body, NOW)
    for secret in secrets:
        assert verify(shown_secret(secret), headers, body, NOW) == event_id


@given(SECRETS, SECRETS, IDS, st.binary(max_size=100), st.binary(max_size=100))
def test_another_body_or_secret_is_not_ours(
    secret: bytes, other: bytes, event_id: str, body: bytes, changed: bytes
) -> None:
    headers = signed([secret], event_id, body, NOW)
    if changed != body:
        with pytest.raises(NotOurs):
            verify(shown_secret(secret), headers, changed, NOW)
    # HMAC fills a key up with zeros.
    if other.rstrip(b"\0") != secret.rstrip(b"\0"):
        with pytest.raises(NotOurs):
            verify(shown_secret(other), headers, body, NOW)


@given(st.integers(-4000, 4000))
def test_what_is_old_or_from_the_future_is_not_believed(seconds: int) -> None:
    secret = new_secret()
    headers = signed([secret], "evt_1", b"{}", NOW)
    then = NOW + timedelta(seconds=seconds)
    if abs(seconds) <= 300:
        verify(shown_secret(secret), headers, b"{}", then)
    else:
        with pytest.raises(NotOurs):
            verify(shown_secret(secret), headers, b"{}", then)
    verify(shown_secret(secret), headers, b"{}", then, tolerance=timedelta(hours=2))


@given(st.dictionaries(st.sampled_from([SIGNATURE, TIMESTAMP, "webhook-id"]), st.text()))
def test_any_headers_of_a_stranger_are_refused(strange: dict[str, str]) -> None:
    secret = shown_secret(new_secret())
    with pytest.raises(NotOurs):
        verify(secret, strange, b"{}", NOW)
    ours = signed([read_secret(secret)], "evt_1", b"{}", NOW)
    if strange and any(ours[name] != value for name, value in strange.items()):
        # A signature among others is enough, so a stranger may only add to it.
        if SIGNATURE in strange and ours[SIGNATURE] in strange[SIGNATURE].split(" "):
            return
        with pytest.raises(NotOurs):
            verify(secret, {**ours, **strange}, b"{}", NOW)


@given(SECRETS)
def test_a_secret_is_read_as_it_is_shown(secret: bytes) -> None:
    assert read_secret(shown_secret(secret)) == secret


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_?", "whsec_YQ", "YWJj", "ef_key_abc"])
def test_what_is_no_secret_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a webhook secret reads whsec_<base64>$"):
        read_secret(text)

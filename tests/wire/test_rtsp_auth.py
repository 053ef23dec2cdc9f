from __future__ import annotations

import pytest

from sitewarden.wire.rtsp_auth import Challenge, authorization, challenges, digest, verify

RFC_7616 = Challenge(
    scheme="digest",
    realm="http-auth@example.org",
    nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    qop=True,
    opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, expected: str) -> None:
    challenge = Challenge(**{name: getattr(RFC_7616, name) for name in ("scheme", "realm", "nonce", "qop")}, algorithm=algorithm)
    given = digest(challenge, "GET", "/dir/index.html", "Mufasa", "Circle of Life", "00000001", CNONCE)
    assert given == expected


def test_the_example_of_rfc_2069_without_qop() -> None:
    old = Challenge(scheme="digest", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")
    header = authorization(old, "GET", "/dir/index.html", "Mufasa", "CircleOfLife", 1, "unused")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in header
    assert "qop" not in header and "algorithm" not in header and "cnonce" not in header


def test_the_strongest_offer_comes_first() -> None:
    offered = challenges(
        [
            'Basic realm="cam", Digest realm="cam", nonce="n1"',
            'Digest realm="cam", nonce="n2", algorithm=SHA-256, qop="auth,auth-int", stale=TRUE',
            'Digest realm="cam", nonce="n3", algorithm=SHA-512-256',
            "Negotiate abc",
        ]
    )
    assert [(one.scheme, one.algorithm, one.nonce) for one in offered] == [
        ("digest", "SHA-256", "n2"),
        ("digest", "MD5", "n1"),
        ("basic", "MD5", ""),
    ]
    assert offered[0].qop and offered[0].stale and not offered[1].qop


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", [True, False])
def test_what_we_answer_we_accept(algorithm: str, qop: bool) -> None:
    challenge = Challenge(scheme="digest", realm='a "b"', nonce="n", algorithm=algorithm, qop=qop)
    header = authorization(challenge, "PLAY", "rtsp://h/p", "ad\\min", "s:ecret", 3, "c")
    assert verify(header, challenge, "PLAY", "ad\\min", "s:ecret")
    assert not verify(header, challenge, "PLAY", "ad\\min", "other")
    assert not verify(header, challenge, "SETUP", "ad\\min", "s:ecret")
    assert "s:ecret" not in header


def test_basic() -> None:
    challenge = challenges(['Basic realm="x"'])[0]
    header = authorization(challenge, "DESCRIBE", "rtsp://h", "u", "p", 1, "")
    assert header == "Basic dTpw"
    assert verify(header, challenge, "DESCRIBE", "u", "p")

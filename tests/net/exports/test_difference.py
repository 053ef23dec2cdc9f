"""What nftables has loaded against what it should have, asked of a kernel."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid
from sitewarden.net.exports import Plan, Profile, differences, render
from tests.net.exports.plans import EMPTY, NAMED, SERVER, UNNAMED

NFT = shutil.which("nft") or "/usr/sbin/nft"


def nft(*arguments: str, input: str | None = None) -> bytes:
    done = subprocess.run([NFT, *arguments], input=input.encode() if input else None, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def kernel(netns: bool) -> None:
    if not netns or not Path(NFT).exists():
        pytest.skip("nft and a network namespace are needed")


@pytest.mark.parametrize("deny", [False, True])
@pytest.mark.parametrize("profile", ["strict", "seed"])
@pytest.mark.parametrize("plan", [NAMED, UNNAMED, EMPTY], ids=["named", "unnamed", "empty"])
@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.7", "2001:db8::7"])
def test_nothing_differs_after_loading(kernel: None, bind: str, plan: Plan, profile: Profile, deny: bool) -> None:
    settings = Settings(bind=bind, http_api_plain_networks=("10.8.0.0/24",))
    nft("-f", "-", input=render("nftables", settings, plan=plan, profile=profile, deny_outgoing=deny))
    loaded = nft("-j", "list", "ruleset")
    assert differences(settings, plan, profile, loaded, deny_outgoing=deny) == []


def loaded_rules() -> list[dict[str, object]]:
    return [entry["rule"] for entry in json.loads(nft("-j", "list", "ruleset"))["nftables"] if "rule" in entry]


def test_each_rule_that_is_removed_by_hand_is_named(kernel: None) -> None:
    text = render("nftables", SERVER, plan=NAMED, profile="seed")
    nft("-f", "-", input=text)
    handles = [(rule["chain"], rule["handle"]) for rule in loaded_rules()]
    assert len(handles) > 15
    for place in range(len(handles)):
        nft("-f", "-", input=text)
        rule = loaded_rules()[place]
        nft("delete", "rule", "inet", "sitewarden", str(rule["chain"]), "handle", str(rule["handle"]))
        found = differences(SERVER, NAMED, "seed", nft("-j", "list", "ruleset"))
        assert [(item.kind, item.chain) for item in found] == [("missing", rule["chain"])], found
        assert str(rule.get("comment", "")) in found[0].what


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("input tcp dport 23 accept", "tcp dport 23 accept"),
        ("input ip saddr != 10.0.0.1 accept", "ip saddr != 10.0.0.1 accept"),
        ("input tcp dport 8600 counter accept", "tcp dport 8600 counter accept"),
        ("input ip saddr 10.9.0.0/16 tcp dport 8600 accept", "ip saddr 10.9.0.0/16 tcp dport 8600 accept"),
        ("input jump more", "jump"),
    ],
)
def test_a_rule_added_by_hand_is_named(kernel: None, added: str, said: str) -> None:
    nft("-f", "-", input=render("nftables", SERVER, plan=NAMED))
    jump = "jump" in added
    if jump:
        nft("add", "chain", "inet", "sitewarden", "more")
    nft("add", "rule", "inet", "sitewarden", *added.split())
    found = differences(SERVER, NAMED, "strict", nft("-j", "list", "ruleset"))
    assert [item.kind for item in found] == (["chain", "extra"] if jump else ["extra"])
    assert found[-1].what.startswith(said)


def test_a_wider_set_is_missing_and_extra(kernel: None) -> None:
    wider = Plan(uses=NAMED.uses, networks=NAMED.networks[:-1])
    nft("-f", "-", input=render("nftables", SERVER, plan=NAMED))
    found = differences(SERVER, wider, "strict", nft("-j", "list", "ruleset"))
    assert {item.kind for item in found} == {"missing", "extra"}


def test_tables_of_others_do_not_count(kernel: None) -> None:
    nft("-f", "-", input="table inet other { chain input { type filter hook input priority 0; policy drop; }; }\n")
    found = differences(SERVER, NAMED, "strict", nft("-j", "list", "ruleset"))
    assert [item.what for item in found] == ["the table inet sitewarden is not loaded"]
    nft("-f", "-", input=render("nftables", SERVER, plan=NAMED))
    assert differences(SERVER, NAMED, "strict", nft("-j", "list", "ruleset")) == []


def test_a_policy_that_lets_everything_in(kernel: None) -> None:
    nft("-f", "-", input=render("nftables", SERVER, plan=NAMED).replace("policy drop", "policy accept"))
    found = differences(SERVER, NAMED, "strict", nft("-j", "list", "ruleset"))
    assert [item.what for item in found] == ["chain input has the policy accept, not drop"]


def test_a_chain_that_is_gone(kernel: None) -> None:
    nft("-f", "-", input=render("nftables", SERVER, plan=NAMED))
    nft("delete", "chain", "inet", "sitewarden", "output")
    found = differences(SERVER, NAMED, "strict", nft("-j", "list", "ruleset"))
    assert found[0].what == "chain output is not there"
    assert {(item.kind, item.chain) for item in found[1:]} == {("missing", "output")}


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"nftables": 3}', b'{"nftables": [3]}', b"[" * 100_000, b"\xff"])
def test_what_is_no_ruleset_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid, match="no ruleset"):
        differences(SERVER, NAMED, "strict", text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["accept", "match", "set", "payload"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["match", "op", "left", "right", "set", "prefix", "range", "payload", "meta"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4), VALUES)
def test_any_rule_in_our_table_differs_or_is_ours(expressions: list[object], chain: object) -> None:
    """Whatever nft may say about a rule, the answer is a list of differences, and never a crash."""
    body = {"family": "inet", "table": "sitewarden", "chain": chain, "handle": 4, "expr": expressions}
    document = {"nftables": [{"table": {"family": "inet", "name": "sitewarden"}}, {"rule": body}]}
    found = differences(SERVER, EMPTY, "strict", json.dumps(document).encode())
    assert any(item.kind == "chain" for item in found)

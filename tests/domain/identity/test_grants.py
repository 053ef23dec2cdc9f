from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.identity.grants import DEPTH, Rights, Subject, around, narrowed, rights
from sitewarden.domain.identity.model import Grant

KINDS = ("door", "camera", "point")
VERBS = ("get", "list", "release")
AREAS = ("site", "lab", "vault", "yard")
PARENTS = {"lab": "site", "vault": "lab", "yard": "site"}
TAGS = ("outside", "fire")

actions = st.one_of(
    st.just("*"),
    st.sampled_from([f"{kind}.*" for kind in KINDS]),
    st.sampled_from([f"{kind}.{verb}" for kind in KINDS for verb in VERBS]),
)
selectors = st.one_of(
    st.just("*"),
    st.sampled_from([f"{kind}:{number}" for kind in KINDS for number in range(2)]),
    st.sampled_from([f"area:{area}" for area in AREAS]),
    st.sampled_from([f"tag:{tag}" for tag in TAGS]),
)
grants = st.lists(st.builds(lambda a, s: Grant(action=a, selector=s), actions, selectors), max_size=6)
asked = st.sampled_from([f"{kind}.{verb}" for kind in KINDS for verb in VERBS])
subjects = st.builds(
    Subject,
    st.sampled_from([f"{kind}:{number}" for kind in KINDS for number in range(2)]),
    st.sampled_from([None, *AREAS]),
    st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
)


def slow(held: list[Grant], action: str, subject: Subject) -> bool:
    """The rule as it is written down, grant by grant."""

    def covers(selector: str) -> bool:
        area, inside = subject.area, []
        while area is not None:
            inside.append(f"area:{area}")
            area = PARENTS.get(area)
        return selector in ("*", subject.ref, *inside, *(f"tag:{tag}" for tag in subject.tags))

    return any(grant.action in ("*", action, action.partition(".")[0] + ".*") and covers(grant.selector) for grant in held)


@given(grants, asked, subjects)
def test_it_decides_as_the_rule_says(held: list[Grant], action: str, subject: Subject) -> None:
    assert Rights(held).allows(action, subject, PARENTS.get) == slow(held, action, subject)


@given(grants, asked, subjects, grants)
def test_more_grants_never_allow_less(held: list[Grant], action: str, subject: Subject, more: list[Grant]) -> None:
    if Rights(held).allows(action, subject, PARENTS.get):
        assert Rights(held + more).allows(action, subject, PARENTS.get)


@given(grants, grants, asked, subjects)
def test_what_lacks_nothing_allows_nothing_more(own: list[Grant], given_: list[Grant], action: str, subject: Subject) -> None:
    if not Rights(own).lacking(given_) and Rights(given_).allows(action, subject, PARENTS.get):
        assert Rights(own).allows(action, subject, PARENTS.get)


@given(grants, st.lists(actions, max_size=3), asked, subjects)
def test_a_token_does_what_both_its_user_and_its_actions_allow(
    held: list[Grant], only: list[str], action: str, subject: Subject
) -> None:
    allowed = Rights(narrowed(held, only)).allows(action, subject, PARENTS.get)
    within = not only or Rights(Grant(action=name) for name in only).any(action)
    assert allowed == (within and slow(held, action, subject))


@given(grants, asked, subjects)
def test_any_and_everywhere_bound_the_answer(held: list[Grant], action: str, subject: Subject) -> None:
    compiled = rights(tuple(held))
    allowed = compiled.allows(action, subject, PARENTS.get)
    assert not allowed or compiled.any(action)
    assert not compiled.everywhere(action) or allowed


def test_a_loop_of_areas_and_a_deep_one_end() -> None:
    loop = {"a": "b", "b": "a"}
    assert around("a", loop.get) == ("a", "b")
    assert len(around("0", lambda area: str(int(area) + 1))) == DEPTH
    assert Rights([Grant(action="*", selector="area:x")]).allows("door.get", Subject("door:1", "a"), loop.get) is False

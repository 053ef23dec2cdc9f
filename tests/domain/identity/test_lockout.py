from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.identity.lockout import FAILURES, FIRST, LONGEST, MEMORY, PAIRS, RATE, WINDOW, Lockout, penalty


def test_it_locks_after_some_failures_and_for_longer_each_time() -> None:
    lockout, now, waits = Lockout(), 0.0, []
    for _ in range(FAILURES + 8):
        assert lockout.wait("ada", "x", now) == 0.0
        waits.append(lockout.failed("ada", "x", now))
        now += waits[-1]
    assert waits[: FAILURES - 1] == [0.0] * (FAILURES - 1)
    assert waits[FAILURES - 1 : FAILURES + 2] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST


def test_a_lock_is_for_one_user_at_one_address_and_ends() -> None:
    lockout = Lockout()
    for _ in range(FAILURES):
        lockout.failed("ada", "x", 0.0)
    assert lockout.wait("ada", "x", 1.0) == FIRST - 1
    assert lockout.wait("ada", "y", 1.0) == lockout.wait("bob", "x", 1.0) == 0.0
    assert lockout.wait("ada", "x", FIRST) == 0.0
    lockout.succeeded("ada", "x")
    assert lockout.failed("ada", "x", FIRST + 1) == 0.0


def test_failures_are_forgotten() -> None:
    lockout = Lockout()
    for _ in range(FAILURES):
        lockout.failed("ada", "x", 0.0)
    assert lockout.failed("ada", "x", MEMORY) == 0.0


def test_the_rate_of_an_address() -> None:
    lockout = Lockout()
    assert [lockout.attempt("x", 0.0) for _ in range(RATE)] == [0.0] * RATE
    assert lockout.attempt("x", 1.0) == WINDOW - 1
    assert lockout.attempt("y", 1.0) == 0.0
    assert lockout.attempt("x", WINDOW) == 0.0


def test_memory_is_bounded() -> None:
    lockout = Lockout()
    for number in range(PAIRS + 50):
        lockout.failed(f"user-{number}", "x", 0.0)
        lockout.attempt(str(number), 0.0)
    assert len(lockout._failures) == len(lockout._attempts) == PAIRS


@given(st.integers(0, 10_000))
def test_penalties_never_shrink_and_never_pass_the_longest(count: int) -> None:
    assert 0.0 <= penalty(count) <= penalty(count + 1) <= LONGEST

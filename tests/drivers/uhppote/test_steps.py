"""From what a board holds to what it shall hold: it arrives there, and never opens more on the way than before or after."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.uhppote import SimBoard
from sitewarden.domain.access.recurrence import DAY_SECONDS
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.profiles import IDS, Chain, Part, holds
from sitewarden.drivers.uhppote.steps import Held, steps
from sitewarden.drivers.uhppote.table import ALWAYS, NEVER, CardRow, Right

NOW = datetime(2026, 5, 4, 8, 30)
DAY = (NOW.date() - datetime(1970, 1, 1).date()).days
WALL = DAY * DAY_SECONDS + (8 * 60 + 30) * 60
FROM, TO = DAY - 10, DAY + 10

parts = st.builds(
    lambda start, length, weekdays: Part(FROM, TO, weekdays, ((start, min(start + length, 1439)),)),
    st.integers(0, 1439),
    st.integers(1, 900),
    st.integers(1, 127),
)
chains = st.lists(parts, min_size=1, max_size=3, unique=True).map(tuple)
rights: st.SearchStrategy[Right] = st.sampled_from([NEVER, ALWAYS]) | chains
rows = st.builds(CardRow, st.just(FROM), st.just(TO), st.tuples(rights, rights, rights, rights))
tables = st.dictionaries(st.integers(1, 8), rows, max_size=6)


def board_of(held: Held) -> SimBoard:
    board = SimBoard(now=lambda: NOW)
    board.slots = list(held.cards.values())
    board.profiles = dict(held.profiles)
    return board


def opens(board: SimBoard) -> set[tuple[int, int]]:
    """Return the cards and doors that go together now."""
    return {(card, door) for card in board.cards for door in range(1, 5) if board._decide(card, door, 1) == 1}


def wanted(table: dict[int, CardRow]) -> set[tuple[int, int]]:
    def passes(right: Right) -> bool:
        return holds(right, WALL) if isinstance(right, tuple) else right == ALWAYS

    return {(card, door) for card, row in table.items() for door, right in enumerate(row.rights, 1) if passes(right)}


def carry_out(board: SimBoard, orders: list[m.Message], allowed: set[tuple[int, int]], every: int = 1) -> None:
    for number, order in enumerate(orders):
        assert board.answer(order) == m.Done(serial=board.serial, ok=True)
        assert number % every or opens(board) <= allowed, order


@settings(max_examples=60, deadline=None)
@given(tables, tables, tables)
def test_a_board_arrives_and_opens_no_more_on_the_way(
    first: dict[int, CardRow], second: dict[int, CardRow], third: dict[int, CardRow]
) -> None:
    board = board_of(Held({}, {}))
    before: set[tuple[int, int]] = set()
    for table in (first, second, third):
        orders, left_out = steps(Held(board.cards, board.profiles), table, board.serial)
        carry_out(board, list(orders), before | wanted(table))
        assert not left_out
        assert set(board.cards) == set(table)
        assert opens(board) == wanted(table)
        assert steps(Held(board.cards, board.profiles), table, board.serial) == ([], [])
        before = wanted(table)


def chain(number: int, length: int = 1) -> Chain:
    return tuple(Part(FROM, TO, 127, ((number, 600 + at),)) for at in range(length))


def test_profiles_that_cards_refer_to_are_freed_first_where_none_is_left() -> None:
    full = {number: CardRow(FROM, TO, (chain(number), NEVER, NEVER, NEVER)) for number in range(1, len(IDS) + 1)}
    board = board_of(Held({}, {}))
    orders, left_out = steps(Held({}, {}), full, board.serial)
    carry_out(board, list(orders), wanted(full), 100)
    assert not left_out and len(board.profiles) == len(IDS)
    other = {number: CardRow(FROM, TO, (chain(number + 400), ALWAYS, NEVER, NEVER)) for number in full}
    orders, left_out = steps(Held(board.cards, board.profiles), other, board.serial)
    carry_out(board, list(orders), wanted(full) | wanted(other), 40)
    assert not left_out and opens(board) == wanted(other)


def test_who_needs_a_profile_too_many_is_left_out_there() -> None:
    many = {number: CardRow(FROM, TO, (chain(number, 2), ALWAYS, NEVER, NEVER)) for number in range(1, 129)}
    board = board_of(Held({}, {}))
    orders, left_out = steps(Held({}, {}), many, board.serial)
    carry_out(board, list(orders), wanted(many), 50)
    assert left_out == [127, 128]
    assert (board.cards[128].door_1, board.cards[128].door_2) == (0, 1)


def test_a_ring_of_profiles_that_somebody_left_is_no_trap() -> None:
    orders, _ = steps(Held({}, {}), {1: CardRow(FROM, TO, (chain(5, 2), NEVER, NEVER, NEVER))}, 405419896)
    profiles = {
        order.id: m.Profile(**{name: getattr(order, name) for name in order.__struct_fields__})
        for order in orders
        if isinstance(order, m.SetProfile)
    }
    ring = {
        id_: type(profile)(**{**{n: getattr(profile, n) for n in profile.__struct_fields__}, "linked": 2 if id_ == 3 else 3})
        for id_, profile in profiles.items()
    }
    card = m.Card(serial=405419896, card=1, first=None, last=None, door_1=2)
    board = board_of(Held({1: card}, ring))
    table = {1: CardRow(FROM, TO, (chain(5, 2), NEVER, NEVER, NEVER))}
    orders, _ = steps(Held(board.cards, board.profiles), table, board.serial)
    carry_out(board, list(orders), wanted(table))
    assert opens(board) == wanted(table)

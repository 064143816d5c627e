"""A session's window: in the order of asking, never more than its room, and nobody who waits is forgotten."""

import asyncio
from typing import Any

import pytest
from aiosmpplib import SmppCommand

from service.delivery.channels.smpp_pdus import HEADER, RESPONSE, Pdu, framed
from service.delivery.channels.smpp_session import Lost, NoAnswer, Session

SUBMIT = SmppCommand.SUBMIT_SM


class Wire(asyncio.Transport):
    """Keeps the bodies that were written, with their sequence numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[int, bytes] = {}
        self.writes = 0
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes += 1
        while data:
            length, _, _, sequence = HEADER.unpack_from(data)
            self.written[sequence] = bytes(data[HEADER.size : length])
            data = data[length:]

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


@pytest.fixture
def wire() -> Wire:
    return Wire()


def a_session(wire: Wire, *, window: int = 2, patience: float = 20.0) -> Session:
    async def hear(_: Pdu) -> int:
        return 0

    session = Session(hear, window=window, patience=patience, quiet=30.0)
    session.connection_made(wire)
    return session


async def settle() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


def answer(session: Session, *sequences: int) -> None:
    session.data_received(b"".join(framed(SUBMIT | RESPONSE, one, b"id\0") for one in sequences))


async def test_no_more_are_on_the_way_than_the_window_has_room_for_and_the_first_goes_first(wire: Wire) -> None:
    session = a_session(wire)
    asked = [session.ask(SUBMIT, b"%d" % number) for number in range(5)]
    await settle()
    assert list(wire.written.values()) == [b"0", b"1"]
    answer(session, 2)
    await settle()
    assert list(wire.written.values()) == [b"0", b"1", b"2"]
    assert [one.done() for one in asked] == [False, True, False, False, False]


async def test_what_has_room_by_responses_that_come_at_one_time_goes_out_by_one_write(wire: Wire) -> None:
    session = a_session(wire, window=3)
    for number in range(6):
        session.ask(SUBMIT, b"%d" % number)
    await settle()
    for sequence in (1, 2, 3):
        answer(session, sequence)
    await settle()
    assert len(wire.written) == 6
    assert wire.writes == 2


async def test_whoever_gives_up_waiting_makes_no_room_while_the_smsc_still_has_his_request(wire: Wire) -> None:
    session = a_session(wire)
    sent, _, unsent, last = (session.ask(SUBMIT, b"%d" % number) for number in range(4))
    await settle()
    sent.cancel()
    unsent.cancel()
    await settle()
    assert len(wire.written) == 2
    answer(session, 1)
    await settle()
    assert list(wire.written.values()) == [b"0", b"1", b"3"], "what nobody waits for any more is not sent"
    assert not last.done()


async def test_a_response_that_never_comes_makes_room_when_patience_ends(wire: Wire) -> None:
    session = a_session(wire, window=1, patience=0.0)
    silent, after = session.ask(SUBMIT, b"0"), session.ask(SUBMIT, b"1")
    keeping = asyncio.create_task(session.keep())
    with pytest.raises(NoAnswer):
        await silent
    with pytest.raises(NoAnswer):
        await after
    assert list(wire.written.values()) == [b"0", b"1"]
    keeping.cancel()


async def test_a_lost_connection_says_of_each_request_whether_it_had_gone_out(wire: Wire) -> None:
    session = a_session(wire, window=1)
    asked = [session.ask(SUBMIT, b"0"), session.ask(SUBMIT, b"1")]
    session.connection_lost(None)
    asked.append(session.ask(SUBMIT, b"2"))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [one.sent for one in found if isinstance(one, Lost)] == [True, False, False]


async def test_enquire_link_needs_no_room(wire: Wire) -> None:
    session = a_session(wire, window=1)
    session.ask(SUBMIT, b"0")
    session.ask_at_once(SmppCommand.ENQUIRE_LINK, b"")
    await settle()
    assert len(wire.written) == 2
    answer(session, 2)
    waiting = session.ask(SUBMIT, b"1")
    await settle()
    assert len(wire.written) == 2
    assert not waiting.done()

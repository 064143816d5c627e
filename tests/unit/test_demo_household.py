"""The demo's processes: whoever else listens at a port is noticed."""

import os
import socket

from service.demo.listening import is_alone


def test_a_stranger_who_listens_at_the_same_port_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as ours:
        port = ours.getsockname()[1]
        assert is_alone(os.getpgid(0), port)
        assert not is_alone(1, port)


def test_a_port_where_nobody_listens_has_no_stranger() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert is_alone(1, bound.getsockname()[1])

"""Which servers are remembered, and which are believed and given more room."""

from service.delivery.channels.web_push_hosts import Hosts
from service.kit.internet import Names
from service.residents.web_push import Permitted, Server


def test_ever_new_servers_fill_no_memory_and_those_in_use_stay() -> None:
    hosts = Hosts(Names(), Permitted())
    known = hosts.of(Server("https", "fcm.googleapis.com", 443))
    for number in range(1000):
        hosts.of(Server("https", f"push{number}.example.org", 443))
        assert hosts.of(Server("https", "fcm.googleapis.com", 443)) is known
    assert len(hosts._hosts) <= 300
    assert known.known
    assert not hosts.of(Server("https", "fcm.googleapis.com.evil.example", 443)).known
    assert hosts.of(Server("https", "wns2-par02p.notify.windows.com", 443)).known


def test_servers_that_an_operator_names_are_known() -> None:
    hosts = Hosts(Names(), Permitted(("ntfy.example.org:8443", ".push.example.com")))
    assert hosts.of(Server("https", "ntfy.example.org", 8443)).known
    assert hosts.of(Server("https", "a.push.example.com", 443)).known
    assert not hosts.of(Server("https", "evilpush.example.com", 443)).known

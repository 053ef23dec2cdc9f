import socket


def test_a_namespace_frees_privileged_ports(netns: bool) -> None:
    if not netns:
        import pytest

        pytest.skip("network namespaces are not permitted here")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 80))
        listener.listen()
        with socket.create_connection(("127.0.0.1", 80), timeout=5):
            pass


def test_loopback_multicast_works_inside(netns: bool) -> None:
    if not netns:
        import pytest

        pytest.skip("network namespaces are not permitted here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver.bind(("225.0.0.100", 8650))
        receiver.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("225.0.0.100") + socket.inet_aton("127.0.0.1")
        )
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        receiver.settimeout(60)
        sender.sendto(b"hello", ("225.0.0.100", 8650))
        assert receiver.recv(100) == b"hello"

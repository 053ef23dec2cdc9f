"""TLS: the site's own CA, certificates of servers and nodes, contexts, and who is at the other end. Does I/O."""

from sitewarden.net.tls.application import Application, application
from sitewarden.net.tls.authority import Authority
from sitewarden.net.tls.clients import peer_context
from sitewarden.net.tls.contexts import (
    link_client_context,
    link_direct_context,
    link_identity,
    link_pinned_context,
    link_server_context,
    looking_context,
    pairing_client_context,
    server_context,
    serves_tls,
)
from sitewarden.net.tls.files import Pair
from sitewarden.net.tls.names import own_names
from sitewarden.net.tls.peers import certificate_fingerprint, demand_node, peer_certificate, peer_node
from sitewarden.net.tls.requests import NodeKey
from sitewarden.net.tls.signing import Signer, Verifier, Writer

__all__ = [
    "Application",
    "Authority",
    "NodeKey",
    "Pair",
    "Signer",
    "Verifier",
    "Writer",
    "application",
    "certificate_fingerprint",
    "demand_node",
    "link_client_context",
    "link_direct_context",
    "link_identity",
    "link_pinned_context",
    "link_server_context",
    "looking_context",
    "own_names",
    "pairing_client_context",
    "peer_certificate",
    "peer_context",
    "peer_node",
    "server_context",
    "serves_tls",
]

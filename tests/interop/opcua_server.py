"""A server of asyncua alone whose nodes change all the time: `python opcua_server.py HOST PORT NODES CERTIFICATE KEY`."""

from __future__ import annotations

import asyncio
import logging
import sys

from asyncua import Server, ua

from sitewarden.drivers.opcua.server.space import SmallServer


async def main(host: str, port: int, count: int, certificate: str, key: str) -> None:
    server = Server(iserver=SmallServer())
    await server.init()
    server.set_endpoint(f"opc.tcp://{host}:{port}/plant")
    await server.set_application_uri("urn:test:plant")
    await server.load_certificate(certificate)
    await server.load_private_key(key, format="pem")
    server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    space = await server.register_namespace("http://plant.example/")
    plant = await server.nodes.objects.add_object(f"ns={space};s=Plant", f"{space}:Plant")
    nodes = [await plant.add_variable(f"ns={space};s=N{place}", f"{space}:N{place}", 0.0) for place in range(count)]
    kept = await plant.add_variable(f"ns={space};s=Kept", f"{space}:Kept", 1.0)
    await kept.set_writable()
    await server.start()
    turn = 0
    while True:
        turn += 1
        for node in nodes:
            await server.iserver.write_attribute_value(node.nodeid, ua.DataValue(ua.Variant(float(turn), ua.VariantType.Double)))
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    _, host, port, count, certificate, key = sys.argv
    asyncio.run(main(host, int(port), int(count), certificate, key))

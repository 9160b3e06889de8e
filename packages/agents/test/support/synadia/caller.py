"""Calls agents by the protocol's own Python package: one JSON line on stdout for each thing that it sees.

    caller.py URL discover
    caller.py URL ping INSTANCE
    caller.py URL status OWNER NAME
    caller.py URL listen OWNER NAME        # what is known of its heartbeats, after one has come
    caller.py URL prompt OWNER NAME TEXT [--attach FILENAME TEXT] [--answer TEXT]
"""

import asyncio
import json
import sys

import nats
from synadia_ai.agents import Agents, Attachment, ProtocolError, ResponseChunk, StatusChunk


def tell(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


async def find(agents: Agents, owner: str, name: str):
    for agent in await agents.discover():
        if (agent.owner, agent.session_name) == (owner, name):
            return agent
    raise SystemExit(f"there is no agent {owner}/{name}")


async def prompt(agents: Agents, owner: str, name: str, text: str, *rest: str) -> None:
    options = dict(zip(rest[::2], [rest[i + 1] for i in range(0, len(rest), 2)]))
    files = None
    if "--attach" in options:
        filename, content = options["--attach"].split("=")
        files = [Attachment.from_bytes(filename, content.encode())]
    agent = await find(agents, owner, name)
    try:
        async for message in agent.prompt(text, attachments=files):
            if isinstance(message, StatusChunk):
                tell(status=message.status)
            elif isinstance(message, ResponseChunk):
                tell(response=message.text)
            else:
                tell(query=message.prompt)
                await message.reply(options["--answer"])
        tell(ended="ok")
    except ProtocolError as error:
        tell(ended=str(error))


async def main(url: str, command: str, *args: str) -> None:
    nc = await nats.connect(url)
    agents = Agents(nc=nc)
    if command == "discover":
        for each in await agents.discover():
            endpoint = each.prompt_endpoint
            tell(
                agent=each.agent,
                owner=each.owner,
                name=each.session_name,
                instance=each.instance_id,
                protocol=each.protocol_version,
                version=each.version,
                subject=each.prompt_subject,
                maxPayload=endpoint.max_payload_bytes,
                attachmentsOk=endpoint.attachments_ok,
            )
    elif command == "ping":
        tell(alive=await agents.ping(*args))
    elif command == "status":
        beat = await (await find(agents, *args)).status()
        tell(agent=beat.agent, owner=beat.owner, instance=beat.instance_id, interval=beat.interval_s)
    elif command == "listen":
        agent = await find(agents, *args)
        while (seen := agents.liveness(agent.instance_id)) is None:
            await asyncio.sleep(0.05)
        tell(instance=seen.instance_id, online=seen.is_online, interval=seen.interval_s)
    elif command == "prompt":
        await prompt(agents, *args)
    await agents.close()
    await nc.close()


asyncio.run(main(*sys.argv[1:]))

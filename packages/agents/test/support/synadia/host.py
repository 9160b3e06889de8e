"""Hosts an agent by the protocol's own Python package, until its standard input ends.

    host.py URL AGENT OWNER NAME [MAX_PAYLOAD]

What it does is what it is told: `fail`, `ask`, `files`, `wait`; anything else it says again, word by word.
"""

import asyncio
import sys

import nats
from synadia_ai.agent_service import AgentService, PromptStream
from synadia_ai.agents import Envelope, QueryTimeout


async def answer(envelope: Envelope, stream: PromptStream) -> None:
    if envelope.prompt == "fail":
        raise RuntimeError("it broke")
    if envelope.prompt == "wait":
        await asyncio.sleep(60)
    elif envelope.prompt == "ask":
        try:
            reply = await stream.ask("are you sure?", timeout=10)
            await stream.send(f"you said {reply.prompt}")
        except QueryTimeout:
            await stream.send("you said nothing")
    elif envelope.prompt == "files":
        for each in envelope.attachments or []:
            await stream.send(f"{each.filename}={each.to_bytes().decode()}")
    else:
        for word in envelope.prompt.split():
            await stream.send(word)


async def main(url: str, agent: str, owner: str, name: str, max_payload: str = "1MB") -> None:
    nc = await nats.connect(url)
    service = AgentService(
        agent=agent,
        owner=owner,
        session_name=name,
        nc=nc,
        heartbeat_interval_s=1,
        max_payload=max_payload,
        max_concurrent_prompts=8,
    )
    service.on_prompt(answer)
    await service.start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await service.stop()
    await nc.close()


asyncio.run(main(*sys.argv[1:]))

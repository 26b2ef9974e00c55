"""Ends an asyncio program with logins under way: one cancelled, one left behind."""

import asyncio
import sys

from ends import PASSWORD, client_of, go_on

client = client_of(*sys.argv[1:])


async def main() -> None:
    left = asyncio.create_task(client.login_async("fault:never", PASSWORD))
    try:
        await asyncio.wait_for(client.login_async("fault:never", PASSWORD), 0.2)
    except asyncio.TimeoutError:
        print("cancelled")
    go_on()
    assert not left.done()


asyncio.run(main())

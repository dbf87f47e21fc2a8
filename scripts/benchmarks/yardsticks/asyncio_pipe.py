"""The yardstick: a plain asyncio pipeline that puts a time stamp before each line of a command and flushes it.

usage: asyncio_pipe.py OUTPUT COMMAND [ARGUMENT...]
"""

import asyncio
import datetime
import json
import os
import resource
import sys


async def main(output, command):
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    with open(output, "a", encoding="latin1") as log:
        async for line in process.stdout:
            stamp = datetime.datetime.now().astimezone().isoformat(timespec="microseconds")
            log.write(f"{stamp} {line.decode('latin1')}")
            log.flush()
    await process.wait()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
usage = resource.getrusage(resource.RUSAGE_SELF)
with open(os.environ["BENCHMARK_USAGE"], "w", encoding="ascii") as report:
    json.dump({"cpuMicros": (usage.ru_utime + usage.ru_stime) * 1e6, "peakKibibytes": usage.ru_maxrss}, report)

"""Runs in the environment of the peers, where nothing of makegood is: JSON lines in, JSON lines out.

The first line is a decision graph and contexts, and is answered with a result for each. Every other one is for how many seconds
to decide them over and over, and is answered with the CPU time of one decision, µs.
"""

import json
import sys
import time

import zen  # type: ignore[import-not-found]


def main() -> None:
    """Answers until stdin ends."""
    asked = json.loads(sys.stdin.readline())
    # Called by name, a graph is compiled once; a decision object of zen-engine 2.1 compiles it anew each time.
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"cn-standard": asked["graph"]}}})
    contexts = asked["contexts"]
    print(json.dumps([engine.evaluate("cn-standard", context)["result"] for context in contexts]), flush=True)
    for line in sys.stdin:
        seconds, passes, began = json.loads(line), 0, time.process_time()
        while not passes or time.process_time() - began < seconds:
            for context in contexts:
                engine.evaluate("cn-standard", context)
            passes += 1
        print(json.dumps((time.process_time() - began) / (passes * len(contexts)) * 1e6), flush=True)


if __name__ == "__main__":
    main()

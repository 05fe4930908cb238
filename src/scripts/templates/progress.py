"""A long job that says how far it is.

What it prints to stderr is the log, which everybody who watches sees line by line. Stop ends the job with SIGTERM first,
so that it can tidy up.
"""
import argparse
import json
import signal
import sys
import time

ARGS_MAP = {
    "steps": {"flag": "--steps", "type": "int", "default": 20, "min": 1, "max": 1000, "help": "How much there is to do."},
    "pause": {"flag": "--pause", "type": "float", "default": 0.5, "min": 0, "max": 60, "help": "Seconds for each step."},
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def stop(*_):
    say("asked to stop: tidying up")
    sys.exit(143)


def main(steps, pause):
    signal.signal(signal.SIGTERM, stop)
    started = time.monotonic()
    for step in range(1, steps + 1):
        time.sleep(pause)  # the work of one step
        say(f"[{100 * step // steps:3}%] step {step} of {steps}")
    return {"steps": steps, "seconds": round(time.monotonic() - started, 1)}


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.5)
    print(json.dumps(main(**vars(parser.parse_args()))))

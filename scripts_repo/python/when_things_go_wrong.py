"""Fail on purpose, to see what a caller and the run's page make of it.

Shows: exit codes, an unexpected exception, details for the caller as JSON, and a script that does not come back.
"""
import argparse
import json
import sys
import time

ARGS_MAP = {
    "how": {
        "flag": "--how",
        "type": "choice",
        "choices": ["politely", "with details", "with an exception", "by never ending"],
        "default": "politely",
        "help": "By never ending: use Stop, or wait for the time limit.",
    },
    "exit_code": {"flag": "--exit_code", "type": "int", "default": 3, "min": 1, "max": 125, "help": "The code to end with."},
}


def main(how, exit_code):
    if how == "politely":
        # The way to go: a sentence on stderr that says what to do, and an exit code that is not 0.
        print("The fridge is empty: buy milk and eggs, then run this again.", file=sys.stderr)
    elif how == "with details":
        # JSON on stdout reaches the caller as "data" beside the error.
        print(json.dumps({"missing": ["milk", "eggs"], "shop_open": True}))
        print("2 ingredients are missing.", file=sys.stderr)
    elif how == "with an exception":
        raise RuntimeError("nobody expected this")
    else:
        while True:
            print("still here", file=sys.stderr)
            time.sleep(1)
    sys.exit(exit_code)


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__)
    for arg in ARGS_MAP.values():
        parser.add_argument(
            arg["flag"],
            type=int if arg["type"] == "int" else str,
            choices=arg.get("choices"),
            default=arg["default"],
            help=arg["help"],
        )
    main(**vars(parser.parse_args()))

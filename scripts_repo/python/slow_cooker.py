"""Cook something slowly and tell how it goes.

Shows: progress while the script works (colours included), a decimal number, what happens at Stop, and a result
that is the JSON object at the end of the output. The lines before it are the run's log.
"""
import argparse
import json
import signal
import sys
import time

GREEN, YELLOW, CYAN, BOLD, PLAIN = "\033[32m", "\033[33m", "\033[36m", "\033[1m", "\033[0m"

RECIPES = {
    "stew": ["brown the meat", "add the onions", "pour in the stock", "let it murmur", "taste it", "add salt"],
    "beans": ["rinse the beans", "add bay leaves", "bring to the boil", "turn down the heat", "mash a few"],
    "marmalade": ["slice the oranges", "squeeze them", "simmer the peel", "add the sugar", "wait for the wrinkle"],
    "risotto": ["toast the rice", "add the wine", "stir", "add a ladle of broth", "stir", "stir again", "rest"],
}

ARGS_MAP = {
    "dish": {
        "flag": "--dish",
        "type": "choice",
        "choices": list(RECIPES),
        "default": "stew",
        "help": "What to cook.",
    },
    "seconds": {
        "flag": "--seconds",
        "type": "float",
        "default": 12,
        "min": 0,
        "max": 3600,
        "help": "How long it takes. Try Stop while it cooks.",
    },
    "stir": {"flag": "--stir", "type": "bool", "default": True, "help": "Stir now and then. Without it, things burn."},
}


def main(dish, seconds, stir):
    if not 0 <= seconds <= 3600:
        print("The stove runs for 0 to 3600 seconds.", file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGTERM, taken_off)
    steps = RECIPES[dish]
    print(f"{BOLD}Cooking {dish}{PLAIN}, {seconds:g} s")
    for number, step in enumerate(steps, 1):
        time.sleep(seconds / len(steps))
        print(f"{bar(number, len(steps))} {CYAN}{step}{PLAIN}")
        if not stir and number > len(steps) // 2:
            print(f"{YELLOW}It smells a little burnt.{PLAIN}", file=sys.stderr)
    verdict = "burnt, but honest" if not stir else "delicious"
    print(json.dumps({"dish": dish, "steps": len(steps), "seconds": seconds, "verdict": verdict}))


def bar(done, total, width=20):
    filled = round(width * done / total)
    return f"{GREEN}{'█' * filled}{'░' * (width - filled)}{PLAIN} {100 * done // total:3} %"


def taken_off(_signal, _frame):
    """Stop and the time limit both ask with TERM first: a script that has something to tidy up can do it here."""
    sys.exit("Taken off the stove before it was done.")


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit()
    convert = {"float": float, "bool": lambda value: value == "1"}
    parser = argparse.ArgumentParser(description=__doc__)
    for arg in ARGS_MAP.values():
        parser.add_argument(
            arg["flag"],
            type=convert.get(arg["type"], str),
            choices=arg.get("choices"),
            default=arg["default"],
            help=arg["help"],
        )
    main(**vars(parser.parse_args()))

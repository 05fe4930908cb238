"""Every kind of parameter, and what arrives of it.

Each entry of ARGS_MAP becomes a field of the form and a documented parameter of the endpoint. Delete what you do not need.
"""
import argparse
import json
import os
import sys

ARGS_MAP = {
    "name": {"flag": "--name", "type": "str", "required": True, "pattern": "[A-Za-z][A-Za-z0-9 _-]*",
             "help": "A text; letters, digits and - _ only."},
    "count": {"flag": "--count", "type": "int", "default": 3, "min": 1, "max": 10, "help": "A whole number."},
    "ratio": {"flag": "--ratio", "type": "float", "default": 0.5, "min": 0, "max": 1, "help": "Any number."},
    "shout": {"flag": "--shout", "type": "bool", "default": False, "help": "A switch."},
    "size": {"flag": "--size", "type": "choice", "choices": ["small", "medium", "large"], "default": "medium",
             "help": "One of a list."},
    "labels": {"flag": "--labels", "type": "str", "multiple": True, "help": "As many texts as one likes."},
    "options": {"flag": "--options", "type": "json", "default": {"color": "blue"}, "help": "Any JSON."},
    "link": {"flag": "--link", "type": "url", "help": "An address on the web."},
    "attachment": {"flag": "--attachment", "type": "file", "help": "A file; the script gets its path."},
    "pin": {"flag": "--pin", "type": "str", "secret": True, "help": "Never shown, in no log and no history."},
}


def main(options):
    greeting = f"Hello {options.name}!"
    print(f"greeting {options.name} {options.count} times", file=sys.stderr)
    return {
        "greetings": [greeting.upper() if options.shout == "1" else greeting] * options.count,
        "ratio": options.ratio,
        "size": options.size,
        "labels": options.labels,
        "options": json.loads(options.options),
        "link": options.link,
        "attachment_bytes": os.path.getsize(options.attachment) if options.attachment else None,
        "pin_given": options.pin is not None,
    }


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--ratio", type=float, default=0.5)
    parser.add_argument("--shout", default="0")  # a bool arrives as 1 or 0
    parser.add_argument("--size", default="medium")
    parser.add_argument("--labels", action="append", default=[])  # once for each value
    parser.add_argument("--options", default="{}")  # as compact JSON
    parser.add_argument("--link")
    parser.add_argument("--attachment")
    parser.add_argument("--pin")
    print(json.dumps(main(parser.parse_args()), ensure_ascii=False))

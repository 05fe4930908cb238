"""Count the words of a text and list the most frequent ones.

Shows: a text, a whole number with limits, a yes/no value, a list, and a JSON result.
"""
import argparse
import collections
import json
import re
import sys

ARGS_MAP = {
    "text": {"flag": "--text", "type": "str", "required": True, "help": "The text to look at, in any language."},
    "top": {"flag": "--top", "type": "int", "default": 5, "min": 1, "max": 100, "help": "How many words to list."},
    "ignore": {"flag": "--ignore", "type": "str", "multiple": True, "help": "Words to leave out, one a field."},
    "case_sensitive": {
        "flag": "--case_sensitive",
        "type": "bool",
        "default": False,
        "help": "Count Word and word as two different words.",
    },
}


def main(text, top, ignore, case_sensitive):
    fold = str if case_sensitive else str.casefold
    words = re.findall(r"\w+(?:['’]\w+)*", fold(text))
    left_out = {fold(word) for word in ignore or []}
    counts = collections.Counter(word for word in words if word not in left_out)
    sentences = [part for part in re.split(r"[.!?…。！？]+", text) if part.strip()]
    result = {
        "words": len(words),
        "different_words": len(counts),
        "characters": len(text),
        "lines": len(text.splitlines()),
        "sentences": len(sentences),
        "reading_minutes": round(len(words) / 230, 1),  # what an adult reads of plain prose
        "top": [{"word": word, "count": count} for word, count in counts.most_common(max(top, 0))],
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    # Every parameter is written once, in ARGS_MAP: the gateway is told about it, and argparse is filled from it.
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit()
    convert = {"int": int, "bool": lambda value: value == "1"}
    parser = argparse.ArgumentParser(description=__doc__)
    for arg in ARGS_MAP.values():
        parser.add_argument(
            arg["flag"],
            type=convert.get(arg["type"], str),
            action="append" if arg.get("multiple") else "store",
            required=arg.get("required", False),
            default=arg.get("default"),
            help=arg["help"],
        )
    main(**vars(parser.parse_args()))

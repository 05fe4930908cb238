"""Count the words of a text.

The first line above is what the list of scripts shows. Everything below is an ordinary command-line program: change
ARGS_MAP and main(), and the endpoint, its documentation and the form follow by themselves.
"""
import argparse
import json
import sys

# What callers may pass. Types: str int float bool file choice json url (file: the path of the upload).
# Optional for each: default, choices, min, max, pattern, multiple (a list), secret (never logged).
ARGS_MAP = {
    "text": {"flag": "--text", "type": "str", "required": True, "help": "The text to count in."},
    "top": {"flag": "--top", "type": "int", "default": 5, "min": 1, "max": 100, "help": "How many words to list."},
    "ignore": {"flag": "--ignore", "type": "str", "multiple": True, "help": "Words to leave out."},
}


def main(text, top, ignore):
    """The work itself. What it returns becomes the result."""
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?\"'()")
        if word and word not in ignore:
            counts[word] = counts.get(word, 0) + 1
    # stderr is the log of the run: whoever watches sees this line at once.
    print(f"{len(counts)} different words", file=sys.stderr)
    ranking = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"word": word, "count": count} for word, count in ranking[:top]]


if __name__ == "__main__":
    # The gateway asks for the parameters with this flag, once for each change of the file.
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", required=True)
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--ignore", action="append", default=[])
    options = parser.parse_args()

    # JSON on stdout is the result; other text works too. Files go into the folder os.environ["OUTPUT_DIR"].
    # To fail, exit with another code than 0: sys.exit("why") prints the reason to the log.
    print(json.dumps(main(options.text, options.top, options.ignore), ensure_ascii=False))

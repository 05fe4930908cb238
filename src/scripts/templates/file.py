"""Sort the lines of a file, and drop those that are there twice.

A file comes in by its path, a file goes out by lying in the folder OUTPUT_DIR: whatever is there at the end can be
downloaded with the run.
"""
import argparse
import json
import os
import sys

ARGS_MAP = {
    "document": {"flag": "--document", "type": "file", "required": True, "help": "A text file, in UTF-8."},
    "reverse": {"flag": "--reverse", "type": "bool", "default": False, "help": "From Z to A."},
}


def main(document, reverse):
    with open(document, encoding="utf-8") as file:
        lines = file.read().splitlines()
    kept = sorted(set(lines), reverse=reverse)
    path = os.path.join(os.environ["OUTPUT_DIR"], "sorted.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in kept))
    print(f"{len(lines) - len(kept)} lines were there twice", file=sys.stderr)
    return {"lines": len(lines), "kept": len(kept)}


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", required=True)
    parser.add_argument("--reverse", default="0")  # a bool arrives as 1 or 0
    options = parser.parse_args()
    print(json.dumps(main(options.document, options.reverse == "1")))

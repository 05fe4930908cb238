"""A report to read: Markdown as the result, HTML as a file.

Text on stdout is the result; Markdown is shown as it is meant. The HTML file can be opened, downloaded or sent on.
"""
import argparse
import html
import json
import os
import sys
from datetime import date

ARGS_MAP = {
    "title": {"flag": "--title", "type": "str", "default": "Weekly report", "help": "What stands at its top."},
    "numbers": {"flag": "--numbers", "type": "json", "default": {"Orders": 128, "Returns": 3, "Visitors": 5210},
                "help": "Names with their numbers, as JSON."},
}


def main(title, numbers):
    rows = "\n".join(f"| {name} | {value} |" for name, value in numbers.items())
    cells = "".join(
        f"<tr><td>{html.escape(str(name))}<td>{html.escape(str(value))}</tr>" for name, value in numbers.items()
    )
    page = f"<!doctype html><meta charset=utf-8><h1>{html.escape(title)}</h1><table border=1>{cells}</table>"
    with open(os.path.join(os.environ["OUTPUT_DIR"], "report.html"), "w", encoding="utf-8") as file:
        file.write(page)
    return f"# {title}\n\n{date.today():%Y-%m-%d}\n\n| What | How many |\n|---|---:|\n{rows}\n"


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="Weekly report")
    parser.add_argument("--numbers", default="{}")  # as compact JSON
    options = parser.parse_args()
    print(main(options.title, json.loads(options.numbers)))

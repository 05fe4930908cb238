"""Write a month's sales report as files: a table, a page of text and a chart.

Shows: a JSON value, a pattern, several choices at once, and files as the result: whatever a script leaves in the
folder OUTPUT_DIR is kept with its run and can be downloaded. The chart comes from charts.py, a helper beside it.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import sys

from charts import bar_chart

ARGS_MAP = {
    "month": {
        "flag": "--month",
        "type": "str",
        "required": True,
        "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$",
        "help": "Such as 2026-03.",
    },
    "figures": {
        "flag": "--figures",
        "type": "json",
        "default": {"North": 1240, "East": 980.5, "South": 1710, "West": 430},
        "help": "An object: region to sales.",
    },
    "formats": {
        "flag": "--formats",
        "type": "choice",
        "choices": ["csv", "markdown", "svg"],
        "multiple": True,
        "default": ["csv", "markdown", "svg"],
        "help": "Which files to write.",
    },
}


def main(month, figures, formats):
    check(month, figures)
    folder = pathlib.Path(os.environ.get("OUTPUT_DIR", "."))  # by hand, outside the gateway: the current folder
    writers = {"csv": write_csv, "markdown": write_markdown, "svg": write_svg}
    for name in dict.fromkeys(formats):
        print("wrote", writers[name](folder, month, figures).name, file=sys.stderr)
    best = max(figures, key=figures.get)
    print(f"Sales of {month}: {sum(figures.values()):,.2f}, the most of it in {best}.")


def check(month, figures):
    if not re.fullmatch(ARGS_MAP["month"]["pattern"], month):
        refuse(f"A month looks like 2026-03, not like {month}.")
    if not isinstance(figures, dict) or not figures:
        refuse('The figures must be an object with at least one region, such as {"North": 1240}.')
    for region, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            refuse(f"The sales of {region} must be a number that is not below 0; got {json.dumps(value)}.")


def write_csv(folder, month, figures):
    path = folder / f"sales-{month}.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as target:  # with a mark, so that Excel reads it as UTF-8
        writer = csv.writer(target)
        writer.writerow(["region", "sales"])
        writer.writerows(figures.items())
    return path


def write_markdown(folder, month, figures):
    total = sum(figures.values()) or 1
    lines = [f"# Sales of {month}", "", "| Region | Sales | Share |", "|---|---:|---:|"]
    for region, value in sorted(figures.items(), key=lambda item: -item[1]):
        name = region.replace("|", "\\|")
        lines.append(f"| {name} | {value:,.2f} | {100 * value / total:.1f} % |")
    path = folder / f"sales-{month}.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_svg(folder, month, figures):
    path = folder / f"sales-{month}.svg"
    path.write_text(bar_chart(f"Sales of {month}", figures), encoding="utf-8")
    return path


def refuse(message):
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__)
    for name, arg in ARGS_MAP.items():
        parser.add_argument(
            arg["flag"],
            type=json.loads if arg["type"] == "json" else str,
            action="append" if arg.get("multiple") else "store",
            choices=arg.get("choices"),
            required=arg.get("required", False),
            help=arg["help"],
        )
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    main(**{"figures": ARGS_MAP["figures"]["default"], "formats": ARGS_MAP["formats"]["default"], **given})

"""Summarise a CSV file: one row for each of its columns.

Shows: an uploaded file, a choice, and a list of objects as the result, which is shown as a table.
"""
import argparse
import csv
import io
import json
import math
import statistics
import sys

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}

ARGS_MAP = {
    "file": {"flag": "--file", "type": "file", "required": True, "help": "A CSV file whose first line names the columns."},
    "delimiter": {
        "flag": "--delimiter",
        "type": "choice",
        "choices": ["auto", *DELIMITERS],
        "default": "auto",
        "help": "What stands between two values.",
    },
    "columns": {"flag": "--columns", "type": "str", "multiple": True, "help": "Only these columns; none named means all."},
}


def main(file, delimiter, columns):
    rows = read_rows(file, delimiter)
    header = [name.strip() or f"column {index}" for index, name in enumerate(rows[0], 1)]
    unknown = [name for name in columns or [] if name not in header]
    if unknown:
        refuse(f"There is no column {', '.join(unknown)}. The file has: {', '.join(header)}.")
    body = rows[1:]
    print(f"{len(body)} rows, {len(header)} columns", file=sys.stderr)
    summary = [
        describe(name, [row[index].strip() if index < len(row) else "" for row in body])
        for index, name in enumerate(header)
        if not columns or name in columns
    ]
    print(json.dumps(summary, ensure_ascii=False))


def read_rows(path, delimiter):
    try:
        with open(path, "rb") as source:
            text = decode(source.read())
    except OSError as error:
        refuse(f"Cannot read the file: {error.strerror}.")
    separator = DELIMITERS.get(delimiter) or guess_delimiter(text)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    except csv.Error as error:
        refuse(f"This is not a CSV file: {error}.")
    if not rows:
        refuse("The file is empty.")
    return rows


def decode(data):
    if b"\0" in data:
        refuse("This is not a CSV file: it holds binary data. Save a spreadsheet as CSV first.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        print("The file is not UTF-8; it was read as Windows-1252.", file=sys.stderr)
        return data.decode("cp1252", errors="replace")


def guess_delimiter(text):
    """The candidate that occurs most often in the first line; a comma when none does."""
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS.values(), key=first.count)


def describe(name, values):
    filled = [value for value in values if value]
    numbers = [number for number in map(to_number, filled) if number is not None]
    numeric = len(filled) > 0 and len(numbers) == len(filled)
    return {
        "column": name,
        "kind": "number" if numeric else "text" if filled else "empty",
        "filled": len(filled),
        "empty": len(values) - len(filled),
        "different": len(set(filled)),
        "min": min(numbers) if numeric else min(filled, default=None),
        "max": max(numbers) if numeric else max(filled, default=None),
        "mean": round(statistics.fmean(numbers), 4) if numeric else None,
    }


def to_number(text):
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):  # "nan" and "inf": JSON has neither
        return None
    return int(number) if number.is_integer() else number


def refuse(message):
    """Input that makes no sense: say so on stderr and end with exit code 2, as argparse does."""
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__)
    for arg in ARGS_MAP.values():
        parser.add_argument(
            arg["flag"],
            action="append" if arg.get("multiple") else "store",
            choices=arg.get("choices"),
            required=arg.get("required", False),
            default=arg.get("default"),
            help=arg["help"],
        )
    main(**vars(parser.parse_args()))

"""The plan of a loan, month by month.

A result that is a list of objects is shown as a table: sortable, and as CSV to download. The keys are the columns.
"""
import argparse
import json
import sys

ARGS_MAP = {
    "amount": {"flag": "--amount", "type": "float", "default": 10000, "min": 1, "help": "How much is borrowed."},
    "rate": {"flag": "--rate", "type": "float", "default": 4.5, "min": 0, "max": 100, "help": "Percent a year."},
    "months": {"flag": "--months", "type": "int", "default": 24, "min": 1, "max": 600, "help": "Until it is paid back."},
}


def main(amount, rate, months):
    monthly = rate / 100 / 12
    payment = amount * monthly / (1 - (1 + monthly) ** -months) if monthly else amount / months
    rows, left = [], amount
    for month in range(1, months + 1):
        interest = left * monthly
        left = max(0, left - (payment - interest))
        rows.append({
            "month": month,
            "payment": round(payment, 2),
            "interest": round(interest, 2),
            "left": round(left, 2),
        })
    return rows


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--amount", type=float, default=10000)
    parser.add_argument("--rate", type=float, default=4.5)
    parser.add_argument("--months", type=int, default=24)
    print(json.dumps(main(**vars(parser.parse_args()))))

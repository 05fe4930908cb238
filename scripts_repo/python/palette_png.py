"""Paint a colour palette that goes well with one colour.

Shows: a text with a pattern, choices, numbers with limits, and an image as the result: the PNG is simply
written to stdout. It is made with the standard library alone.
"""
import argparse
import colorsys
import json
import re
import struct
import sys
import zlib

# Turns of the colour wheel, from the base colour to the last stripe.
SCHEMES = {"neighbours": 0.18, "half circle": 0.5, "full circle": 1.0, "light to dark": 0.0}

ARGS_MAP = {
    "colour": {
        "flag": "--colour",
        "type": "str",
        "default": "#2f6fed",
        "pattern": "^#[0-9a-fA-F]{6}$",
        "help": "The colour to start from, such as #2f6fed.",
    },
    "scheme": {
        "flag": "--scheme",
        "type": "choice",
        "choices": list(SCHEMES),
        "default": "neighbours",
        "help": "Where the other colours come from.",
    },
    "stripes": {"flag": "--stripes", "type": "int", "default": 6, "min": 1, "max": 32, "help": "How many colours."},
    "width": {"flag": "--width", "type": "int", "default": 960, "min": 32, "max": 4096, "help": "In pixels."},
    "height": {"flag": "--height", "type": "int", "default": 320, "min": 32, "max": 4096, "help": "In pixels."},
}


def main(colour, scheme, stripes, width, height):
    if not re.fullmatch(ARGS_MAP["colour"]["pattern"], colour):
        refuse(f"A colour looks like #2f6fed, not like {colour}.")
    if stripes < 1 or width < stripes or height < 1:
        refuse("The picture needs at least one pixel for each stripe.")
    colours = palette(colour, SCHEMES[scheme], stripes)
    # stdout belongs to the picture, so what there is to say goes to stderr: it becomes the run's log.
    print("  ".join(hexadecimal(rgb) for rgb in colours), file=sys.stderr)
    sys.stdout.buffer.write(png(width, height, paint(colours, width, height)))


def palette(colour, turn, count):
    red, green, blue = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    colours = []
    for step in range(count):
        part = step / max(count - 1, 1) if turn < 1 else step / count  # a full circle must not end where it began
        light = lightness if turn else 0.92 - 0.78 * part
        colours.append(colorsys.hls_to_rgb((hue + turn * part) % 1, light, saturation))
    return colours


def hexadecimal(rgb):
    return "#" + bytes(round(part * 255) for part in rgb).hex()


def paint(colours, width, height):
    """Yields the picture row by row: a stripe for each colour, fading gently towards white at the bottom."""
    edges = [round(width * index / len(colours)) for index in range(len(colours) + 1)]
    for y in range(height):
        fade = 0.35 * (y / height) ** 3
        row = bytearray()
        for index, rgb in enumerate(colours):
            pixel = bytes(round((part + (1 - part) * fade) * 255) for part in rgb)
            row += pixel * (edges[index + 1] - edges[index])
        yield bytes(row)


def png(width, height, rows):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)  # 0: the row is not filtered
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def refuse(message):
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
            type=int if arg["type"] == "int" else str,
            choices=arg.get("choices"),
            default=arg["default"],
            help=arg["help"],
        )
    main(**vars(parser.parse_args()))

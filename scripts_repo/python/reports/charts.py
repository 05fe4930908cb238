"""Charts for the scripts of this folder. It has no entry point, so it is a helper and not a script."""
import html


def bar_chart(title, figures, width=640):
    """An SVG with one bar for each entry of `figures` (name to number, none below 0)."""
    longest = max(figures.values()) or 1
    row, left, top = 34, 150, 56
    bars = []
    for index, (name, value) in enumerate(figures.items()):
        y = top + index * row
        length = round((width - left - 90) * value / longest, 1)
        bars.append(
            f'<text x="{left - 10}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect x="{left}" y="{y}" width="{length}" height="22" rx="3" fill="#2f6fed"/>'
            f'<text x="{left + length + 8}" y="{y + 15}">{value:,g}</text>'
        )
    height = top + len(figures) * row + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="20" y="30" font-size="17" font-weight="bold">{html.escape(title)}</text>{"".join(bars)}</svg>\n'
    )

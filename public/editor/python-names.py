"""Writes python-names.txt: what Python scripts are completed by. One line for each name: module, name, kind, signature, first line of its help.

Run it with the newest Python at hand, when there is a newer one: python3 python-names.py > python-names.txt
"""
import builtins
import importlib
import inspect
import keyword
import sys

MODULES = """argparse array ast asyncio base64 bisect calendar codecs collections concurrent.futures configparser contextlib copy csv
dataclasses datetime decimal difflib email.message enum fnmatch fractions functools getpass glob gzip hashlib heapq hmac html http.client
http.server inspect io ipaddress itertools json locale logging math mimetypes multiprocessing operator os os.path pathlib pickle platform
pprint queue random re secrets select shlex shutil signal smtplib socket sqlite3 ssl statistics string struct subprocess sys tarfile
tempfile textwrap threading time traceback types typing unicodedata unittest urllib.error urllib.parse urllib.request uuid warnings
weakref xml.etree.ElementTree zipfile zlib zoneinfo""".split()
CLASSES = """pathlib.Path datetime.datetime datetime.date datetime.timedelta datetime.timezone collections.Counter collections.defaultdict
collections.OrderedDict collections.deque argparse.ArgumentParser argparse.Namespace csv.DictReader csv.DictWriter sqlite3.Connection
sqlite3.Cursor subprocess.CompletedProcess subprocess.Popen logging.Logger re.Pattern re.Match decimal.Decimal
concurrent.futures.ThreadPoolExecutor concurrent.futures.Future zipfile.ZipFile tarfile.TarFile urllib.request.Request
threading.Thread threading.Lock queue.Queue""".split()


def kind_of(value):
    if inspect.ismodule(value):
        return "module"
    if inspect.isclass(value):
        return "class"
    if callable(value) or inspect.isroutine(value):
        return "function"
    return "property" if isinstance(value, property) or inspect.isdatadescriptor(value) else "constant"


def signature_of(value):
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        text = ""
    return text.replace("\n", " ") if len(text) <= 120 and " at 0x" not in text else ""


def help_of(value, owner):
    if not callable(value) and not isinstance(value, property) and not inspect.isdatadescriptor(value):
        return ""
    lines = [line.strip() for line in (inspect.getdoc(value) or "").split("\n\n")[0].splitlines()]
    text = " ".join(line for line in lines if line)
    return "" if text == inspect.getdoc(type(value)) else text[:110].rsplit(". ", 1)[0].replace("\t", " ")


def tell(module, name, value, owner=None):
    kind = kind_of(value)
    is_told = kind in ("function", "class")
    print("\t".join([module, name, kind, signature_of(value) if is_told else "", help_of(value, owner)]).rstrip())


def members(owner):
    wanted = getattr(owner, "__all__", None) if inspect.ismodule(owner) else None
    return [name for name in sorted(wanted or dir(owner)) if not name.startswith("_") and hasattr(owner, name)]


for word in keyword.kwlist + keyword.softkwlist:
    print("\t".join(["", word, "keyword"]))
for name in sorted(dir(builtins)):
    if not name.startswith("_") and not keyword.iskeyword(name):
        tell("", name, getattr(builtins, name))
for one in (str, list, dict, set, bytes, int, float, tuple):
    for name in members(one):
        tell(f"builtins.{one.__name__}", name, getattr(one, name))
for name in sorted(one for one in sys.stdlib_module_names if not one.startswith("_")):
    print("\t".join(["import", name, "module"]))
for path in MODULES:
    module = importlib.import_module(path)
    if "." in path:
        print("\t".join(["import", path, "module"]))
    for name in members(module):
        value = getattr(module, name)
        if not inspect.ismodule(value) or f"{path}.{name}" in MODULES:
            tell(path, name, value)
for path in CLASSES:
    module, name = path.rsplit(".", 1)
    owner = getattr(importlib.import_module(module), name)
    for member in members(owner) if inspect.isclass(owner) else []:
        tell(path, member, getattr(owner, member), owner)

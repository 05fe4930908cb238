"""Ask an HTTP API, with a token that nobody sees.

Set the variable API_TOKEN as a secret, on this script's settings: it arrives in the environment, and is masked in the log.
"""
import argparse
import json
import os
import sys
import urllib.error
import urllib.request

ARGS_MAP = {
    "url": {"flag": "--url", "type": "url", "required": True, "help": "What is asked, such as https://api.example/items."},
    "timeout": {"flag": "--timeout", "type": "int", "default": 10, "min": 1, "max": 300, "help": "Seconds to wait."},
}


def main(url, timeout):
    token = os.environ.get("API_TOKEN")
    if not token:
        sys.exit("Set the variable API_TOKEN of this script, as a secret.")
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            print(f"{response.status} from {url}", file=sys.stderr)
            return json.load(response)
    except urllib.error.HTTPError as error:
        sys.exit(f"{url} answered {error.code}: {error.read(200).decode(errors='replace')}")
    except urllib.error.URLError as error:
        sys.exit(f"{url} cannot be reached: {error.reason}")


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--timeout", type=int, default=10)
    print(json.dumps(main(**vars(parser.parse_args())), ensure_ascii=False))

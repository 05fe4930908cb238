"""Say hello in one of many languages.

An ordinary command-line program that has never heard of ScriptGateway. Its parameters are described beside it, in
.greeting._map.json, which was written by hand and is never overwritten.
"""
import argparse

HELLO = {
    "English": "Hello, {}!",
    "Deutsch": "Hallo, {}!",
    "Español": "¡Hola, {}!",
    "Français": "Bonjour, {} !",
    "Kiswahili": "Habari, {}!",
    "Ελληνικά": "Γεια σου, {}!",
    "العربية": "مرحبا يا {}!",
    "中文": "你好，{}！",
    "日本語": "こんにちは、{}さん！",
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--in", dest="language", choices=HELLO, default="English")
    parser.add_argument("--loud", action="store_true")
    options = parser.parse_args()
    greeting = HELLO[options.language].format(options.name.strip() or "you")
    print(greeting.upper() if options.loud else greeting)

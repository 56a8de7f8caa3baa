"""Writes what Python's configparser makes of each .cfg file here, as the .json file beside it."""

import configparser
import json
from pathlib import Path


def read(path: Path) -> dict:
    """Sections with raw and interpolated values, or the name and line of the error."""
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except configparser.ParsingError as error:
        line = error.errors[0][0] if getattr(error, "errors", None) else error.lineno
        return {"error": type(error).__name__, "line": line}
    except configparser.Error as error:
        return {"error": type(error).__name__, "line": error.lineno}
    return {"sections": {name: section(parser, name) for name in parser.sections()}}


def section(parser: configparser.ConfigParser, name: str) -> dict:
    """key -> [raw, interpolated]; the second is null when it cannot be interpolated."""
    values = {}
    for key in parser[name]:
        try:
            value = parser.get(name, key)
        except configparser.InterpolationError:
            value = None
        values[key] = [parser.get(name, key, raw=True), value]
    return values


for cfg in sorted(Path(__file__).parent.glob("*.cfg")):
    text = json.dumps(read(cfg), indent=1, ensure_ascii=False, sort_keys=True)
    cfg.with_suffix(".json").write_text(text + "\n", encoding="utf-8")

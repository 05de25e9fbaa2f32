#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scdoc source of a man page: usage, options and examples from the command table, prose from a file.

usage: man_page.py STROMA NOUN [PROSE.scd]     the page stroma-NOUN(1)
       man_page.py STROMA --main PROSE.scd     the page stroma(1)

PROSE.scd holds scdoc sections that come after the options (# NOTES, # FILES, …)."""
import json
import pathlib
import re
import subprocess
import sys


def escape(text: str) -> str:
    """Plain text for scdoc: its marks are escaped wherever they stand, and a line break stays one."""
    text = re.sub(r"([\\_*\[\]|<>~#`])", r"\\\1", text)
    text = re.sub(r"^([-.]|\t|[0-9]+\.)", r"\\\1", text, flags=re.M)
    return re.sub(r"(?<!\n)\n(?!\n|$)", "++\n", text)


def name(command: dict) -> str:
    return "stroma " + " ".join(x for x in (command["noun"], command["verb"]) if x)


def synopsis(command: dict) -> str:
    usage = f" {escape(command['usage'])}" if command["usage"] else ""
    return f"*{escape(name(command))}* [_options_]{usage}"


def option_text(option: dict) -> str:
    metavar = f" _{escape(option['metavar'])}_" if option["metavar"] else ""
    short = f"*-{option['letter']}*, " if option["letter"] else ""
    more = []
    if option["choices"]:
        more.append("One of " + ", ".join(escape(c) for c in option["choices"]) + ".")
    if option["lower"] is not None:
        more.append(f"{option['lower']:.15g} to {option['upper']:.15g}.")
    if option["many"] and option["kind"] != "flag":
        more.append("May be given several times.")
    if option["default"] is not None:
        more.append(f"Default: {escape(option['default'])}.")
    help_text = option["help"][0].upper() + option["help"][1:]
    body = " ".join([escape(help_text) + ".", *more])
    return f"{short}*--{option['name']}*{metavar}\n\t{body}\n"


def examples(commands: list[dict]) -> str:
    lines = [line for c in commands for line in c["examples"]]
    return "# EXAMPLES\n\n```\n" + "\n".join(lines) + "\n```\n" if lines else ""


def exit_status(table: dict) -> str:
    rows = "\n".join(f"*{c['code']}*\n\t{escape(c['text'][0].upper() + c['text'][1:])}.\n" for c in table["exit_codes"])
    return f"# EXIT STATUS\n\n{rows}"


def noun_page(table: dict, noun: str, prose: str) -> str:
    commands = [c for c in table["commands"] if c["noun"] == noun]
    if not commands:
        sys.exit(f"man_page.py: no command {noun}")
    summary = table["nouns"].get(noun, commands[0]["summary"])
    out = [f"stroma-{noun}(1) \"stroma {table['version']}\" \"stroma manual\"\n", "# NAME\n",
           f"stroma-{noun} - {escape(summary)}\n", "# SYNOPSIS\n"]
    out += [synopsis(c) + "\n" for c in commands]
    if len(commands) == 1:
        out += ["# DESCRIPTION\n", escape(commands[0]["description"] or commands[0]["summary"]) + "\n", "# OPTIONS\n"]
        out += [option_text(o) for o in commands[0]["options"]]
    else:
        for c in commands:
            out += [f"# {escape(c['verb'].upper())}\n", escape(c["description"] or c["summary"]) + "\n"]
            out += [option_text(o) for o in c["options"]]
    out += ["# COMMON OPTIONS\n"] + [option_text(o) for o in table["global_options"]]
    out += [prose, examples(commands), exit_status(table),
            "# SEE ALSO\n\n*stroma*(1), *stroma-formats*(5)\n"]
    return "\n".join(x for x in out if x)


def main_page(table: dict, prose: str) -> str:
    rows = []
    for c in table["commands"]:
        rows.append(f"*{escape(name(c))}*\n\t{escape(c['summary'][0].upper() + c['summary'][1:])}. "
                    f"See *stroma-{c['noun']}*(1).\n")
    out = [f"stroma(1) \"stroma {table['version']}\" \"stroma manual\"\n", "# NAME\n",
           "stroma - from the raw data of a cell-therapy trial to who responded\n", "# SYNOPSIS\n",
           "*stroma* _command_ [_options_] _input_...\n", prose, "# COMMANDS\n", *rows,
           "# OPTIONS OF EVERY COMMAND\n", *[option_text(o) for o in table["global_options"]],
           exit_status(table), "# SEE ALSO\n\n*stroma-formats*(5)\n"]
    return "\n".join(out)


def main(stroma: str, noun: str, prose_path: str | None = None) -> int:
    table = json.loads(subprocess.run([stroma, "help", "--json"], capture_output=True, text=True, check=True).stdout)
    prose = pathlib.Path(prose_path).read_text(encoding="utf-8") if prose_path else ""
    print(main_page(table, prose) if noun == "--main" else noun_page(table, noun, prose))
    return 0


sys.exit(main(*sys.argv[1:]))

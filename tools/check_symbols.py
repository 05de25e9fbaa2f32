#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may define which global name (docs/decisions/0001-private-symbol-prefixes.md).

usage: check_symbols.py NM exported LIBRARY.so              all exported names begin with stroma_
       check_symbols.py NM private LIBRARY.so ARCHIVE.a…    names of the modules' archives begin with
           stroma_ or with a prefix of their module, and none is a name of a library we link with"""
import pathlib
import re
import subprocess
import sys

# Names shared by the files of one module, hidden from everyone else. A prefix has one owner, and is
# no beginning of another's.
PRIVATE = {
    "base": [],
    "table": ["dsj_", "inflate_", "json_", "reader_", "rs_", "sas_", "spss_", "stata_", "text_", "xpt_"],
    "stats": ["permutation_", "power_"],
    "models": ["bayes_", "censored_", "cox_", "cpm_", "gee_", "imputation_", "logistic_", "mcmc_", "meta_", "mmrm_", "ordinal_", "powersim_",
               "profile_", "roc_", "small_", "survival_", "tobit_", "validation_"],
    "clinical": [],
    "fcs": ["fcs_"],
    "cytometry": ["column_", "compensation_", "density_", "gate_", "gating_", "learn_", "panel_", "population_",
                  "quality_", "strategy_", "transform_", "workspace_"],
    "study": ["analysis_", "check_", "claims_", "cytometry_", "db_", "import_", "marker_", "repeated_", "sample_",
              "study_", "time_"],
    "biomarker": ["alignment_", "answer_", "card_", "conformal_", "heterogeneity_", "mixture_",
                  "model_", "screen_", "sinh_arcsinh_"],
    "report": ["fig_", "report_", "tab_"],
}
# Sanitizers and coverage add names of their own, all in the compiler's name space.
COMPILER = re.compile(r"^(__|(_init|_fini|_edata|_end|_start)$)")


def names(nm: str, library: str, dynamic: bool) -> set[str]:
    out = subprocess.run([nm, *(["-D"] if dynamic else []), "-g", "--defined-only", library], capture_output=True,
                         text=True, check=True).stdout
    found = {parts[2].split("@")[0] for line in out.splitlines() if len(parts := line.split()) == 3}
    return {name for name in found if not COMPILER.match(name)}


def check_exported(nm: str, library: str) -> list[str]:
    found = names(nm, library, True)
    if not any(name.startswith("stroma_") for name in found):
        return [f"{library}: exports no stroma_ name at all"]
    return [f"{library}: {name} is exported but does not begin with stroma_"
            for name in sorted(found) if not name.startswith("stroma_")]


def check_table() -> list[str]:
    owners = [(prefix, module) for module, prefixes in PRIVATE.items() for prefix in prefixes]
    return [f"tools/check_symbols.py: prefix {a} ({ma}) is a beginning of {b} ({mb})"
            for a, ma in owners for b, mb in owners if ma != mb and b.startswith(a)]


def linked_with(nm: str, library: str) -> dict[str, str]:
    out = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    return {name: path for path in re.findall(r"=> (/\S+)", out) for name in names(nm, path, True)}


def check_private(nm: str, library: str, archives: list[str]) -> list[str]:
    bad = check_table()
    foreign = linked_with(nm, library)
    for archive in archives:
        module = re.sub(r"^libstroma_|\.a$", "", pathlib.Path(archive).name)
        mine = tuple(["stroma_", *PRIVATE.get(module, [])])
        for name in sorted(names(nm, archive, False)):
            if not name.startswith(mine):
                bad.append(f"{module}: {name} begins with neither stroma_ nor a prefix of its module "
                           "(make it static, or see tools/check_symbols.py)")
            elif name in foreign:
                bad.append(f"{module}: {name} is also a name of {foreign[name]}")
    return bad


def main(nm: str, what: str, library: str, *archives: str) -> int:
    bad = check_exported(nm, library) if what == "exported" else check_private(nm, library, list(archives))
    print("\n".join(bad) or "ok")
    return int(bool(bad))


sys.exit(main(*sys.argv[1:]))

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_stats.h"

#define TEXT_OPTION(name_, metavar_, help_)                                 \
    {                                                                       \
        .name = name_, .kind = CLI_TEXT, .metavar = metavar_, .help = help_ \
    }
#define LIST_OPTION(name_, metavar_, help_)                                               \
    {                                                                                     \
        .name = name_, .kind = CLI_TEXT, .metavar = metavar_, .help = help_, .many = true \
    }
#define PATHS_OPTION(name_, metavar_, help_)                                              \
    {                                                                                     \
        .name = name_, .kind = CLI_PATH, .metavar = metavar_, .help = help_, .many = true \
    }
#define COUNT_OPTION(name_, default_, lower_, upper_, help_)                        \
    {                                                                               \
        .name = name_, .kind = CLI_COUNT, .metavar = "N", .default_text = default_, \
        .lower = lower_, .upper = upper_, .help = help_                             \
    }
#define CHOICE_OPTION(name_, choices_, default_, help_)                             \
    {                                                                               \
        .name = name_, .kind = CLI_CHOICE, .metavar = "WHICH", .choices = choices_, \
        .default_text = default_, .help = help_                                     \
    }

const cli_option gate_stats_options[] = {
    { .name = "gates",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "gates: Gating-ML 2.0, Cytobank, FlowJo workspace" },
    TEXT_OPTION("strategy", "NAME",
                "find the gates in each sample by this strategy (file or name)"),
    TEXT_OPTION("panel", "NAME", "panel file or name: markers, channels, the dead-cell marker"),
    TEXT_OPTION("sample", "NAME",
                "of a workspace with several samples: take the gates of this one for every file"),
    COUNT_OPTION(
        "dataset", NULL, 0, 1e6,
        "data set of a file that holds several, 0 the first (default: the one to analyse)"),
    { .name = "compensation",
      .kind = CLI_PATH,
      .metavar = "file|none|FILE",
      .help = "matrix: that of each file, none, or of a file of its own (default: what the panel "
              "says, else file)" },
    LIST_OPTION("population", "POP[,…]", "only these populations, by gate id (default: all)"),
    LIST_OPTION("of", "POP[,…]", "also percentages of this ancestor (ungated: of all events)"),
    LIST_OPTION("mfi", "MARKER[,…]", "numbers of these markers or channels"),
    LIST_OPTION("statistic", "ID[,…]",
                "which numbers of a marker, as in `stroma gate definitions` (default: mfi; with a "
                "control also mfi_ratio, mfi_difference)"),
    PATHS_OPTION("control", "[MARKER=]FILE", "FMO of a marker, or unstained tube, of the visit"),
    CHOICE_OPTION("control-from", "same-day|any", "same-day",
                  "any takes a control or reference of another day or panel, and flags it"),
    TEXT_OPTION("negative", "POP",
                "negatives of stain and separation index (default: the control)"),
    PATHS_OPTION("reference", "FILE", "reference tube of the day, for mfi_per_reference"),
    { .name = "moved-from",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "sample that the method reference of a strategy moves its gates from" },
    COUNT_OPTION("landmarks", NULL, 1, 8, "align to so many peaks of the reference (mfi_aligned)"),
    { .name = "calibration",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "output of `stroma gate calibrate` of the day, for mesf" },
    LIST_OPTION("ratio", "POP/POP[,…]", "log ratio of two populations, as Treg/Th17"),
    COUNT_OPTION("few", "20", 0, 1e9, "half an event is added to a ratio with fewer events"),
    TEXT_OPTION("beads", "POP", "counting beads, for cells per µL"),
    { .name = "beads-per-ul",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-9,
      .upper = 1e12,
      .help = "counting beads in a µL of the tube" },
    TEXT_OPTION("volume", "UL|file", "acquired µL, or file: from its keywords, for cells per µL"),
    { .name = "dilution",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "1",
      .lower = 1e-9,
      .upper = 1e9,
      .help = "µL of the tube that a µL of blood became" },
    TEXT_OPTION("dead-cell-marker", "MARKER",
                "marker of dead cells; none: the panel has none (default: what the panel says)"),
    CHOICE_OPTION("qc", "none|mark", "none",
                  "mark: a last column with the share of the population's events that stroma fcs "
                  "qc marks as faults"),
    COUNT_OPTION("floor", "50", 0, 1e15, "fewer events are flagged"),
    COUNT_OPTION("parent-floor", "10000", 0, 1e15, "fewer events in the parent are flagged"),
    CHOICE_OPTION("fraction-interval", "wilson|clopper-pearson", "wilson",
                  "interval of percentages"),
    CHOICE_OPTION("interval", "exact|bootstrap", "exact", "interval of medians and percentiles"),
    COUNT_OPTION("bootstrap", "2000", 0, 1e8, "resamples behind the intervals of indices; 0: none"),
    CLI_OPTION_LEVEL,
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};

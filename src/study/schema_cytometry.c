/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of `cytometry:` in the study file. */
#include "model.h"

#define END          \
    {                \
        .name = NULL \
    }
#define REQUIRED true
#define OPTIONAL false

static const stroma_schema_key cytometry_parameter_keys[] = {
    { "population", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "id of a gate of the strategy" },
    { "statistic", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "a definition of `stroma gate definitions`: percent (default), percent_net, count, "
      "log_ratio, mfi, "
      "mfi_ratio, stain_index, cells_per_ul_volume, …" },
    { "of", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "percent: gate whose events are 100 %, or all; default the parent" },
    { "over", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "log_ratio: gate in the denominator; cells_per_ul_beads: gate of the counting beads; "
      "stain_index: gate of the negatives" },
    { "marker", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "marker (or channel) whose fluorescence is measured" },
    { "control", STROMA_SCHEMA_CHOICE, OPTIONAL, "fmo|isotype|unstained|reference", NULL,
      "which tube of the visit percent_net, mfi_ratio, … are set against; default fmo, of "
      "mfi_per_reference the reference" },
    { "beads_per_ul", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "cells_per_ul_beads: beads in a µL of the tube, from the lot's certificate" },
    { "dilution", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "cells_per_ul_…: µL of the tube that a µL of blood became; default 1" },
    { "floor", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "fewer events in the population are flagged; default that of the entry" },
    END
};
const stroma_schema_key study_cytometry_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed; default the id" },
    { "panel", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "name of a shipped panel, or a file: which channel shows which marker; default that of the "
      "strategy" },
    { "strategy", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "name of a shipped gating strategy, or a file: gates are found in the data" },
    { "gates", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "or a file with gates: Gating-ML 2.0, Cytobank, FlowJo 10 (.wsp); the same for every "
      "sample" },
    { "gates_of", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "of a workspace with several samples: the one whose gates are used for all" },
    { "files", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "FCS files, with * and ?, relative to the study file; ${STROMA_DATA_ROOT} may stand in "
      "them" },
    { "match", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "how a file's name tells whose it is: {subject}, {visit}, and {any} for what does not "
      "matter, "
      "as {subject}_{visit}_tregth17.fcs" },
    { "manifest", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "instead of files and match: a table with the columns file (relative to it), subject, visit, "
      "role (sample, fmo, isotype, unstained, beads, reference) and marker" },
    { "visit_map", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "word of a file name or manifest → visit id" },
    { "made_by", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "command that makes the files where they do not come with the study file; a message about "
      "absent files says it" },
    { "fmo", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, NULL,
      "marker → tube stained without it, as FoxP3: \"fcs/FMO_FoxP3_{visit}.fcs\"" },
    { "isotype", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, NULL, "marker → tube with its isotype" },
    { "unstained", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unstained tube, as for fmo" },
    { "beads", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "tube with beads, as for fmo; it is read and listed, no statistic uses it yet" },
    { "reference", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "sample that data-driven gates are moved from, as for fmo" },
    { "parameters", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, cytometry_parameter_keys,
      "parameter → what of which population it is; or the id of an index of the strategy" },
    { "floor", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "fewer events in a population are flagged; default 50" },
    { "parent_floor", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "fewer events in its denominator are flagged; default 10000" },
    { "level", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "confidence level of the intervals; default 0.95" },
    { "qc", STROMA_SCHEMA_CHOICE, OPTIONAL, "mark|exclude", NULL,
      "what becomes of events with a fault of the acquisition (stroma fcs qc): counted, and the "
      "sample marked (default), or left out of every population" },
    END
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panel file, key by key. */
#include "panel.h"

#define REQUIRED true
#define OPTIONAL false
#define END          \
    {                \
        .name = NULL \
    }

static const stroma_schema_key scale_keys[] = {
    { "kind", STROMA_SCHEMA_CHOICE, OPTIONAL, "linear|log|asinh|logicle|hyperlog", NULL,
      "default logicle; of scatter linear" },
    { "T", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "linear value at the top of the scale, or auto: the $PnR of the channel, which the "
      "cytometer sets; default auto" },
    { "M", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "decades; default 4.5" },
    { "W", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "decades that are linear, default 0.5; or auto: from the negatives of all files together, "
      "so that the gates depend on which files these are" },
    { "A", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "negative decades; default 0" },
    END
};
static const stroma_schema_key marker_keys[] = {
    { "channel", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "$PnN, as FITC-A; absent: wherever $PnS or $PnN names the marker" },
    { "role", STROMA_SCHEMA_CHOICE, OPTIONAL, "lineage|state|viability|dump|scatter|time", NULL,
      "what it is for; default state, of FSC… and SSC… scatter" },
    { "scale", STROMA_SCHEMA_MAP, OPTIONAL, NULL, scale_keys, "default that of the panel" },
    { "controls", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "controls that belong to it: fmo, isotype" },
    END
};
static const stroma_schema_key dead_keys[] = {
    { "marker", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "the dye" },
    { "rule", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "which events are dead, in words" },
    END
};
static const stroma_schema_key root_keys[] = {
    { "stroma_panel", STROMA_SCHEMA_NUMBER, REQUIRED, NULL, NULL, "version of this format: 1" },
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "short name" },
    { "title", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "full title" },
    { "instrument", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "cytometer, in words" },
    { "compensation", STROMA_SCHEMA_CHOICE, OPTIONAL, "file|none", NULL,
      "file: by the matrix that stands in each file, if any (default); none: as recorded" },
    { "scale", STROMA_SCHEMA_MAP, OPTIONAL, NULL, scale_keys, "of all fluorescence channels" },
    { "markers", STROMA_SCHEMA_NAMED, REQUIRED, NULL, marker_keys,
      "marker → its channel ($PnN), nothing, or the keys below" },
    { "synonyms", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "marker → other names of it, besides those that stroma knows" },
    { "dead_cells", STROMA_SCHEMA_MAP, OPTIONAL, NULL, dead_keys, "how dead cells are left out" },
    END
};
const stroma_schema panel_schema = { .what = "the panel file",
                                     .rule = "the panel file follows its format",
                                     .reference = "docs/formats/strategy-file.md",
                                     .unknown_key = "STROMA-PANEL-001",
                                     .wrong_value = "STROMA-PANEL-002",
                                     .missing_key = "STROMA-PANEL-003",
                                     .keys = root_keys };

void stroma_panel_keys(stroma_buffer *out)
{
    stroma_schema_print("Keys of a panel file", &panel_schema, out);
}

static const stroma_code codes[] = {
    { "STROMA-PANEL-001", "the panel file has a key that is not known",
      "The key is not part of the format, so that what it says would be lost. The message names "
      "the "
      "nearest key that is known; `stroma gate strategies --keys` lists all." },
    { "STROMA-PANEL-002", "the panel file has a value of the wrong kind",
      "The key is known, its value is not of the kind it takes: a list where a word is wanted, or "
      "a "
      "word that is none of the choices." },
    { "STROMA-PANEL-003", "the panel file lacks a key",
      "Without this key the panel says too little to be used." },
    { "STROMA-PANEL-004", "a marker of the panel is in no channel of the file",
      "Neither the stain ($PnS) nor the name ($PnN) of any channel is the marker or a synonym, and "
      "the channel that the panel names is not there. Populations that need it cannot be found in "
      "this file." },
    { "STROMA-PANEL-005", "a marker of the panel stands at two channels",
      "Two channels name the same marker equally well, and the panel does not say which one is "
      "meant. Neither is used: name the channel in the panel." },
    { "STROMA-PANEL-006", "a marker is at another channel than the panel says",
      "The stain of the file names the marker at another channel. The file is followed, because "
      "$PnS is typed for the tube; whether panel or file is wrong, somebody should look." },
    { "STROMA-PANEL-007", "a marker is in one file of the panel and not in another",
      "The panel changed between the files, as when a reagent was not available at a visit. What "
      "needs the marker has no value there." },
    { "STROMA-PANEL-008", "a marker changed its channel or its stain between files",
      "Another fluorochrome or detector is another measurement. Percentages can be compared when "
      "the "
      "populations part clearly; fluorescence and its indices cannot." },
    { "STROMA-PANEL-009", "a detector ran at another voltage",
      "Fluorescence depends on the voltage. Without beads of both days a change between the files "
      "is "
      "not a change of the cells." },
    { "STROMA-PANEL-010", "a channel has another range",
      "$PnR differs, as between cytometers or between versions of their software. The scale takes "
      "the "
      "larger; fluorescence is probably not comparable." },
    { "STROMA-PANEL-011", "a scale depends on the files of this call",
      "The panel says auto, and what was found depends on which files were given together: W came "
      "from their negatives, or their $PnR differ and T is the largest. With other files the same "
      "sample gets other gates, and visits are not comparable. Write the scales down once (stroma "
      "gate learn --write-panel FILE) and give that panel from then on." },
    { "STROMA-PANEL-012", "the values look as if they were on a scale already",
      "No fluorescence lies above 1,024 or 4,096, nearly none is negative, and most is far from 0, "
      "while the panel puts it on a logicle scale: events exported from FlowJo as channel values "
      "look like that. A scale on a "
      "scale squeezes the positives. If so, say scale: { kind: linear, T: 4096 } and compensation: "
      "none in the panel; nothing is guessed here." },
};

const stroma_code *stroma_panel_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

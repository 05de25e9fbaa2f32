/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strategy file, key by key, and the codes of what is found with it. */
#include "strategy.h"

#define REQUIRED true
#define OPTIONAL false
#define END          \
    {                \
        .name = NULL \
    }

#define METHOD_KEYS                                                                                     \
    { "method",                                                                                         \
      STROMA_SCHEMA_ID,                                                                                 \
      REQUIRED,                                                                                         \
      NULL,                                                                                             \
      NULL,                                                                                             \
      "valley, mixture, tail, fmo, reference, singlets, ellipse, boundary, rectangle or polygon; "      \
      "of "                                                                                             \
      "a population also quadrant or boolean" },                                                        \
        { "keep",   STROMA_SCHEMA_CHOICE,                                                               \
          OPTIONAL, "above|below",                                                                      \
          NULL,     "side of the edge that is the population; default above" },                         \
        { "range",                                                                                      \
          STROMA_SCHEMA_RANGE,                                                                          \
          OPTIONAL,                                                                                     \
          NULL,                                                                                         \
          NULL,                                                                                         \
          "where the edge may lie (valley, mixture), or the highest peak (tail, reference), on "        \
          "the "                                                                                        \
          "scale: 1 is T" },                                                                            \
        { "pivot",                                                                                      \
          STROMA_SCHEMA_NUMBER,                                                                         \
          OPTIONAL,                                                                                     \
          NULL,                                                                                         \
          NULL,                                                                                         \
          "valley: the one nearest to this place of the scale; default the one that parts best" },      \
        { "min_depth", STROMA_SCHEMA_NUMBER,                                                            \
          OPTIONAL,    NULL,                                                                            \
          NULL,        "valley: shallower ones are none; default 0.1" },                                \
        { "bandwidth",                                                                                  \
          STROMA_SCHEMA_NUMBER,                                                                         \
          OPTIONAL,                                                                                     \
          NULL,                                                                                         \
          NULL,                                                                                         \
          "of the density, on the scale; default twice Silverman's rule; a valley also at 0.8, "        \
          "0.65 and 0.5 of that" },                                                                     \
        { "quantile",                                                                                   \
          STROMA_SCHEMA_NUMBER,                                                                         \
          OPTIONAL,                                                                                     \
          NULL,                                                                                         \
          NULL,                                                                                         \
          "fmo and tail: of the negatives, default 0.995; ellipse: of the cloud, default 0.95" },       \
        { "width",  STROMA_SCHEMA_NUMBER,                                                               \
          OPTIONAL, NULL,                                                                               \
          NULL,     "singlets: half the band, in robust standard deviations; default 5" },              \
        { "components", STROMA_SCHEMA_NUMBER,                                                           \
          OPTIONAL,     NULL,                                                                           \
          NULL,         "ellipse: most clouds to try, default 4" },                                     \
        { "target", STROMA_SCHEMA_ANY,                                                                  \
          OPTIONAL, NULL,                                                                               \
          NULL,     "ellipse: [x, y] on the scale; the cloud nearest to it instead of the largest" },   \
        { "max_shift", STROMA_SCHEMA_NUMBER,                                                            \
          OPTIONAL,    NULL,                                                                            \
          NULL,        "reference: a landmark that moved farther is none; default 0.1 of the scale" },  \
        { "min",    STROMA_SCHEMA_ANY,                                                                  \
          OPTIONAL, NULL,                                                                               \
          NULL,     "rectangle, boundary: lower limit in linear units, or [x, y]; ~ is open" },         \
        { "max", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL, "rectangle, boundary: upper limit, as min" }, \
    {                                                                                                   \
        "vertices", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,                                            \
            "polygon: [[x, y], …] in linear units"                                                    \
    }

static const stroma_schema_key edge_keys[] = { METHOD_KEYS, END };
#define RULE_KEYS                                                                                  \
    METHOD_KEYS,                                                                                   \
        { "edge", STROMA_SCHEMA_MAP, OPTIONAL,                                                     \
          NULL,   edge_keys,         "reference: how the reference sample's own edge is found" },  \
    {                                                                                              \
        "fallback", STROMA_SCHEMA_LIST, OPTIONAL, NULL, edge_keys,                                 \
            "what to try, in order, where the method finds nothing; without it the population is " \
            "then not estimable"                                                                   \
    }
static const stroma_schema_key quadrant_keys[] = { RULE_KEYS, END };

static const stroma_schema_key population_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "name in outputs; begins with a letter" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed; default the id" },
    { "parent", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "population that stands above in the file; default all: every event" },
    { "optional", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: in a file without its markers the population is left out, and its children hang below "
      "its parent" },
    { "markers", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "one or two markers of the panel, or channels as FSC-A" },
    RULE_KEYS,
    { "edges", STROMA_SCHEMA_LIST, OPTIONAL, NULL, quadrant_keys,
      "quadrant: two rules, one a marker" },
    { "regions", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "quadrant: \"++\", \"+-\", \"-+\", \"--\" (first marker, second marker) → id of the region" },
    { "operation", STROMA_SCHEMA_CHOICE, OPTIONAL, "and|or|not", NULL,
      "boolean: default and; not is for one population" },
    { "of", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "boolean: populations; \"not B\" is the complement of B" },
    END
};
static const stroma_schema_key index_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "name in outputs" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed; default the id" },
    { "population", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "population or region" },
    { "statistic", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "percent (default), count, log_ratio, or a definition of `stroma gate definitions`" },
    { "of", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "percent: population whose events are 100 %; default the parent" },
    { "over", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "log_ratio: population in the denominator" },
    { "marker", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "marker whose fluorescence is measured" },
    { "at_least", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "criterion, in the unit of the statistic" },
    { "at_most", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "criterion, in the unit of the statistic" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "paper that reports it" },
    END
};
static const stroma_schema_key root_keys[] = {
    { "stroma_strategy", STROMA_SCHEMA_NUMBER, REQUIRED, NULL, NULL, "version of this format: 1" },
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "short name" },
    { "title", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "full title" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "where the tree comes from" },
    { "panel", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "shipped panel, or a file beside this one; --panel overrides it" },
    { "populations", STROMA_SCHEMA_LIST, REQUIRED, NULL, population_keys,
      "the tree, parents first" },
    { "indices", STROMA_SCHEMA_LIST, OPTIONAL, NULL, index_keys, "numbers that papers report" },
    END
};
const stroma_schema strategy_schema = { .what = "the strategy file",
                                        .rule = "the strategy file follows its format",
                                        .reference = "docs/formats/strategy-file.md",
                                        .unknown_key = "STROMA-LEARN-001",
                                        .wrong_value = "STROMA-LEARN-002",
                                        .missing_key = "STROMA-LEARN-003",
                                        .keys = root_keys };

void stroma_gating_strategy_keys(stroma_buffer *out)
{
    stroma_schema_print("Keys of a strategy file", &strategy_schema, out);
}

static const stroma_code codes[] = {
    { "STROMA-LEARN-001", "the strategy file has a key that is not known",
      "The key is not part of the format, so that what it says would be lost. The message names "
      "the "
      "nearest key that is known; `stroma gate strategies --keys` lists all." },
    { "STROMA-LEARN-002", "the strategy file has a value of the wrong kind",
      "The key is known, its value is not of the kind it takes." },
    { "STROMA-LEARN-003", "the strategy file lacks a key",
      "Without this key the strategy says too little to be used." },
    { "STROMA-LEARN-004", "another rule than the first found a gate",
      "The method that the strategy names found nothing, and a fallback that the strategy declares "
      "answered instead. The message says why. Percentages of samples whose gates come from "
      "different rules are compared with care: look at the gate before you use the number." },
    { "STROMA-LEARN-005", "a population has no gate",
      "Neither the method nor its fallbacks found a gate in this sample, so that the population is "
      "not estimable. No gate is invented. Look at the density of the marker: there may be too few "
      "events, no positive cells, or a staining that failed; then declare a fallback (an FMO, a "
      "tail, "
      "a reference), or leave the sample out." },
    { "STROMA-LEARN-006", "the parent of a population has no gate",
      "The population hangs below one that is not estimable in this sample, and is not estimable "
      "either." },
    { "STROMA-LEARN-007", "the panel declares an FMO tube that was not given",
      "The panel says that this marker is read against an FMO control. Without it the gate comes "
      "from "
      "the fallback that the strategy declares." },
    { "STROMA-LEARN-008", "an optional population was left out",
      "The file has no channel for a marker of this population, as for a dead-cell dye that was "
      "not "
      "used, and the strategy says that it may be left out. Its children hang below its parent, "
      "and "
      "hold what it would have removed." },
    { "STROMA-LEARN-009", "a gate was found with little confidence",
      "The confidence of an edge is below 0.2: a valley less than a fifth deep is a dent, which "
      "the "
      "next sample may not have. The state of the gate is doubtful (or fallback). Look at the "
      "density of the marker in the parent before you use the number." },
    { "STROMA-LEARN-010", "an edge lies far from that of the other files",
      "Of three or more files the edge of this one is more than 3.5 robust standard deviations "
      "from the median. Samples of one panel are stained and measured alike, so that such a jump "
      "is "
      "more often a gate between other populations than biology. Look at the density of the "
      "marker in this file and in another one." },
};

const stroma_code *stroma_gating_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

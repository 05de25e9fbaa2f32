/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs miflowcyt: what a file says of the items that a paper has to report. */
#include "fcs_inputs.h"

#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/yaml.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = "study",
      .kind = CLI_PATH,
      .metavar = "STUDY.yaml",
      .help = "study file that fills what the FCS file does not say" },
    { .name = "missing", .kind = CLI_FLAG, .help = "only items that are not filled" },
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma fcs miflowcyt sample.fcs",
    "stroma fcs miflowcyt --study study.yaml --missing sample.fcs",
    NULL,
};

enum { KEYWORDS_MAX = 5, STUDY_MAX_BYTES = 16 << 20 };

/* MIFlowCyt 1.0 (Lee 2008 Cytometry A 73:926). Where several keywords may hold an item, the first
 * that is there counts. */
typedef struct item {
    const char *number, *name;
    const char *keywords[KEYWORDS_MAX];
    const char *by_hand; /* what to write where the file says nothing */
} item;

static const item items[] = {
    { "1.1", "purpose", { NULL }, "why the experiment was done: aim and hypothesis" },
    { "1.2", "keywords", { NULL }, "terms by which it may be found" },
    { "1.3", "experiment variables", { NULL }, "what differs between samples: arm, visit, dose" },
    { "1.4", "organisation", { "$INST", "@LOCATION" }, "name and address" },
    { "1.4", "address", { "$INSTADDRESS" }, "address of the organisation" },
    { "1.5", "primary contact", { "$EXP", "INVESTIGATOR" }, "name and e-mail" },
    { "1.6", "date", { "$DATE", "$BEGINDATETIME" }, "when it was measured" },
    { "1.7", "conclusions", { NULL }, "what was found" },
    { "1.8",
      "quality control",
      { "CST SETUP STATUS", "CST REGULATORY STATUS", "#PTRESULT" },
      "controls run, instrument checks and their results" },
    { "1.9", "other of the experiment", { NULL }, "what else helps to understand it" },
    { "2.1.1",
      "sample description",
      { "$CELLS", "$COM" },
      "kind of material: blood, PBMC, culture" },
    { "2.1.1", "sample source", { "$SRC" }, "organism, organ, person: a code, no name" },
    { "2.1.1", "specimen label", { "$SMNO", "SAMPLE ID", "SAMPLEID" }, "label of the specimen" },
    { "2.1.1",
      "tube",
      { "TUBE NAME", "TUBENAME", "TUBE_NAME" },
      "name of the tube, or its control" },
    { "2.2", "sample characteristics", { NULL }, "expected cell types, how they are told apart" },
    { "2.3", "sample treatment", { NULL }, "stimulation, fixation, lysis, washing" },
    { "3.1", "instrument manufacturer", { NULL }, "manufacturer" },
    { "3.2", "instrument model", { "$CYT" }, "model" },
    { "3.3",
      "configuration",
      { "CYTOMETER CONFIG NAME", "#LASERCONFIG", "#LASERCONFIGURATION", "USERSETTINGNAME" },
      "what was changed from the manufacturer's" },
    { "3.3.1", "fluidics: flow rate", { "$FLOWRATE", "#FLOWRATE" }, "flow rate, nozzle, sheath" },
    { "3.3.1", "fluidics: volume", { "$VOL" }, "volume acquired, in nL; for absolute counts" },
    { "3.3.2", "light sources", { "LASER1NAME", "#LASER1COLOR" }, "type, wavelength, power" },
    { "3.4", "serial number", { "$CYTSN", "CYTNUM", "@CYTOMETERID" }, "serial number" },
    { "3.4", "trigger and threshold", { "$TR", "THRESHOLD" }, "channel and level" },
    { "3.4",
      "acquisition software",
      { "CREATOR", "#SOFTWAREVERSION", "SOFTWARE", "$SYS" },
      "program and version" },
    { "4.1", "list-mode data file", { "$FIL", "FILENAME" }, "where the data are deposited" },
    { "4.1", "events", { "$TOT" }, "number of events" },
    { "4.1", "acquisition begin", { "$BTIM" }, "time of the day" },
    { "4.1", "acquisition end", { "$ETIM" }, "time of the day" },
    { "4.2",
      "compensation",
      { "$SPILLOVER", "SPILL", "SPILLOVER", "$COMP" },
      "how the matrix was found and by which controls" },
    { "4.3", "data transformation", { NULL }, "scale and its parameters (the gate file has them)" },
    { "4.4.1", "gate description", { NULL }, "the gate file: stroma gate explain" },
    { "4.4.2", "gate statistics", { NULL }, "stroma gate run" },
    { "4.4.3", "gate boundaries", { NULL }, "the gate file holds them" },
};

/* Where a study file says an item. */
static const struct {
    const char *name, *paths;
} study_paths[] = {
    { "purpose", "study.title" },
    { "keywords", "study.disease" },
    { "experiment variables", "arms.label, visits.label" },
    { "other of the experiment", "study.registration, study.ethics, study.source" },
    { "sample characteristics", "cytometry.label" },
    { "data transformation", "cytometry.panel" },
    { "gate description", "cytometry.strategy, cytometry.gates" },
    { "gate statistics", "cytometry.parameters" },
};

static const char *study_paths_of(const item *i)
{
    for (size_t k = 0; k < sizeof study_paths / sizeof study_paths[0]; k++)
        if (strcmp(study_paths[k].name, i->name) == 0) return study_paths[k].paths;
    return NULL;
}

/* A part of $CYT, and who makes such. */
static const struct {
    const char *part, *maker;
} makers[] = {
    { "FACS", "BD Biosciences" },
    { "LSR", "BD Biosciences" },
    { "Accuri", "BD Biosciences" },
    { "Cytomics", "Beckman Coulter" },
    { "Gallios", "Beckman Coulter" },
    { "Navios", "Beckman Coulter" },
    { "CytoFLEX", "Beckman Coulter" },
    { "CyAn", "Dako, later Beckman Coulter" },
    { "Aurora", "Cytek Biosciences" },
    { "Northern Lights", "Cytek Biosciences" },
    { "Cytek", "Cytek Biosciences" },
    { "MACSQuant", "Miltenyi Biotec" },
    { "Attune", "Thermo Fisher Scientific" },
    { "NovoCyte", "ACEA Biosciences, now Agilent" },
    { "DVSSCIENCES", "DVS Sciences, later Fluidigm, now Standard BioTools" },
    { "CyFlow", "Partec, later Sysmex" },
    { "Partec", "Partec, later Sysmex" },
    { "Guava", "Guava Technologies, later Millipore, Luminex" },
};

static const char *maker_of(const char *cytometer)
{
    for (size_t i = 0; cytometer != NULL && i < sizeof makers / sizeof makers[0]; i++)
        if (strcasestr(cytometer, makers[i].part) != NULL) return makers[i].maker;
    return NULL;
}

typedef struct report {
    cli_grid *grid;
    const char *file;
    const stroma_yaml_node *study; /* or NULL */
    bool only_missing;
} report;

/* Texts at "arms.label": of a list those of every entry, of a map without text its names. */
static void put_texts(const stroma_yaml_node *n, const char *path,
                      stroma_buffer *b) // NOLINT(misc-no-recursion): depth of the path
{
    if (n == NULL) return;
    if (n->type == STROMA_YAML_LIST) {
        for (size_t i = 0; i < n->len; i++)
            put_texts(n->items[i], path, b);
        return;
    }
    char key[64];
    const size_t len = strcspn(path, ".");
    (void)snprintf(key, sizeof key, "%.*s", (int)len, path);
    if (n->type == STROMA_YAML_MAP && len > 0) {
        put_texts(stroma_yaml_get(n, key), path[len] == '.' ? path + len + 1 : "", b);
        return;
    }
    const size_t names = n->type == STROMA_YAML_MAP ? n->len : 1;
    for (size_t i = 0; i < names; i++)
        stroma_buffer_printf(b, "%s%s", b->len > 0 ? ", " : "",
                             n->type == STROMA_YAML_MAP ? n->keys[i]->text : n->text);
}

/* What a study file says at each of the paths. */
static void put_paths(const stroma_yaml_node *study, const char *paths, stroma_buffer *b)
{
    for (const char *p = paths; *p != '\0'; p += strspn(p, ", ")) {
        char path[64];
        const size_t len = strcspn(p, ",");
        (void)snprintf(path, sizeof path, "%.*s", (int)len, p);
        put_texts(study, path, b);
        p += len;
    }
}

static stroma_status put(report *r, const char *number, const char *name, const char *value,
                         const char *source, const char *by_hand, stroma_error *err)
{
    const bool filled = value != NULL && value[0] != '\0';
    if (filled && r->only_missing) return STROMA_OK;
    return cli_grid_row(r->grid,
                        (const char *const[]){ r->file, number, name, filled ? value : NULL,
                                               filled ? source : NULL, filled ? NULL : by_hand },
                        err);
}

static stroma_status put_item(report *r, const stroma_fcs_dataset *d, const item *i,
                              stroma_error *err)
{
    for (size_t k = 0; k < KEYWORDS_MAX && i->keywords[k] != NULL; k++) {
        const char *value = stroma_fcs_text(d, i->keywords[k]);
        if (value != NULL && value[0] != '\0')
            return put(r, i->number, i->name, value, i->keywords[k], NULL, err);
    }
    if (strcmp(i->number, "3.1") == 0)
        return put(r, i->number, i->name, maker_of(stroma_fcs_text(d, "$CYT")), "$CYT", i->by_hand,
                   err);
    const char *paths = r->study == NULL ? NULL : study_paths_of(i);
    if (paths != NULL) {
        stroma_buffer b;
        stroma_buffer_init(&b, 1U << 16);
        put_paths(r->study, paths, &b);
        stroma_status s = stroma_buffer_status(&b, err);
        if (s == STROMA_OK) s = put(r, i->number, i->name, b.data, paths, i->by_hand, err);
        stroma_buffer_clear(&b);
        return s;
    }
    return put(r, i->number, i->name, NULL, NULL, i->by_hand, err);
}

/* Of each channel: what it measures (2.4), its light path and detector (3.3). */
static stroma_status put_channel(report *r, const stroma_fcs_dataset *d, size_t j,
                                 stroma_error *err)
{
    static const struct {
        const char *number, *name, *keyword, *by_hand;
    } parts[] = {
        { "2.4.1", "analyte", "S", "antigen; clone and supplier of the reagent are 2.4.2" },
        { "3.3.2", "excitation", "L", "wavelength, nm" },
        { "3.3.4", "optical filter", "F", "filter" },
        { "3.3.5", "detector type", "T", "type of the detector" },
        { "3.3.5", "detector voltage", "V", "voltage" },
        { "3.3.5", "amplification", "E", "linear or logarithmic" },
        { "3.3.5", "gain", "G", "gain" },
    };
    char keyword[32], name[160];
    const char *channel = d->parameters[j].name;
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        (void)snprintf(keyword, sizeof keyword, "$P%zu%s", j + 1, parts[p].keyword);
        (void)snprintf(name, sizeof name, "%s of %.100s", parts[p].name, channel);
        const char *value = stroma_fcs_text(d, keyword);
        STROMA_TRY(put(r, parts[p].number, name, value, keyword, parts[p].by_hand, err));
    }
    return STROMA_OK;
}

static stroma_status put_file(report *r, const stroma_fcs *f, stroma_error *err)
{
    const stroma_fcs_dataset *d = stroma_fcs_preferred(f);
    const char *section = "0";
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        const bool begins = items[i].number[0] != section[0];
        section = items[i].number;
        if (begins && section[0] == '4')
            for (size_t j = 0; j < d->parameters_len; j++)
                STROMA_TRY(put_channel(r, d, j, err));
        STROMA_TRY(put_item(r, d, &items[i], err));
    }
    return STROMA_OK;
}

static stroma_status put_files(cli_context *c, report *r, stroma_error *err)
{
    static const char *const names[] = { "file", "item", "name", "value", "from", "by_hand" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT };
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    STROMA_TRY(cli_grid_new(c, "stroma.fcs.miflowcyt/1", names, types, 6, &r->grid, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        stroma_fcs *f = NULL;
        stroma_diag diag;
        stroma_diag_init(&diag);
        s = stroma_fcs_open(args[i], NULL, &diag, &f, err);
        cli_print_findings(c, &diag);
        stroma_diag_clear(&diag);
        r->file = args[i];
        if (s == STROMA_OK) s = put_file(r, f, err);
        stroma_fcs_close(f);
    }
    return cli_grid_end(r->grid, s, err);
}

static stroma_status read_study(const char *path, stroma_arena *arena, report *r, stroma_error *err)
{
    stroma_bytes text;
    stroma_yaml_node *root = NULL;
    STROMA_TRY(stroma_bytes_read(path, STUDY_MAX_BYTES, &text, err));
    const stroma_status s = stroma_yaml_read((const char *)text.data, text.size, arena, &root, err);
    stroma_bytes_clear(&text);
    r->study = root;
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", path);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    report r = { .only_missing = cli_given(c, "missing") };
    stroma_arena arena;
    stroma_arena_init(&arena, 16 * STUDY_MAX_BYTES);
    const char *study = cli_text(c, "study");
    stroma_status s = study == NULL ? STROMA_OK : read_study(study, &arena, &r, err);
    if (s == STROMA_OK) s = put_files(c, &r, err);
    stroma_arena_clear(&arena);
    return s;
}

const cli_command cli_cmd_fcs_miflowcyt = {
    .noun = "fcs",
    .verb = "miflowcyt",
    .summary = "what the file says of the items that a paper has to report",
    .usage = "[--study STUDY.yaml] FILE…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "The items of MIFlowCyt 1.0 (Lee 2008 Cytometry A 73:926): experiment overview (1), sample "
        "(2), instrument (3), data analysis (4). Each has its value and the keyword, or the key of "
        "the study file, it comes from, or what is to be filled by hand because neither says it.",
    .options = options,
    .examples = examples,
    .run = run,
};

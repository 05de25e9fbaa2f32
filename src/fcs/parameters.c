/* SPDX-License-Identifier: GPL-3.0-or-later */
/* $PAR and the $Pn… keywords into typed columns. */
#include "fcs_private.h"

#include "stroma/sort.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* The keywords of a parameter that are read. */
enum {
    NAME,
    STAIN,
    BITS,
    RANGE,
    AMPLIFICATION,
    GAIN,
    VOLTAGE,
    DATATYPE,
    TYPE,
    FEATURE,
    DETECTOR,
    TAG,
    ANALYTE,
    KINDS
};
static const char *const suffixes[KINDS] = { "N",   "S",   "B",        "R",    "E",
                                             "G",   "V",   "DATATYPE", "TYPE", "FEATURE",
                                             "DET", "TAG", "ANALYTE" };
typedef struct raw {
    const char *text[KINDS]; /* NULL: absent */
} raw;

/* "$P12DATATYPE" → 12 and DATATYPE. */
static bool keyword_parts(const char *name, size_t *n, size_t *kind)
{
    if (name[0] != '$' || (name[1] != 'P' && name[1] != 'p') || !isdigit((unsigned char)name[2]))
        return false;
    *n = 0;
    const char *p = name + 2;
    for (; isdigit((unsigned char)*p); p++) {
        *n = *n * 10 + (size_t)(*p - '0');
        if (*n > FCS_PARAMETERS_MAX) return false;
    }
    for (*kind = 0; *kind < KINDS; (*kind)++)
        if (strcasecmp(p, suffixes[*kind]) == 0) return *n > 0;
    return false;
}

/* How many parameters there are; highest: the last one that has a keyword of the kind. */
static stroma_status count_parameters(fcs_job *j, uint64_t *par, stroma_error *err)
{
    size_t highest = 0, n = 0, kind = 0;
    for (size_t i = 0; i < j->keywords_len; i++) {
        if (!keyword_parts(j->keywords[i].name, &n, &kind)) continue;
        if (kind == BITS && j->keywords[i].value[0] != '\0' && n > j->described) j->described = n;
        if (n > highest) highest = n;
    }
    const char *text = stroma_fcs_text(j->d, "$PAR");
    const bool said = text != NULL && fcs_whole(text, strlen(text), par) && *par > 0;
    if (!said && j->described == 0)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                "TEXT describes no parameter: $PAR is %s%s%s and there is no $P1B",
                                text == NULL ? "missing" : "\"", text == NULL ? "" : text,
                                text == NULL ? "" : "\"");
    if (!said) {
        *par = j->described;
        fcs_find(j, "STROMA-FCS-008", STROMA_WARNING, NULL,
                 "$PAR is %s; the %zu parameters that have a width are read",
                 text == NULL ? "missing" : "no number", j->described);
    }
    if (*par > highest)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                "$PAR says %llu parameters, but TEXT describes %zu",
                                (unsigned long long)*par, highest);
    if (j->described < *par) j->described = (size_t)*par;
    /* A gap in the numbers could ask for more than TEXT holds. */
    if (j->described > j->keywords_len && *par <= j->keywords_len) j->described = (size_t)*par;
    if (j->described > j->keywords_len)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                "TEXT names a parameter %zu, but has %zu keywords in all",
                                j->described, j->keywords_len);
    return STROMA_OK;
}

static void collect(const fcs_job *j, raw *all)
{
    size_t n = 0, kind = 0;
    for (size_t i = 0; i < j->keywords_len; i++)
        if (keyword_parts(j->keywords[i].name, &n, &kind) && n <= j->described &&
            all[n - 1].text[kind] == NULL)
            all[n - 1].text[kind] = j->keywords[i].value;
}

static const char *or_empty(const char *s)
{
    return s == NULL ? "" : s;
}

static stroma_status read_type(const fcs_job *j, size_t i, const raw *r, stroma_fcs_parameter *p,
                               stroma_error *err)
{
    const char *text = r->text[DATATYPE];
    if (text == NULL || text[0] == '\0') text = stroma_fcs_text(j->d, "$DATATYPE");
    if (text == NULL || text[0] == '\0')
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin, "$DATATYPE is missing");
    const char type = strlen(text) != 1 ? 0 : (char)toupper((unsigned char)text[0]);
    if (type == 0 || strchr("IFDA", type) == NULL)
        return stroma_fail_byte(
            err, STROMA_E_MALFORMED, j->text.begin,
            "the type of parameter %zu, \"%.40s\", is not known: it should be I, F, D or A", i + 1,
            text);
    p->type = (stroma_fcs_type)type;
    return STROMA_OK;
}

static stroma_status read_bits(fcs_job *j, size_t i, const raw *r, stroma_fcs_parameter *p,
                               stroma_error *err)
{
    const char *text = or_empty(r->text[BITS]);
    uint64_t bits = 0;
    const bool number = fcs_whole(text, strlen(text), &bits);
    if (p->type == STROMA_FCS_ASCII && strcmp(text, "*") == 0) {
        p->bits = 0;
        return STROMA_OK;
    }
    if (p->type == STROMA_FCS_ASCII && number && bits >= 1 && bits <= 64) {
        p->bits = (unsigned)bits * 8;
        return STROMA_OK;
    }
    if (p->type == STROMA_FCS_FLOAT || p->type == STROMA_FCS_DOUBLE) {
        p->bits = p->type == STROMA_FCS_FLOAT ? 32 : 64;
        if (!number || bits != p->bits)
            fcs_find(j, "STROMA-FCS-022", STROMA_WARNING, p->name,
                     "$P%zuB is \"%.20s\" where numbers of type %c have %u bits", i + 1, text,
                     (char)p->type, p->bits);
        /* Kept for layout.c: all doubles called F are told by the length of DATA. */
        if (number && bits == 64) p->mask = 64;
        return STROMA_OK;
    }
    if (text[0] == '\0')
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                "$P%zuB, the width of parameter %zu, is missing", i + 1, i + 1);
    if (!number || bits < 1 || bits > 64)
        return stroma_fail_byte(
            err, STROMA_E_MALFORMED, j->text.begin, "$P%zuB is \"%.20s\": a width should be %s",
            i + 1, text, p->type == STROMA_FCS_ASCII ? "1 to 64 characters, or *" : "1 to 64 bits");
    p->bits = (unsigned)bits;
    return STROMA_OK;
}

static void read_range(fcs_job *j, size_t i, const raw *r, stroma_fcs_parameter *p)
{
    const char *text = or_empty(r->text[RANGE]);
    const bool number = fcs_real(text, strlen(text), &p->range) && p->range > 1;
    if (!number) p->range = 0;
    if (p->type != STROMA_FCS_INTEGER) return;
    p->mask = p->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << p->bits) - 1;
    if (!number) {
        fcs_find(j, "STROMA-FCS-016", STROMA_WARNING, p->name,
                 "$P%zuR is \"%.40s\", which is no range; all %u bits are taken", i + 1, text,
                 p->bits);
        return;
    }
    for (unsigned k = 1; k < p->bits; k++) {
        if (ldexp(1, (int)k) < p->range) continue;
        p->mask = (UINT64_C(1) << k) - 1;
        return;
    }
}

/* "4,1", and with decimal commas "4,0,1,0". */
static bool split_pair(const char *text, double *first, double *second)
{
    const char *comma = strchr(text, ',');
    if (comma == NULL) return false;
    const char *next = strchr(comma + 1, ',');
    if (next != NULL && strchr(next + 1, ',') != NULL) comma = next;
    return fcs_real_or_comma(text, (size_t)(comma - text), first) &&
           fcs_real_or_comma(comma + 1, strlen(comma + 1), second) && *first >= 0 && *second >= 0;
}

static void read_amplification(fcs_job *j, size_t i, const raw *r, stroma_fcs_parameter *p)
{
    const char *text = or_empty(r->text[AMPLIFICATION]);
    double decades = 0, offset = 0;
    if (text[0] == '\0') return; /* linear; needed by the standard, left out by many */
    if (!split_pair(text, &decades, &offset)) {
        fcs_find(j, "STROMA-FCS-017", STROMA_WARNING, p->name,
                 "$P%zuE is \"%.40s\", which is no amplification; the channel is taken as linear",
                 i + 1, text);
        return;
    }
    if (decades == 0) return;
    if (p->type != STROMA_FCS_INTEGER) {
        fcs_find(j, "STROMA-FCS-018", STROMA_WARNING, p->name,
                 "$P%zuE is \"%.40s\", but numbers of type %c are linear; it is ignored", i + 1,
                 text, (char)p->type);
        return;
    }
    if (p->is_time || p->range <= 0) {
        fcs_find(j, "STROMA-FCS-020", STROMA_WARNING, p->name,
                 "$P%zuE is \"%.40s\", but the channel %s; it is taken as linear", i + 1, text,
                 p->is_time ? "is time" : "has no range");
        return;
    }
    if (offset <= 0)
        fcs_find(j, "STROMA-FCS-019", STROMA_NOTE, p->name,
                 "$P%zuE is \"%.40s\"; an offset of 0 is taken as 1", i + 1, text);
    p->log_decades = decades;
    p->log_offset = offset <= 0 ? 1 : offset;
}

static void read_gain(fcs_job *j, size_t i, const raw *r, stroma_fcs_parameter *p)
{
    const char *text = or_empty(r->text[GAIN]);
    double gain = 1;
    p->gain = 1;
    if (text[0] == '\0') return;
    if (!fcs_real_or_comma(text, strlen(text), &gain) || gain <= 0) {
        fcs_find(j, "STROMA-FCS-017", STROMA_WARNING, p->name,
                 "$P%zuG is \"%.40s\", which is no gain; it is taken as 1", i + 1, text);
        return;
    }
    if (p->is_time) return;
    if (p->log_decades > 0) {
        if (gain < 1 || gain > 1)
            fcs_find(j, "STROMA-FCS-020", STROMA_NOTE, p->name,
                     "$P%zuG is \"%.40s\", but the channel is logarithmic; it is ignored", i + 1,
                     text);
        return;
    }
    p->gain = gain;
}

static stroma_status read_one(fcs_job *j, size_t i, const raw *r, stroma_error *err)
{
    stroma_fcs_parameter *p = &j->parameters[i];
    p->name = or_empty(r->text[NAME]);
    p->stain = or_empty(r->text[STAIN]);
    p->feature = or_empty(r->text[FEATURE]);
    p->detector = or_empty(r->text[DETECTOR]);
    p->tag = or_empty(r->text[TAG]);
    p->analyte = or_empty(r->text[ANALYTE]);
    if (p->name[0] == '\0') {
        p->name = stroma_arena_printf(j->arena, "P%zu", i + 1);
        if (p->name == NULL) return stroma_no_memory(err);
        fcs_find(j, "STROMA-FCS-014", STROMA_WARNING, p->name,
                 "$P%zuN is missing; the channel is called \"%s\"", i + 1, p->name);
    }
    p->is_time = r->text[TYPE] != NULL && r->text[TYPE][0] != '\0'
                     ? strcasecmp(r->text[TYPE], "time") == 0
                     : strcasecmp(p->name, "time") == 0;
    STROMA_TRY(read_type(j, i, r, p, err));
    STROMA_TRY(read_bits(j, i, r, p, err));
    read_range(j, i, r, p);
    read_amplification(j, i, r, p);
    read_gain(j, i, r, p);
    const char *volts = or_empty(r->text[VOLTAGE]);
    if (!fcs_real(volts, strlen(volts), &p->voltage)) p->voltage = NAN;
    return STROMA_OK;
}

static int by_name(const void *a, const void *b, void *context)
{
    const stroma_fcs_parameter *p = context;
    return strcmp(p[*(const uint32_t *)a].name, p[*(const uint32_t *)b].name);
}

static stroma_status report_same_names(const fcs_job *j, stroma_error *err)
{
    const size_t n = j->d->parameters_len;
    uint32_t *order = stroma_alloc_array(n, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    const stroma_status s = stroma_sort(order, n, sizeof *order, by_name, j->parameters, err);
    for (size_t i = 1; i < n && s == STROMA_OK; i++) {
        const size_t a = order[i - 1], b = order[i];
        if (strcmp(j->parameters[a].name, j->parameters[b].name) == 0)
            fcs_find(j, "STROMA-FCS-015", STROMA_WARNING, j->parameters[b].name,
                     "channels %zu and %zu have the same name", a + 1, b + 1);
    }
    stroma_free(order);
    return s;
}

static void read_timestep(fcs_job *j)
{
    const char *text = stroma_fcs_text(j->d, "$TIMESTEP");
    double step = 1;
    j->d->timestep_s = 1;
    if (text == NULL || text[0] == '\0') return;
    if (fcs_real_or_comma(text, strlen(text), &step) && step > 0)
        j->d->timestep_s = step;
    else
        fcs_find(j, "STROMA-FCS-017", STROMA_WARNING, NULL,
                 "$TIMESTEP is \"%.40s\", which is no duration; it is taken as 1 second", text);
}

static stroma_status check_mode(const fcs_job *j, stroma_error *err)
{
    const char *mode = stroma_fcs_text(j->d, "$MODE");
    if (mode == NULL || mode[0] == '\0') {
        if (strcmp(j->header.version, "FCS3.2") < 0)
            fcs_find(j, "STROMA-FCS-023", STROMA_NOTE, NULL,
                     "$MODE is missing; DATA is taken as a list of events");
        return STROMA_OK;
    }
    if (strcasecmp(mode, "L") == 0) return STROMA_OK;
    const stroma_status s =
        stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                         "$MODE is \"%.20s\": DATA is %s, not a list of events", mode,
                         strcasecmp(mode, "C") == 0   ? "one correlated histogram"
                         : strcasecmp(mode, "U") == 0 ? "uncorrelated histograms"
                                                      : "of an unknown form");
    stroma_hint(err, "export the events as list mode ($MODE L)");
    return s;
}

stroma_status fcs_parameters_read(fcs_job *j, stroma_error *err)
{
    uint64_t par = 0;
    STROMA_TRY(check_mode(j, err));
    STROMA_TRY(count_parameters(j, &par, err));
    raw *all = stroma_arena_alloc(j->arena, j->described, sizeof *all);
    j->parameters = stroma_arena_alloc(j->arena, j->described, sizeof *j->parameters);
    if (all == NULL || j->parameters == NULL) return stroma_no_memory(err);
    collect(j, all);
    j->d->parameters = j->parameters;
    j->d->parameters_len = (size_t)par;
    for (size_t i = 0; i < j->described; i++) {
        if (i >= par && all[i].text[BITS] == NULL) {
            j->described = (size_t)par; /* a gap: what lies beyond $PAR is not described */
            break;
        }
        STROMA_TRY(read_one(j, i, &all[i], err));
    }
    read_timestep(j);
    return report_same_names(j, err);
}

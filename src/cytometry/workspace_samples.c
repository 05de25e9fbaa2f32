/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples of a FlowJo workspace, and which of them is meant. */
#include "workspace.h"

#include "stroma/file.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX_BYTES = 256 << 20, TREE_PER_BYTE = 16, TREE_AT_LEAST_BYTES = 1 << 20 };

const char *workspace_attribute(const gate_xml_element *e, const char *name)
{
    for (size_t i = 0; i < e->attributes_len; i++)
        if (strcmp(e->attributes[i].name, name) == 0) return e->attributes[i].value;
    return NULL;
}

stroma_status workspace_number(const gate_xml_element *e, const char *name, double otherwise,
                               double *out, stroma_error *err)
{
    const char *text = workspace_attribute(e, name);
    if (text == NULL && !isnan(otherwise)) {
        *out = otherwise;
        return STROMA_OK;
    }
    if (text == NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0, "<%.60s> has no \"%s\"", e->name,
                              name);
    if (!stroma_parse_double(text, strlen(text), '.', out))
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                              "<%.60s>: %s is \"%.60s\", which is no number", e->name, name, text);
    return STROMA_OK;
}

/* "20.0" of FlowJo 10; FlowJo 9 and before have "1.x" and other elements. */
bool workspace_is(const gate_xml_element *root)
{
    return strcmp(root->name, "Workspace") == 0;
}

stroma_status workspace_refuse_old(const gate_xml_element *root, stroma_error *err)
{
    const char *version = workspace_attribute(root, "version");
    const char *flowjo = workspace_attribute(root, "flowJoVersion");
    double number = 0;
    const bool new_form = version != NULL &&
                          stroma_parse_double(version, strlen(version), '.', &number) &&
                          number >= 20 && gate_xml_child(root, NULL, "SampleList") != NULL;
    if (new_form && (flowjo == NULL || strncmp(flowjo, "9", 1) != 0)) return STROMA_OK;
    stroma_fail_at(err, STROMA_E_USAGE, root->line, 0,
                   "a FlowJo workspace of version \"%.20s\"%s%.20s is not read, only those of "
                   "FlowJo 10 (version 20.0)",
                   version == NULL ? "" : version, flowjo == NULL ? "" : ", FlowJo ",
                   flowjo == NULL ? "" : flowjo);
    stroma_hint(err, "open it in FlowJo 10 and save it as .wsp");
    return STROMA_E_USAGE;
}

const gate_xml_element *workspace_sample_next(const gate_xml_element *root,
                                              const gate_xml_element *last)
{
    if (last != NULL) return gate_xml_next(last);
    const gate_xml_element *list = gate_xml_child(root, NULL, "SampleList");
    return list == NULL ? NULL : gate_xml_child(list, NULL, "Sample");
}

const char *workspace_keyword(const gate_xml_element *sample, const char *name)
{
    const gate_xml_element *list = gate_xml_child(sample, NULL, "Keywords");
    if (list == NULL) return NULL;
    for (const gate_xml_element *k = gate_xml_child(list, NULL, "Keyword"); k != NULL;
         k = gate_xml_next(k)) {
        const char *n = workspace_attribute(k, "name");
        if (n != NULL && strcasecmp(n, name) == 0) return workspace_attribute(k, "value");
    }
    return NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static const char *last_part(const char *path)
{
    const char *last = path;
    for (const char *c = path; *c != '\0'; c++)
        if (*c == '/' || *c == '\\') last = c + 1;
    return last;
}

/* Last part of a URI, %20 and its like decoded. */
static const char *file_of(const char *uri, stroma_arena *arena)
{
    char *out = stroma_arena_strdup(arena, last_part(uri));
    if (out == NULL) return NULL;
    char *w = out;
    for (const char *c = out; *c != '\0'; c++) {
        const int high = *c == '%' ? hex(c[1]) : -1;
        const int low = high < 0 ? -1 : hex(c[2]);
        if (low < 0 || 16 * high + low == 0) {
            *w++ = *c;
            continue;
        }
        *w++ = (char)(16 * high + low);
        c += 2;
    }
    *w = '\0';
    return out;
}

static size_t count_gates(const gate_xml_element *e)
{
    size_t n = 0;
    const gate_xml_element *sub = gate_xml_child(e, NULL, "Subpopulations");
    for (const gate_xml_element *c = sub == NULL ? NULL : sub->first; c != NULL; c = c->next)
        if (strcmp(c->name, "Statistic") != 0) n += 1 + count_gates(c);
    return n;
}

stroma_status workspace_sample_describe(const gate_xml_element *sample, stroma_arena *arena,
                                        stroma_workspace_sample *out, stroma_error *err)
{
    const gate_xml_element *node = gate_xml_child(sample, NULL, "SampleNode");
    const gate_xml_element *set = gate_xml_child(sample, NULL, "DataSet");
    const char *name = node == NULL ? NULL : workspace_attribute(node, "name");
    if (name == NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, sample->line, 0,
                              "a <Sample> has no <SampleNode> with a name");
    const char *uri = set == NULL ? NULL : workspace_attribute(set, "uri");
    const char *fil = workspace_keyword(sample, "$FIL");
    double count = -1;
    STROMA_TRY(workspace_number(node, "count", -1, &count, err));
    *out = (stroma_workspace_sample){
        .name = stroma_arena_strdup(arena, name),
        .fil = stroma_arena_strdup(arena, fil == NULL ? "" : fil),
        .file = file_of(uri == NULL ? "" : uri, arena),
        .saved_count = count >= 0 && count < 9e15 ? (int64_t)count : -1,
        .gates = count_gates(node),
    };
    if (out->name == NULL || out->fil == NULL || out->file == NULL) return stroma_no_memory(err);
    return STROMA_OK;
}

stroma_status workspace_list(const gate_xml_element *root, stroma_workspace *out, stroma_error *err)
{
    if (!workspace_is(root)) return STROMA_OK;
    STROMA_TRY(workspace_refuse_old(root, err));
    out->is_workspace = true;
    const char *version = workspace_attribute(root, "flowJoVersion");
    size_t n = 0;
    for (const gate_xml_element *s = workspace_sample_next(root, NULL); s != NULL;
         s = gate_xml_next(s))
        n++;
    stroma_workspace_sample *list = stroma_arena_alloc(&out->arena, n, sizeof *list);
    out->version = stroma_arena_strdup(&out->arena, version == NULL ? "" : version);
    if (list == NULL || out->version == NULL) return stroma_no_memory(err);
    out->samples = list;
    for (const gate_xml_element *s = workspace_sample_next(root, NULL); s != NULL;
         s = gate_xml_next(s))
        STROMA_TRY(workspace_sample_describe(s, &out->arena, &list[out->samples_len++], err));
    return STROMA_OK;
}

stroma_status stroma_workspace_parse(const char *xml, size_t size, const char *name,
                                     stroma_workspace *out, stroma_error *err)
{
    *out = (stroma_workspace){ .version = "" };
    stroma_arena_init(&out->arena, TREE_AT_LEAST_BYTES + size);
    stroma_arena tree;
    stroma_arena_init(&tree, TREE_AT_LEAST_BYTES + TREE_PER_BYTE * size);
    const gate_xml_element *root = NULL;
    stroma_status s = gate_xml_parse(xml, size, &tree, &root, err);
    if (s == STROMA_OK) s = workspace_list(root, out, err);
    stroma_arena_clear(&tree);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", name);
}

stroma_status stroma_workspace_read(const char *path, stroma_workspace *out, stroma_error *err)
{
    stroma_bytes bytes;
    *out = (stroma_workspace){ .version = "" };
    STROMA_TRY(stroma_bytes_read(path, FILE_MAX_BYTES, &bytes, err));
    const stroma_status s =
        stroma_workspace_parse((const char *)bytes.data, bytes.size, path, out, err);
    stroma_bytes_clear(&bytes);
    return s;
}

void stroma_workspace_clear(stroma_workspace *w)
{
    stroma_arena_clear(&w->arena);
    *w = (stroma_workspace){ .version = "" };
}

/* The names of all samples, as many as a hint has room for. */
static void hint_samples(const stroma_workspace *w, stroma_error *err)
{
    char text[STROMA_ERROR_TEXT_MAX - 80] = "";
    size_t len = 0, listed = 0;
    for (; listed < w->samples_len; listed++) {
        const char *name = w->samples[listed].name;
        const size_t need = strlen(name) + 4;
        if (need >= sizeof text - len) break;
        if (listed > 0) memcpy(text + len, ", ", 2), len += 2;
        text[len++] = '"';
        memcpy(text + len, name, need - 4);
        len += need - 4;
        text[len++] = '"';
        text[len] = '\0';
    }
    stroma_hint(err, "--sample names one, #1 is the first; the workspace holds %s%s", text,
                listed < w->samples_len ? ", …" : "");
}

/* How many samples are called so; the last of them in @p out. */
static size_t matches(const stroma_workspace *w, int field, const char *name, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < w->samples_len; i++) {
        const stroma_workspace_sample *s = &w->samples[i];
        const char *have = field == 0 ? s->name : field == 1 ? s->fil : s->file;
        if (have[0] == '\0' || strcmp(have, name) != 0) continue;
        *out = i;
        n++;
    }
    return n;
}

stroma_status stroma_workspace_find(const stroma_workspace *w, const char *file, const char *fil,
                                    size_t *out, stroma_error *err)
{
    const char *const asked[] = { last_part(file), fil };
    const char *several = NULL;
    for (size_t a = 0; a < 2; a++) {
        if (asked[a] == NULL || asked[a][0] == '\0') continue;
        for (int field = 0; field < 3; field++) {
            const size_t n = matches(w, field, asked[a], out);
            if (n == 1) return STROMA_OK;
            if (n > 1 && several == NULL) several = asked[a];
        }
    }
    int64_t number = 0;
    if (asked[0][0] == '#' && stroma_parse_int(asked[0] + 1, strlen(asked[0] + 1), &number) &&
        number >= 1 && (uint64_t)number <= w->samples_len) {
        *out = (size_t)(number - 1);
        return STROMA_OK;
    }
    if (several != NULL)
        stroma_fail(err, STROMA_E_INCONSISTENT,
                    "several samples of the workspace are called \"%.120s\"", several);
    else
        stroma_fail(err, STROMA_E_INCONSISTENT, "no sample of the workspace is called \"%.120s\"",
                    asked[0]);
    hint_samples(w, err);
    return STROMA_E_INCONSISTENT;
}

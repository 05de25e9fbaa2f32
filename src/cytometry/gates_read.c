/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates from a file: which dialect it is, and what is the same for all. */
#include "workspace.h"

#include "stroma/file.h"

#include <string.h>

enum {
    FILE_MAX_BYTES = 256 << 20,
    TREE_PER_BYTE = 16,
    TREE_AT_LEAST_BYTES = 1 << 20,
    SAMPLES_MAX_BYTES = 64 << 20
};

/* In the order they are asked: dialects of Gating-ML before Gating-ML. */
static const gate_dialect *const gate_dialects[] = {
    &gate_dialect_flowjo,
    &gate_dialect_cytobank,
    &gate_dialect_gating_ml,
};

void gate_found(const gate_source *src, const char *code, stroma_severity severity, int64_t line,
                const char *gate, const char *message, const char *action)
{
    const stroma_finding f = { .code = code,
                               .severity = severity,
                               .file = src->name,
                               .line = line,
                               .column = gate,
                               .message = message,
                               .action = action };
    stroma_diag_add(src->diag, &f);
}

static stroma_status unknown(const gate_xml_element *root, stroma_error *err)
{
    static const char old[] = "http://www.isac-net.org/std/Gating-ML/v1";
    if (strncmp(root->ns, old, sizeof old - 1) == 0) {
        stroma_fail_at(err, STROMA_E_USAGE, root->line, 0, "Gating-ML %.3s is not read, only 2.0",
                       root->ns + sizeof old - 2);
        stroma_hint(err, "export the gates again as Gating-ML 2.0");
        return STROMA_E_USAGE;
    }
    stroma_fail_at(err, STROMA_E_MALFORMED, root->line, 0,
                   "no gates are known in <%.60s> of namespace \"%.120s\"", root->name, root->ns);
    stroma_hint(err, "a Gating-ML 2.0 file begins with <gating:Gating-ML xmlns:gating=\"%s\">",
                GATING_ML_NS);
    return STROMA_E_MALFORMED;
}

struct stroma_gate_document {
    stroma_arena tree;
    const char *name; /* in the tree */
    const gate_xml_element *root;
    const gate_dialect *dialect;
};

static stroma_status parse(stroma_gate_document *d, const char *xml, size_t size, stroma_error *err)
{
    const size_t len = strlen(d->name);
    if (len > 3 && strcmp(d->name + len - 3, ".jo") == 0) {
        stroma_fail(err, STROMA_E_USAGE, "a .jo workspace of FlowJo 9 or before is not read");
        stroma_hint(err, "open it in FlowJo 10 and save it as .wsp");
        return STROMA_E_USAGE;
    }
    size_t at = 0;
    while (at < size && (xml[at] == ' ' || (xml[at] >= '\t' && xml[at] <= '\r')))
        at++;
    const unsigned char begin = at < size ? (unsigned char)xml[at] : '<';
    if (begin > ' ' && begin < 0x7F && begin != '<') { /* others may begin UTF-8 or -16 */
        stroma_fail(err, STROMA_E_MALFORMED, "holds no gates: it is no XML");
        stroma_hint(err,
                    "gates are Gating-ML 2.0, Cytobank or a FlowJo workspace; a strategy finds "
                    "gates, and a panel names channels");
        return STROMA_E_MALFORMED;
    }
    STROMA_TRY(gate_xml_parse(xml, size, &d->tree, &d->root, err));
    for (size_t i = 0; i < sizeof gate_dialects / sizeof gate_dialects[0]; i++)
        if (d->dialect == NULL && gate_dialects[i]->detect(d->root)) d->dialect = gate_dialects[i];
    return d->dialect == NULL ? unknown(d->root, err) : STROMA_OK;
}

stroma_status stroma_gate_document_parse(const char *xml, size_t size, const char *name,
                                         stroma_gate_document **out, stroma_error *err)
{
    *out = NULL;
    stroma_gate_document *d = stroma_alloc_array(1, sizeof *d);
    if (d == NULL) return stroma_no_memory(err);
    stroma_arena_init(&d->tree, TREE_AT_LEAST_BYTES + TREE_PER_BYTE * size);
    d->name = stroma_arena_strdup(&d->tree, name);
    const stroma_status s = d->name == NULL ? stroma_no_memory(err) : parse(d, xml, size, err);
    if (s == STROMA_OK)
        *out = d;
    else
        stroma_gate_document_close(d);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", name);
}

stroma_status stroma_gate_document_open(const char *path, stroma_gate_document **out,
                                        stroma_error *err)
{
    stroma_bytes bytes;
    *out = NULL;
    STROMA_TRY(stroma_bytes_read(path, FILE_MAX_BYTES, &bytes, err));
    const stroma_status s =
        stroma_gate_document_parse((const char *)bytes.data, bytes.size, path, out, err);
    stroma_bytes_clear(&bytes);
    return s;
}

void stroma_gate_document_close(stroma_gate_document *d)
{
    if (d == NULL) return;
    stroma_arena_clear(&d->tree);
    stroma_free(d);
}

const char *stroma_gate_document_dialect(const stroma_gate_document *d)
{
    return d->dialect->name;
}

static stroma_status fill(const stroma_gate_document *d, const char *sample, stroma_diag *diag,
                          stroma_gate_set *out, stroma_error *err)
{
    const gate_source src = { .name = d->name, .sample = sample, .root = d->root, .diag = diag };
    out->dialect = d->dialect->name;
    out->source = stroma_arena_strdup(&out->arena, d->name);
    if (out->source == NULL) {
        out->source = "";
        return stroma_no_memory(err);
    }
    STROMA_TRY(d->dialect->parse(&src, out, err));
    return stroma_gate_set_check(out, err);
}

stroma_status stroma_gate_document_gates(const stroma_gate_document *d, const char *sample,
                                         stroma_diag *diag, stroma_gate_set *out, stroma_error *err)
{
    stroma_gate_set_init(out);
    const stroma_status s = fill(d, sample, diag, out, err);
    if (s == STROMA_OK) return s;
    stroma_gate_set_clear(out);
    return stroma_in(err, s, "file \"%s\"", d->name);
}

stroma_status stroma_gate_document_samples(const stroma_gate_document *d, stroma_workspace *out,
                                           stroma_error *err)
{
    *out = (stroma_workspace){ .version = "" };
    stroma_arena_init(&out->arena, SAMPLES_MAX_BYTES);
    const stroma_status s = workspace_list(d->root, out, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", d->name);
}

stroma_status stroma_gates_parse(const char *xml, size_t size, const char *name, const char *sample,
                                 stroma_diag *diag, stroma_gate_set *out, stroma_error *err)
{
    stroma_gate_document *d = NULL;
    stroma_gate_set_init(out);
    STROMA_TRY(stroma_gate_document_parse(xml, size, name, &d, err));
    const stroma_status s = stroma_gate_document_gates(d, sample, diag, out, err);
    stroma_gate_document_close(d);
    return s;
}

stroma_status stroma_gates_read(const char *path, const char *sample, stroma_diag *diag,
                                stroma_gate_set *out, stroma_error *err)
{
    stroma_gate_document *d = NULL;
    stroma_gate_set_init(out);
    STROMA_TRY(stroma_gate_document_open(path, &d, err));
    const stroma_status s = stroma_gate_document_gates(d, sample, diag, out, err);
    stroma_gate_document_close(d);
    return s;
}

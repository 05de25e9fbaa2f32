/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_xml.h"

#include "stroma/buffer.h"

#include <ctype.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { NAMES_CACHED = 256, TEXT_LIMIT_BYTES = 64 << 20 };

typedef struct builder {
    xmlParserCtxt *parser;
    stroma_arena *arena;
    gate_xml_element *open[GATE_XML_DEPTH_MAX]; /* the path to where we are */
    gate_xml_element *last[GATE_XML_DEPTH_MAX]; /* youngest child of each */
    size_t depth;
    gate_xml_element *root;
    stroma_buffer text;
    /* The parser keeps one copy of a name while it runs: same pointer, same name. */
    struct {
        const xmlChar *theirs;
        const char *ours;
    } names[NAMES_CACHED];
    stroma_status status;
    stroma_error *err;
} builder;

static void stop(builder *b, stroma_status s)
{
    if (b->status == STROMA_OK) b->status = s;
    xmlStopParser(b->parser);
}

static int64_t line_of(const builder *b)
{
    return b->parser->input == NULL ? 0 : b->parser->input->line;
}

static const char *name_copy(builder *b, const xmlChar *s)
{
    if (s == NULL) return "";
    const size_t slot = ((uintptr_t)s >> 3) % NAMES_CACHED;
    if (b->names[slot].theirs != s) {
        const char *copy = stroma_arena_strdup(b->arena, (const char *)s);
        if (copy == NULL) return NULL;
        b->names[slot].theirs = s;
        b->names[slot].ours = copy;
    }
    return b->names[slot].ours;
}

static bool copy_attributes(builder *b, gate_xml_element *e, size_t n, const xmlChar **attributes)
{
    if (n == 0) return true;
    gate_xml_attribute *a = stroma_arena_alloc(b->arena, n, sizeof *a);
    if (a == NULL) return false;
    for (size_t i = 0; i < n; i++, attributes += 5) {
        a[i].name = name_copy(b, attributes[0]);
        a[i].ns = name_copy(b, attributes[2]);
        a[i].value = stroma_arena_strndup(b->arena, (const char *)attributes[3],
                                          (size_t)(attributes[4] - attributes[3]));
        if (a[i].name == NULL || a[i].ns == NULL || a[i].value == NULL) return false;
    }
    e->attributes = a;
    e->attributes_len = n;
    return true;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces_len, const xmlChar **namespaces, int attributes_len,
                     int defaulted_len, const xmlChar **attributes)
{
    builder *b = context;
    (void)prefix, (void)namespaces_len, (void)namespaces, (void)defaulted_len;
    if (b->status != STROMA_OK) return;
    if (b->depth == GATE_XML_DEPTH_MAX) {
        stop(b, stroma_fail_at(b->err, STROMA_E_MALFORMED, line_of(b), 0,
                               "elements are nested deeper than %d levels", GATE_XML_DEPTH_MAX));
        return;
    }
    gate_xml_element *e = stroma_arena_alloc(b->arena, 1, sizeof *e);
    if (e == NULL || (e->name = name_copy(b, name)) == NULL ||
        (e->ns = name_copy(b, uri)) == NULL ||
        !copy_attributes(b, e, (size_t)attributes_len, attributes)) {
        stop(b, stroma_no_memory(b->err));
        return;
    }
    e->text = "";
    e->line = line_of(b);
    if (b->depth == 0)
        b->root = e;
    else if (b->last[b->depth - 1] == NULL)
        b->open[b->depth - 1]->first = e;
    else
        b->last[b->depth - 1]->next = e;
    if (b->depth > 0) b->last[b->depth - 1] = e;
    b->open[b->depth] = e;
    b->last[b->depth++] = NULL;
    stroma_buffer_reset(&b->text);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    builder *b = context;
    (void)name, (void)prefix, (void)uri;
    if (b->status != STROMA_OK || b->depth == 0) return;
    gate_xml_element *e = b->open[--b->depth];
    if (e->first == NULL && b->text.len > 0) {
        e->text = stroma_arena_strndup(b->arena, b->text.data, b->text.len);
        if (e->text == NULL) stop(b, stroma_no_memory(b->err));
    }
    stroma_buffer_reset(&b->text);
}

static void on_text(void *context, const xmlChar *text, int len)
{
    builder *b = context;
    if (b->status != STROMA_OK || b->depth == 0 || b->last[b->depth - 1] != NULL) return;
    stroma_buffer_append(&b->text, text, (size_t)len);
    if (b->text.status != STROMA_OK) stop(b, stroma_buffer_status(&b->text, b->err));
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    builder *b = context;
    (void)name, (void)external, (void)system;
    if (b->status != STROMA_OK) return;
    const stroma_status s = stroma_fail_at(b->err, STROMA_E_MALFORMED, line_of(b), 0,
                                           "a document type (<!DOCTYPE …>) is refused");
    stroma_hint(b->err, "it can define entities that grow without end or fetch other files; gate "
                        "files need none: remove it");
    stop(b, s);
}

static void on_error(void *context, const xmlError *e)
{
    builder *b = context;
    if (e->level < XML_ERR_ERROR || b->status != STROMA_OK) return;
    if (e->code == XML_ERR_NO_MEMORY) {
        stop(b, stroma_no_memory(b->err));
        return;
    }
    char text[200] = "";
    size_t n = e->message == NULL ? 0 : strcspn(e->message, "\n");
    if (n >= sizeof text) n = sizeof text - 1;
    if (n > 0) memcpy(text, e->message, n);
    if (n > 1 && isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
    stop(b, stroma_fail_at(b->err, STROMA_E_MALFORMED, e->line, 0, "not well-formed XML: %s",
                           text[0] == '\0' ? "no reason given" : text));
}

static stroma_status parse(builder *b)
{
    xmlSAXHandler sax = { 0 };
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = on_text;
    sax.cdataBlock = on_text;
    sax.internalSubset = on_doctype;
    sax.externalSubset = on_doctype;
    /* The cast: libxml2 2.12 made the error const. */
    sax.serror = (xmlStructuredErrorFunc)on_error;
    *b->parser->sax = sax;
    b->parser->userData = b;
    /* NOENT: "&amp;" in attributes comes as "&"; other entities cannot be declared. */
    (void)xmlCtxtUseOptions(b->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    (void)xmlParseDocument(b->parser);
    if (b->status != STROMA_OK) return b->status;
    if (b->root == NULL || b->depth > 0)
        return stroma_fail_at(b->err, STROMA_E_MALFORMED, line_of(b), 0, "not well-formed XML");
    return STROMA_OK;
}

stroma_status gate_xml_parse(const char *xml, size_t size, stroma_arena *arena,
                             const gate_xml_element **root, stroma_error *err)
{
    *root = NULL;
    if (size == 0) return stroma_fail(err, STROMA_E_MALFORMED, "the file is empty");
    if (size > INT_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu bytes are more than an XML file may have",
                           size);
    xmlInitParser();
    builder *b = stroma_alloc_array(1, sizeof *b);
    if (b == NULL) return stroma_no_memory(err);
    b->arena = arena;
    b->err = err;
    stroma_buffer_init(&b->text, TEXT_LIMIT_BYTES);
    b->parser = xmlCreateMemoryParserCtxt(xml, (int)size);
    const stroma_status s = b->parser == NULL ? stroma_no_memory(err) : parse(b);
    if (s == STROMA_OK) *root = b->root;
    xmlFreeParserCtxt(b->parser);
    stroma_buffer_clear(&b->text);
    stroma_free(b);
    return s;
}

const char *gate_xml_attribute_of(const gate_xml_element *e, const char *ns, const char *name)
{
    for (size_t i = 0; i < e->attributes_len; i++)
        if (strcmp(e->attributes[i].name, name) == 0 && strcmp(e->attributes[i].ns, ns) == 0)
            return e->attributes[i].value;
    return NULL;
}

const gate_xml_element *gate_xml_child(const gate_xml_element *e, const char *ns, const char *name)
{
    for (const gate_xml_element *c = e->first; c != NULL; c = c->next)
        if (strcmp(c->name, name) == 0 && (ns == NULL || strcmp(c->ns, ns) == 0)) return c;
    return NULL;
}

const gate_xml_element *gate_xml_next(const gate_xml_element *e)
{
    for (const gate_xml_element *c = e->next; c != NULL; c = c->next)
        if (strcmp(c->name, e->name) == 0 && strcmp(c->ns, e->ns) == 0) return c;
    return NULL;
}

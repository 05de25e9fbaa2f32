/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML of any origin as a small tree in an arena. Document types, entities and external references
 * are refused: nothing is fetched and nothing grows. */
#ifndef STROMA_GATE_XML_H
#define STROMA_GATE_XML_H
#include "stroma/memory.h"

enum { GATE_XML_DEPTH_MAX = 256 };

typedef struct gate_xml_attribute {
    const char *ns; /* "" when it has no prefix */
    const char *name, *value;
} gate_xml_attribute;

typedef struct gate_xml_element {
    const char *ns, *name;
    int64_t line;
    const gate_xml_attribute *attributes;
    size_t attributes_len;
    const char *text; /* of an element without children, else "" */
    const struct gate_xml_element *first, *next;
} gate_xml_element;

/* Everything lives in @p arena, whose limit bounds what a file can make us hold. Statuses:
 * MALFORMED (with the line), NOMEM. */
stroma_status gate_xml_parse(const char *xml, size_t size, stroma_arena *arena,
                             const gate_xml_element **root, stroma_error *err);
/* Value of the attribute called so in namespace @p ns; NULL when absent. */
const char *gate_xml_attribute_of(const gate_xml_element *e, const char *ns, const char *name);
/* First child called so in namespace @p ns (NULL: any); NULL when absent. */
const gate_xml_element *gate_xml_child(const gate_xml_element *e, const char *ns, const char *name);
/* The next sibling called as @p e is. */
const gate_xml_element *gate_xml_next(const gate_xml_element *e);
#endif

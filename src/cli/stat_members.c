/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_members.h"

#include <string.h>

void stat_member(stroma_buffer *b, const char *name)
{
    stroma_buffer_append(b, name, strlen(name) + 1);
}

void stat_member_end(stroma_buffer *b)
{
    stroma_buffer_putc(b, '\0');
}

void stat_member_number(stroma_buffer *b, const char *name, double x)
{
    stroma_json v;
    stat_member(b, name);
    stroma_json_init(&v, b, 0);
    stroma_json_number(&v, x);
    stat_member_end(b);
}

void stat_member_text(stroma_buffer *b, const char *name, const char *text)
{
    stroma_json v;
    stat_member(b, name);
    stroma_json_init(&v, b, 0);
    stroma_json_string(&v, text);
    stat_member_end(b);
}

void stat_member_matrix(stroma_buffer *b, const char *name, const double *x, size_t size)
{
    stroma_json v;
    stat_member(b, name);
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < size; i++) {
        stroma_json_begin_array(&v);
        for (size_t k = 0; k < size; k++)
            stroma_json_number(&v, x[i * size + k]);
        stroma_json_end_array(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

stroma_status stat_members_keep(stat_job *j, stroma_buffer *b, const char **out, stroma_error *err)
{
    stat_member_end(b); /* an empty key ends the list */
    STROMA_TRY(stroma_buffer_status(b, err));
    char *copy = stat_alloc(j, b->len, 1, err);
    if (copy == NULL) return STROMA_E_NOMEM;
    memcpy(copy, b->data, b->len);
    *out = copy;
    return STROMA_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/date.h"
#include "stroma/number.h"
#include "stroma/table.h"

#include <string.h>

static void format_value(stroma_column_type type, double x, char *out)
{
    switch (type) {
    case STROMA_COLUMN_DATE: (void)stroma_date_format((stroma_date){ (int32_t)x }, out); break;
    case STROMA_COLUMN_DATETIME: (void)stroma_datetime_format((stroma_datetime){ x }, out); break;
    case STROMA_COLUMN_TIME: (void)stroma_time_format(x, out); break;
    case STROMA_COLUMN_NUMBER:
    case STROMA_COLUMN_TEXT: (void)stroma_format_double(x, out); break;
    }
}

const char *stroma_table_cell_text(const stroma_table *t, size_t column, size_t row, char *buf)
{
    const stroma_table_column *c = &t->columns[column];
    const stroma_cell_state state = (stroma_cell_state)c->states[row];
    const bool limited = state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
    buf[0] = '\0';
    if (state != STROMA_PRESENT && !limited) return buf;
    if (c->codes != NULL) return c->codes[row] < 0 ? buf : c->dictionary[c->codes[row]];
    size_t at = 0;
    if (limited) buf[at++] = state == STROMA_BELOW_LIMIT ? '<' : '>';
    format_value(c->type, c->numbers[row], buf + at);
    return buf;
}

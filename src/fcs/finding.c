/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fcs_private.h"

#include <stdarg.h>
#include <stdio.h>

void fcs_find(const fcs_job *j, const char *code, stroma_severity severity, const char *channel,
              const char *fmt, ...)
{
    char text[STROMA_ERROR_TEXT_MAX], message[STROMA_ERROR_TEXT_MAX + 32];
    if (j->diag == NULL) return;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (j->d->index > 0)
        (void)snprintf(message, sizeof message, "data set %zu: %s", j->d->index, text);
    else
        (void)snprintf(message, sizeof message, "%s", text);
    stroma_diag_add(j->diag, &(stroma_finding){ .code = code,
                                                .severity = severity,
                                                .file = j->file,
                                                .column = channel,
                                                .message = message });
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/progress.h"

void stroma_progress_report(const stroma_progress *p, const char *what, uint64_t done,
                            uint64_t total)
{
    if (p != NULL && p->report != NULL) p->report(p->context, what, done, total);
}

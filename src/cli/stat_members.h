/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further JSON members of a result (stat_result.members), kept as key, 0, value, 0, …, 0. */
#ifndef STROMA_CLI_STAT_MEMBERS_H
#define STROMA_CLI_STAT_MEMBERS_H
#include "stat_job.h"

#include "stroma/json.h"

enum { STAT_MEMBERS_BYTES_MAX = 1 << 28 };

/* The value is appended to @p b by the caller, then ended. */
void stat_member(stroma_buffer *b, const char *name);
void stat_member_end(stroma_buffer *b);
/* null when not finite */
void stat_member_number(stroma_buffer *b, const char *name, double x);
/* NULL gives null */
void stat_member_text(stroma_buffer *b, const char *name, const char *text);
/* size × size numbers */
void stat_member_matrix(stroma_buffer *b, const char *name, const double *x, size_t size);
/* End the list and copy it into the job. */
stroma_status stat_members_keep(stat_job *j, stroma_buffer *b, const char **out, stroma_error *err);
#endif

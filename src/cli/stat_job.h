/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the methods of `stroma stat` share: the rows they work on, the columns they read, and the
 * list of results they add to. A method is one function and one line in stat_methods.c. */
#ifndef STROMA_CLI_STAT_JOB_H
#define STROMA_CLI_STAT_JOB_H
#include "cli.h"

#include "stroma/stats.h"
#include "stroma/table.h"

enum { STAT_EXCLUDED_MAX = 16 };

/* Why rows did not enter, in order of first occurrence. */
typedef struct stat_excluded {
    const char *reason[STAT_EXCLUDED_MAX];
    size_t n[STAT_EXCLUDED_MAX];
    size_t len;
} stat_excluded;

typedef struct stat_result {
    stroma_stat stat;
    const char *label; /* "after - before", "armB", or NULL */
    const char *by;    /* level of --by, or NULL */
    stat_excluded excluded;
    double p_adjusted; /* NaN when not asked */
    const char *note; /* what to bear in mind: the reason column when nothing is missing, or NULL */
    const char *members; /* further JSON members of a model, each `,"key":value`, or NULL */
    bool json_only;      /* a model as a whole: the other forms show its coefficients */
    bool flat_only;      /* a coefficient: in JSON it stands in its model */
} stat_result;

typedef struct stat_job {
    const cli_context *cli;
    const stroma_table *table; /* NULL with --counts or --events */
    size_t *rows;              /* the rows of this level of --by */
    size_t rows_len;
    const char *by;
    double level;
    stroma_alternative alternative;
    stat_excluded excluded;
    const char *not_number; /* where a cell of a numeric column holds other text, or NULL */
    stat_result *results;
    size_t results_len, results_capacity;
    bool written;       /* the method wrote its output itself */
    stroma_arena arena; /* texts and arrays; they live as long as the job */
} stat_job;

typedef struct stat_method {
    const char *name, *summary, *needs;
    stroma_status (*run)(stat_job *j, stroma_error *err);
} stat_method;
/* Ends with a NULL name. */
extern const stat_method stat_methods[];

/* Numbers of one group each; everything lives in the job's arena. */
typedef struct stat_groups {
    double *values;
    size_t *codes;
    size_t n, k;
    const char **names; /* k, in sort order, or as --levels says */
} stat_groups;
typedef struct stat_pairs {
    double *x, *y;
    size_t n;
    const char *x_name, *y_name;
} stat_pairs;
/* rows × columns counts of two text columns, or of --counts. */
typedef struct stat_counts {
    size_t *counts, rows, columns;
    const char **row_names, **column_names; /* NULL with --counts */
} stat_counts;

/* cmd_stat.c: read a file, answer from all its rows, write the results. For the commands that work
 * as `stat` does; they have the options --missing, --format and --output. */
stroma_status stat_run_file(const cli_context *c, const char *path,
                            stroma_status (*answer)(stat_job *j, stroma_error *err),
                            stroma_error *err);

/* stat_data.c. Each says in the job which rows were left out, and why. */
stroma_status stat_column(const stat_job *j, const char *option, size_t *column, stroma_error *err);
void stat_exclude(stat_job *j, const char *reason);
/* The number of a cell; false (and counted) when there is none. */
bool stat_number(stat_job *j, size_t column, size_t row, double *out);
/* Code of the cell among @p names; false (and counted) when it has none. */
bool stat_code(stat_job *j, size_t column, size_t row, const char *const *names, size_t k,
               size_t *out);
/* The levels that occur in a column: numbers ascending, texts by bytes, or --levels as given. */
stroma_status stat_levels(stat_job *j, size_t column, bool use_option, const char ***names,
                          size_t *k, stroma_error *err);
stroma_status stat_read_values(stat_job *j, const char *option, double **values, size_t *n,
                               stroma_error *err);
/* --value and --group; or --x and --y as two groups. */
stroma_status stat_read_groups(stat_job *j, stat_groups *g, stroma_error *err);
/* The same, with exactly two groups; the first one's values first. */
stroma_status stat_read_two(stat_job *j, stat_groups *g, size_t *first_n, stroma_error *err);
/* --x and --y of the same row; or --value, --group (two levels) and --subject. */
stroma_status stat_read_pairs(stat_job *j, stat_pairs *p, stroma_error *err);
/* --value, --group (conditions) and --subject: subjects × conditions, complete subjects only. */
stroma_status stat_read_blocks(stat_job *j, double **values, size_t *subjects, size_t *conditions,
                               const char ***names, stroma_error *err);
/* stat_counts_data.c */
stroma_status stat_read_counts(stat_job *j, stat_counts *t, stroma_error *err);
void *stat_alloc(stat_job *j, size_t count, size_t size, stroma_error *err);

/* stat_output.c */
stroma_status stat_put(stat_job *j, const stroma_stat *s, const char *label, stroma_error *err);
stroma_status stat_put_result(stat_job *j, const stat_result *r, stroma_error *err);
stroma_status stat_write(const stat_job *j, stroma_error *err);
/* A note when rows were left out for values beyond a limit. */
void stat_say_beyond_limit(const stat_job *j);
/* An option that @p method did not ask for is USAGE. */
stroma_status stat_refuse_unread(const stat_job *j, const char *method, stroma_error *err);
/* A number for JSON text in the arena: "null" when it is not finite. */
void stat_json_stat(stroma_buffer *b, const char *term, const stroma_stat *s);
#endif

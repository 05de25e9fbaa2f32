/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs spillover: the matrix of a file, or the one of single-stain controls. */
#include "cli.h"
#include "spillover_output.h"

#include "stroma/cytometry_controls.h"
#include "stroma/file.h"
#include "stroma/memory.h"

#include <string.h>

enum { ARENA_LIMIT_BYTES = 64 << 20, MATCH_BYTES_MAX = 1 << 20 };

/* The controls of a run and the files they lie in. */
typedef struct tubes {
    stroma_arena arena;
    stroma_diag diag;
    stroma_fcs **file; /* n + 1: the unstained one is the last, or NULL */
    stroma_control *control;
    size_t n;
    const char *unstained;
} tubes;

static void tubes_clear(tubes *t)
{
    for (size_t i = 0; t->file != NULL && i <= t->n; i++)
        stroma_fcs_close(t->file[i]);
    stroma_diag_clear(&t->diag);
    stroma_arena_clear(&t->arena);
}

static stroma_status make_room(tubes *t, size_t n, stroma_error *err)
{
    t->file = stroma_arena_alloc(&t->arena, n + 1, sizeof(stroma_fcs *));
    t->control = stroma_arena_alloc(&t->arena, n + 1, sizeof *t->control);
    return t->file == NULL || t->control == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* FILE=CHANNEL; what stands behind the last sign is the channel. */
static stroma_status from_argument(tubes *t, const char *arg, stroma_error *err)
{
    stroma_control *c = &t->control[t->n];
    char *path = stroma_arena_strdup(&t->arena, arg);
    if (path == NULL) return stroma_no_memory(err);
    char *sign = strrchr(path, '=');
    if (sign == NULL || sign == path || sign[1] == '\0') {
        (void)stroma_fail(err, STROMA_E_USAGE, "\"%s\" is not FILE=CHANNEL", arg);
        stroma_hint(err,
                    "a control is given as tube.fcs=FL1-H; --show prints the matrix of a file");
        return STROMA_E_USAGE;
    }
    *sign = '\0';
    *c = (stroma_control){ .file = path, .detector = sign + 1 };
    t->n++;
    return STROMA_OK;
}

/* One line of a matching file: "060909.002,FL1-H"; the channel "unstained" is the unstained tube.
 */
static stroma_status from_match_line(tubes *t, const char *match, char *text, int64_t number,
                                     stroma_error *err)
{
    char *sign = strpbrk(text, ",;\t");
    if (number == 1 || text[0] == '\0') return STROMA_OK;
    if (sign == NULL || sign == text || sign[1] == '\0')
        return stroma_fail_at(err, STROMA_E_MALFORMED, number, 0,
                              "\"%s\": \"%s\" is not a file and its channel", match, text);
    *sign = '\0';
    char *heap = stroma_path_beside(match, text);
    const char *path = heap == NULL ? NULL : stroma_arena_strdup(&t->arena, heap);
    const char *channel = stroma_arena_strdup(&t->arena, sign + 1);
    stroma_free(heap);
    if (path == NULL || channel == NULL) return stroma_no_memory(err);
    if (strcmp(channel, "unstained") == 0)
        t->unstained = path;
    else
        t->control[t->n++] = (stroma_control){ .file = path, .detector = channel };
    return STROMA_OK;
}

static stroma_status from_match(tubes *t, const char *match, stroma_error *err)
{
    stroma_bytes bytes;
    STROMA_TRY(stroma_bytes_read(match, MATCH_BYTES_MAX, &bytes, err));
    char *text = stroma_arena_strndup(&t->arena, (const char *)bytes.data, bytes.size);
    stroma_bytes_clear(&bytes);
    if (text == NULL) return stroma_no_memory(err);
    size_t lines = 1;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    STROMA_TRY(make_room(t, lines, err));
    int64_t number = 0;
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        STROMA_TRY(from_match_line(t, match, line, ++number, err));
        line = end == NULL ? NULL : end + 1;
    }
    if (t->n > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" names no stained control", match);
}

static stroma_status open_tubes(tubes *t, stroma_error *err)
{
    for (size_t i = 0; i < t->n; i++) {
        STROMA_TRY(stroma_fcs_open(t->control[i].file, NULL, &t->diag, &t->file[i], err));
        t->control[i].d = stroma_fcs_preferred(t->file[i]);
    }
    if (t->unstained == NULL) return STROMA_OK;
    return stroma_fcs_open(t->unstained, NULL, &t->diag, &t->file[t->n], err);
}

static stroma_status compute(cli_context *c, tubes *t, stroma_error *err)
{
    const char *const *args = NULL;
    const char *method = cli_text(c, "method"), *match = cli_text(c, "match");
    const size_t n = cli_args(c, &args);
    if (match != NULL && n > 0)
        return stroma_fail(err, STROMA_E_USAGE,
                           "--match names the controls: none can be given besides");
    if (match == NULL && n == 0)
        return stroma_fail(err, STROMA_E_USAGE,
                           "no control is given: FILE=CHANNEL, --match or --show");
    if (match != NULL) STROMA_TRY(from_match(t, match, err));
    if (match == NULL) STROMA_TRY(make_room(t, n, err));
    for (size_t i = 0; match == NULL && i < n; i++)
        STROMA_TRY(from_argument(t, args[i], err));
    if (cli_given(c, "unstained")) t->unstained = cli_text(c, "unstained");
    STROMA_TRY(open_tubes(t, err));
    stroma_control_options opts = STROMA_CONTROL_OPTIONS_INIT;
    opts.method = strcmp(method, "median") == 0 ? STROMA_CONTROL_MEDIAN : STROMA_CONTROL_REGRESSION;
    opts.all_detectors = cli_given(c, "all-detectors");
    opts.all_events = cli_given(c, "all-events");
    opts.no_scatter_gate = cli_given(c, "no-scatter-gate");
    stroma_control_quality *quality = stroma_arena_alloc(&t->arena, t->n, sizeof *quality);
    if (quality == NULL) return stroma_no_memory(err);
    const stroma_fcs_dataset *unstained =
        t->unstained == NULL ? NULL : stroma_fcs_preferred(t->file[t->n]);
    stroma_compensation matrix;
    STROMA_TRY(stroma_compensation_from_controls(t->control, t->n, unstained, &opts, &t->arena,
                                                 &t->diag, &matrix, quality, err));
    STROMA_TRY(spillover_write(c, &matrix, t->control, quality, err));
    spillover_say_controls(c, &matrix, t->control, quality);
    return STROMA_OK;
}

/* The matrix that is in force for a file. */
static stroma_status show(cli_context *c, tubes *t, stroma_error *err)
{
    const char *const *args = NULL;
    const stroma_compensation *matrix = NULL;
    if (cli_args(c, &args) != 1) return stroma_fail(err, STROMA_E_USAGE, "--show takes one file");
    const char *path = args[0];
    STROMA_TRY(make_room(t, 0, err));
    STROMA_TRY(stroma_fcs_open(path, NULL, &t->diag, &t->file[0], err));
    STROMA_TRY(stroma_compensation_from_fcs(stroma_fcs_preferred(t->file[0]), path, &t->arena,
                                            &t->diag, &matrix, err));
    if (matrix == NULL)
        return stroma_fail(err, STROMA_E_DEGENERATE, "\"%s\" has no matrix that can be used", path);
    STROMA_TRY(spillover_write(c, matrix, NULL, NULL, err));
    spillover_say(c, matrix);
    return STROMA_OK;
}

static stroma_status run_spillover(cli_context *c, stroma_error *err)
{
    tubes t = { 0 };
    stroma_arena_init(&t.arena, ARENA_LIMIT_BYTES);
    stroma_diag_init(&t.diag);
    stroma_status s = cli_given(c, "show") ? show(c, &t, err) : compute(c, &t, err);
    cli_print_findings(c, &t.diag);
    if (s == STROMA_OK) s = cli_findings_status(c, &t.diag);
    tubes_clear(&t);
    return s;
}

static const cli_option options[] = {
    { .name = "show", .kind = CLI_FLAG, .help = "print the matrix in force for FILE" },
    { .name = "unstained",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "the unstained tube; without it the dim events of each control are its negatives" },
    { .name = "match",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "a file with a line \"file,channel\" for each control, below a header; the channel "
              "\"unstained\" is the unstained tube" },
    { .name = "method",
      .kind = CLI_CHOICE,
      .metavar = "METHOD",
      .choices = "median|regression",
      .default_text = "median",
      .help = "medians of positive less negative events, or the slope of a robust regression" },
    { .name = "all-events",
      .kind = CLI_FLAG,
      .help = "take every event of a control as positive, as flowCore does" },
    { .name = "all-detectors",
      .kind = CLI_FLAG,
      .help = "a column for every detector (a spectrum), not for those of the controls alone" },
    { .name = "no-scatter-gate", .kind = CLI_FLAG, .help = "take events of any scatter" },
    { .name = "format",
      .letter = 'f',
      .kind = CLI_CHOICE,
      .metavar = "FORMAT",
      .choices = "tsv|csv|json|keyword|gating-ml",
      .default_text = "tsv",
      .help = "form of the output; keyword is the text of $SPILLOVER" },
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma fcs spillover --unstained blank.fcs fitc.fcs=FL1-A pe.fcs=FL2-A",
    "stroma fcs spillover --show tube.fcs", NULL
};

const cli_command cli_cmd_fcs_spillover = {
    .noun = "fcs",
    .verb = "spillover",
    .summary = "the spillover matrix of a file, or of single-stain controls",
    .usage = "FILE=CHANNEL… | --match FILE | --show FILE",
    .min_args = 0,
    .max_args = -1,
    .description =
        "Row i of the matrix says how much of fluorochrome i each detector sees, with 1 in its "
        "own. Of controls, events within 1.5 robust standard deviations of the median scatter are "
        "taken; those above the 99.5th percentile of the unstained tube are positive; a row is the "
        "difference of the medians of positive and unstained events, or a robust slope. What each "
        "control is worth (positive events, stain index, saturation, spread) is said on standard "
        "error and in JSON. With --show, the matrix is the one that gates and statistics use: "
        "$SPILLOVER, SPILL, SPILLOVER, $COMP or $DFCiTOj, in this order; a matrix that cannot be "
        "used is a finding. The table is read again wherever a matrix file is asked for.",
    .options = options,
    .examples = examples,
    .run = run_spillover,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No command writes its table over a file that it reads, nor over events that a cytometer took. */
#include "context.h"
#include "fcs_inputs.h"

#include <string.h>
#include <sys/stat.h>

static const char *const outputs[] = { "output", "write", "page" };
/* Verbs of `stroma fcs` that write events, and may write them anew. */
static const char *const writers[] = { "convert", "scrub", "qc" };

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name != NULL && strcmp(name, names[i]) == 0) return true;
    return false;
}

static bool is_output(const cli_slot *s)
{
    return is_among(s->option->name, outputs, sizeof outputs / sizeof outputs[0]);
}

static bool is_same_file(const struct stat *target, const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && s.st_dev == target->st_dev && s.st_ino == target->st_ino;
}

static stroma_status check_output(const cli_context *c, const char *path, stroma_error *err)
{
    struct stat target;
    if (strcmp(path, "-") == 0 || stat(path, &target) != 0 || !S_ISREG(target.st_mode))
        return STROMA_OK;
    bool input = false;
    for (size_t i = 0; i < c->n_args && !input; i++)
        input = is_same_file(&target, c->args[i]);
    for (size_t i = 0; i < c->n_slots && !input; i++)
        for (size_t k = 0; k < c->slots[i].n_values && !input; k++)
            input = c->slots[i].option->kind == CLI_PATH && !is_output(&c->slots[i]) &&
                    is_same_file(&target, c->slots[i].values[k]);
    const bool writes_events =
        strcmp(c->command->noun, "fcs") == 0 &&
        is_among(c->command->verb, writers, sizeof writers / sizeof writers[0]);
    if (!input && (writes_events || !fcs_inputs_begins(path))) return STROMA_OK;
    const stroma_status s =
        input ? stroma_fail(err, STROMA_E_USAGE, "\"%s\" is the input itself", path)
              : stroma_fail(err, STROMA_E_USAGE, "\"%s\" holds acquired events", path);
    stroma_hint(err, "an input is never changed; give another name");
    return s;
}

stroma_status cli_check_outputs(const cli_context *c, stroma_error *err)
{
    for (size_t i = 0; i < c->n_slots; i++)
        for (size_t k = 0; is_output(&c->slots[i]) && k < c->slots[i].n_values; k++)
            STROMA_TRY(check_output(c, c->slots[i].values[k], err));
    return STROMA_OK;
}

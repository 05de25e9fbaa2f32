/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output_folder.h"

#include "stroma/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder name without a slash at its end. */
static char *plain_name(const char *dir)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    return stroma_strndup(dir, n);
}

static bool empty_folder(const char *dir)
{
    return rmdir(dir) == 0 && mkdir(dir, 0700) == 0; /* rmdir refuses a folder with entries */
}

/* An earlier output of stroma, with nothing else in it? */
static stroma_status may_replace(const char *dir, stroma_error *err)
{
    if (!stroma_path_exists(dir)) return STROMA_OK;
    stroma_status s = STROMA_OK;
    if (!stroma_path_is_directory(dir)) {
        s = stroma_fail(err, STROMA_E_USAGE, "\"%s\" is a file, not a folder", dir);
        stroma_hint(err, "give another folder with -o");
        return s;
    }
    if (empty_folder(dir)) return STROMA_OK;
    manifest m;
    if (manifest_read(dir, &m, NULL) != STROMA_OK) {
        s = stroma_fail(err, STROMA_E_USAGE, "folder \"%s\" is not an output of stroma", dir);
        stroma_hint(err, "give a new or empty folder with -o; nothing was written");
        return s;
    }
    stroma_diag diag;
    stroma_diag_init(&diag);
    s = manifest_compare(dir, &m, &diag, err);
    for (size_t i = 0; s == STROMA_OK && i < diag.len; i++) {
        if (strcmp(diag.items[i].code, "STROMA-VERIFY-003") != 0) continue;
        s = stroma_fail(err, STROMA_E_USAGE,
                        "folder \"%s\" holds \"%s\", which stroma did not write", dir,
                        diag.items[i].file);
        stroma_hint(err, "move it away, or give another folder with -o; nothing was written");
    }
    stroma_diag_clear(&diag);
    manifest_clear(&m);
    return s;
}

stroma_status output_folder_stage(const char *dir, char **staged, stroma_error *err)
{
    *staged = NULL;
    STROMA_TRY(may_replace(dir, err));
    char *name = plain_name(dir);
    if (name == NULL) return stroma_no_memory(err);
    char *slash = strrchr(name, '/');
    stroma_status s = STROMA_OK;
    if (slash != NULL && slash != name) {
        *slash = '\0';
        s = stroma_make_directory(name, err);
        *slash = '/';
    }
    char *temporary = stroma_asprintf("%s.tmp-XXXXXX", name);
    if (s == STROMA_OK && temporary == NULL) s = stroma_no_memory(err);
    if (s == STROMA_OK && mkdtemp(temporary) == NULL)
        s = stroma_fail(err, STROMA_E_IO, "could not make a folder beside \"%s\"", dir);
    stroma_free(name);
    if (s == STROMA_OK)
        *staged = temporary;
    else
        stroma_free(temporary);
    return s;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void output_folder_discard(const char *staged)
{
    (void)nftw(staged, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

stroma_status output_folder_swap(const char *dir, const char *staged, stroma_error *err)
{
    char *name = plain_name(dir);
    if (name == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    if (!stroma_path_exists(name)) {
        if (rename(staged, name) != 0)
            s = stroma_fail(err, STROMA_E_IO, "could not make \"%s\"", dir);
    } else if (renameat2(AT_FDCWD, staged, AT_FDCWD, name, RENAME_EXCHANGE) == 0) {
        output_folder_discard(staged); /* now the old output */
    } else {
        /* a file system without exchange: the old one steps aside first, and back on failure */
        char *aside = stroma_asprintf("%s.old", staged);
        if (aside == NULL) {
            s = stroma_no_memory(err);
        } else if (rename(name, aside) != 0) {
            s = stroma_fail(err, STROMA_E_IO, "could not replace \"%s\"", dir);
        } else if (rename(staged, name) != 0) {
            (void)rename(aside, name);
            s = stroma_fail(err, STROMA_E_IO, "could not replace \"%s\"", dir);
        } else {
            output_folder_discard(aside);
        }
        stroma_free(aside);
    }
    stroma_free(name);
    return s;
}

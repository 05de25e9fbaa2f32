/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file and its chain of data sets. */
#include "fcs_private.h"

#include "stroma/file.h"

#include <string.h>

struct stroma_fcs {
    stroma_bytes bytes;
    bool owns_bytes;
    stroma_arena arena;
    stroma_fcs_dataset *sets;
    size_t len, capacity, preferred;
};

/* Of one byte of TEXT at most: a keyword of two bytes has a struct, two texts, a place in the
 * index, and a parameter with its raw texts, field and scale table. */
enum { ARENA_PER_BYTE = 384, ARENA_LEAST = 1 << 20 };

static void check_crc(const fcs_job *j, uint64_t end)
{
    if (j->size - end < 8) return;
    const unsigned char *p = j->bytes + end;
    unsigned want = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (p[i] != ' ' && (p[i] < '0' || p[i] > '9')) return; /* no CRC, what else it may be */
        if (p[i] != ' ') want = want * 10 + (unsigned)(p[i] - '0');
    }
    if (want == 0) return;
    const uint16_t have = stroma_fcs_crc(0, j->bytes + j->d->offset, (size_t)(end - j->d->offset));
    if (want != have)
        fcs_find(j, "STROMA-FCS-027", STROMA_WARNING, NULL,
                 "the CRC at byte %llu is %u, that of the bytes before it is %u",
                 (unsigned long long)end, want, have);
}

/* First byte behind every segment of the data set. */
static uint64_t last_byte(const fcs_job *j)
{
    uint64_t end = j->d->data_begin + j->d->data_bytes;
    if (j->text.end > end) end = j->text.end;
    if (j->supplement.end > end) end = j->supplement.end;
    return end;
}

/* Offset of the next data set of the file, 0 when this is the last one. */
static uint64_t next_set(const fcs_job *j)
{
    const char *text = stroma_fcs_text(j->d, "$NEXTDATA");
    uint64_t step = 0;
    if (text == NULL || text[0] == '\0') return 0;
    const bool number = fcs_whole(text, strlen(text), &step);
    if (number && step == 0) return 0;
    const char *why = NULL;
    const uint64_t left = j->size - j->d->offset;
    if (!number)
        why = "is no offset";
    else if (step >= left)
        why = "is behind the end of the file";
    else if (j->d->offset + step < last_byte(j))
        why = "is inside this data set";
    else if (left - step < FCS_HEADER_BYTES ||
             memcmp(j->bytes + j->d->offset + step, "FCS", 3) != 0)
        why = "is not where a data set begins";
    if (why == NULL) return j->d->offset + step;
    /* Some writers point at the end of the file where 0 is meant. */
    fcs_find(j, "STROMA-FCS-025", number && step == left ? STROMA_NOTE : STROMA_WARNING, NULL,
             "$NEXTDATA \"%.40s\" %s; the file is read up to here", text, why);
    return 0;
}

static stroma_status read_set(fcs_job *j, const stroma_fcs_options *opts, stroma_error *err)
{
    j->data = stroma_arena_alloc(j->arena, 1, sizeof *j->data);
    if (j->data == NULL) return stroma_no_memory(err);
    j->data->file = j->bytes;
    j->data->kernels = fcs_kernels_choose();
    j->d->data = j->data;
    STROMA_TRY(fcs_header_read(j, err));
    STROMA_TRY(fcs_text_read(j, err));
    STROMA_TRY(fcs_parameters_read(j, err));
    STROMA_TRY(fcs_place_data(j, err));
    STROMA_TRY(fcs_scale_tables(j, err));
    if (opts != NULL && opts->check_crc) check_crc(j, last_byte(j));
    return STROMA_OK;
}

static stroma_status read_all(stroma_fcs *f, const char *name, const stroma_fcs_options *opts,
                              stroma_diag *diag, stroma_error *err)
{
    uint64_t text_left = f->bytes.size, offset = 0;
    do {
        STROMA_TRY(stroma_grow(&f->sets, &f->capacity, f->len + 1, sizeof *f->sets, err));
        stroma_fcs_dataset *d = &f->sets[f->len];
        *d = (stroma_fcs_dataset){ .index = f->len, .offset = offset };
        fcs_job j = { .bytes = f->bytes.data,
                      .size = f->bytes.size,
                      .file = name,
                      .arena = &f->arena,
                      .diag = diag,
                      .text_left = &text_left,
                      .d = d };
        stroma_error own = STROMA_ERROR_INIT;
        const stroma_status s = read_set(&j, opts, &own);
        if (s != STROMA_OK && (f->len == 0 || s != STROMA_E_MALFORMED)) {
            if (err != NULL) *err = own;
            return s;
        }
        if (s != STROMA_OK) {
            fcs_find(&j, "STROMA-FCS-026", STROMA_ERROR, NULL, "cannot be read: %s", own.message);
            break;
        }
        f->len++;
        offset = next_set(&j);
    } while (offset != 0);
    return fcs_coulter_join(f->sets, f->len, &f->arena, diag, name, &f->preferred, err);
}

static stroma_status start(stroma_bytes bytes, bool owns, const char *name,
                           const stroma_fcs_options *opts, stroma_diag *diag, stroma_fcs **out,
                           stroma_error *err)
{
    stroma_fcs *f = stroma_alloc_array(1, sizeof *f);
    if (f == NULL) {
        if (owns) stroma_bytes_clear(&bytes);
        return stroma_no_memory(err);
    }
    f->bytes = bytes;
    f->owns_bytes = owns;
    const size_t most = bytes.size > SIZE_MAX / ARENA_PER_BYTE / 2
                            ? SIZE_MAX / 2
                            : bytes.size * ARENA_PER_BYTE + ARENA_LEAST;
    stroma_arena_init(&f->arena, most);
    const stroma_status s = read_all(f, name, opts, diag, err);
    if (s != STROMA_OK) {
        stroma_fcs_close(f);
        return stroma_in(err, s, "file \"%s\"", name);
    }
    *out = f;
    return STROMA_OK;
}

stroma_status stroma_fcs_open(const char *path, const stroma_fcs_options *opts, stroma_diag *diag,
                              stroma_fcs **out, stroma_error *err)
{
    stroma_bytes bytes;
    *out = NULL;
    STROMA_TRY(stroma_bytes_read(path, 0, &bytes, err));
    return start(bytes, true, path, opts, diag, out, err);
}

stroma_status stroma_fcs_open_memory(const unsigned char *bytes, size_t size, const char *name,
                                     const stroma_fcs_options *opts, stroma_diag *diag,
                                     stroma_fcs **out, stroma_error *err)
{
    *out = NULL;
    return start((stroma_bytes){ .data = bytes, .size = size }, false, name, opts, diag, out, err);
}

void stroma_fcs_close(stroma_fcs *f)
{
    if (f == NULL) return;
    if (f->owns_bytes) stroma_bytes_clear(&f->bytes);
    stroma_arena_clear(&f->arena);
    stroma_free(f->sets);
    stroma_free(f);
}

size_t stroma_fcs_len(const stroma_fcs *f)
{
    return f->len;
}

const stroma_fcs_dataset *stroma_fcs_get(const stroma_fcs *f, size_t i)
{
    return i < f->len ? &f->sets[i] : NULL;
}

const stroma_fcs_dataset *stroma_fcs_preferred(const stroma_fcs *f)
{
    return &f->sets[f->preferred];
}

const unsigned char *stroma_fcs_bytes(const stroma_fcs *f, size_t *size)
{
    *size = f->bytes.size;
    return f->bytes.data;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written is read back as the same bits and the same keywords. */
#include "stroma_test.h"

#include "stroma/buffer.h"
#include "stroma/fcs_export.h"
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { CHANNELS_MAX = 6, EVENTS_MAX = 300, KEYWORDS_MAX = 12, TEXT_MAX_BYTES = 40 };

static stroma_status into_buffer(void *context, const void *bytes, size_t n, stroma_error *err)
{
    stroma_buffer_append(context, bytes, n);
    return stroma_buffer_status(context, err);
}

typedef struct made {
    stroma_fcs_content content;
    stroma_fcs_out_parameter parameter[CHANNELS_MAX];
    stroma_fcs_pair keyword[KEYWORDS_MAX];
    char names[CHANNELS_MAX][TEXT_MAX_BYTES], stains[CHANNELS_MAX][TEXT_MAX_BYTES];
    char keys[KEYWORDS_MAX][TEXT_MAX_BYTES], values[KEYWORDS_MAX][TEXT_MAX_BYTES];
    double x[CHANNELS_MAX][EVENTS_MAX];
} made;

static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)err;
    const made *m = context;
    for (size_t j = 0; j < m->content.parameters_len; j++)
        memcpy(out[j], m->x[j] + first, n * sizeof(double));
    return STROMA_OK;
}

/* Printable text with delimiters of all kinds and letters beyond ASCII, no blanks at its ends. */
static void random_text(stroma_random *r, char *out, const char *begin)
{
    static const char *const pieces[] = { "/",    "//",   "|", "\\",   "!", "#",  ",",
                                          "\x1e", "\x0c", "a", "B",    "7", " x", "é",
                                          "µ",    "漢",   "-", "$P1N", "=", "~" };
    (void)snprintf(out, TEXT_MAX_BYTES, "%s", begin);
    const uint64_t n = 1 + stroma_random_below(r, 8);
    for (uint64_t i = 0; i < n; i++) {
        const char *piece = pieces[stroma_random_below(r, sizeof pieces / sizeof pieces[0])];
        const size_t have = strlen(out);
        (void)snprintf(out + have, TEXT_MAX_BYTES - have, "%s", piece);
    }
    /* form feed and record separator are blanks to no one, but ends are trimmed */
    for (size_t k = strlen(out); k > 0 && (unsigned char)out[k - 1] <= ' '; k--)
        out[k - 1] = '\0';
    if (out[0] == '\0' || (unsigned char)out[0] <= ' ') (void)snprintf(out, TEXT_MAX_BYTES, "z");
}

static double random_float(stroma_random *r)
{
    uint32_t bits = stroma_random_u32(r);
    float f = 0;
    switch (stroma_random_below(r, 8)) {
    case 0: bits = 0x7fc00000U | (bits & 0x803fffffU); break; /* quiet NaN with any payload */
    case 1: bits = 0x7f800000U | (bits & 0x80000000U); break; /* infinity */
    case 2: bits &= 0x807fffffU; break;                       /* denormal or zero */
    default: break;
    }
    if ((bits & 0x7f800000U) == 0x7f800000U && (bits & 0x7fffffU) != 0) bits |= 0x400000U;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

static double random_double(stroma_random *r)
{
    uint64_t bits = stroma_random_u64(r);
    double x = 0;
    switch (stroma_random_below(r, 8)) {
    case 0: bits |= UINT64_C(0x7ff8000000000000); break;
    case 1: bits = (bits & UINT64_C(1) << 63) | UINT64_C(0x7ff0000000000000); break;
    case 2: bits &= UINT64_C(0x800fffffffffffff); break;
    default: break;
    }
    memcpy(&x, &bits, sizeof x);
    if (isnan(x)) bits |= UINT64_C(0x0008000000000000);
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double random_value(stroma_random *r, stroma_fcs_type type,
                           const stroma_fcs_out_parameter *p)
{
    if (type == STROMA_FCS_FLOAT) return random_float(r);
    if (type == STROMA_FCS_DOUBLE) return random_double(r);
    const double top =
        fmin(p->range, 9007199254740992.0); /* doubles hold whole numbers up to here */
    return floor(stroma_random_uniform(r) * top);
}

static void make(uint64_t item, made *m)
{
    static const stroma_fcs_type types[] = { STROMA_FCS_FLOAT, STROMA_FCS_DOUBLE,
                                             STROMA_FCS_INTEGER };
    static const unsigned widths[] = { 8, 16, 32, 64 };
    stroma_random r;
    stroma_random_init(&r, 4, stroma_random_stream("fcs round trip"), item);
    memset(m, 0, sizeof *m);
    m->content = (stroma_fcs_content){
        .keywords = m->keyword,
        .keywords_len = (size_t)stroma_random_below(&r, KEYWORDS_MAX + 1),
        .n_events = stroma_random_below(&r, EVENTS_MAX + 1),
        .type = types[item % 3],
        .parameters = m->parameter,
        .parameters_len = 1 + (size_t)stroma_random_below(&r, CHANNELS_MAX),
        .fill = fill,
        .context = m,
    };
    if (item % 7 == 0) m->content.n_events = 0;
    for (size_t k = 0; k < m->content.keywords_len; k++) {
        char begin[16];
        (void)snprintf(begin, sizeof begin, "K%zu", k); /* no two names alike */
        random_text(&r, m->keys[k], begin);
        random_text(&r, m->values[k], "");
        m->keyword[k] = (stroma_fcs_pair){ m->keys[k], m->values[k] };
    }
    for (size_t j = 0; j < m->content.parameters_len; j++) {
        char begin[16];
        stroma_fcs_out_parameter *p = &m->parameter[j];
        (void)snprintf(begin, sizeof begin, "C%zu", j);
        random_text(&r, m->names[j], begin);
        random_text(&r, m->stains[j], "");
        *p = (stroma_fcs_out_parameter){ .name = m->names[j],
                                         .stain = j % 2 == 0 ? m->stains[j] : NULL,
                                         .bits = widths[stroma_random_below(&r, 4)] };
        p->range = m->content.type == STROMA_FCS_INTEGER
                       ? floor(2 + stroma_random_uniform(&r) * (ldexp(1, (int)p->bits) - 2))
                       : 262144;
        if (j == 1 && m->content.type == STROMA_FCS_INTEGER) {
            p->log_decades = 4;
            p->log_offset = 0.25;
        } else if (j == 2) {
            p->gain = 2.5;
        }
        for (size_t i = 0; i < m->content.n_events; i++)
            m->x[j][i] = random_value(&r, m->content.type, p);
    }
}

static void same_values(const stroma_fcs_dataset *d, const made *m)
{
    static double x[EVENTS_MAX];
    double *to = x;
    for (size_t j = 0; j < d->parameters_len && d->n_events > 0; j++) {
        assert_int_equal(
            stroma_fcs_read(d, STROMA_FCS_STORED, 0, (size_t)d->n_events, &j, 1, &to, NULL),
            STROMA_OK);
        assert_memory_equal(x, m->x[j], d->n_events * sizeof(double));
    }
}

static void same_set(const stroma_fcs_dataset *d, const made *m)
{
    const stroma_fcs_content *c = &m->content;
    assert_string_equal(d->version, "FCS3.1");
    if (d->n_events != c->n_events)
        fail_msg("set %zu: %llu events, %llu were written; TOT %s item", d->index,
                 (unsigned long long)d->n_events, (unsigned long long)c->n_events,
                 stroma_fcs_text(d, "$TOT"));
    assert_int_equal(d->parameters_len, c->parameters_len);
    for (size_t k = 0; k < c->keywords_len; k++) {
        const char *value = stroma_fcs_text(d, m->keys[k]);
        assert_non_null(value);
        assert_string_equal(value, m->values[k]);
    }
    for (size_t j = 0; j < c->parameters_len; j++) {
        const stroma_fcs_parameter *p = &d->parameters[j];
        assert_string_equal(p->name, m->names[j]);
        assert_string_equal(p->stain, m->parameter[j].stain == NULL ? "" : m->stains[j]);
        assert_int_equal(p->type, c->type);
        assert_true(p->range == m->parameter[j].range);
        assert_true(p->log_decades == m->parameter[j].log_decades);
        assert_true(p->gain == (m->parameter[j].gain > 0 ? m->parameter[j].gain : 1));
    }
    if (d->n_events > 0) assert_int_equal((d->data_begin - d->offset) % 64, 0);
    same_values(d, m);
}

static void assert_no_finding(const stroma_diag *diag)
{
    for (size_t i = 0; i < diag->len; i++)
        if (diag->items[i].severity > STROMA_NOTE)
            fail_msg("%s: %s", diag->items[i].code, diag->items[i].message);
}

static void read_back(const stroma_buffer *b, const made *sets, size_t n)
{
    stroma_fcs *f = NULL;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_fcs_options o = STROMA_FCS_OPTIONS_INIT;
    o.check_crc = true;
    stroma_diag_init(&diag);
    if (stroma_fcs_open_memory((const unsigned char *)b->data, b->len, "made", &o, &diag, &f,
                               &err) != STROMA_OK)
        fail_msg("%s", err.message);
    assert_no_finding(&diag);
    assert_int_equal(stroma_fcs_len(f), n);
    for (size_t i = 0; i < n; i++)
        same_set(stroma_fcs_get(f, i), &sets[i]);
    stroma_fcs_close(f);
    stroma_diag_clear(&diag);
}

/* 600 random files of 1 to 3 data sets, of all types, both byte orders. */
static void round_trip(void **state)
{
    (void)state;
    made *sets = stroma_alloc_array(3, sizeof *sets);
    assert_non_null(sets);
    for (uint64_t item = 0; item < 600; item++) {
        const size_t n = 1 + (size_t)(item % 3);
        stroma_fcs_content contents[3];
        for (size_t i = 0; i < n; i++) {
            make(3 * item + i + item / 7, &sets[i]);
            contents[i] = sets[i].content;
        }
        stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
        o.crc = item % 2 == 0;
        o.big_endian = item % 5 == 0;
        stroma_fcs_changes changes;
        stroma_buffer b;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_buffer_init(&b, 1 << 24);
        if (stroma_fcs_write_to(into_buffer, &b, contents, n, &o, &changes, &err) != STROMA_OK)
            fail_msg("%s", err.message);
        const stroma_fcs_changes none = { 0 };
        if (memcmp(&changes, &none, sizeof none) != 0)
            fail_msg("file %llu: %llu narrowed, %llu overflowed, %llu empty, %llu repeated",
                     (unsigned long long)item, (unsigned long long)changes.narrowed,
                     (unsigned long long)changes.overflowed,
                     (unsigned long long)changes.empty_values,
                     (unsigned long long)changes.repeated_keys);
        read_back(&b, sets, n);
        stroma_buffer_clear(&b);
    }
    stroma_free(sets);
}

/* A delimiter that values hold is doubled; one at the beginning of a value is refused. */
static void asked_delimiter(void **state)
{
    (void)state;
    static made m;
    make(1, &m);
    m.content.keywords_len = 1;
    m.keyword[0] = (stroma_fcs_pair){ "K", "a/b//c|d" };
    (void)snprintf(m.keys[0], TEXT_MAX_BYTES, "K");
    (void)snprintf(m.values[0], TEXT_MAX_BYTES, "a/b//c|d");
    m.content.parameters_len = 1;
    (void)snprintf(m.names[0], TEXT_MAX_BYTES, "FSC/A");
    (void)snprintf(m.stains[0], TEXT_MAX_BYTES, "size");
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    o.delimiter = '/';
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, &m.content, 1, &o, NULL, NULL),
                     STROMA_OK);
    assert_non_null(memmem(b.data, b.len, "/K/a//b////c|d/", 15));
    read_back(&b, &m, 1);
    m.keyword[0].value = "/a";
    stroma_error err = STROMA_ERROR_INIT;
    stroma_buffer_reset(&b);
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, &m.content, 1, &o, NULL, &err),
                     STROMA_E_USAGE);
    assert_non_null(strstr(err.message, "begins or ends with it"));
    stroma_buffer_clear(&b);
}

static void left_out(void **state)
{
    (void)state;
    static made m;
    make(2, &m);
    m.content.keywords_len = 5;
    m.keyword[0] = (stroma_fcs_pair){ "EMPTY", "" };
    m.keyword[1] = (stroma_fcs_pair){ "BLANK", "  " };
    m.keyword[2] = (stroma_fcs_pair){ "TWICE", "first" };
    m.keyword[3] = (stroma_fcs_pair){ "Twice", "second" };
    m.keyword[4] = (stroma_fcs_pair){ "$TOT", "99" }; /* of the layout */
    stroma_fcs_changes changes;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, &m.content, 1, NULL, &changes, NULL),
                     STROMA_OK);
    assert_int_equal(changes.empty_values, 2);
    assert_int_equal(changes.repeated_keys, 1);
    stroma_fcs *f = NULL;
    assert_int_equal(
        stroma_fcs_open_memory((unsigned char *)b.data, b.len, "m", NULL, NULL, &f, NULL),
        STROMA_OK);
    const stroma_fcs_dataset *d = stroma_fcs_preferred(f);
    assert_null(stroma_fcs_text(d, "EMPTY"));
    assert_string_equal(stroma_fcs_text(d, "TWICE"), "first");
    assert_int_equal(d->n_events, m.content.n_events);
    stroma_fcs_close(f);
    stroma_buffer_clear(&b);
}

/* Integers that cannot hold a value: refused, or the nearest one and counted. */
static void integers(void **state)
{
    (void)state;
    static made m;
    memset(&m, 0, sizeof m);
    const double values[] = { 0, 1.5, -3, 300, NAN, 255, INFINITY };
    m.parameter[0] = (stroma_fcs_out_parameter){ .name = "A", .bits = 8, .range = 256 };
    m.content = (stroma_fcs_content){ .n_events = 7,
                                      .type = STROMA_FCS_INTEGER,
                                      .parameters = m.parameter,
                                      .parameters_len = 1,
                                      .fill = fill,
                                      .context = &m };
    memcpy(m.x[0], values, sizeof values);
    stroma_buffer b;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_buffer_init(&b, 1 << 20);
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, &m.content, 1, NULL, NULL, &err),
                     STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "event 2, channel \"A\": 1.5 is no integer from 0 to 255");
    stroma_buffer_reset(&b);
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes changes;
    o.round = true;
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, &m.content, 1, &o, &changes, NULL),
                     STROMA_OK);
    assert_int_equal(changes.rounded, 1);
    assert_int_equal(changes.below, 1);
    assert_int_equal(changes.above, 2);
    assert_int_equal(changes.not_numbers, 1);
    static const unsigned char stored[] = { 0, 2, 0, 255, 0, 255, 255 };
    assert_non_null(memmem(b.data, b.len, stored, sizeof stored));
    stroma_buffer_clear(&b);
}

/* HEADER has eight digits: DATA that end beyond them stand in TEXT alone. The events are not kept.
 */
typedef struct front {
    unsigned char bytes[4096];
    uint64_t size;
} front;

static stroma_status into_front(void *context, const void *bytes, size_t n, stroma_error *err)
{
    (void)err;
    front *f = context;
    const uint64_t room = f->size < sizeof f->bytes ? sizeof f->bytes - f->size : 0;
    if (room > 0) memcpy(f->bytes + f->size, bytes, n < room ? n : (size_t)room);
    f->size += n;
    return STROMA_OK;
}

static stroma_status zeros(void *context, uint64_t first, size_t n, double *const *out,
                           stroma_error *err)
{
    (void)context;
    (void)first;
    (void)err;
    memset(out[0], 0, n * sizeof(double));
    return STROMA_OK;
}

static void beyond_eight_digits(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p = { .name = "A", .range = 1024 };
    stroma_fcs_content c = { .n_events = 12600000, /* × 8 = 100,800,000 bytes */
                             .type = STROMA_FCS_DOUBLE,
                             .parameters = &p,
                             .parameters_len = 1,
                             .fill = zeros };
    static front f;
    assert_int_equal(stroma_fcs_write_to(into_front, &f, &c, 1, NULL, NULL, NULL), STROMA_OK);
    assert_memory_equal(f.bytes + 26, "       0       0", 16);
    const unsigned char *text = memmem(f.bytes, sizeof f.bytes, "$BEGINDATA", 10);
    assert_non_null(text);
    uint64_t begin = 0, end = 0;
    for (const unsigned char *q = text + 11; *q >= '0' && *q <= '9'; q++)
        begin = begin * 10 + (uint64_t)(*q - '0');
    text = memmem(f.bytes, sizeof f.bytes, "$ENDDATA", 8);
    for (const unsigned char *q = text + 9; *q >= '0' && *q <= '9'; q++)
        end = end * 10 + (uint64_t)(*q - '0');
    assert_int_equal(end - begin + 1, c.n_events * 8);
    assert_int_equal(f.size, end + 1 + 8);
}

static void file_is_whole_or_absent(void **state)
{
    (void)state;
    static made m;
    make(4, &m);
    m.content.n_events = 10;
    char dir[] = "/tmp/stroma-fcs-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = stroma_path_join(dir, "a.fcs");
    struct stat st;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_fcs_write(path, &m.content, 1, NULL, NULL, &err) != STROMA_OK)
        fail_msg("%s", err.message);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stroma_fcs_write(path, &m.content, 1, NULL, NULL, &err), STROMA_E_USAGE);
    assert_int_equal(unlink(path), 0);
    m.parameter[0].name = "";
    assert_int_equal(stroma_fcs_write(path, &m.content, 1, NULL, NULL, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "channel 1 has no name");
    assert_int_equal(rmdir(dir), 0); /* nothing is left in it */
    stroma_free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(asked_delimiter),
        cmocka_unit_test(left_out),
        cmocka_unit_test(integers),
        cmocka_unit_test(beyond_eight_digits),
        cmocka_unit_test(file_is_whole_or_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats_formula.h"

#include <ctype.h>
#include <string.h>

static const char *const structures[] = { "us",   "cs",    "csh", "ar1", "ar1h",
                                          "toep", "toeph", "ad",  "adh", "sp_exp" };

typedef struct scanner {
    const char *text, *p;
    stroma_formula *f;
    stroma_error *err;
} scanner;

static stroma_status stop(scanner *s, const char *what)
{
    return stroma_fail_at(s->err, STROMA_E_USAGE, 1, (int64_t)(s->p - s->text) + 1,
                          "formula \"%.120s\": %s", s->text, what);
}

static void blanks(scanner *s)
{
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n')
        s->p++;
}

static bool take(scanner *s, char c)
{
    blanks(s);
    if (*s->p != c) return false;
    s->p++;
    blanks(s);
    return true;
}

static bool name_byte(char c, bool first)
{
    const unsigned char u = (unsigned char)c;
    return isalpha(u) || u >= 128 || c == '_' || c == '.' || (!first && isdigit(u));
}

/* identifier, or anything between backquotes */
static stroma_status name(scanner *s, const char **out)
{
    blanks(s);
    const bool quoted = *s->p == '`';
    const char *start = quoted ? ++s->p : s->p;
    if (quoted)
        while (*s->p != '\0' && *s->p != '`')
            s->p++;
    else if (name_byte(*s->p, true))
        while (name_byte(*s->p, false))
            s->p++;
    if (s->p == start || (quoted && *s->p != '`')) return stop(s, "a column name is missing here");
    *out = stroma_arena_strndup(&s->f->arena, start, (size_t)(s->p - start));
    if (quoted) s->p++;
    blanks(s);
    return *out == NULL ? stroma_no_memory(s->err) : STROMA_OK;
}

static stroma_status add_variable(scanner *s, stroma_formula_variable v, uint32_t *bit)
{
    stroma_formula *f = s->f;
    size_t i = 0;
    while (i < f->variables_len && strcmp(f->variables[i].label, v.label) != 0)
        i++;
    if (i == STROMA_FORMULA_VARIABLES_MAX) return stop(s, "more than 32 variables");
    if (i == f->variables_len) f->variables[f->variables_len++] = v;
    *bit = (uint32_t)1 << i;
    return STROMA_OK;
}

/* behind "I(" : x ^ k ) */
static stroma_status power(scanner *s, stroma_formula_variable *v)
{
    STROMA_TRY(name(s, &v->column));
    if (!take(s, '^')) return stop(s, "inside I() only a power, as I(x^2)");
    int k = 0;
    while (isdigit((unsigned char)*s->p) && k < 1000)
        k = 10 * k + (*s->p++ - '0');
    if (k < 2 || k > 64) return stop(s, "the power must be a whole number from 2 to 64");
    if (!take(s, ')')) return stop(s, "\")\" is missing");
    v->power = k;
    v->label = stroma_arena_printf(&s->f->arena, "I(%s^%d)", v->column, k);
    return v->label == NULL ? stroma_no_memory(s->err) : STROMA_OK;
}

/* behind "us(" : visit | [group /] subject ) */
static stroma_status covariance(scanner *s, const char *structure)
{
    stroma_formula *f = s->f;
    if (f->covariance != NULL) return stop(s, "a second covariance term");
    f->covariance = structure;
    STROMA_TRY(name(s, &f->visit));
    if (!take(s, '|')) return stop(s, "\"|\" is missing in the covariance term");
    STROMA_TRY(name(s, &f->subject));
    if (take(s, '/')) {
        f->group = f->subject;
        STROMA_TRY(name(s, &f->subject));
    }
    return take(s, ')') ? STROMA_OK : stop(s, "\")\" is missing");
}

/* behind "(" : [1 +] time | subject ) */
static stroma_status random_slope(scanner *s)
{
    if (*s->p == '1') {
        s->p++;
        if (!take(s, '+')) return stop(s, "a random slope is missing: (time | subject)");
    }
    return covariance(s, "random_slope");
}

/* One variable; *bit is 0 when it was a covariance term. */
static stroma_status atom(scanner *s, uint32_t *bit)
{
    stroma_formula_variable v = { .power = 1 };
    *bit = 0;
    if (take(s, '(')) return random_slope(s);
    STROMA_TRY(name(s, &v.column));
    if (!take(s, '(')) {
        v.label = v.column;
        return add_variable(s, v, bit);
    }
    if (strcmp(v.column, "I") == 0) {
        STROMA_TRY(power(s, &v));
        return add_variable(s, v, bit);
    }
    if (strcmp(v.column, "factor") == 0) {
        STROMA_TRY(name(s, &v.column));
        if (!take(s, ')')) return stop(s, "\")\" is missing");
        v.as_factor = true;
        v.label = stroma_arena_printf(&s->f->arena, "factor(%s)", v.column);
        if (v.label == NULL) return stroma_no_memory(s->err);
        return add_variable(s, v, bit);
    }
    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++)
        if (strcmp(v.column, structures[i]) == 0) return covariance(s, structures[i]);
    (void)stop(s, "only I(), factor() and a covariance term are known as functions");
    stroma_hint(s->err,
                "covariance terms: us, cs, csh, ar1, ar1h, toep, toeph, ad, adh, sp_exp, as "
                "us(visit | subject)");
    return STROMA_E_USAGE;
}

static stroma_status add_term(scanner *s, uint32_t term)
{
    stroma_formula *f = s->f;
    for (size_t i = 0; i < f->terms_len; i++)
        if (f->terms[i] == term) return STROMA_OK;
    if (f->terms_len == STROMA_FORMULA_TERMS_MAX) return stop(s, "more than 256 terms");
    f->terms[f->terms_len++] = term;
    return STROMA_OK;
}

/* a:b*c:d …: every product of the parts */
static stroma_status crossed(scanner *s)
{
    uint32_t parts[8], bit = 0;
    size_t n = 0;
    do {
        if (n == 8) return stop(s, "more than 8 parts joined by \"*\"");
        parts[n] = 0;
        do {
            STROMA_TRY(atom(s, &bit));
            if (bit == 0 && (parts[n] != 0 || n > 0 || *s->p == ':' || *s->p == '*'))
                return stop(s, "a covariance term stands alone");
            parts[n] |= bit;
        } while (take(s, ':'));
        n++;
    } while (take(s, '*'));
    for (uint32_t mask = 1; mask < (uint32_t)1 << n; mask++) {
        uint32_t term = 0;
        for (size_t i = 0; i < n; i++)
            if (mask >> i & 1) term |= parts[i];
        if (term != 0) STROMA_TRY(add_term(s, term));
    }
    return STROMA_OK;
}

static stroma_status right_side(scanner *s)
{
    bool minus = take(s, '-');
    for (;;) {
        if (*s->p == '1' || *s->p == '0') {
            if (minus && *s->p == '0') return stop(s, "\"- 0\" has no meaning");
            s->f->intercept = *s->p++ == '1' && !minus;
        } else if (minus) {
            return stop(s, "only \"- 1\" can be taken out");
        } else {
            STROMA_TRY(crossed(s));
        }
        blanks(s);
        if (*s->p == '\0') return STROMA_OK;
        minus = *s->p == '-';
        if (!minus && *s->p != '+') return stop(s, "\"+\" is missing here");
        s->p++;
        blanks(s);
    }
}

static int bits(uint32_t x)
{
    int n = 0;
    for (; x != 0; x &= x - 1)
        n++;
    return n;
}

/* By number of factors; within that as written. */
static void order_terms(stroma_formula *f)
{
    for (size_t i = 1; i < f->terms_len; i++) {
        const uint32_t t = f->terms[i];
        size_t k = i;
        for (; k > 0 && bits(f->terms[k - 1]) > bits(t); k--)
            f->terms[k] = f->terms[k - 1];
        f->terms[k] = t;
    }
}

static stroma_status fill(const char *text, stroma_formula *f, stroma_error *err)
{
    scanner s = { .text = text, .p = text, .f = f, .err = err };
    f->intercept = true;
    STROMA_TRY(name(&s, &f->response));
    if (!take(&s, '~')) return stop(&s, "\"~\" is missing behind the response");
    STROMA_TRY(right_side(&s));
    order_terms(f);
    return STROMA_OK;
}

stroma_status stroma_formula_parse(const char *text, stroma_formula **out, stroma_error *err)
{
    *out = NULL;
    stroma_formula *f = stroma_alloc_array(1, sizeof *f);
    if (f == NULL) return stroma_no_memory(err);
    stroma_arena_init(&f->arena, (size_t)1 << 20);
    const stroma_status s = fill(text, f, err);
    if (s == STROMA_OK)
        *out = f;
    else
        stroma_formula_free(f);
    return s;
}

void stroma_formula_free(stroma_formula *f)
{
    if (f == NULL) return;
    stroma_arena_clear(&f->arena);
    stroma_free(f);
}

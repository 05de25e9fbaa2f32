/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/number.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t the_c_locale(void)
{
    (void)pthread_once(&c_locale_once, make_c_locale);
    return c_locale;
}

/* snprintf with '.' whatever the program's locale is. */
static int format_c(char *out, char conversion, int precision, double x)
{
    const locale_t before = uselocale(the_c_locale());
    int n = 0;
    switch (conversion) {
    case 'f': n = snprintf(out, STROMA_NUMBER_TEXT_MAX, "%.*f", precision, x); break;
    case 'e': n = snprintf(out, STROMA_NUMBER_TEXT_MAX, "%.*e", precision, x); break;
    case '#': n = snprintf(out, STROMA_NUMBER_TEXT_MAX, "%#.*g", precision, x); break;
    default: n = snprintf(out, STROMA_NUMBER_TEXT_MAX, "%.*g", precision, x); break;
    }
    (void)uselocale(before);
    return n;
}

typedef struct decimal_text {
    uint64_t digits; /* the first 19 significant digits */
    int n_digits;    /* significant digits seen, may exceed 19 */
    int exponent;    /* power of ten that multiplies digits */
    bool negative;
} decimal_text;

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Scan [sign] digits [mark digits] [e[sign]digits]; the whole text must match. */
static bool scan(const char *s, size_t n, char decimal, decimal_text *t)
{
    const char *p = s, *end = s + n;
    *t = (decimal_text){ 0 };
    if (p < end && (*p == '+' || *p == '-')) t->negative = *p++ == '-';
    bool any = false, after_mark = false;
    for (; p < end && (digit(*p) || (*p == decimal && !after_mark)); p++) {
        if (*p == decimal) {
            after_mark = true;
            continue;
        }
        any = true;
        if (t->n_digits > 0 || *p != '0') t->n_digits++;
        if (t->n_digits <= 19)
            t->digits = t->digits * 10 + (uint64_t)(*p - '0');
        else
            t->exponent++;
        if (after_mark) t->exponent--;
    }
    if (!any) return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool minus = false;
        if (p < end && (*p == '+' || *p == '-')) minus = *p++ == '-';
        if (p == end) return false;
        int e = 0;
        for (; p < end && digit(*p); p++)
            if (e < 100000) e = e * 10 + (*p - '0');
        t->exponent += minus ? -e : e;
    }
    return p == end;
}

/* The general case: strtod in the C locale, on a copy with a point for the mark. */
static bool parse_slow(const char *s, size_t n, char decimal, double *out)
{
    char small[128];
    char *copy = n < sizeof small ? small : malloc(n + 1);
    if (copy == NULL) return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    char *mark = memchr(copy, decimal, n);
    if (mark != NULL) *mark = '.';
    char *end = NULL;
    const double x = strtod_l(copy, &end, the_c_locale());
    const bool ok = end == copy + n && isfinite(x);
    if (copy != small) free(copy);
    if (ok) *out = x;
    return ok;
}

static const double pow10[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* Nearly all numbers of data files: at most 15 digits and no exponent, where one division of two
 * exact doubles is correctly rounded. false: look again with scan(). */
static bool parse_plain(const char *s, size_t n, char decimal, double *out)
{
    const char *p = s, *end = s + n, *mark = NULL;
    if (n > 17 || n == 0) return false;
    const bool negative = *p == '-';
    if (negative) p++;
    uint64_t digits = 0;
    int n_digits = 0;
    for (; p < end; p++) {
        const unsigned d = (unsigned)*p - '0';
        if (d <= 9) {
            digits = digits * 10 + d;
            n_digits++;
        } else if (*p == decimal && mark == NULL) {
            mark = p;
        } else {
            return false;
        }
    }
    if (n_digits == 0 || n_digits > 15) return false;
    double x = (double)digits;
    if (mark != NULL) x /= pow10[end - mark - 1];
    *out = negative ? -x : x;
    return true;
}

bool stroma_parse_double(const char *s, size_t n, char decimal, double *out)
{
    if (parse_plain(s, n, decimal, out)) return true;
    decimal_text t;
    if (!scan(s, n, decimal, &t)) return false;
    /* Exact when both the digits and the power of ten are doubles (Clinger 1990). */
    if (t.n_digits <= 19 && t.digits <= (UINT64_C(1) << 53) && t.exponent >= -22 &&
        t.exponent <= 22) {
        double x = (double)t.digits;
        x = t.exponent < 0 ? x / pow10[-t.exponent] : x * pow10[t.exponent];
        *out = t.negative ? -x : x;
        return true;
    }
    return parse_slow(s, n, decimal, out);
}

bool stroma_parse_int(const char *s, size_t n, int64_t *out)
{
    size_t i = 0;
    bool negative = false;
    if (n > 0 && (s[0] == '+' || s[0] == '-')) negative = s[i++] == '-';
    if (i == n) return false;
    uint64_t x = 0;
    for (; i < n; i++) {
        if (!digit(s[i])) return false;
        if (x > (UINT64_C(1) << 63) / 10) return false;
        x = x * 10 + (uint64_t)(s[i] - '0');
        if (x > (UINT64_C(1) << 63)) return false;
    }
    if (!negative && x > (uint64_t)INT64_MAX) return false;
    *out = negative ? (x == 0 ? 0 : -(int64_t)(x - 1) - 1) : (int64_t)x;
    return true;
}

const char *stroma_format_double(double x, char *out)
{
    if (isnan(x)) return strcpy(out, "NaN");                  /* ci-allow: constant fits */
    if (isinf(x)) return strcpy(out, x > 0 ? "Inf" : "-Inf"); /* ci-allow: constant fits */
    if (x == 0) return strcpy(out, "0");                      /* ci-allow: constant fits */
    if (x == trunc(x) && fabs(x) < 1e15) {
        (void)snprintf(out, STROMA_NUMBER_TEXT_MAX, "%lld", (long long)x);
        return out;
    }
    for (int digits = 15; digits < 17; digits++) {
        const int n = format_c(out, 'g', digits, x);
        if (n > 0 && strtod_l(out, NULL, the_c_locale()) == x) return out;
    }
    (void)format_c(out, 'g', 17, x);
    return out;
}

/* "-0.00" says nothing that "0.00" does not. */
static const char *drop_negative_zero(char *out)
{
    if (out[0] == '-' && strspn(out + 1, "0.") == strlen(out + 1))
        memmove(out, out + 1, strlen(out));
    return out;
}

const char *stroma_format_fixed(double x, int decimals, char *out)
{
    if (!isfinite(x) || fabs(x) >= 1e17) return stroma_format_double(x, out);
    const int d = decimals < 0 ? 0 : decimals > 17 ? 17 : decimals;
    (void)format_c(out, 'f', d, x);
    return drop_negative_zero(out);
}

const char *stroma_format_significant(double x, int digits, char *out)
{
    if (!isfinite(x)) return stroma_format_double(x, out);
    const int d = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    if (x != 0 && (fabs(x) < 1e-5 || fabs(x) >= 1e15)) {
        (void)format_c(out, 'e', d - 1, x);
        return out;
    }
    (void)format_c(out, '#', d, x);
    const size_t n = strlen(out);
    if (n > 0 && out[n - 1] == '.') out[n - 1] = '\0';
    return drop_negative_zero(out);
}

const char *stroma_format_p(double p, char *out)
{
    if (!(p >= 0 && p <= 1)) return strcpy(out, "?"); /* ci-allow: constant fits */
    if (p < 0.0001) return strcpy(out, "< 0.0001");   /* ci-allow: constant fits */
    return stroma_format_fixed(p, p < 0.001 ? 4 : p < 0.1 ? 3 : 2, out);
}

/* x in units of 10^-places, half away from zero on its shortest text. */
static bool scaled(double x, int places, int64_t *out)
{
    if (!isfinite(x) || fabs(x) > 9e15 / pow(10, places)) return false;
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_double(x, text);
    decimal_text t;
    if (!scan(text, strlen(text), '.', &t)) return false;
    int shift = t.exponent + places; /* digits × 10^exponent, wanted × 10^places */
    uint64_t v = t.digits;
    if (t.n_digits > 19) return false;
    for (; shift > 0; shift--)
        v *= 10;
    if (shift < 0) {
        uint64_t last = 0; /* the highest digit cut off decides: half goes away from zero */
        for (; shift < 0; shift++) {
            last = v % 10;
            v /= 10;
        }
        if (last >= 5) v++;
    }
    *out = t.negative ? -(int64_t)v : (int64_t)v;
    return true;
}

bool stroma_decimal_thousandths(double x, int64_t *out)
{
    return scaled(x, 3, out);
}

/* Digits after the point of the shortest text. */
static int places_of(double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_double(x, text);
    decimal_text t;
    if (!isfinite(x) || !scan(text, strlen(text), '.', &t)) return INT_MAX;
    return t.exponent < 0 ? -t.exponent : 0;
}

bool stroma_decimal_compare(double x, double cut, int *out)
{
    const int own = places_of(cut), places = own < 3 ? 3 : own > 12 ? 12 : own;
    int64_t a = 0, b = 0;
    if (!scaled(x, places, &a) || !scaled(cut, places, &b)) return false;
    *out = (a > b) - (a < b);
    return true;
}

double stroma_decimal_difference(double a, double b)
{
    const int pa = places_of(a), pb = places_of(b), places = pa > pb ? pa : pb;
    if (places > 9) return a - b;
    const double unit = pow(10, places);
    if (fmax(fabs(a), fabs(b)) * unit > 1e14) return a - b;
    return round((a - b) * unit) / unit;
}

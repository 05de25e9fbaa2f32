/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates as instruments write them, moved. */
#include "scrub_private.h"

#include "stroma/date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Up to @p most digits at *at, at least one; moves on. */
static bool take_number(const char **at, int most, int *out)
{
    int n = 0;
    *out = 0;
    for (; n < most && **at >= '0' && **at <= '9'; n++)
        *out = *out * 10 + (*(*at)++ - '0');
    return n > 0 && !(**at >= '0' && **at <= '9');
}

static int take_month(const char **at)
{
    for (int m = 0; m < 12; m++)
        if (strncasecmp(*at, months[m], 3) == 0) {
            *at += 3;
            return m + 1;
        }
    return 0;
}

static bool take_mark(const char **at, char mark)
{
    if (**at != mark) return false;
    (*at)++;
    return true;
}

typedef enum form { DAY_MONTH_YEAR, YEAR_MONTH_DAY, ISO, AMERICAN, DIGITS } form;

static bool read_form(form f, const char **at, int *y, int *m, int *d)
{
    switch (f) {
    case DAY_MONTH_YEAR:
        return take_number(at, 2, d) && take_mark(at, '-') && (*m = take_month(at)) > 0 &&
               take_mark(at, '-') && take_number(at, 4, y) && *y > 99;
    case YEAR_MONTH_DAY:
        return take_number(at, 4, y) && *y > 99 && take_mark(at, '-') &&
               (*m = take_month(at)) > 0 && take_mark(at, '-') && take_number(at, 2, d);
    case ISO:
        return take_number(at, 4, y) && *y > 99 && take_mark(at, '-') && take_number(at, 2, m) &&
               take_mark(at, '-') && take_number(at, 2, d);
    case AMERICAN:
        return take_number(at, 2, m) && take_mark(at, '/') && take_number(at, 2, d) &&
               take_mark(at, '/') && take_number(at, 4, y) && *y > 99;
    case DIGITS: {
        int all = 0;
        const char *begin = *at;
        if (!take_number(at, 8, &all) || *at - begin != 8 || **at != '\0') return false;
        *y = all / 10000;
        *m = all / 100 % 100;
        *d = all % 100;
        return true;
    }
    }
    return false;
}

bool fcs_scrub_shift_date(const char *text, int32_t days, char *out, size_t size)
{
    for (int f = DAY_MONTH_YEAR; f <= DIGITS; f++) {
        const char *at = text;
        int y = 0, m = 0, d = 0;
        stroma_date date;
        if (!read_form((form)f, &at, &y, &m, &d) || !stroma_date_from_ymd(y, m, d, &date)) continue;
        const int64_t moved = (int64_t)date.days + days;
        if (moved < -719162 || moved > 2932896) return false; /* years 1 to 9999 */
        stroma_date_to_ymd((stroma_date){ (int32_t)moved }, &y, &m, &d);
        int n = 0;
        switch ((form)f) {
        case DAY_MONTH_YEAR:
            n = snprintf(out, size, "%02d-%s-%04d%s", d, months[m - 1], y, at);
            break;
        case YEAR_MONTH_DAY:
            n = snprintf(out, size, "%04d-%s-%02d%s", y, months[m - 1], d, at);
            break;
        case ISO: n = snprintf(out, size, "%04d-%02d-%02d%s", y, m, d, at); break;
        case AMERICAN: n = snprintf(out, size, "%02d/%02d/%04d%s", m, d, y, at); break;
        case DIGITS: n = snprintf(out, size, "%04d%02d%02d", y, m, d); break;
        }
        return n > 0 && (size_t)n < size;
    }
    return false;
}

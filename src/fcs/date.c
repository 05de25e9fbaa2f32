/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The many ways in which files write the day. */
#include "stroma/fcs.h"
#include "stroma/number.h"

#include <string.h>
#include <strings.h>

/* "03-Feb-06", "21 Dec 2010", "2013-Jul-19", "28-06-2006", "2019-02-19": three parts, one of them
 * the year; of two numbers the first is the day, unless the year came first. */
bool stroma_fcs_date(const char *text, stroma_date *out)
{
    static const char months[12][4] = { "jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec" };
    if (strlen(text) >= 10 && stroma_date_parse(text, 10, out)) return true; /* a time may follow */
    int part[3] = { 0 }, n = 0, word = -1;
    size_t first_len = 0;
    for (const char *p = text; *p != '\0' && n < 3;) {
        const size_t len = strcspn(p, "-/. ");
        int64_t number = 0;
        if (stroma_parse_int(p, len, &number) && number >= 0 && number < 10000) {
            part[n] = (int)number;
        } else {
            for (int m = 0; m < 12 && len >= 3; m++)
                if (strncasecmp(p, months[m], 3) == 0) part[n] = m + 1;
            if (part[n] == 0 || word >= 0) return false;
            word = n;
        }
        if (n == 0) first_len = len;
        n++;
        p += len;
        p += *p != '\0';
    }
    if (n < 3) return false;
    const bool year_first = first_len == 4 && word != 0;
    int year = year_first ? part[0] : part[2];
    const int day = year_first ? part[2] : word == 0 ? part[1] : part[0];
    const int month = word >= 0 ? part[word] : part[1];
    if (year < 100) year += year < 70 ? 2000 : 1900;
    return stroma_date_from_ymd(year, month, day, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sas_format.h"

#include <string.h>
#include <strings.h>

enum { FORMAT_NAME_MAX = 32 };

typedef struct format_kind {
    const char *name;
    stroma_column_type type;
} format_kind;

/* SAS 9.4 Formats and Informats: Reference, "Date and Time" and "ISO 8601" categories. */
static const format_kind sas_formats[] = {
    { "DATE", STROMA_COLUMN_DATE },         { "WEEKDATE", STROMA_COLUMN_DATE },
    { "WEEKDATX", STROMA_COLUMN_DATE },     { "WORDDATE", STROMA_COLUMN_DATE },
    { "WORDDATX", STROMA_COLUMN_DATE },     { "MONYY", STROMA_COLUMN_DATE },
    { "YYMON", STROMA_COLUMN_DATE },        { "JULIAN", STROMA_COLUMN_DATE },
    { "E8601DA", STROMA_COLUMN_DATE },      { "B8601DA", STROMA_COLUMN_DATE },
    { "IS8601DA", STROMA_COLUMN_DATE },     { "ND8601DA", STROMA_COLUMN_DATE },
    { "NLDATE", STROMA_COLUMN_DATE },       { "DATETIME", STROMA_COLUMN_DATETIME },
    { "DATEAMPM", STROMA_COLUMN_DATETIME }, { "DTDATE", STROMA_COLUMN_DATETIME },
    { "DTMONYY", STROMA_COLUMN_DATETIME },  { "DTWKDATX", STROMA_COLUMN_DATETIME },
    { "MDYAMPM", STROMA_COLUMN_DATETIME },  { "E8601DT", STROMA_COLUMN_DATETIME },
    { "E8601DZ", STROMA_COLUMN_DATETIME },  { "B8601DT", STROMA_COLUMN_DATETIME },
    { "B8601DZ", STROMA_COLUMN_DATETIME },  { "IS8601DT", STROMA_COLUMN_DATETIME },
    { "NLDATM", STROMA_COLUMN_DATETIME },   { "TIME", STROMA_COLUMN_TIME },
    { "TIMEAMPM", STROMA_COLUMN_TIME },     { "HHMM", STROMA_COLUMN_TIME },
    { "MMSS", STROMA_COLUMN_TIME },         { "E8601TM", STROMA_COLUMN_TIME },
    { "B8601TM", STROMA_COLUMN_TIME },      { "IS8601TM", STROMA_COLUMN_TIME },
    { "NLTIME", STROMA_COLUMN_TIME },
};

/* Families that take one more letter for the separator: MMDDYYS8., YYMMDDN8., YYQC6. */
static const char *const sas_families[] = { "MMDDYY", "DDMMYY", "YYMMDD", "MMYY", "YYMM", "YYQ" };

/* All of them count seconds; see IBM SPSS Statistics Command Syntax Reference, "Date and Time". */
static const format_kind spss_formats[] = {
    { "DATE", STROMA_COLUMN_DATE },         { "ADATE", STROMA_COLUMN_DATE },
    { "EDATE", STROMA_COLUMN_DATE },        { "JDATE", STROMA_COLUMN_DATE },
    { "SDATE", STROMA_COLUMN_DATE },        { "QYR", STROMA_COLUMN_DATE },
    { "MOYR", STROMA_COLUMN_DATE },         { "WKYR", STROMA_COLUMN_DATE },
    { "DATETIME", STROMA_COLUMN_DATETIME }, { "YMDHMS", STROMA_COLUMN_DATETIME },
    { "TIME", STROMA_COLUMN_TIME },         { "DTIME", STROMA_COLUMN_TIME },
    { "MTIME", STROMA_COLUMN_TIME },
};

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "DATE9.2" → "DATE": the name without width and decimals. */
static size_t format_name(const char *format, char name[FORMAT_NAME_MAX + 1])
{
    size_t n = format == NULL ? 0 : strlen(format);
    const char *dot = n == 0 ? NULL : strrchr(format, '.');
    if (dot != NULL && strspn(dot + 1, "0123456789") == strlen(dot + 1)) n = (size_t)(dot - format);
    while (n > 0 && (digit(format[n - 1]) || format[n - 1] == ' '))
        n--;
    if (n > FORMAT_NAME_MAX) n = 0;
    if (n > 0) memcpy(name, format, n);
    name[n] = '\0';
    return n;
}

static stroma_column_type lookup(const format_kind *kinds, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(kinds[i].name, name) == 0) return kinds[i].type;
    return STROMA_COLUMN_NUMBER;
}

stroma_column_type sas_format_type(const char *format)
{
    char name[FORMAT_NAME_MAX + 1];
    const size_t n = format_name(format, name);
    if (n == 0) return STROMA_COLUMN_NUMBER;
    for (size_t i = 0; i < sizeof sas_families / sizeof sas_families[0]; i++) {
        const size_t m = strlen(sas_families[i]);
        if (strncasecmp(name, sas_families[i], m) != 0) continue;
        if (n == m || (n == m + 1 && strchr("BCDNPSbcdnps", name[m]) != NULL))
            return STROMA_COLUMN_DATE;
    }
    return lookup(sas_formats, sizeof sas_formats / sizeof sas_formats[0], name);
}

stroma_column_type spss_format_type(const char *format)
{
    char name[FORMAT_NAME_MAX + 1];
    if (format_name(format, name) == 0) return STROMA_COLUMN_NUMBER;
    return lookup(spss_formats, sizeof spss_formats / sizeof spss_formats[0], name);
}

stroma_column_type stata_format_type(const char *format)
{
    if (format == NULL || format[0] != '%') return STROMA_COLUMN_NUMBER;
    const char *f = format + 1;
    if (*f == '-') f++; /* left-aligned */
    if (strncmp(f, "tc", 2) == 0 || strncmp(f, "tC", 2) == 0) return STROMA_COLUMN_DATETIME;
    if (strncmp(f, "td", 2) == 0 || *f == 'd') return STROMA_COLUMN_DATE;
    return STROMA_COLUMN_NUMBER;
}

double sas_number_to_table(double x, stroma_column_type t)
{
    if (t == STROMA_COLUMN_DATE) return x - SAS_EPOCH_DAYS;
    return t == STROMA_COLUMN_DATETIME ? x - SAS_EPOCH_SECONDS : x;
}

double spss_number_to_table(double x, stroma_column_type t)
{
    if (t == STROMA_COLUMN_DATE) return (x - SPSS_EPOCH_SECONDS) / 86400.0;
    return t == STROMA_COLUMN_DATETIME ? x - SPSS_EPOCH_SECONDS : x;
}

double stata_number_to_table(double x, stroma_column_type t)
{
    if (t == STROMA_COLUMN_DATE) return x - SAS_EPOCH_DAYS;
    return t == STROMA_COLUMN_DATETIME ? x / 1000.0 - SAS_EPOCH_SECONDS : x;
}

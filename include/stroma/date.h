/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file date.h
 *  Dates and study days as struct types, so that days, seconds and study days cannot be mixed by
 *  accident. Proleptic Gregorian calendar (ISO 8601). @since 0.1 */
#ifndef STROMA_DATE_H
#define STROMA_DATE_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** Days since 1970-01-01. */
typedef struct stroma_date {
    int32_t days;
} stroma_date;
/** Seconds since 1970-01-01T00:00:00, without time zone. */
typedef struct stroma_datetime {
    double seconds;
} stroma_datetime;
/** Day 0 = first infusion, or randomisation in a control arm (DESIGN.md §3). CDISC has no day 0. */
typedef struct stroma_study_day {
    int32_t n;
} stroma_study_day;

enum { STROMA_DATE_TEXT_MAX = 40 };
/** @return false when the day does not exist (2023-02-29) or the year is outside 1–9999. */
STROMA_API bool stroma_date_from_ymd(int year, int month, int day, stroma_date *out);
STROMA_API void stroma_date_to_ymd(stroma_date d, int *year, int *month, int *day);
/** ISO 8601 complete date, "2016-07-04"; the whole text must match. */
STROMA_API bool stroma_date_parse(const char *s, size_t n, stroma_date *out);
/** "2016-07-04", "2016-07-04T13:30", "2016-07-04T13:30:05.25" (or a blank for the T). */
STROMA_API bool stroma_datetime_parse(const char *s, size_t n, stroma_datetime *out);
/** "13:30" or "13:30:05.25" → seconds since midnight. */
STROMA_API bool stroma_time_parse(const char *s, size_t n, double *seconds);
/** @param out at least STROMA_DATE_TEXT_MAX bytes. @return @p out, "2016-07-04". */
STROMA_API const char *stroma_date_format(stroma_date d, char *out);
STROMA_API const char *stroma_datetime_format(stroma_datetime t, char *out);
STROMA_API const char *stroma_time_format(double seconds, char *out);
/** Days from @p day0 to @p d: the day itself is 0. */
STROMA_API stroma_study_day stroma_study_day_of(stroma_date d, stroma_date day0);
/** CDISC --DY has no 0: day 1 is the reference day, -1 the day before. */
STROMA_API int32_t stroma_study_day_to_cdisc(stroma_study_day d);
/** @return false for 0, which CDISC does not have. */
STROMA_API bool stroma_study_day_from_cdisc(int32_t dy, stroma_study_day *out);
#ifdef __cplusplus
}
#endif
#endif

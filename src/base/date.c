/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/date.h"

#include <math.h>
#include <stdio.h>

enum { YEAR_MIN = 1, YEAR_MAX = 9999, SECONDS_A_DAY = 86400 };

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

/* Days before 1 January of this year, counted from 1 January of year 1. */
static int32_t days_before_year(int year)
{
    const int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

/* 1970-01-01, counted from 0001-01-01. */
enum { EPOCH_DAYS = 719162 };

bool stroma_date_from_ymd(int year, int month, int day, stroma_date *out)
{
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12) return false;
    if (day < 1 || day > days_in_month(year, month)) return false;
    int32_t days = days_before_year(year) - EPOCH_DAYS + day - 1;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    out->days = days;
    return true;
}

void stroma_date_to_ymd(stroma_date d, int *year, int *month, int *day)
{
    const int64_t n = (int64_t)d.days + EPOCH_DAYS;
    /* Every 400 years hold 146097 days: a first guess is at most one year off. */
    int y = (int)(n * 400 / 146097) + 1;
    while (y > YEAR_MIN && days_before_year(y) > n)
        y--;
    while (days_before_year(y + 1) <= n)
        y++;
    int rest = (int)(n - days_before_year(y)), m = 1;
    for (; m < 12 && rest >= days_in_month(y, m); m++)
        rest -= days_in_month(y, m);
    *year = y;
    *month = m;
    *day = rest + 1;
}

/* Exactly `width` digits at s. */
static bool digits(const char *s, int width, int *out)
{
    int x = 0;
    for (int i = 0; i < width; i++) {
        if (s[i] < '0' || s[i] > '9') return false;
        x = x * 10 + (s[i] - '0');
    }
    *out = x;
    return true;
}

bool stroma_date_parse(const char *s, size_t n, stroma_date *out)
{
    int year = 0, month = 0, day = 0;
    if (n != 10 || s[4] != '-' || s[7] != '-') return false;
    if (!digits(s, 4, &year) || !digits(s + 5, 2, &month) || !digits(s + 8, 2, &day)) return false;
    return stroma_date_from_ymd(year, month, day, out);
}

bool stroma_time_parse(const char *s, size_t n, double *seconds)
{
    int hour = 0, minute = 0, second = 0;
    if (n < 5 || s[2] != ':' || !digits(s, 2, &hour) || !digits(s + 3, 2, &minute)) return false;
    if (hour > 23 || minute > 59) return false;
    double x = hour * 3600.0 + minute * 60.0;
    if (n > 5) {
        if (n < 8 || s[5] != ':' || !digits(s + 6, 2, &second) || second > 59) return false;
        x += second;
    }
    if (n > 8) {
        if (n < 10 || n > 18 || s[8] != '.') return false;
        double numerator = 0, denominator = 1;
        for (size_t i = 9; i < n; i++) {
            if (s[i] < '0' || s[i] > '9') return false;
            numerator = numerator * 10 + (s[i] - '0');
            denominator *= 10;
        }
        x += numerator / denominator;
    }
    *seconds = x;
    return true;
}

bool stroma_datetime_parse(const char *s, size_t n, stroma_datetime *out)
{
    stroma_date day = { 0 };
    double seconds = 0;
    if (n < 10 || !stroma_date_parse(s, 10, &day)) return false;
    if (n > 10) {
        if (s[10] != 'T' && s[10] != ' ') return false;
        if (!stroma_time_parse(s + 11, n - 11, &seconds)) return false;
    }
    out->seconds = (double)day.days * SECONDS_A_DAY + seconds;
    return true;
}

const char *stroma_date_format(stroma_date d, char *out)
{
    int year = 0, month = 0, day = 0;
    stroma_date_to_ymd(d, &year, &month, &day);
    (void)snprintf(out, STROMA_DATE_TEXT_MAX, "%04d-%02d-%02d", year, month, day);
    return out;
}

/* "13:30:05", with up to six decimals where there are any. */
static void format_clock(int64_t microseconds, char *out, size_t room)
{
    const int seconds = (int)(microseconds / 1000000), fraction = (int)(microseconds % 1000000);
    const int hour = seconds / 3600, minute = seconds / 60 % 60, second = seconds % 60;
    if (fraction == 0) {
        (void)snprintf(out, room, "%02d:%02d:%02d", hour, minute, second);
        return;
    }
    int places = 6, shown = fraction;
    for (; shown % 10 == 0; places--)
        shown /= 10;
    (void)snprintf(out, room, "%02d:%02d:%02d.%0*d", hour, minute, second, places, shown);
}

const char *stroma_datetime_format(stroma_datetime t, char *out)
{
    const int64_t day_us = (int64_t)SECONDS_A_DAY * 1000000;
    const int64_t us = (int64_t)llround(t.seconds * 1e6);
    int64_t days = us / day_us, rest = us % day_us;
    if (rest < 0) {
        rest += day_us;
        days--;
    }
    (void)stroma_date_format((stroma_date){ .days = (int32_t)days }, out);
    out[10] = 'T';
    format_clock(rest, out + 11, STROMA_DATE_TEXT_MAX - 11);
    return out;
}

const char *stroma_time_format(double seconds, char *out)
{
    const int64_t us = (int64_t)llround(seconds * 1e6);
    format_clock(us < 0 ? 0 : us, out, STROMA_DATE_TEXT_MAX);
    return out;
}

stroma_study_day stroma_study_day_of(stroma_date d, stroma_date day0)
{
    return (stroma_study_day){ .n = d.days - day0.days };
}

int32_t stroma_study_day_to_cdisc(stroma_study_day d)
{
    return d.n >= 0 ? d.n + 1 : d.n;
}

bool stroma_study_day_from_cdisc(int32_t dy, stroma_study_day *out)
{
    if (dy == 0) return false;
    out->n = dy > 0 ? dy - 1 : dy;
    return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/date.h"

#include <string.h>

static void known_days(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t days;
    } cases[] = { { "1970-01-01", 0 },      { "1969-12-31", -1 },      { "2000-02-29", 11016 },
                  { "2016-07-04", 16986 },  { "0001-01-01", -719162 }, { "9999-12-31", 2932896 },
                  { "1582-10-15", -141427 } };
    char text[STROMA_DATE_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_date d = { 0 };
        assert_true(stroma_date_parse(cases[i].text, strlen(cases[i].text), &d));
        assert_int_equal(d.days, cases[i].days);
        assert_string_equal(stroma_date_format(d, text), cases[i].text);
    }
}

static void impossible_days(void **state)
{
    (void)state;
    static const char *const cases[] = { "2023-02-29",  "1900-02-29", "2023-13-01", "2023-00-01",
                                         "2023-01-00",  "2023-04-31", "0000-01-01", "2023-1-01",
                                         "2023-01-01 ", "20230101",   "2023/01/01", "" };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_date d = { -7 };
        if (stroma_date_parse(cases[i], strlen(cases[i]), &d)) print_message("%s\n", cases[i]);
        assert_int_equal(d.days, -7);
    }
}

/* Every day of 800 years, forth and back, follows the one before. */
static void calendar_round_trip(void **state)
{
    (void)state;
    int last_month = 12, last_day = 31;
    stroma_date first;
    assert_true(stroma_date_from_ymd(1600, 1, 1, &first));
    for (int32_t i = 0; i < 2 * 146097; i++) {
        const stroma_date d = { first.days + i };
        int year = 0, month = 0, day = 0;
        stroma_date_to_ymd(d, &year, &month, &day);
        stroma_date back;
        assert_true(stroma_date_from_ymd(year, month, day, &back));
        assert_int_equal(back.days, d.days);
        if (day == 1)
            assert_int_equal(month, last_month % 12 + 1);
        else
            assert_int_equal(day, last_day + 1);
        last_month = month;
        last_day = day;
    }
}

static void times(void **state)
{
    (void)state;
    double s = -1;
    char text[STROMA_DATE_TEXT_MAX];
    assert_true(stroma_time_parse("13:30", 5, &s));
    assert_true(s == 48600);
    assert_true(stroma_time_parse("13:30:05.25", 11, &s));
    assert_true(s == 48605.25);
    assert_string_equal(stroma_time_format(s, text), "13:30:05.25");
    static const char *const wrong[] = { "24:00", "12:60",  "12:00:60",  "1:30",
                                         "12:3",  "12:30:", "12:30:05.", "12:30x" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(stroma_time_parse(wrong[i], strlen(wrong[i]), &s));
    stroma_datetime t;
    assert_true(stroma_datetime_parse("2016-07-04T13:30:05.25", 22, &t));
    assert_true(t.seconds == 16986 * 86400.0 + 48605.25);
    assert_string_equal(stroma_datetime_format(t, text), "2016-07-04T13:30:05.25");
    assert_true(stroma_datetime_parse("1969-12-31 23:59:59", 19, &t));
    assert_true(t.seconds == -1);
    assert_string_equal(stroma_datetime_format(t, text), "1969-12-31T23:59:59");
    assert_true(stroma_datetime_parse("2016-07-04", 10, &t));
    assert_false(stroma_datetime_parse("2016-07-04T", 11, &t));
    assert_false(stroma_datetime_parse("2016-07-04T13:30Z", 17, &t));
    /* rounding carries into the next day */
    assert_string_equal(
        stroma_datetime_format((stroma_datetime){ .seconds = 86399.99999999 }, text),
        "1970-01-02T00:00:00");
}

static void cdisc_has_no_day_zero(void **state)
{
    (void)state;
    const stroma_date day0 = { 100 };
    assert_int_equal(stroma_study_day_of((stroma_date){ 107 }, day0).n, 7);
    assert_int_equal(stroma_study_day_to_cdisc((stroma_study_day){ 0 }), 1);
    assert_int_equal(stroma_study_day_to_cdisc((stroma_study_day){ -1 }), -1);
    stroma_study_day d = { 99 };
    assert_false(stroma_study_day_from_cdisc(0, &d));
    for (int32_t i = -400; i <= 400; i++) {
        assert_true(
            stroma_study_day_from_cdisc(stroma_study_day_to_cdisc((stroma_study_day){ i }), &d));
        assert_int_equal(d.n, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_days),
                                        cmocka_unit_test(impossible_days),
                                        cmocka_unit_test(calendar_round_trip),
                                        cmocka_unit_test(times),
                                        cmocka_unit_test(cdisc_has_no_day_zero) };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the display format of SAS, SPSS or Stata says about the kind of a number. */
#ifndef STROMA_TABLE_SAS_FORMAT_H
#define STROMA_TABLE_SAS_FORMAT_H
#include "stroma/table.h"

/* Days and seconds from 1960-01-01 (SAS, Stata) and 1582-10-14 (SPSS) to 1970-01-01. */
#define SAS_EPOCH_DAYS     3653.0
#define SAS_EPOCH_SECONDS  315619200.0
#define SPSS_EPOCH_SECONDS 12219379200.0

/* Type of a SAS numeric variable by its format ("DATE9.", "e8601da10", NULL): DATE, DATETIME or
 * TIME, else NUMBER. Only built-in formats whose value is a whole date, date-time or time count;
 * YEAR4., WEEKDAY. and the like show a part of a date and leave the column a number. */
stroma_column_type sas_format_type(const char *format);
/* SPSS ("ADATE10", "DATETIME20", "TIME8"): all count seconds since 1582-10-14, or of a day. */
stroma_column_type spss_format_type(const char *format);
/* Stata ("%td", "%tcDDmonCCYY", "%d"). Weeks, months, quarters and years stay numbers. */
stroma_column_type stata_format_type(const char *format);
/* The number of the file as the table keeps it: days or seconds since 1970, seconds of the day. */
double sas_number_to_table(double x, stroma_column_type t);
double spss_number_to_table(double x, stroma_column_type t);
double stata_number_to_table(double x, stroma_column_type t);
#endif

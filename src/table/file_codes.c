/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codes of findings in typed files; those of CSV are in csv_codes.c. */
#include "stroma/table_read.h"

static const stroma_code codes[] = {
    { "STROMA-XPT-001", "the file holds several data sets",
      "A SAS transport file can hold any number of data sets. The first one was read; the message "
      "names all of them, and --member NAME chooses another." },
    { "STROMA-XPT-002", "the texts are not UTF-8",
      "A transport file does not say its encoding. At least one text is not UTF-8, so all of them "
      "were "
      "read as Windows-1252, which SAS for Windows writes in western countries. If names look "
      "wrong, the "
      "file has another encoding: export it again as UTF-8." },
    { "STROMA-XPT-003", "a text ends inside a character",
      "A field was too narrow for a text in UTF-8, and its last character was cut in two. The half "
      "character is left off. Export the data again with wider fields." },
    { "STROMA-XPT-004", "the last record is not full",
      "Records of a transport file have 80 bytes, and the last one is filled with blanks. Here it "
      "is not: "
      "the program that wrote the file does not follow the format, or the file was cut short at "
      "the end "
      "of an observation. Compare the number of rows with the source." },
    { "STROMA-XPT-005", "positions and order disagree",
      "Each variable record names the position of its values. Some files hold the values in the "
      "order of the variables although their positions say otherwise. The order is followed; "
      "compare a few rows with the source." },
    { "STROMA-DSJ-001", "a date is not complete",
      "The column is declared as date, datetime or time, and a value in it is no complete ISO 8601 "
      "value "
      "without time zone, as 2014-05 (the day unknown). Such a value has no number, so the whole "
      "column is "
      "kept as text; no part of a date is made up." },
    { "STROMA-DSJ-002", "decimals in an integer column",
      "The column is declared as integer, and some numbers have decimals. They are kept as they "
      "are: the "
      "description is wrong rather than the data." },
    { "STROMA-DSJ-003", "a whole number is too large to be exact",
      "Numbers are kept in double precision, which holds every whole number up to 2^53. This one "
      "is "
      "rounded. If it is an identifier, the column should be declared as string." },
    { "STROMA-STAT-001", "the texts are not UTF-8",
      "The file does not say its encoding, or says a wrong one. Texts that are not UTF-8 were read "
      "as "
      "Windows-1252." },
    { "STROMA-TABLE-101", "a number cannot be used",
      "A date lies millions of years away, or a number is infinite: the bytes are valid for the "
      "format but "
      "mean nothing. The cell is 'not estimable'. Often the display format of the column is wrong, "
      "as "
      "DATE9. on a date-time." },
    { "STROMA-TABLE-102", "a value does not fit the declared type of its column",
      "The column is text in the file and was declared as a number, date or time. This value is "
      "none, and "
      "nothing is guessed: declare its text as a missing or not-done code, or declare the column "
      "as text." },
};

const stroma_code *stroma_table_file_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

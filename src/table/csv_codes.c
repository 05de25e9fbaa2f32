/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv_private.h"

const stroma_code stroma_csv_codes[CSV_CODES_LEN] = {
    [CSV_CELL_TYPE] = { "STROMA-CSV-001", "a cell does not fit the type of its column",
                        "The column was declared as numbers, dates or times, and this cell is "
                        "none. Nothing is "
                        "guessed: correct the cell in a copy of the file, or declare its text as a "
                        "missing or "
                        "not-done code." },
    [CSV_ROW_LENGTH] = { "STROMA-CSV-002", "a row has another number of cells than the header",
                         "With too few or too many cells it is not known which cell belongs to "
                         "which column. "
                         "Typical causes: a delimiter inside a cell without quotes, a decimal "
                         "comma in a "
                         "comma-separated file, a line break inside a cell without quotes." },
    [CSV_TRAILING_CELLS] = { "STROMA-CSV-003", "rows end in empty cells beyond the header",
                             "Spreadsheets write such rows when cells to the right were once used. "
                             "The extra cells "
                             "are empty, so they are left out." },
    [CSV_HEADER_EMPTY] = { "STROMA-CSV-004", "a column has no name",
                           "The header cell is empty. The column is read and called column_N after "
                           "its place." },
    [CSV_HEADER_TWICE] = { "STROMA-CSV-005", "two columns have the same name",
                           "It would not be clear which of them is meant. They are read as "
                           "NAME_1, NAME_2, \xE2\x80\xA6, so that the bare name means none of "
                           "them." },
    [CSV_DELIMITER_UNSURE] = { "STROMA-CSV-006", "the delimiter could be another one",
                               "Two delimiters split the first rows equally well; the one with "
                               "more columns was taken. "
                               "State the delimiter to be sure." },
    [CSV_DECIMAL_COMMA] = { "STROMA-CSV-007", "numbers have a decimal comma",
                            "The first rows have numbers such as 3,64 and few or none such as "
                            "3.64, so the comma is "
                            "taken as the decimal mark in the whole file. State the decimal mark "
                            "to be sure." },
    [CSV_DECIMAL_MIXED] = { "STROMA-CSV-008", "numbers with points and numbers with commas",
                            "One decimal mark is used for the whole file, the more frequent one. "
                            "Columns with the "
                            "other one become text, or errors where they are declared as "
                            "numbers." },
    [CSV_STRAY_QUOTE] = { "STROMA-CSV-009", "a quote stands where none belongs",
                          "A cell with quotes inside must itself be in quotes, with the inner ones "
                          "doubled "
                          "(RFC 4180). The quote is taken as part of the text." },
    [CSV_UTF16] = { "STROMA-CSV-010", "the file is UTF-16",
                    "Spreadsheets call this \"Unicode text\". It was converted; byte positions in "
                    "messages "
                    "are those of the UTF-8 text." },
    [CSV_NOT_UTF8] = { "STROMA-CSV-011", "the file is not UTF-8 text",
                       "A byte is no part of a UTF-8 character. Often the file was saved in "
                       "Latin-1 or "
                       "Windows-1252; which one cannot be known from the bytes. Convert it, for "
                       "example with "
                       "iconv -f WINDOWS-1252 -t UTF-8." },
    [CSV_HEADER_NUMBERS] = { "STROMA-CSV-012", "the header looks like a row of data",
                             "All names of the header are numbers. A file without a header loses "
                             "its first row this "
                             "way: add a line with column names." },
    [CSV_NEARLY_NUMBERS] = { "STROMA-CSV-013", "a column of numbers is read as text",
                             "At least three quarters of the cells are numbers, but not all, so "
                             "the column is text. "
                             "Declare words such as NA as missing codes, or correct the cells." },
    [CSV_OPEN_QUOTE] = { "STROMA-CSV-014", "a quote is never closed",
                         "Everything from the quote to the end of the file would be one cell." },
    [CSV_BINARY] = { "STROMA-CSV-015", "the file is not text",
                     "It contains a NUL byte, which no text has. It may be a binary format, or "
                     "UTF-16 without "
                     "a byte order mark." },
    [CSV_COLUMN_ABSENT] = { "STROMA-CSV-016", "a column that is asked for is not in the file",
                            "Names are compared exactly, upper and lower case included." },
    [CSV_NO_ROWS] = { "STROMA-CSV-017", "the file has a header and no rows",
                      "The table is empty. The export may have been filtered." },
};

const stroma_code *stroma_table_codes(size_t *n)
{
    *n = CSV_CODES_LEN;
    return stroma_csv_codes;
}

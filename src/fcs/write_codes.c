/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What writing changed, in words, and what the codes of writing and scrubbing mean. */
#include "stroma/fcs_export.h"

#include <stdio.h>

static const stroma_code codes[] = {
    { "STROMA-FCS-101", "values changed because they were written as integers",
      "Integers of FCS files are whole and not negative. Others became the nearest one: rounded, "
      "negative ones 0, too large ones the largest that fits, NaN 0. Write float or double where "
      "the values are to stay; compensated data have negative values that matter." },
    { "STROMA-FCS-102", "values were rounded to 32-bit floats",
      "A float keeps about seven digits; a double or an integer beyond 2^24 may need more. Write "
      "--type double where every bit is to stay." },
    { "STROMA-FCS-103", "values too large for a 32-bit float became infinite",
      "A float ends at 3.4e38. Write --type double." },
    { "STROMA-FCS-104", "keywords were left out",
      "The format has no empty values, and a keyword stands once. Keywords without a value and "
      "repetitions of a keyword (the first one counts) are not written again." },
    { "STROMA-FCS-105", "a text still holds something that was removed",
      "The value of a keyword that was removed, as a name, stands also within the value of one "
      "that was kept. Look at it, and remove it with --also KEYWORD." },
    { "STROMA-FCS-106", "the ANALYSIS segment is not carried over",
      "Results that the instrument's program wrote into the file are not copied: nothing is known "
      "of what they hold." },
    { "STROMA-FCS-107", "the new file's name holds something that was removed",
      "A name that was taken out of the header stands in the name of the file. Give another one." },
    { "STROMA-FCS-108", "the file holds further data sets",
      "Only one was converted: the first, or of a Beckman Coulter .LMD file the one of highest "
      "resolution. --dataset N picks another one, --dataset all writes all of them as FCS." },
};

const stroma_code *stroma_fcs_write_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

static void say(stroma_diag *diag, const char *code, stroma_severity severity, const char *file,
                const char *message)
{
    stroma_diag_add(
        diag,
        &(stroma_finding){ .code = code, .severity = severity, .file = file, .message = message });
}

void stroma_fcs_report_changes(const stroma_fcs_changes *c, const char *file, stroma_diag *diag)
{
    char text[STROMA_ERROR_TEXT_MAX];
    if (c->rounded + c->below + c->above + c->not_numbers > 0) {
        (void)snprintf(text, sizeof text,
                       "written as integers: %llu values rounded, %llu negative ones became 0, "
                       "%llu were too large, %llu NaN became 0",
                       (unsigned long long)c->rounded, (unsigned long long)c->below,
                       (unsigned long long)c->above, (unsigned long long)c->not_numbers);
        const bool lost = c->below + c->above + c->not_numbers > 0;
        say(diag, "STROMA-FCS-101", lost ? STROMA_WARNING : STROMA_NOTE, file, text);
    }
    if (c->narrowed > 0) {
        (void)snprintf(text, sizeof text, "%llu %s rounded to 32-bit floats",
                       (unsigned long long)c->narrowed,
                       c->narrowed == 1 ? "value was" : "values were");
        say(diag, "STROMA-FCS-102", STROMA_NOTE, file, text);
    }
    if (c->overflowed > 0) {
        (void)snprintf(
            text, sizeof text, "%llu %s too large for a 32-bit float and became infinite",
            (unsigned long long)c->overflowed, c->overflowed == 1 ? "value is" : "values are");
        say(diag, "STROMA-FCS-103", STROMA_WARNING, file, text);
    }
    if (c->empty_values + c->repeated_keys > 0) {
        (void)snprintf(text, sizeof text,
                       "left out: %llu keywords without a value, %llu repeated ones",
                       (unsigned long long)c->empty_values, (unsigned long long)c->repeated_keys);
        say(diag, "STROMA-FCS-104", STROMA_NOTE, file, text);
    }
}

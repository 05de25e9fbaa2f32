/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the findings of this module mean, for `stroma explain`. */
#include "stroma/study.h"

static const stroma_code codes[] = {
    { "STROMA-STUDY-001", "unknown key in the study file",
      "The study file has a key that the format does not know, most often a typing error. The "
      "message names "
      "the nearest key. All keys are in docs/formats/study-file.md, or: stroma init --keys." },
    { "STROMA-STUDY-002", "a value of the study file has the wrong form",
      "For example a word where a number is expected, or a choice that does not exist. The message "
      "says what "
      "was found and what is expected, with line and column." },
    { "STROMA-STUDY-003", "a required key is missing",
      "Add the key; the message says what it means." },
    { "STROMA-STUDY-004", "unknown field of an event or therapy",
      "fields: maps what stroma knows of an event or therapy to columns; the name on the left is "
      "not one." },
    { "STROMA-STUDY-005", "the study file asks for something that is not there",
      "A score, derivation, group, set, analysis or check names a visit, parameter, arm or option "
      "that does not exist or does not fit. `run` stops at the first; `check` lists all." },
    { "STROMA-STUDY-006", "a name that nothing in the study file declares",
      "An entry names a parameter, visit, arm, grouping, group, set, analysis or score that is "
      "declared nowhere. All names are looked up before any data are read, so that a typing error "
      "in the last figure does not cost a run. The message names the nearest known one." },
    { "STROMA-STUDY-007", "an item or analysis lacks what it needs",
      "A figure or table of the report, or an analysis, has no parameter, visit, group or "
      "analysis that its kind cannot do without. docs/formats/study-file.md lists what each "
      "needs." },
    { "STROMA-STUDY-008", "two entries with the same id",
      "Ids are what other entries, file names and links refer to, so each stands once: analyses, "
      "sets, sections, and the items of the report." },
    { "STROMA-STUDY-009", "a word that no value is",
      "success: and in: name values of a parameter. A word that no value is counts nobody: a "
      "typing "
      "error there turns every responder into a non-responder." },
    { "STROMA-DATA-001", "a row has no subject",
      "The subject column is empty in this row. The row cannot belong to anybody and the run "
      "stops." },
    { "STROMA-DATA-002", "a row has no known visit",
      "The visit column holds something that is neither the id nor the label of a declared visit, "
      "nor mapped "
      "by visit_map. Unscheduled visits can be declared as visits without a time." },
    { "STROMA-DATA-003", "rows with names that are not mapped",
      "In value layout each row names what was measured. Rows whose name is not under names: are "
      "left out; "
      "this note counts them." },
    { "STROMA-DATA-004", "a column is missing in the file",
      "The study file names a column that the data file does not have." },
    { "STROMA-DATA-005", "unknown arm",
      "The arm of a subject is neither an id nor a label of a declared arm." },
    { "STROMA-DATA-006", "two arms for one subject", "A subject can be in one arm only." },
    { "STROMA-DATA-007", "not a yes or no",
      "Flags are 1/0, yes/no or true/false; other words can be mapped." },
    { "STROMA-DATA-008", "a unit cannot be converted",
      "The unit of the file is not that of the parameter, and no conversion between them is "
      "declared. Nothing "
      "is guessed: CRP in mg/L and mg/dL differ by ten." },
    { "STROMA-DATA-009", "outside the possible range",
      "The value cannot be: 30 swollen joints of 28, a haematocrit of 200 %. It is excluded, "
      "counted and shown "
      "as excluded; correct it at the source." },
    { "STROMA-DATA-010", "not one of the parameter's words",
      "The parameter declares the words it may have, and this is not one." },
    { "STROMA-DATA-011", "not a number",
      "A numeric parameter needs a number, <x, >x, or a declared missing text." },
    { "STROMA-DATA-012", "a subject's value differs between rows",
      "Columns under subject_columns must be the same in all rows of a subject. The first value is "
      "used." },
    { "STROMA-DATA-013", "an event cannot be read", "It has no term, or its kind is unknown." },
    { "STROMA-DATA-014", "a therapy has no drug", "Give the drug or remove the row." },
    { "STROMA-DATA-015", "not a date", "Dates are year-month-day, as 2024-03-31." },
    { "STROMA-DATA-016", "rows that belong to no visit",
      "The study file gives windows instead of a visit column. These rows lie in no window, or "
      "another row of the same visit is nearer to its target day. Their values stand in the "
      "measurement table as unscheduled; no score and no analysis uses them." },
    { "STROMA-DATA-017", "a value without a unit",
      "The file has a column of units, and it is empty beside this value. The unit of the "
      "parameter was taken; CRP in mg/L and mg/dL differ by ten." },
    { "STROMA-VISIT-001", "a visit outside its window",
      "The study day lies outside the window that the study file gives for this visit. The value "
      "is used at "
      "the visit it is recorded under." },
    { "STROMA-VISIT-002", "a visit is missing",
      "The subject has later visits, and other subjects have this one. Missing visits are not "
      "imputed." },
    { "STROMA-VISIT-003", "a value stands twice",
      "Two rows give the same parameter for the same subject and visit, or a file with one row a "
      "subject has several for one. The first is used." },
    { "STROMA-VISIT-004", "the windows of two visits overlap",
      "A day in both belongs to either. Where windows assign the visits, it goes to the one whose "
      "target day is nearer." },
    { "STROMA-DATE-001", "study days do not rise",
      "A later visit has an earlier or equal study day." },
    { "STROMA-DATE-002", "an event ends before it begins", "Correct the days." },
    { "STROMA-DATE-003", "a therapy ends before it begins", "Correct the days." },
    { "STROMA-DATE-004", "measured after the subject left",
      "The study day is after the disposition day." },
    { "STROMA-DISP-001", "stopped early without a disposition",
      "The subject's last visit is before the last of the study, and nothing says why. CONSORT "
      "asks for it, and "
      "the missing-data assumption rests on it." },
    { "STROMA-DISP-002", "a randomised subject has no arm",
      "The subject cannot be in any comparison." },
    { "STROMA-VALUE-001", "values outside their reference range",
      "A count per parameter; each value carries its flag. Reference ranges belong to a "
      "laboratory, a sex and a "
      "date." },
    { "STROMA-VALUE-002", "a count is not a whole number", "Joint counts are whole numbers." },
    { "STROMA-UNIT-001", "a whole column looks like another unit",
      "Global health never above 10 (cm for mm), haematocrit never above 1 (a fraction for %), CRP "
      "normal while "
      "ESR is raised (mg/dL for mg/L). Say the unit of the file in the study file." },
    { "STROMA-UNIT-002", "one value is off by ten or a hundred",
      "The visits before and after agree with it only after multiplying by 10, 100 or their "
      "inverse: a slip of "
      "the decimal mark or the unit. The value is used as it stands." },
    { "STROMA-DOSE-001", "no cell dose",
      "Cell doses lie between 1e4 and 1e8 per kg. A printed 10^6 whose superscript was lost reads "
      "106 "
      "(audit A17)." },
    { "STROMA-CONSIST-001", "a sum does not hold",
      "A total differs from its parts by more than the declared tolerance, as total protein from "
      "albumin and "
      "globulin in the paper's Table 1 (audit A2)." },
    { "STROMA-CONSIST-002", "the narrative contradicts the values",
      "A sentence of the source says something the values do not: normal laboratory results beside "
      "a raised "
      "one, or a percentage that its count and denominator cannot give (audit A3)." },
    { "STROMA-CONSIST-003", "not everybody has the primary endpoint",
      "Tables made of those who do describe completers (audit A12); the composite strategy and the "
      "analysis "
      "sets say how the others count." },
};

const stroma_code *stroma_study_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

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
    { "STROMA-CYTO-001", "no file of events where the study file says",
      "A pattern of files: or of a control finds nothing, or a manifest lists a file that is not "
      "there. Paths are relative to the study file, those of a manifest to the manifest. Where the "
      "study file says how the files are made (made_by), the message repeats it." },
    { "STROMA-CYTO-002", "a file name that does not tell whose it is",
      "The name does not read as match: says. The file is left out, and nothing is guessed from "
      "parts of the name." },
    { "STROMA-CYTO-003", "a file of an unknown visit",
      "The word at {visit}, or in the manifest, is neither id nor label of a declared visit, nor "
      "mapped by visit_map. The file is left out." },
    { "STROMA-CYTO-004", "a file of an unknown subject",
      "The data of the study have no such subject. Files of events do not make subjects. The file "
      "is left out." },
    { "STROMA-CYTO-005", "two files for one sample",
      "Two files give the same subject and visit (or the same control). The first by name is used; "
      "which is right cannot be told from the files." },
    { "STROMA-CYTO-006", "a manifest that does not list files",
      "It has no column \"file\", a row names none, or a role is unknown." },
    { "STROMA-CYTO-007", "a control of another day",
      "The file says that the sample was acquired on another day than its control. Settings and "
      "staining drift from day to day, and with them where a control puts a gate. The control is "
      "not "
      "used, unless the entry says control_from: any." },
    { "STROMA-CYTO-008", "the panel changes between files",
      "Names, stains or voltages of the channels differ from those of the entry's first file. "
      "Percentages "
      "and intensities of two panels are not comparable without samples measured with both." },
    { "STROMA-CYTO-009", "no file of a visit",
      "The subject has data at this visit, others have files of it, and this subject has none." },
    { "STROMA-CYTO-010", "a file of events cannot be used",
      "It cannot be read, or lacks a channel that a gate needs. The sample has no numbers; the "
      "others are not touched by it." },
    { "STROMA-CYTO-011", "a number of a population is not estimable",
      "A gate on the way to the population was not found, the control is not there, or the "
      "denominator is empty. The value stands in the measurement table as not estimable, with the "
      "reason." },
    { "STROMA-CYTO-012", "values that rest on few events",
      "Fewer events than the floor lie in the population. A count of n has a standard error of "
      "about the root of n: 16 events are 16 give or take 4. Every such value carries a flag." },
    { "STROMA-CYTO-013", "no such population",
      "A parameter names a population that neither strategy nor gates have." },
    { "STROMA-CYTO-014", "a control that serves no sample",
      "No sample has its visit and subject." },
    { "STROMA-CYTO-015", "samples without their control tube",
      "The study file declares a control, and at this visit it is not there. A strategy then uses "
      "the fallback it declares; cytometry_gate.rule says which." },
    { "STROMA-CYTO-016", "densities on another scale",
      "A marker has one scale in all samples of an entry, so that visits can be compared. These "
      "samples have another, so their densities are not drawn; counts do not depend on it." },
    { "STROMA-CYTO-017", "events left out for their quality",
      "The entry says qc: exclude, and the checks of stroma fcs qc hold these events to be faults "
      "of "
      "the acquisition. No population counts them, in samples and controls alike; every number of "
      "the file carries the flag events-excluded, and cytometry_sample.n_excluded their count." },
};

const stroma_code *stroma_study_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

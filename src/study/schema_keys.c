/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study file, key by key. Adding a key is one line here and its use in study_file.c. */
#include "schema.h"

#define END          \
    {                \
        .name = NULL \
    }
#define REQUIRED true
#define OPTIONAL false

static const schema_key study_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "short name, as it stands in outputs" },
    { "title", SCHEMA_TEXT, REQUIRED, NULL, NULL, "full title" },
    { "disease", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "disease in words" },
    { "layout", SCHEMA_CHOICE, OPTIONAL, "trial|case|cohort", NULL,
      "trial (arms), cohort (no arms) or case (one patient); default trial" },
    { "simulated", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true labels every output as simulated data" },
    { "style", SCHEMA_CHOICE, OPTIONAL, "stroma|paper", NULL,
      "paper prints the source paper's marks, each called circular where it is; default stroma" },
    { "registration", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "registry number" },
    { "ethics", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ethics approval" },
    { "day0", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "what day 0 is, in words; \"unknown\" is allowed and said" },
    { "source", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "where the data come from" },
    { "time_unit", SCHEMA_CHOICE, OPTIONAL, "week|month|day", NULL,
      "unit of visits[].time; default week" },
    { "seed", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "seed of every random draw of the run; default 1" },
    { "primary", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "primary parameter: the full analysis set needs it at baseline and once later" },
    END
};
static const schema_key arm_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "as in the data, or mapped to by the data" },
    { "label", SCHEMA_TEXT, REQUIRED, NULL, NULL, "as printed" },
    { "role", SCHEMA_CHOICE, REQUIRED, "treated|control", NULL, "which comparison it plays" },
    { "description", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "what was given" },
    END
};
static const schema_key visit_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "as in the data, or mapped to by the data" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed; default the id" },
    { "time", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "place on the time axis in study.time_unit; absent: not on the axis" },
    { "day", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "target study day" },
    { "window", SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "first and last study day that count as this visit" },
    { "baseline", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true for the baseline visit" },
    END
};
static const schema_key parameter_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL,
      "lower case with the unit, as il_6_pg_ml; known ids need no more keys" },
    { "paramcd", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ADaM code, 8 characters at most" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "unit", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unit of the stored value" },
    { "kind", SCHEMA_CHOICE, OPTIONAL, "number|word|flag", NULL, "default number" },
    { "category", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "score, cytokine, cell, lab, …" },
    { "decimals", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "decimals of a printed value" },
    { "log_scale", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true draws it on a log axis" },
    { "lloq", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "lower limit of quantification" },
    { "uloq", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "upper limit of quantification" },
    { "range", SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "physically possible values; outside is an error" },
    { "reference", SCHEMA_RANGE, OPTIONAL, NULL, NULL, "reference range; outside is a flag" },
    { "assay", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "assay and kit; a cut-off is bound to it" },
    { "words", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "the words a word parameter may have, in order" },
    END
};
static const schema_key column_keys[] = {
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter the column holds" },
    { "role", SCHEMA_CHOICE, OPTIONAL,
      "arm|day0_date|disposition|disposition_reason|disposition_day|disposition_date|treated|"
      "randomised|"
      "protocol_deviation",
      NULL, "or what it says of the subject" },
    { "unit", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "unit in the file; converted when it differs from the parameter's and the conversion is "
      "known" },
    { "unit_column", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the unit of each row" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "visit the whole column belongs to" },
    { "map", SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "file value → stored value, as {\"1\": male, \"2\": female}" },
    { "low", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the lower reference limit" },
    { "high", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the upper reference limit" },
    END
};
static const schema_key name_keys[] = {
    { "param", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "visit, where the name carries it (haq12)" },
    { "unit", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unit in the file" },
    { "map", SCHEMA_ANY, OPTIONAL, NULL, NULL, "file value → stored value" },
    END
};
static const schema_key data_keys[] = {
    { "file", SCHEMA_TEXT, REQUIRED, NULL, NULL,
      "path, relative to the study file; STROMA_DATA_ROOT may stand in it as ${STROMA_DATA_ROOT}" },
    { "layout", SCHEMA_CHOICE, REQUIRED, "subject|visit|value|event|therapy", NULL,
      "one row a subject, a visit, a value, an event or a therapy" },
    { "format", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "csv, xpt, sav, dataset-json, …; default by content" },
    { "delimiter", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "of a text file: , ; tab or |; default detected" },
    { "decimal", SCHEMA_CHOICE, OPTIONAL, "point|comma", NULL, "decimal mark; default detected" },
    { "missing", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "texts that mean missing, besides the empty cell" },
    { "not_done", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "texts that mean not done" },
    { "subject", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the subject id; required but for a case" },
    { "visit", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the visit" },
    { "visit_after", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "one character: the visit stands behind its last occurrence in the subject's cell, as in "
      "Pt028.2; a cell without it is the visit \"first\" of visit_map" },
    { "visit_map", SCHEMA_ANY, OPTIONAL, NULL, NULL, "file value → visit id" },
    { "repeat", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the repeat instance (REDCap); visit_map may then hold event#instance, as "
      "follow_up_arm_1#2" },
    { "day", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the study day; without a visit column the visit windows decide" },
    { "day_numbering", SCHEMA_CHOICE, OPTIONAL, "from_zero|cdisc", NULL,
      "cdisc has no day 0; default from_zero" },
    { "date", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the date; needs a subject column of role day0_date" },
    { "columns", SCHEMA_NAMED, OPTIONAL, NULL, column_keys,
      "column name → parameter id, or the keys below" },
    { "subject_columns", SCHEMA_NAMED, OPTIONAL, NULL, column_keys,
      "columns that belong to the subject: must be the same in all its rows" },
    { "param", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the name of what was measured" },
    { "value", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "value layout: column with the value" },
    { "unit", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "value layout: column with the unit" },
    { "low", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the lower reference limit" },
    { "high", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the upper reference limit" },
    { "names", SCHEMA_NAMED, OPTIONAL, NULL, name_keys,
      "value layout: name in the file → parameter id, or the keys below; others are left out and "
      "counted" },
    { "kind", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "event layout: column with, or the word itself: adverse_event, infusion, rescue, procedure, "
      "finding, milestone" },
    { "fields", SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "event and therapy layouts: field → column. Fields of an event: kind, term, day, end_day, "
      "grade, serious, related, "
      "action, outcome, detail; of a therapy: drug, class, dose, dose_unit, frequency, start_day, "
      "end_day, start_text, "
      "end_text, response, reason_stopped, ongoing" },
    END
};
static const schema_key score_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "score id (stroma score list)" },
    { "as", SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter id of the result; default the score id" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "label of the result" },
    { "inputs", SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "input name → parameter id at the same visit, or {param, visit}; default the parameter of "
      "the same name" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "only at these visits" },
    { "options", SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "declared choices of the score, as constant inputs" },
    END
};
static const schema_key derive_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter id of the result" },
    { "method", SCHEMA_CHOICE, REQUIRED,
      "change|percent_change|log2_ratio|ratio|difference|maximum|minimum|mean|threshold|course",
      NULL, "how it is computed" },
    { "of", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter it starts from" },
    { "over", SCHEMA_ID, OPTIONAL, NULL, NULL, "ratio, difference: the second parameter" },
    { "from", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "change: visit it is compared with; default the baseline visit" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "visits that enter a maximum, minimum or mean; elsewhere: only at these visits" },
    { "at", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "visit the result of a maximum, minimum, mean or threshold is dated to" },
    { "above", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "threshold: 1 when the value is > this" },
    { "at_least", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "threshold: 1 when the value is ≥ this" },
    { "below", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "threshold: 1 when the value is < this" },
    { "floor", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "ratio: smallest denominator used; smaller is not estimable" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "label of the result" },
    { "unit", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unit of the result; default that of `of`" },
    { "paramcd", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ADaM code of the result" },
    { "decimals", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "decimals of a printed value" },
    { "flare_rise", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: rise above the lowest value since baseline that is a flare; default 1.2" },
    { "flare_rise_active", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: smaller rise that is a flare when the value is at least active_from; default 0.6" },
    { "active_from", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: see flare_rise_active; default 3.2" },
    { "partial_drop", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: a lost response is partial while the value is more than this below baseline; "
      "default 0.6" },
    END
};
static const schema_key set_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL,
      "all_randomised, full_analysis, per_protocol, safety, or another" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "rule", SCHEMA_CHOICE, REQUIRED,
      "all|randomised|treated|post_baseline|completed|no_deviation|group", NULL, "who is in" },
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "post_baseline, completed: of this parameter" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "completed: has a value at this visit" },
    { "grouping", SCHEMA_ID, OPTIONAL, NULL, NULL, "group: members of this grouping" },
    { "groups", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "group: in these groups" },
    END
};
static const schema_key when_keys[] = {
    { "param", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter looked at" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; absent: the subject's own value" },
    { "in", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "word or flag is one of these" },
    { "above", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is > this" },
    { "at_least", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is ≥ this" },
    { "below", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is < this" },
    END
};
static const schema_key group_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id of the group" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "colour", SCHEMA_CHOICE, OPTIONAL,
      "response|no_response|control|highlight|other1|other2|other3", NULL,
      "role that fixes the colour, dash and symbol" },
    { "arm", SCHEMA_ID, OPTIONAL, NULL, NULL, "everybody of this arm" },
    { "when", SCHEMA_LIST, OPTIONAL, NULL, when_keys, "all of these hold" },
    { "otherwise", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true: who fitted no group before" },
    END
};
static const schema_key grouping_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL,
      "id of the grouping; `arm` and `all` exist by themselves" },
    { "label", SCHEMA_TEXT, REQUIRED, NULL, NULL, "as printed" },
    { "landmark", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "visit at which the groups are formed, once; required when a group looks at data" },
    { "within", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "arms whose subjects are split by `when`" },
    { "missing", SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "a subject whose data for the rule are missing: left out, or in the `otherwise` group "
      "(composite strategy); default leave_out" },
    { "groups", SCHEMA_LIST, REQUIRED, NULL, group_keys,
      "tried in order; the first that fits wins" },
    END
};
static const schema_key place_keys[] = { { "param", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter" },
                                         { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "visit" },
                                         END };
static const schema_key cutoff_keys[] = {
    { "value", SCHEMA_NUMBER, REQUIRED, NULL, NULL, "the cut-off" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "direction", SCHEMA_CHOICE, OPTIONAL, "above|at_least|below", NULL,
      "what counts as positive" },
    { "origin", SCHEMA_CHOICE, OPTIONAL, "prespecified|literature|found_here", NULL,
      "where it comes from" },
    { "assay", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "assay it was defined on" },
    { "source", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "reference" },
    END
};
static const schema_key intercurrent_keys[] = {
    { "kind", SCHEMA_TEXT, REQUIRED, NULL, NULL, "kind of event, as in the data" },
    { "term", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "only events with this term" },
    { "strategy", SCHEMA_CHOICE, REQUIRED,
      "treatment_policy|hypothetical|composite|while_on_treatment", NULL,
      "what it means for the values after it (ICH E9(R1))" },
    END
};
static const schema_key response_keys[] = {
    { "at_most", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "responders have this or less" },
    { "at_least", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "responders have this or more" },
    { "percent", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true: in percent of the baseline value" },
    END
};
static const schema_key analysis_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id; report items refer to it" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "method", SCHEMA_CHOICE, REQUIRED,
      "describe|time_course|before_after|compare|ancova|mmrm|imputation|proportion|risk_difference|"
      "smd|correlation|"
      "event_rate",
      NULL, "what is computed (docs/handbook/analyses.md)" },
    { "test", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "t, welch, mann_whitney, anova, welch_anova, kruskal_wallis, paired_t, signed_rank, pearson, "
      "spearman, kendall, "
      "newcombe, miettinen_nurminen, fisher; default by method" },
    { "params", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "one parameter" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "one visit" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "visits; before_after: [before, after]" },
    { "baseline", SCHEMA_ID, OPTIONAL, NULL, NULL, "reference visit; default the baseline visit" },
    { "grouping", SCHEMA_ID, OPTIONAL, NULL, NULL, "grouping; default arm" },
    { "groups", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "only these groups, in this order; the last is what the others are compared with; default "
      "all, "
      "control arms last" },
    { "set", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "population; default full_analysis, with missing: nonresponse all_randomised, event_rate: "
      "safety" },
    { "tests", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "time_course: within (each visit against baseline), between (groups at each visit), "
      "consecutive (each visit against "
      "the one before); default none" },
    { "success", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "proportion, risk_difference: words or flags that count" },
    { "missing", SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "proportion, risk_difference: nonresponse is the composite strategy of ICH E9(R1)" },
    { "estimand", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "estimand label" },
    { "family", SCHEMA_ID, OPTIONAL, NULL, NULL, "multiplicity family; default the id" },
    { "adjust", SCHEMA_CHOICE, OPTIONAL, "none|bonferroni|holm|hochberg|bh|by", NULL,
      "within the family; default holm" },
    { "x", SCHEMA_MAP, OPTIONAL, NULL, place_keys, "correlation: first variable" },
    { "y", SCHEMA_MAP, OPTIONAL, NULL, place_keys, "correlation: second variable" },
    { "kind", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "event_rate: kind of event; default adverse_event" },
    { "terms", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "event_rate: terms that are always listed, so that zero counts show their bound" },
    { "outcome", SCHEMA_CHOICE, OPTIONAL, "change|value", NULL,
      "mmrm, imputation: change from baseline, or the value; default change" },
    { "transform", SCHEMA_CHOICE, OPTIONAL, "none|log2", NULL,
      "mmrm, imputation: log2 of the values, so that differences are of log2; default none" },
    { "covariates", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "mmrm, imputation: parameters known at baseline, besides the baseline value" },
    { "covariance", SCHEMA_CHOICE, OPTIONAL,
      "us|toeph|adh|ar1h|csh|toep|ad|ar1|cs|sp_exp|random_slope", NULL,
      "mmrm, imputation: covariance over the visits; default us (unstructured); sp_exp and "
      "random_slope (mmrm only) go by the times of the visits" },
    { "covariance_by_group", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "mmrm, imputation: a covariance of its own for each group (imputation: slopes too)" },
    { "fallback", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "mmrm, imputation: covariances to try in this order when one cannot be estimated" },
    { "df", SCHEMA_CHOICE, OPTIONAL, "kr_linear|kr|kr_natural|satterthwaite", NULL,
      "mmrm: standard errors and degrees of freedom; default kr_linear" },
    { "weights", SCHEMA_CHOICE, OPTIONAL, "equal|observed", NULL,
      "mmrm: words of a covariate in adjusted means alike, or as often as they occur" },
    { "intercurrent", SCHEMA_LIST, OPTIONAL, NULL, intercurrent_keys,
      "mmrm, imputation: events that change what the values after them mean" },
    { "response", SCHEMA_MAP, OPTIONAL, NULL, response_keys,
      "imputation: a response made of the outcome; gives proportions and risk differences" },
    { "strategy", SCHEMA_CHOICE, OPTIONAL, "mar|j2r|cr|cir", NULL,
      "imputation: after dropout missing at random, jump to reference, copy reference, copy "
      "increments in reference; default mar" },
    { "draws", SCHEMA_CHOICE, OPTIONAL, "bayes|bootstrap|conditional_mean", NULL,
      "imputation: default bayes; conditional_mean has jackknife standard errors" },
    { "imputations", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "imputation: how many; default 100" },
    { "delta", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "imputation: added to values imputed after dropout in every group but the reference" },
    { "delta_cumulative", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "imputation: the shift adds up over the visits after dropout" },
    { "tipping_limit", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "imputation: search from 0 to here for the shift of imputed values that changes the "
      "conclusion at the last visit" },
    { "predictor", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: the parameter is offered as a predictor of the grouping, so its window must end "
      "before the landmark" },
    { "level", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "confidence level; default 0.95" },
    END
};
static const schema_key candidate_keys[] = {
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "one parameter" },
    { "params", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "category", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "every number of this category that has values, as cytokine" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; default the landmark" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "at each of these visits" },
    { "negative_control", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: expected to show nothing; outside the family, and a warning when it does" },
    END
};
static const schema_key marker_outcome_keys[] = {
    { "grouping", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "yes/no: member of `group`, against the other groups that are not made of an arm" },
    { "group", SCHEMA_ID, OPTIONAL, NULL, NULL, "the group that counts as yes" },
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "or a parameter" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; absent: the subject's own value" },
    { "success", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "words or flags of the parameter that count as yes; absent: a number" },
    { "missing", SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "nonresponse is the composite strategy of ICH E9(R1); default leave_out" },
    END
};
static const schema_key heterogeneity_keys[] = {
    { "param", SCHEMA_ID, REQUIRED, NULL, NULL, "the scale behind the outcome, as das28esr" },
    { "visit", SCHEMA_ID, REQUIRED, NULL, NULL, "its change from baseline to this visit" },
    { "measurement_sd", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "SD of one measurement in a stable patient; 0.68 for DAS28 (Frey 2013)" },
    { "source", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "where that SD comes from" },
    { "responder_drop", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "a fall of at least this much is a response" },
    { "rule", SCHEMA_CHOICE, OPTIONAL, "drop|eular", NULL,
      "eular: good or moderate response; default drop" },
    END
};
static const schema_key marker_cutoff_keys[] = {
    { "param", SCHEMA_ID, REQUIRED, NULL, NULL, "candidate" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; default the landmark" },
    { "value", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "the cut-off; absent with origin found_here: searched, with what the search costs" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "direction", SCHEMA_CHOICE, OPTIONAL, "above|at_least|below|at_most", NULL,
      "what counts as positive; default above" },
    { "origin", SCHEMA_CHOICE, REQUIRED, "prespecified|literature|found_here", NULL,
      "where it comes from" },
    { "assay", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "assay it was defined on; another than the parameter's is a warning" },
    { "source", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "reference" },
    END
};
static const schema_key other_cause_keys[] = {
    { "kind", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "kind of event; default adverse_event" },
    { "terms", SCHEMA_TEXTS, REQUIRED, NULL, NULL, "the events that count, as in the data" },
    { "days", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "how many days before the rise one counts; default 14" },
    { "leave_out", SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: such rises are not aligned; default false: they are counted and said" },
    END
};
static const schema_key align_keys[] = {
    { "marker", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter whose rise is day 0" },
    { "response", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter that is followed" },
    { "above", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "the rise: first value above this" },
    { "fold", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "or: first value at least this many times the baseline" },
    { "expect", SCHEMA_CHOICE, OPTIONAL, "rise|fall", NULL,
      "what the response is expected to do after it; default rise" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "default all with a day" },
    { "other_cause", SCHEMA_MAP, OPTIONAL, NULL, other_cause_keys,
      "events that may explain a rise by themselves, as infections" },
    END
};
static const schema_key marker_model_keys[] = {
    { "method", SCHEMA_CHOICE, REQUIRED, "firth|ridge|lasso|elastic_net|bayes", NULL,
      "how it is fitted" },
    { "predictors", SCHEMA_TEXTS, REQUIRED, NULL, NULL,
      "candidates, as ifn_gamma_pg_ml or ifn_gamma_pg_ml@W4; at the landmark where no visit is "
      "given" },
    { "intended_use", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "for the model card" },
    { "over_budget", SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "why more parameters are fitted than the sample size supports (Riley 2020)" },
    { "bootstrap", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "resamples of the optimism; default 500" },
    { "folds", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "of the cross-validation; default 10" },
    { "repeats", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "of the cross-validation; default 10" },
    END
};
static const schema_key biomarker_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id; report items refer to it" },
    { "label", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "question", SCHEMA_CHOICE, REQUIRED, "prognostic|predictive|pharmacodynamic|early_response",
      NULL,
      "prognostic: known before treatment. predictive: who gains from this treatment, refused "
      "without a control arm. early_response: known at a landmark before the outcome. "
      "pharmacodynamic: changes after treatment" },
    { "outcome", SCHEMA_MAP, REQUIRED, NULL, marker_outcome_keys, "what is to be foreseen" },
    { "landmark", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "nothing that is dated later enters; default the baseline visit, required for "
      "early_response" },
    { "within", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "arms; default all for predictive, else those treated" },
    { "set", SCHEMA_ID, OPTIONAL, NULL, NULL, "population; default full_analysis" },
    { "candidates", SCHEMA_LIST, REQUIRED, NULL, candidate_keys, "the declared family" },
    { "batch", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "parameter of the subject with plate or centre: tests are made within it" },
    { "heterogeneity", SCHEMA_MAP, OPTIONAL, NULL, heterogeneity_keys,
      "are there responders at all? stands at the head of the section" },
    { "cutoffs", SCHEMA_LIST, OPTIONAL, NULL, marker_cutoff_keys, "cut-offs to judge" },
    { "align", SCHEMA_LIST, OPTIONAL, NULL, align_keys,
      "courses aligned at the rise of a marker instead of at treatment" },
    { "model", SCHEMA_MAP, OPTIONAL, NULL, marker_model_keys, "a model for the next patient" },
    { "statistic", SCHEMA_CHOICE, OPTIONAL, "wilcoxon|t", NULL, "default wilcoxon" },
    { "direction", SCHEMA_CHOICE, OPTIONAL, "higher|lower|two_sided", NULL,
      "higher: larger values go with yes; declared, never picked from the data; default "
      "two_sided" },
    { "permutations", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "default 10000" },
    { "looks", SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "tests among which this one was chosen, where they were made elsewhere; default the "
      "family's" },
    { "level", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "confidence level; default 0.95" },
    END
};
static const schema_key item_keys[] = {
    { "id", SCHEMA_ID, OPTIONAL, NULL, NULL, "id; default section id and number" },
    { "kind", SCHEMA_CHOICE, REQUIRED,
      "time_course|dot_plot|scatter|spaghetti|rates|timeline|flow|baseline_table|before_after_"
      "table|event_table|rate_table|"
      "change_table|summary_table|result_table|findings_table|tests_table|files_table|text|roc_"
      "curve|"
      "calibration|decision_curve|alignment|forest|volcano|missing_map|biomarker_table|candidate_"
      "table|cutoff_table|model_table",
      NULL, "docs/formats/study-db.md says which keys each takes" },
    { "title", SCHEMA_TEXT, REQUIRED, NULL, NULL, "the quantity with its unit, or the finding" },
    { "caption", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "added before the caption made by rule" },
    { "origin", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "what it reproduces, as S3-45" },
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter" },
    { "params", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "grouping", SCHEMA_ID, OPTIONAL, NULL, NULL, "grouping; default arm, or all without arms" },
    { "group", SCHEMA_ID, OPTIONAL, NULL, NULL, "one group" },
    { "groups", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "groups" },
    { "set", SCHEMA_ID, OPTIONAL, NULL, NULL,
      "population; default full_analysis, baseline_table: all_randomised, event_table: safety" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "visit" },
    { "visits", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "visits" },
    { "points", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "draw single patients" },
    { "statistic", SCHEMA_CHOICE, OPTIONAL, "mean|median", NULL, "bold line" },
    { "cutoff", SCHEMA_MAP, OPTIONAL, NULL, cutoff_keys, "labelled line" },
    { "x", SCHEMA_MAP, OPTIONAL, NULL, place_keys, "scatter" },
    { "y", SCHEMA_MAP, OPTIONAL, NULL, place_keys, "scatter" },
    { "analysis", SCHEMA_ID, OPTIONAL, NULL, NULL, "analysis shown" },
    { "biomarker", SCHEMA_ID, OPTIONAL, NULL, NULL, "biomarker question shown" },
    { "series", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "one curve of it, as ifn_gamma_pg_ml@W0" },
    { "analyses", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "analyses shown" },
    { "subject", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "timeline, change_table: subject" },
    { "tracks", SCHEMA_ANY, OPTIONAL, NULL, NULL, "timeline: list of {kind, params, label}" },
    { "text", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "text: plain paragraphs" },
    { "panel", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "letter of the paper, as 2a" },
    { "row", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "figures with the same row stand side by side" },
    { "free_scale", SCHEMA_BOOL, OPTIONAL, NULL, NULL, "own axis; the figure says so" },
    END
};
static const schema_key section_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "title", SCHEMA_TEXT, REQUIRED, NULL, NULL, "heading" },
    { "intro", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "plain paragraphs under it" },
    { "items", SCHEMA_LIST, OPTIONAL, NULL, item_keys, "figures and tables in order" },
    END
};
static const schema_key identity_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "total", SCHEMA_ID, REQUIRED, NULL, NULL, "parameter that must equal the sum" },
    { "parts", SCHEMA_TEXTS, REQUIRED, NULL, NULL, "parameters that add up to it" },
    { "tolerance", SCHEMA_NUMBER, REQUIRED, NULL, NULL,
      "largest difference allowed, in the parameter's unit" },
    END
};
static const schema_key statement_keys[] = {
    { "id", SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "text", SCHEMA_TEXT, REQUIRED, NULL, NULL, "the sentence as written in the source" },
    { "param", SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter it speaks of" },
    { "subject", SCHEMA_TEXT, OPTIONAL, NULL, NULL, "subject it speaks of" },
    { "visit", SCHEMA_ID, OPTIONAL, NULL, NULL, "visit it speaks of" },
    { "claims", SCHEMA_CHOICE, OPTIONAL, "normal|low|high|fell|rose|percent", NULL,
      "what it says of the value: against its reference range, or since baseline (fell, rose)" },
    { "count", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: numerator as printed" },
    { "of", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: denominator" },
    { "percent", SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: as printed" },
    END
};
static const schema_key checks_keys[] = {
    { "identities", SCHEMA_LIST, OPTIONAL, NULL, identity_keys,
      "sums that must hold within a visit (audit A2)" },
    { "statements", SCHEMA_LIST, OPTIONAL, NULL, statement_keys,
      "sentences of a narrative that the data can contradict (S0-10, S0-12, audit A3)" },
    { "dose_cells_per_kg", SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "plausible cell dose (audit A17); default [1e4, 1e8]" },
    { "off", SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "ids of checks not to run" },
    END
};

const schema_key study_schema[] = {
    { "stroma", SCHEMA_NUMBER, REQUIRED, NULL, NULL, "version of this format: 1" },
    { "study", SCHEMA_MAP, REQUIRED, NULL, study_keys, "identity" },
    { "arms", SCHEMA_LIST, OPTIONAL, NULL, arm_keys, "arms of a trial" },
    { "visits", SCHEMA_LIST, REQUIRED, NULL, visit_keys, "visits in order" },
    { "parameters", SCHEMA_LIST, OPTIONAL, NULL, parameter_keys,
      "parameters that stroma does not know, and what differs for those it does" },
    { "data", SCHEMA_LIST, REQUIRED, NULL, data_keys, "files and what their columns mean" },
    { "scores", SCHEMA_LIST, OPTIONAL, NULL, score_keys, "scores to compute at every visit" },
    { "derive", SCHEMA_LIST, OPTIONAL, NULL, derive_keys, "further derived parameters, in order" },
    { "sets", SCHEMA_LIST, OPTIONAL, NULL, set_keys,
      "analysis sets; the usual four exist by themselves" },
    { "groups", SCHEMA_LIST, OPTIONAL, NULL, grouping_keys, "groupings" },
    { "analyses", SCHEMA_LIST, OPTIONAL, NULL, analysis_keys, "what is computed" },
    { "biomarkers", SCHEMA_LIST, OPTIONAL, NULL, biomarker_keys,
      "questions about biomarkers (docs/handbook/biomarkers.md)" },
    { "report", SCHEMA_LIST, OPTIONAL, NULL, section_keys, "sections of the report" },
    { "checks", SCHEMA_MAP, OPTIONAL, NULL, checks_keys, "further checks of the data" },
    { "cannot_conclude", SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "statements about what the design does not allow, besides those made by rule" },
    END
};

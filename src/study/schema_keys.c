/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study file, key by key. Adding a key is one line here and its use in study_file.c. */
#include "model.h"

#define END          \
    {                \
        .name = NULL \
    }
#define REQUIRED true
#define OPTIONAL false

static const stroma_schema_key study_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "short name, as it stands in outputs" },
    { "title", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "full title" },
    { "disease", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "disease in words" },
    { "layout", STROMA_SCHEMA_CHOICE, OPTIONAL, "trial|case|cohort", NULL,
      "trial (arms), cohort (no arms) or case (one patient); default trial" },
    { "simulated", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true labels every output as simulated data" },
    { "style", STROMA_SCHEMA_CHOICE, OPTIONAL, "stroma|paper", NULL,
      "paper prints the source paper's marks, each called circular where it is; default stroma" },
    { "registration", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "registry number" },
    { "ethics", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ethics approval" },
    { "day0", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "what day 0 is, in words; \"unknown\" is allowed and said" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "where the data come from" },
    { "time_unit", STROMA_SCHEMA_CHOICE, OPTIONAL, "week|month|day", NULL,
      "unit of visits[].time; default week" },
    { "seed", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "seed of every random draw of the run; default 1" },
    { "primary", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "primary parameter: the full analysis set needs it at baseline and once later" },
    END
};
static const stroma_schema_key arm_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "as in the data, or mapped to by the data" },
    { "label", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "as printed" },
    { "role", STROMA_SCHEMA_CHOICE, REQUIRED, "treated|control", NULL,
      "which comparison it plays" },
    { "description", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "what was given" },
    END
};
static const stroma_schema_key visit_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "as in the data, or mapped to by the data" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed; default the id" },
    { "time", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "place on the time axis in study.time_unit; absent: not on the axis" },
    { "day", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "target study day" },
    { "window", STROMA_SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "first and last study day that count as this visit" },
    { "baseline", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true for the baseline visit" },
    END
};
static const stroma_schema_key parameter_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL,
      "lower case with the unit, as il_6_pg_ml; known ids need no more keys" },
    { "paramcd", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ADaM code, 8 characters at most" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "unit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unit of the stored value" },
    { "kind", STROMA_SCHEMA_CHOICE, OPTIONAL, "number|word|flag", NULL, "default number" },
    { "category", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "score, cytokine, cell, lab, …" },
    { "decimals", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "decimals of a printed value" },
    { "log_scale", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true draws it on a log axis" },
    { "lloq", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "lower limit of quantification" },
    { "uloq", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "upper limit of quantification" },
    { "range", STROMA_SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "physically possible values; outside is an error" },
    { "reference", STROMA_SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "reference range; outside is a flag" },
    { "assay", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "assay and kit; a cut-off is bound to it" },
    { "words", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "the words a word parameter may have, in order" },
    END
};
static const stroma_schema_key column_keys[] = {
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter the column holds" },
    { "role", STROMA_SCHEMA_CHOICE, OPTIONAL,
      "arm|day0_date|disposition|disposition_reason|disposition_day|disposition_date|treated|"
      "randomised|"
      "protocol_deviation",
      NULL, "or what it says of the subject" },
    { "unit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "unit in the file; converted when it differs from the parameter's and the conversion is "
      "known" },
    { "unit_column", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the unit of each row" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "visit the whole column belongs to" },
    { "map", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "file value → stored value, as {\"1\": male, \"2\": female}" },
    { "low", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the lower reference limit" },
    { "high", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the upper reference limit" },
    END
};
static const stroma_schema_key name_keys[] = {
    { "param", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "visit, where the name carries it (haq12)" },
    { "unit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "unit in the file" },
    { "map", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL, "file value → stored value" },
    END
};
static const stroma_schema_key data_keys[] = {
    { "file", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL,
      "path, relative to the study file; STROMA_DATA_ROOT may stand in it as ${STROMA_DATA_ROOT}" },
    { "layout", STROMA_SCHEMA_CHOICE, REQUIRED, "subject|visit|value|event|therapy", NULL,
      "one row a subject, a visit, a value, an event or a therapy" },
    { "format", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "csv, xpt, sav, dataset-json, …; default by content" },
    { "delimiter", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "of a text file: , ; tab or |; default detected" },
    { "decimal", STROMA_SCHEMA_CHOICE, OPTIONAL, "point|comma", NULL,
      "decimal mark; default detected" },
    { "missing", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "texts that mean missing, besides the empty cell" },
    { "not_done", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "texts that mean not done" },
    { "subject", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the subject id; required but for a case" },
    { "visit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "column with the visit" },
    { "visit_after", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "one character: the visit stands behind its last occurrence in the subject's cell, as in "
      "Pt028.2; a cell without it is the visit \"first\" of visit_map" },
    { "visit_map", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL, "file value → visit id" },
    { "repeat", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the repeat instance (REDCap); visit_map may then hold event#instance, as "
      "follow_up_arm_1#2" },
    { "day", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the study day; without a visit column the visit windows decide" },
    { "day_numbering", STROMA_SCHEMA_CHOICE, OPTIONAL, "from_zero|cdisc", NULL,
      "cdisc has no day 0; default from_zero" },
    { "date", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "column with the date; needs a subject column of role day0_date" },
    { "columns", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, column_keys,
      "column name → parameter id, or the keys below" },
    { "subject_columns", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, column_keys,
      "columns that belong to the subject: must be the same in all its rows" },
    { "param", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the name of what was measured" },
    { "value", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "value layout: column with the value" },
    { "unit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "value layout: column with the unit" },
    { "low", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the lower reference limit" },
    { "high", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "value layout: column with the upper reference limit" },
    { "names", STROMA_SCHEMA_NAMED, OPTIONAL, NULL, name_keys,
      "value layout: name in the file → parameter id, or the keys below; others are left out and "
      "counted" },
    { "kind", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "event layout: column with, or the word itself: adverse_event, infusion, rescue, procedure, "
      "finding, milestone" },
    { "fields", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "event and therapy layouts: field → column. Fields of an event: kind, term, day, end_day, "
      "grade, serious, related, "
      "action, outcome, detail; of a therapy: drug, class, dose, dose_unit, frequency, start_day, "
      "end_day, start_text, "
      "end_text, response, reason_stopped, ongoing" },
    END
};
static const stroma_schema_key score_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "score id (stroma score list)" },
    { "as", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "parameter id of the result; default the score id" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "label of the result" },
    { "inputs", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "input name → parameter id at the same visit, or {param, visit}; default the parameter of "
      "the same name" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "only at these visits" },
    { "options", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "declared choices of the score, as constant inputs" },
    END
};
static const stroma_schema_key derive_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter id of the result" },
    { "method", STROMA_SCHEMA_CHOICE, REQUIRED,
      "change|percent_change|log2_ratio|ratio|difference|maximum|minimum|mean|threshold|course",
      NULL, "how it is computed" },
    { "of", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter it starts from" },
    { "over", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "ratio, difference: the second parameter" },
    { "from", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "change: visit it is compared with; default the baseline visit" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "visits that enter a maximum, minimum or mean; elsewhere: only at these visits" },
    { "at", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "visit the result of a maximum, minimum, mean or threshold is dated to" },
    { "above", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "threshold: 1 when the value is > this" },
    { "at_least", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "threshold: 1 when the value is ≥ this" },
    { "below", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "threshold: 1 when the value is < this" },
    { "floor", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "ratio: smallest denominator used; smaller is not estimable" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "label of the result" },
    { "unit", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "unit of the result; default that of `of`" },
    { "paramcd", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "ADaM code of the result" },
    { "decimals", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "decimals of a printed value" },
    { "flare_rise", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: rise above the lowest value since baseline that is a flare; default 1.2" },
    { "flare_rise_active", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: smaller rise that is a flare when the value is at least active_from; default 0.6" },
    { "active_from", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: see flare_rise_active; default 3.2" },
    { "partial_drop", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "course: a lost response is partial while the value is more than this below baseline; "
      "default 0.6" },
    END
};
static const stroma_schema_key set_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL,
      "all_randomised, full_analysis, per_protocol, safety, or another" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "rule", STROMA_SCHEMA_CHOICE, REQUIRED,
      "all|randomised|treated|post_baseline|completed|no_deviation|group", NULL, "who is in" },
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "post_baseline, completed: of this parameter" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "completed: has a value at this visit" },
    { "grouping", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "group: members of this grouping" },
    { "groups", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "group: in these groups" },
    END
};
static const stroma_schema_key when_keys[] = {
    { "param", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter looked at" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "at this visit; absent: the subject's own value" },
    { "in", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "word or flag is one of these" },
    { "above", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is > this" },
    { "at_least", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is ≥ this" },
    { "below", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "value is < this" },
    END
};
static const stroma_schema_key group_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id of the group" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "colour", STROMA_SCHEMA_CHOICE, OPTIONAL,
      "response|no_response|control|highlight|other1|other2|other3", NULL,
      "role that fixes the colour, dash and symbol" },
    { "arm", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "everybody of this arm" },
    { "when", STROMA_SCHEMA_LIST, OPTIONAL, NULL, when_keys, "all of these hold" },
    { "otherwise", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL, "true: who fitted no group before" },
    END
};
static const stroma_schema_key grouping_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL,
      "id of the grouping; `arm` and `all` exist by themselves" },
    { "label", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "as printed" },
    { "landmark", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "visit at which the groups are formed, once; required when a group looks at data" },
    { "within", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "arms whose subjects are split by `when`" },
    { "missing", STROMA_SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "a subject whose data for the rule are missing: left out, or in the `otherwise` group "
      "(composite strategy); default leave_out" },
    { "groups", STROMA_SCHEMA_LIST, REQUIRED, NULL, group_keys,
      "tried in order; the first that fits wins" },
    END
};
static const stroma_schema_key place_keys[] = {
    { "param", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "visit" },
    END
};
static const stroma_schema_key cutoff_keys[] = {
    { "value", STROMA_SCHEMA_NUMBER, REQUIRED, NULL, NULL, "the cut-off" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "direction", STROMA_SCHEMA_CHOICE, OPTIONAL, "above|at_least|below", NULL,
      "what counts as positive" },
    { "origin", STROMA_SCHEMA_CHOICE, OPTIONAL, "prespecified|literature|found_here", NULL,
      "where it comes from" },
    { "assay", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "assay it was defined on" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "reference" },
    END
};
static const stroma_schema_key intercurrent_keys[] = {
    { "kind", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "kind of event, as in the data" },
    { "term", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "only events with this term" },
    { "strategy", STROMA_SCHEMA_CHOICE, REQUIRED,
      "treatment_policy|hypothetical|composite|while_on_treatment", NULL,
      "what it means for the values after it (ICH E9(R1))" },
    END
};
static const stroma_schema_key response_keys[] = {
    { "at_most", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "responders have this or less" },
    { "at_least", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "responders have this or more" },
    { "percent", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: in percent of the baseline value" },
    END
};
static const stroma_schema_key analysis_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id; report items refer to it" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "method", STROMA_SCHEMA_CHOICE, REQUIRED,
      "describe|time_course|before_after|compare|ancova|mmrm|imputation|proportion|risk_difference|"
      "smd|correlation|"
      "event_rate",
      NULL, "what is computed (docs/handbook/analyses.md)" },
    { "test", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "t, welch, mann_whitney, anova, welch_anova, kruskal_wallis, paired_t, signed_rank, pearson, "
      "spearman, kendall, "
      "newcombe, miettinen_nurminen, fisher; default by method" },
    { "params", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "one parameter" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "one visit" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "visits; before_after: [before, after]" },
    { "baseline", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "reference visit; default the baseline visit" },
    { "grouping", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "grouping; default arm" },
    { "groups", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "only these groups, in this order; the last is what the others are compared with; default "
      "all, "
      "control arms last" },
    { "set", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "population; default full_analysis, with missing: nonresponse all_randomised, event_rate: "
      "safety" },
    { "tests", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "time_course: within (each visit against baseline), between (groups at each visit), "
      "consecutive (each visit against "
      "the one before); default none" },
    { "success", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "proportion, risk_difference: words or flags that count" },
    { "missing", STROMA_SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "proportion, risk_difference: nonresponse is the composite strategy of ICH E9(R1)" },
    { "estimand", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "estimand label" },
    { "family", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "multiplicity family; default the id" },
    { "adjust", STROMA_SCHEMA_CHOICE, OPTIONAL, "none|bonferroni|holm|hochberg|bh|by", NULL,
      "within the family; default holm" },
    { "x", STROMA_SCHEMA_MAP, OPTIONAL, NULL, place_keys, "correlation: first variable" },
    { "y", STROMA_SCHEMA_MAP, OPTIONAL, NULL, place_keys, "correlation: second variable" },
    { "kind", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "event_rate: kind of event; default adverse_event" },
    { "terms", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "event_rate: terms that are always listed, so that zero counts show their bound" },
    { "outcome", STROMA_SCHEMA_CHOICE, OPTIONAL, "change|value", NULL,
      "mmrm, imputation: change from baseline, or the value; default change" },
    { "transform", STROMA_SCHEMA_CHOICE, OPTIONAL, "none|log2", NULL,
      "mmrm, imputation: log2 of the values, so that differences are of log2; default none" },
    { "covariates", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "mmrm, imputation: parameters known at baseline, besides the baseline value" },
    { "covariance", STROMA_SCHEMA_CHOICE, OPTIONAL,
      "us|toeph|adh|ar1h|csh|toep|ad|ar1|cs|sp_exp|random_slope", NULL,
      "mmrm, imputation: covariance over the visits; default us (unstructured); sp_exp and "
      "random_slope (mmrm only) go by the times of the visits" },
    { "covariance_by_group", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "mmrm, imputation: a covariance of its own for each group (imputation: slopes too)" },
    { "fallback", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "mmrm, imputation: covariances to try in this order when one cannot be estimated" },
    { "df", STROMA_SCHEMA_CHOICE, OPTIONAL, "kr_linear|kr|kr_natural|satterthwaite", NULL,
      "mmrm: standard errors and degrees of freedom; default kr_linear" },
    { "weights", STROMA_SCHEMA_CHOICE, OPTIONAL, "equal|observed", NULL,
      "mmrm: words of a covariate in adjusted means alike, or as often as they occur" },
    { "intercurrent", STROMA_SCHEMA_LIST, OPTIONAL, NULL, intercurrent_keys,
      "mmrm, imputation: events that change what the values after them mean" },
    { "response", STROMA_SCHEMA_MAP, OPTIONAL, NULL, response_keys,
      "imputation: a response made of the outcome; gives proportions and risk differences" },
    { "strategy", STROMA_SCHEMA_CHOICE, OPTIONAL, "mar|j2r|cr|cir", NULL,
      "imputation: after dropout missing at random, jump to reference, copy reference, copy "
      "increments in reference; default mar" },
    { "draws", STROMA_SCHEMA_CHOICE, OPTIONAL, "bayes|bootstrap|conditional_mean", NULL,
      "imputation: default bayes; conditional_mean has jackknife standard errors" },
    { "imputations", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "imputation: how many; default 100" },
    { "delta", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "imputation: added to values imputed after dropout in every group but the reference" },
    { "delta_cumulative", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "imputation: the shift adds up over the visits after dropout" },
    { "tipping_limit", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "imputation: search from 0 to here for the shift of imputed values that changes the "
      "conclusion at the last visit" },
    { "predictor", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: the parameter is offered as a predictor of the grouping, so its window must end "
      "before the landmark" },
    { "level", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "confidence level; default 0.95" },
    END
};
static const stroma_schema_key candidate_keys[] = {
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "one parameter" },
    { "params", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "category", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "every number of this category that has values, as cytokine" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; default the landmark" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "at each of these visits" },
    { "negative_control", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: expected to show nothing; outside the family, and a warning when it does" },
    END
};
static const stroma_schema_key marker_outcome_keys[] = {
    { "grouping", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "yes/no: member of `group`, against the other groups that are not made of an arm" },
    { "group", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "the group that counts as yes" },
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "or a parameter" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "at this visit; absent: the subject's own value" },
    { "success", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "words or flags of the parameter that count as yes; absent: a number" },
    { "missing", STROMA_SCHEMA_CHOICE, OPTIONAL, "leave_out|nonresponse", NULL,
      "nonresponse is the composite strategy of ICH E9(R1); default leave_out" },
    END
};
static const stroma_schema_key heterogeneity_keys[] = {
    { "param", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL,
      "the scale behind the outcome, as das28esr" },
    { "visit", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "its change from baseline to this visit" },
    { "measurement_sd", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "SD of one measurement in a stable patient; 0.68 for DAS28 (Frey 2013)" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "where that SD comes from" },
    { "responder_drop", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "a fall of at least this much is a response" },
    { "rule", STROMA_SCHEMA_CHOICE, OPTIONAL, "drop|eular", NULL,
      "eular: good or moderate response; default drop" },
    END
};
static const stroma_schema_key marker_cutoff_keys[] = {
    { "param", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "candidate" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "at this visit; default the landmark" },
    { "value", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "the cut-off; absent with origin found_here: searched, with what the search costs" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "direction", STROMA_SCHEMA_CHOICE, OPTIONAL, "above|at_least|below|at_most", NULL,
      "what counts as positive; default above" },
    { "origin", STROMA_SCHEMA_CHOICE, REQUIRED, "prespecified|literature|found_here", NULL,
      "where it comes from" },
    { "assay", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "assay it was defined on; another than the parameter's is a warning" },
    { "source", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "reference" },
    END
};
static const stroma_schema_key other_cause_keys[] = {
    { "kind", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "kind of event; default adverse_event" },
    { "terms", STROMA_SCHEMA_TEXTS, REQUIRED, NULL, NULL, "the events that count, as in the data" },
    { "days", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "how many days before the rise one counts; default 14" },
    { "leave_out", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL,
      "true: such rises are not aligned; default false: they are counted and said" },
    END
};
static const stroma_schema_key align_keys[] = {
    { "marker", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter whose rise is day 0" },
    { "response", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter that is followed" },
    { "above", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "the rise: first value above this" },
    { "fold", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "or: first value at least this many times the baseline" },
    { "expect", STROMA_SCHEMA_CHOICE, OPTIONAL, "rise|fall", NULL,
      "what the response is expected to do after it; default rise" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "default all with a day" },
    { "other_cause", STROMA_SCHEMA_MAP, OPTIONAL, NULL, other_cause_keys,
      "events that may explain a rise by themselves, as infections" },
    END
};
static const stroma_schema_key marker_model_keys[] = {
    { "method", STROMA_SCHEMA_CHOICE, REQUIRED, "firth|ridge|lasso|elastic_net|bayes", NULL,
      "how it is fitted" },
    { "predictors", STROMA_SCHEMA_TEXTS, REQUIRED, NULL, NULL,
      "candidates, as ifn_gamma_pg_ml or ifn_gamma_pg_ml@W4; at the landmark where no visit is "
      "given" },
    { "intended_use", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "for the model card" },
    { "over_budget", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "why more parameters are fitted than the sample size supports (Riley 2020)" },
    { "bootstrap", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "resamples of the optimism; default 500" },
    { "folds", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "of the cross-validation; default 10" },
    { "repeats", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "of the cross-validation; default 10" },
    END
};
static const stroma_schema_key biomarker_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id; report items refer to it" },
    { "label", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "as printed" },
    { "question", STROMA_SCHEMA_CHOICE, REQUIRED,
      "prognostic|predictive|pharmacodynamic|early_response", NULL,
      "prognostic: known before treatment. predictive: who gains from this treatment, refused "
      "without a control arm. early_response: known at a landmark before the outcome. "
      "pharmacodynamic: changes after treatment" },
    { "outcome", STROMA_SCHEMA_MAP, REQUIRED, NULL, marker_outcome_keys, "what is to be foreseen" },
    { "landmark", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "nothing that is dated later enters; default the baseline visit, required for "
      "early_response" },
    { "within", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "arms; default all for predictive, else those treated" },
    { "set", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "population; default full_analysis" },
    { "candidates", STROMA_SCHEMA_LIST, REQUIRED, NULL, candidate_keys, "the declared family" },
    { "batch", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "parameter of the subject with plate or centre: tests are made within it" },
    { "heterogeneity", STROMA_SCHEMA_MAP, OPTIONAL, NULL, heterogeneity_keys,
      "are there responders at all? stands at the head of the section" },
    { "cutoffs", STROMA_SCHEMA_LIST, OPTIONAL, NULL, marker_cutoff_keys, "cut-offs to judge" },
    { "align", STROMA_SCHEMA_LIST, OPTIONAL, NULL, align_keys,
      "courses aligned at the rise of a marker instead of at treatment" },
    { "model", STROMA_SCHEMA_MAP, OPTIONAL, NULL, marker_model_keys,
      "a model for the next patient" },
    { "statistic", STROMA_SCHEMA_CHOICE, OPTIONAL, "wilcoxon|t", NULL, "default wilcoxon" },
    { "direction", STROMA_SCHEMA_CHOICE, OPTIONAL, "higher|lower|two_sided", NULL,
      "higher: larger values go with yes; declared, never picked from the data; default "
      "two_sided" },
    { "permutations", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "default 10000" },
    { "looks", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL,
      "tests among which this one was chosen, where they were made elsewhere; default the "
      "family's" },
    { "level", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "confidence level; default 0.95" },
    END
};
static const stroma_schema_key item_keys[] = {
    { "id", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "id; default section id and number" },
    { "kind", STROMA_SCHEMA_CHOICE, REQUIRED,
      "time_course|dot_plot|scatter|spaghetti|rates|timeline|flow|baseline_table|before_after_"
      "table|event_table|rate_table|"
      "change_table|summary_table|result_table|findings_table|tests_table|files_table|text|roc_"
      "curve|"
      "calibration|decision_curve|alignment|forest|volcano|missing_map|biomarker_table|candidate_"
      "table|cutoff_table|model_table|gating_strategy|cytometry_overlay|cytometry_visits|"
      "population_table|cytometry_quality_table",
      NULL, "docs/formats/study-db.md says which keys each takes" },
    { "title", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL,
      "the quantity with its unit, or the finding" },
    { "caption", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "added before the caption made by rule" },
    { "origin", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "what it reproduces, as S3-45" },
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter" },
    { "params", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "parameters" },
    { "grouping", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "grouping; default arm, or all without arms" },
    { "group", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "one group" },
    { "groups", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "groups" },
    { "set", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL,
      "population; default full_analysis, baseline_table: all_randomised, event_table: safety" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "visit" },
    { "visits", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "visits" },
    { "points", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL, "draw single patients" },
    { "statistic", STROMA_SCHEMA_CHOICE, OPTIONAL, "mean|median", NULL, "bold line" },
    { "cutoff", STROMA_SCHEMA_MAP, OPTIONAL, NULL, cutoff_keys, "labelled line" },
    { "x", STROMA_SCHEMA_MAP, OPTIONAL, NULL, place_keys, "scatter" },
    { "y", STROMA_SCHEMA_MAP, OPTIONAL, NULL, place_keys, "scatter" },
    { "analysis", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "analysis shown" },
    { "biomarker", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "biomarker question shown" },
    { "series", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "one curve of it, as ifn_gamma_pg_ml@W0" },
    { "analyses", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "analyses shown" },
    { "subject", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "timeline, change_table, gating_strategy, cytometry_overlay: subject" },
    { "subjects", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "cytometry_visits: subjects drawn; default one a group, by rule" },
    { "entry", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "entry of cytometry: shown" },
    { "population", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "population of the entry, by id or label of its gate" },
    { "marker", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "cytometry_overlay: marker drawn" },
    { "tracks", STROMA_SCHEMA_ANY, OPTIONAL, NULL, NULL,
      "timeline: list of {kind, params, label}" },
    { "text", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "text: plain paragraphs" },
    { "panel", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "letter of the paper, as 2a" },
    { "row", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL,
      "figures with the same row stand side by side" },
    { "free_scale", STROMA_SCHEMA_BOOL, OPTIONAL, NULL, NULL, "own axis; the figure says so" },
    END
};
static const stroma_schema_key section_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "title", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "heading" },
    { "intro", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "plain paragraphs under it" },
    { "items", STROMA_SCHEMA_LIST, OPTIONAL, NULL, item_keys, "figures and tables in order" },
    END
};
static const stroma_schema_key identity_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "total", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "parameter that must equal the sum" },
    { "parts", STROMA_SCHEMA_TEXTS, REQUIRED, NULL, NULL, "parameters that add up to it" },
    { "tolerance", STROMA_SCHEMA_NUMBER, REQUIRED, NULL, NULL,
      "largest difference allowed, in the parameter's unit" },
    END
};
static const stroma_schema_key statement_keys[] = {
    { "id", STROMA_SCHEMA_ID, REQUIRED, NULL, NULL, "id" },
    { "text", STROMA_SCHEMA_TEXT, REQUIRED, NULL, NULL, "the sentence as written in the source" },
    { "param", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "parameter it speaks of" },
    { "subject", STROMA_SCHEMA_TEXT, OPTIONAL, NULL, NULL, "subject it speaks of" },
    { "visit", STROMA_SCHEMA_ID, OPTIONAL, NULL, NULL, "visit it speaks of" },
    { "claims", STROMA_SCHEMA_CHOICE, OPTIONAL, "normal|low|high|fell|rose|percent", NULL,
      "what it says of the value: against its reference range, or since baseline (fell, rose)" },
    { "count", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: numerator as printed" },
    { "of", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: denominator" },
    { "percent", STROMA_SCHEMA_NUMBER, OPTIONAL, NULL, NULL, "percent: as printed" },
    END
};
static const stroma_schema_key checks_keys[] = {
    { "identities", STROMA_SCHEMA_LIST, OPTIONAL, NULL, identity_keys,
      "sums that must hold within a visit (audit A2)" },
    { "statements", STROMA_SCHEMA_LIST, OPTIONAL, NULL, statement_keys,
      "sentences of a narrative that the data can contradict (S0-10, S0-12, audit A3)" },
    { "dose_cells_per_kg", STROMA_SCHEMA_RANGE, OPTIONAL, NULL, NULL,
      "plausible cell dose (audit A17); default [1e4, 1e8]" },
    { "off", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL, "ids of checks not to run" },
    END
};

static const stroma_schema_key root_keys[] = {
    { "stroma", STROMA_SCHEMA_NUMBER, REQUIRED, NULL, NULL, "version of this format: 1" },
    { "study", STROMA_SCHEMA_MAP, REQUIRED, NULL, study_keys, "identity" },
    { "arms", STROMA_SCHEMA_LIST, OPTIONAL, NULL, arm_keys, "arms of a trial" },
    { "visits", STROMA_SCHEMA_LIST, REQUIRED, NULL, visit_keys, "visits in order" },
    { "parameters", STROMA_SCHEMA_LIST, OPTIONAL, NULL, parameter_keys,
      "parameters that stroma does not know, and what differs for those it does" },
    { "data", STROMA_SCHEMA_LIST, REQUIRED, NULL, data_keys, "files and what their columns mean" },
    { "cytometry", STROMA_SCHEMA_LIST, OPTIONAL, NULL, study_cytometry_keys,
      "FCS files, and which numbers of their populations are parameters "
      "(docs/handbook/cytometry-in-a-study.md)" },
    { "scores", STROMA_SCHEMA_LIST, OPTIONAL, NULL, score_keys,
      "scores to compute at every visit" },
    { "derive", STROMA_SCHEMA_LIST, OPTIONAL, NULL, derive_keys,
      "further derived parameters, in order" },
    { "sets", STROMA_SCHEMA_LIST, OPTIONAL, NULL, set_keys,
      "analysis sets; the usual four exist by themselves" },
    { "groups", STROMA_SCHEMA_LIST, OPTIONAL, NULL, grouping_keys, "groupings" },
    { "analyses", STROMA_SCHEMA_LIST, OPTIONAL, NULL, analysis_keys, "what is computed" },
    { "biomarkers", STROMA_SCHEMA_LIST, OPTIONAL, NULL, biomarker_keys,
      "questions about biomarkers (docs/handbook/biomarkers.md)" },
    { "report", STROMA_SCHEMA_LIST, OPTIONAL, NULL, section_keys, "sections of the report" },
    { "checks", STROMA_SCHEMA_MAP, OPTIONAL, NULL, checks_keys, "further checks of the data" },
    { "cannot_conclude", STROMA_SCHEMA_TEXTS, OPTIONAL, NULL, NULL,
      "statements about what the design does not allow, besides those made by rule" },
    END
};

const stroma_schema study_schema = {
    .what = "the study file",
    .rule = "the study file follows its format",
    .reference = "docs/formats/study-file.md",
    .unknown_key = "STROMA-STUDY-001",
    .wrong_value = "STROMA-STUDY-002",
    .missing_key = "STROMA-STUDY-003",
    .keys = root_keys,
};

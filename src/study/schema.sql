-- SPDX-License-Identifier: GPL-3.0-or-later
-- study.db: everything a run knows, and the only thing the report reads.
-- Rebuildable from the inputs at any time. All ids that people see are the ids of the study file.
-- Numbers: NULL is written where there is none; the state column beside it says why.
-- Times: study_day is an integer day, 0 = first infusion (randomisation in a control arm); NULL = unknown.

CREATE TABLE meta (            -- one row a fact about the run
  key   TEXT PRIMARY KEY,      -- schema ("stroma.study/1"), stroma_version, study_id, title, disease, simulated ("0"/"1"),
                               -- layout ("trial"|"case"|"cohort"), style ("stroma"|"paper"), registration, ethics, day0,
                               -- seed, headline (plain text, made by rule), headline_json (its numbers),
                               -- study_file_sha256, pseudonymised ("0"/"1"), config (the whole study file as JSON)
  value TEXT NOT NULL
) STRICT;

CREATE TABLE input_file (
  file_id   INTEGER PRIMARY KEY,
  path      TEXT NOT NULL,     -- as written in the study file
  role      TEXT NOT NULL,     -- "study" (the study file itself) | "data"
  format    TEXT NOT NULL,     -- "csv", "xpt", …
  sha256    TEXT NOT NULL,
  n_bytes   INTEGER NOT NULL,
  n_rows    INTEGER,           -- data rows
  n_columns INTEGER
) STRICT;

CREATE TABLE arm (
  arm_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, label TEXT NOT NULL,
  role TEXT NOT NULL,          -- "treated" | "control"
  description TEXT
) STRICT;

CREATE TABLE visit (
  visit_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, label TEXT NOT NULL,
  week REAL,                   -- position on the time axis in time_unit; NULL = not on the axis
  time_unit TEXT NOT NULL,     -- "week" | "month" | "day"
  target_day INTEGER, window_low_day INTEGER, window_high_day INTEGER,
  baseline INTEGER NOT NULL    -- 1 for the baseline visit
) STRICT;

CREATE TABLE subject (
  subject_id TEXT PRIMARY KEY,
  display_id TEXT NOT NULL,    -- the same, or a pseudonym
  arm_id TEXT REFERENCES arm,  -- NULL in a cohort
  ord INTEGER NOT NULL,
  disposition TEXT,            -- "completed" | "withdrawn" | "lost_to_follow_up" | "died" | … or NULL
  disposition_reason TEXT, disposition_day INTEGER, last_visit_id TEXT
) STRICT;

CREATE TABLE parameter (
  param_id TEXT PRIMARY KEY,   -- "das28_esr4"
  ord INTEGER NOT NULL,
  paramcd TEXT NOT NULL,       -- "DAS28ESR", 8 characters at most
  label TEXT NOT NULL,         -- "DAS28-ESR"
  unit TEXT NOT NULL,          -- "" when it has none
  kind TEXT NOT NULL,          -- "number" | "word" | "flag" (flag values are 0/1)
  category TEXT NOT NULL,      -- "score" "response" "joint" "acute_phase" "cytokine" "cell" "serology" "lab" "dose" "demographic" …
  decimals INTEGER NOT NULL,   -- to print a single value with
  log_scale INTEGER NOT NULL,  -- 1: draw on a log axis
  lloq REAL, uloq REAL,        -- assay limits
  ref_low REAL, ref_high REAL, -- default reference range
  assay TEXT,
  derived INTEGER NOT NULL     -- 1: no measurement of it comes from a file
) STRICT;

CREATE TABLE derivation (      -- a way of computing, once; its measurements point here
  derivation_id INTEGER PRIMARY KEY,
  method TEXT NOT NULL,        -- "score:das28_esr4", "change", "percent_change", "ratio", "maximum", "mean_of_baseline", "relapse", "group_rule", …
  version TEXT NOT NULL,
  formula TEXT NOT NULL,       -- for people
  source TEXT NOT NULL,        -- paper or standard
  params TEXT NOT NULL         -- JSON
) STRICT;

CREATE TABLE measurement (     -- the one measurement table (the shape of CDISC ADaM BDS)
  measurement_id INTEGER PRIMARY KEY,
  subject_id TEXT NOT NULL REFERENCES subject,
  visit_id TEXT REFERENCES visit,      -- NULL: belongs to the subject, not to a visit
  study_day INTEGER,
  param_id TEXT NOT NULL REFERENCES parameter,
  value REAL,                  -- number or 0/1; the limit when state is below_limit/above_limit
  text TEXT,                   -- word values ("moderate")
  state TEXT NOT NULL,         -- "present" "missing" "not_done" "not_applicable" "below_limit" "above_limit" "excluded" "not_estimable"
  reason TEXT,                 -- why not present
  band TEXT,                   -- "remission" | "low" | … when the score has bands
  ref_low REAL, ref_high REAL, ref_flag TEXT,  -- "low" | "normal" | "high" against this value's own reference range
  flags TEXT,                  -- JSON array of notes ("ESR below 1 taken as 1"), NULL when none
  derivation_id INTEGER REFERENCES derivation, -- NULL: read from a file
  file_id INTEGER REFERENCES input_file, row INTEGER, column_name TEXT, raw TEXT -- where it stands, as typed
) STRICT;
CREATE INDEX measurement_by_param ON measurement(param_id, visit_id, subject_id);
CREATE INDEX measurement_by_subject ON measurement(subject_id, visit_id);

CREATE TABLE measurement_input ( -- the derivation graph; key columns first, as the integrity
                                 -- check of SQLite 3.40 needs in a strict table without rowid
  measurement_id INTEGER NOT NULL REFERENCES measurement,
  ord INTEGER NOT NULL,
  input_id INTEGER NOT NULL REFERENCES measurement,
  PRIMARY KEY (measurement_id, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE analysis_set (    -- named populations
  set_id TEXT PRIMARY KEY, ord INTEGER NOT NULL,
  label TEXT NOT NULL,         -- "Full analysis set"
  definition TEXT NOT NULL
) STRICT;
CREATE TABLE analysis_set_member (
  set_id TEXT NOT NULL REFERENCES analysis_set, subject_id TEXT NOT NULL REFERENCES subject,
  included INTEGER NOT NULL, reason TEXT,      -- why not
  PRIMARY KEY (set_id, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE grouping (        -- a way of splitting subjects, formed once at its landmark
  grouping_id TEXT PRIMARY KEY, ord INTEGER NOT NULL,
  label TEXT NOT NULL,         -- "EULAR response at week 12"
  rule TEXT NOT NULL,          -- in words
  landmark_visit_id TEXT REFERENCES visit, landmark_day INTEGER, -- NULL: known from the start (arms)
  origin_param_id TEXT,        -- the parameter the groups were made from; NULL for arms
  origin_ancestors TEXT NOT NULL, -- JSON array of param ids that stand behind the groups ([] for arms)
  missing_rule TEXT NOT NULL   -- "non-response (composite strategy)", "left out", …
) STRICT;
CREATE TABLE group_of (        -- the groups of a grouping
  grouping_id TEXT NOT NULL REFERENCES grouping, group_id TEXT NOT NULL, ord INTEGER NOT NULL,
  label TEXT NOT NULL,         -- "Response"
  colour_role TEXT NOT NULL,   -- "response" | "no_response" | "control" | "highlight" | "other1" | "other2" | "other3"
  PRIMARY KEY (grouping_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE group_member (
  grouping_id TEXT NOT NULL, subject_id TEXT NOT NULL REFERENCES subject, group_id TEXT NOT NULL,
  imputed INTEGER NOT NULL,    -- 1: by the missing rule
  PRIMARY KEY (grouping_id, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE summary (         -- descriptive numbers of one parameter, visit and group
  summary_id INTEGER PRIMARY KEY,
  param_id TEXT NOT NULL REFERENCES parameter, visit_id TEXT REFERENCES visit,
  grouping_id TEXT NOT NULL REFERENCES grouping, group_id TEXT NOT NULL, -- group "all" = everybody
  set_id TEXT NOT NULL REFERENCES analysis_set,
  n INTEGER NOT NULL,          -- values that entered
  n_expected INTEGER NOT NULL, -- subjects of the group
  n_missing INTEGER NOT NULL, n_below_limit INTEGER NOT NULL, n_above_limit INTEGER NOT NULL,
  mean REAL, sd REAL, sem REAL, mean_lower REAL, mean_upper REAL, -- 95 % t interval; NULL for words, and with censored values when censored_rule forbids
  median REAL, q1 REAL, q3 REAL, minimum REAL, maximum REAL,
  censored_rule TEXT NOT NULL, -- "none" | "limit/2 for mean, rank for median", …
  counts TEXT                  -- JSON {"good": 12, …} of words and flags; {"low": 3, "normal": 20, "high": 1} of numbers
                               -- with a reference range; NULL otherwise
) STRICT;
CREATE INDEX summary_by_param ON summary(param_id, grouping_id, visit_id);

CREATE TABLE result (          -- every test and estimate of the run: this is the list of all tests
  result_id INTEGER PRIMARY KEY,
  analysis_id TEXT NOT NULL,   -- of the study file
  family TEXT NOT NULL,        -- multiplicity family
  label TEXT NOT NULL,         -- "DAS28-ESR, change to W12, MSCT − Control"
  param_id TEXT, param2_id TEXT, visit_id TEXT, visit2_id TEXT, -- what is compared (param2: correlations; visit2: reference visit)
  grouping_id TEXT, group_a TEXT, group_b TEXT,                 -- NULL: all groups at once, or none
  set_id TEXT, estimand TEXT NOT NULL, -- estimand label or "descriptive"
  method TEXT NOT NULL, variant TEXT NOT NULL,
  n_used INTEGER NOT NULL, n1 INTEGER, n2 INTEGER,
  excluded TEXT NOT NULL,      -- JSON [{"reason": "missing W12", "n": 7}]
  estimate_name TEXT NOT NULL, estimate REAL, se REAL,
  interval_method TEXT NOT NULL, level REAL, lower REAL, upper REAL,
  statistic_name TEXT NOT NULL, statistic REAL, df REAL, df2 REAL,
  p REAL, p_adjusted REAL, adjust_method TEXT NOT NULL,
  effect_name TEXT NOT NULL, effect REAL, effect_lower REAL, effect_upper REAL,
  state TEXT NOT NULL,         -- "present" | "not_estimable" | "circular" (then p is NULL unless style is paper)
  reason TEXT                  -- why not estimable, or why circular
) STRICT;

CREATE TABLE biomarker (       -- a question about biomarkers; its tests stand in result under analysis_id = biomarker_id
  biomarker_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, label TEXT NOT NULL,
  question TEXT NOT NULL,      -- "prognostic" | "predictive" | "pharmacodynamic" | "early_response"
  outcome TEXT NOT NULL, event TEXT, -- in words; event NULL: the outcome is a number
  landmark_id TEXT, landmark_day INTEGER, outcome_day INTEGER, -- nothing later than the landmark entered
  set_id TEXT NOT NULL, n INTEGER NOT NULL, n_events INTEGER,
  excluded TEXT NOT NULL,      -- JSON [{"reason": "no outcome", "n": 2}]
  settings TEXT NOT NULL,      -- JSON: statistic, permutations, seed, …
  refused TEXT,                -- why the question has no answer, or NULL
  model TEXT, model_card TEXT, model_reason TEXT -- model.json and its card; why there is none
) STRICT;
CREATE TABLE candidate (       -- what was offered as an answer, in order of evidence
  biomarker_id TEXT NOT NULL REFERENCES biomarker, ord INTEGER NOT NULL, name TEXT NOT NULL, -- "ifn_gamma_pg_ml@W0"
  param_id TEXT NOT NULL, visit_id TEXT, label TEXT NOT NULL, unit TEXT NOT NULL,
  role TEXT NOT NULL,          -- "candidate" | "negative_control"
  n_used INTEGER NOT NULL, n_below INTEGER NOT NULL, n_above INTEGER NOT NULL, n_missing INTEGER NOT NULL,
  p_max_t REAL, q REAL,        -- adjusted over the family: max-T step-down; false discovery rate
  flags TEXT NOT NULL,         -- JSON array of texts
  result_id INTEGER REFERENCES result, reason TEXT, -- or why it was not tested
  PRIMARY KEY (biomarker_id, name)
) STRICT;
CREATE TABLE curve_point (     -- curves of a biomarker question, points in order
  biomarker_id TEXT NOT NULL REFERENCES biomarker, kind TEXT NOT NULL, -- "roc" "cutoff" "calibration" "decision_curve" "alignment" …
  series TEXT NOT NULL, ord INTEGER NOT NULL, x REAL, y REAL, lower REAL, upper REAL, n INTEGER, label TEXT,
  PRIMARY KEY (biomarker_id, kind, series, ord)
) STRICT;
CREATE TABLE biomarker_text (  -- what is said at the head of a section and beside it
  biomarker_id TEXT NOT NULL REFERENCES biomarker, ord INTEGER NOT NULL, kind TEXT NOT NULL, -- "heterogeneity" | "note" | "cannot_conclude"
  title TEXT NOT NULL, text TEXT NOT NULL
) STRICT;

CREATE TABLE event (           -- adverse events and other dated happenings
  event_id INTEGER PRIMARY KEY, subject_id TEXT NOT NULL REFERENCES subject,
  kind TEXT NOT NULL,          -- "adverse_event" | "infusion" | "rescue" | "procedure" | "finding" | "milestone"
  term TEXT NOT NULL, study_day INTEGER, end_day INTEGER, visit_id TEXT,
  grade INTEGER, serious TEXT, related TEXT, action TEXT, outcome TEXT, detail TEXT, -- yes/no/unknown words as typed
  file_id INTEGER REFERENCES input_file, row INTEGER
) STRICT;

CREATE TABLE therapy (         -- drugs over time
  therapy_id INTEGER PRIMARY KEY, subject_id TEXT NOT NULL REFERENCES subject,
  drug TEXT NOT NULL, class TEXT, dose REAL, dose_unit TEXT, frequency TEXT, daily_dose REAL,
  start_day INTEGER, end_day INTEGER, start_text TEXT, end_text TEXT, -- texts when days are unknown ("age 24")
  response TEXT, reason_stopped TEXT, ongoing INTEGER NOT NULL,
  file_id INTEGER REFERENCES input_file, row INTEGER
) STRICT;

CREATE TABLE finding (
  finding_id INTEGER PRIMARY KEY, code TEXT NOT NULL, severity TEXT NOT NULL, -- "note" | "warning" | "error"
  category TEXT NOT NULL,      -- "visits" | "values" | "units" | "doses" | "disposition" | "dates" | "consistency" | "files" | "cytometry"
  file TEXT, line INTEGER, column_name TEXT, subject_id TEXT, visit_id TEXT, param_id TEXT, value TEXT,
  message TEXT NOT NULL, rule TEXT NOT NULL, action TEXT NOT NULL, audit TEXT
) STRICT;
CREATE TABLE check_done (      -- so that an empty list of findings says what was checked
  check_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, label TEXT NOT NULL, n_checked INTEGER NOT NULL, n_findings INTEGER NOT NULL
) STRICT;

CREATE TABLE flow_node (       -- participant flow; counts come from the analysis sets
  node_id TEXT PRIMARY KEY, parent_id TEXT, ord INTEGER NOT NULL,
  stage TEXT NOT NULL,         -- "enrolment" | "allocation" | "follow_up" | "analysis" | "response"
  arm_id TEXT, label TEXT NOT NULL, n INTEGER NOT NULL,
  details TEXT NOT NULL        -- JSON [{"label": "lost to follow-up", "n": 2}]
) STRICT;

-- ---- flow cytometry: docs/formats/study-db.md says what is drawn from which rows ----

CREATE TABLE cytometry_entry ( -- an entry of `cytometry:`: one panel, one strategy, its files
  entry_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, label TEXT NOT NULL,
  panel TEXT,                  -- name of a shipped panel, or the file as written; NULL: gates name channels themselves
  panel_sha256 TEXT,
  gates TEXT NOT NULL,         -- name of a shipped strategy, or the file as written
  gates_kind TEXT NOT NULL,    -- "strategy" (gates are found in the data) | "gates" (Gating-ML or FlowJo, the same for all)
  gates_sha256 TEXT NOT NULL,
  level REAL NOT NULL,         -- of the intervals
  settings TEXT NOT NULL       -- JSON: floor, qc, match, …, as they were used
) STRICT;
CREATE TABLE cytometry_axis (  -- what a display axis shows, the same for every sample of the entry
  entry_id TEXT NOT NULL REFERENCES cytometry_entry, axis_id TEXT NOT NULL, -- marker, or channel where no panel says one
  ord INTEGER NOT NULL,
  label TEXT NOT NULL,         -- "CD25 (PE-A)"
  marker TEXT, channel TEXT NOT NULL,
  compensated INTEGER NOT NULL,
  scale TEXT NOT NULL,         -- "logicle" "asinh" "linear" "log" "hyperlog" "biex"
  t REAL NOT NULL, w REAL, m REAL, a REAL, -- of the scale; NULL: it has none
  low REAL NOT NULL, high REAL NOT NULL,   -- ends of the axis, on the scale
  ticks TEXT NOT NULL,         -- JSON [{"at": 0.31, "linear": 1000, "label": "10³"}, …]; at is on the scale; label "" of a minor tick
  PRIMARY KEY (entry_id, axis_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE cytometry_sample ( -- a data set of a file: of a subject at a visit, or a control
  sample_id INTEGER PRIMARY KEY,
  entry_id TEXT NOT NULL REFERENCES cytometry_entry, ord INTEGER NOT NULL,
  file_id INTEGER NOT NULL REFERENCES input_file,
  dataset INTEGER NOT NULL,    -- of the file, from 0
  subject_id TEXT REFERENCES subject, visit_id TEXT REFERENCES visit, -- NULL: a control that serves several
  role TEXT NOT NULL,          -- "sample" | "fmo" | "isotype" | "unstained" | "beads" | "reference"
  marker TEXT,                 -- of an FMO or isotype control: what is left out of it
  first_event INTEGER NOT NULL, n_events INTEGER NOT NULL, -- events that were used: first … first + n − 1
  n_excluded INTEGER NOT NULL, -- of them left out by quality (qc: exclude); 0 where they are only marked
  acquired_on TEXT,            -- "2018-04-11", NULL where the file says none
  cytometer TEXT,
  compensation TEXT NOT NULL,  -- "$SPILLOVER", "none", …: where the matrix comes from
  compensation_sha256 TEXT,    -- of the matrix with its names; NULL without one
  condition REAL,              -- condition number of the matrix
  findings TEXT NOT NULL,      -- JSON array of the codes of what was odd in file, matrix, panel and gates
  state TEXT NOT NULL,         -- "present" | "excluded" | "not_estimable": then it has no populations
  reason TEXT
) STRICT;
CREATE INDEX cytometry_sample_by_place ON cytometry_sample(entry_id, subject_id, visit_id);
CREATE TABLE cytometry_gate (  -- a gate as it was applied; where samples have their own edges, a row each
  gate_row INTEGER PRIMARY KEY,
  entry_id TEXT NOT NULL REFERENCES cytometry_entry,
  sample_id INTEGER REFERENCES cytometry_sample, -- NULL: the same in every sample of the entry
  gate_id TEXT NOT NULL, ord INTEGER NOT NULL,
  parent_id TEXT,              -- gate_id; NULL: all events
  label TEXT NOT NULL,
  kind TEXT NOT NULL,          -- "rectangle" "polygon" "ellipsoid" "quadrant" "boolean"
  dims TEXT NOT NULL,          -- JSON [{"name": "PE-A", "axis": "CD25", "compensation": "FCS"|"none"|id, "scale": "logicle",
                               -- "t":, "w":, "m":, "a":}, …]; a ratio has "ratio": {"numerator":, "denominator":, "a":, "b":, "c":}
  geometry TEXT NOT NULL,      -- JSON, each in units of the scale and ("linear") in linear units; null: open
                               -- rectangle, quadrant: {"lower": [0.4, null], "upper": […], "linear": {"lower": […], "upper": […]}}
                               -- polygon: {"vertices": [[x, y], …], "linear": {"vertices": …}}
                               -- ellipsoid: {"mean": […], "covariance": [[…], …], "distance_square":}
                               -- boolean: {"operation": "and"|"or"|"not", "uses": [{"gate": id, "complement": false}, …]}
  method TEXT,                 -- "fmo" "valley" "mixture" "tail" "reference" …; NULL: drawn by hand
  parameters TEXT,             -- JSON: settings of the method and what it saw; NULL: drawn by hand
  confidence REAL,             -- of the method, 0 … 1
  rule TEXT,                   -- in words: "99.5th percentile of FMO_FoxP3_W4.fcs inside CD4"; and what replaced a missing control
  found INTEGER NOT NULL,      -- 0: the method found no gate, and its populations are not estimable
  reason TEXT                  -- why not
) STRICT;
CREATE INDEX cytometry_gate_by_id ON cytometry_gate(entry_id, gate_id, sample_id);
CREATE TABLE cytometry_population ( -- the events of a sample in a gate
  population_id INTEGER PRIMARY KEY,
  sample_id INTEGER NOT NULL REFERENCES cytometry_sample,
  gate_id TEXT NOT NULL,
  gate_row INTEGER NOT NULL REFERENCES cytometry_gate, -- the gate that was applied
  ord INTEGER NOT NULL,
  parent_id TEXT,              -- gate_id; NULL: all events
  label TEXT NOT NULL,
  n INTEGER, n_parent INTEGER, -- NULL when not estimable
  pct_parent REAL, lower REAL, upper REAL, -- % of the parent, with its interval (Wilson)
  pct_total REAL,
  state TEXT NOT NULL,         -- "present" | "not_estimable"
  reason TEXT,
  flags TEXT                   -- JSON array: "31 events, below the floor of 50", …; NULL: none
) STRICT;
CREATE INDEX cytometry_population_by_sample ON cytometry_population(sample_id, gate_id);
CREATE TABLE cytometry_statistic ( -- the numbers asked of populations: the measurements that come from files of events
  statistic_id INTEGER PRIMARY KEY,
  sample_id INTEGER NOT NULL REFERENCES cytometry_sample,
  param_id TEXT NOT NULL REFERENCES parameter,
  measurement_id INTEGER REFERENCES measurement, -- NULL: of a control, which belongs to no subject
  statistic TEXT NOT NULL,     -- "percent" "count" "mfi" "geometric_mean" "mfi_index" "log_ratio" "cells_per_ul" …
  population_id INTEGER NOT NULL REFERENCES cytometry_population,
  of_population_id INTEGER REFERENCES cytometry_population, -- percent: of which ancestor; log_ratio: the denominator
  marker TEXT,                 -- of a fluorescence
  control_sample_id INTEGER REFERENCES cytometry_sample, -- FMO, isotype, beads that it was set against
  value REAL, lower REAL, upper REAL, level REAL, interval_method TEXT NOT NULL,
  n INTEGER, n_of INTEGER,     -- events in the population and in the other one
  definition TEXT NOT NULL,    -- the formula with the names of this study
  state TEXT NOT NULL, reason TEXT, flags TEXT -- as of a measurement
) STRICT;
CREATE INDEX cytometry_statistic_by_measurement ON cytometry_statistic(measurement_id);
CREATE TABLE cytometry_density ( -- histograms of events, binned once, on the scales of cytometry_axis
  density_id INTEGER PRIMARY KEY,
  sample_id INTEGER NOT NULL REFERENCES cytometry_sample, -- FMO overlays: that of the control
  gate_id TEXT NOT NULL,       -- the gate that is drawn on it
  parent_id TEXT,              -- whose events are counted; NULL: all events
  entry_id TEXT NOT NULL, x_axis_id TEXT NOT NULL, y_axis_id TEXT, -- y NULL: a histogram of x alone
  n_x INTEGER NOT NULL, n_y INTEGER NOT NULL, -- bins of equal width from low to high of the axis; n_y 1 of a histogram
  n_events INTEGER NOT NULL,   -- counted, with those beyond an end
  n_not_numbers INTEGER NOT NULL, -- left out: NaN, or no place on the scale (log of a number ≤ 0)
  x_below INTEGER NOT NULL, x_above INTEGER NOT NULL, y_below INTEGER NOT NULL, y_above INTEGER NOT NULL,
                               -- of n_events beyond an end: counted in the outermost bin
  highest INTEGER NOT NULL,    -- the fullest bin
  counts TEXT NOT NULL,        -- whole numbers with a blank between, row by row from the lowest y; −k stands for k empty bins
  FOREIGN KEY (entry_id, x_axis_id) REFERENCES cytometry_axis, FOREIGN KEY (entry_id, y_axis_id) REFERENCES cytometry_axis
) STRICT;
CREATE INDEX cytometry_density_by_gate ON cytometry_density(entry_id, gate_id, sample_id);
CREATE TABLE cytometry_quality ( -- what was looked at in the events of a sample
  sample_id INTEGER NOT NULL REFERENCES cytometry_sample,
  check_id TEXT NOT NULL,      -- "flow_rate" "drift" "margin" "doublets" "dead" "not_numbers" …
  ord INTEGER NOT NULL, label TEXT NOT NULL,
  n_checked INTEGER NOT NULL, n_flagged INTEGER NOT NULL, fraction REAL, -- flagged / checked
  state TEXT NOT NULL,         -- "passed" | "flagged" | "not_checked"
  detail TEXT NOT NULL,        -- in words: what was seen, or why it could not be checked
  PRIMARY KEY (sample_id, check_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE section (         -- chapters of the report, in order
  section_id TEXT PRIMARY KEY, ord INTEGER NOT NULL, title TEXT NOT NULL, intro TEXT NOT NULL
) STRICT;
CREATE TABLE item (            -- figures and tables of the sections
  item_id TEXT PRIMARY KEY, section_id TEXT NOT NULL REFERENCES section, ord INTEGER NOT NULL,
  kind TEXT NOT NULL,          -- figures: "time_course" "dot_plot" "scatter" "spaghetti" "rates" "timeline" "flow"
                               -- tables: "baseline_table" "before_after_table" "event_table" "rate_table" "change_table"
                               --         "summary_table" "result_table" "findings_table" "tests_table" "files_table" "text"
                               -- cytometry: "gating_strategy" "cytometry_overlay" "cytometry_visits" (figures),
                               --         "population_table" "cytometry_quality_table" (tables)
  title TEXT NOT NULL, caption TEXT NOT NULL,
  spec TEXT NOT NULL,          -- JSON, keys by kind: see docs/formats/study-db.md
  origin TEXT                  -- checklist ids it covers, as "S3-45"
) STRICT;
CREATE TABLE claim (           -- what cannot be concluded, and other statements made by rule
  claim_id INTEGER PRIMARY KEY, kind TEXT NOT NULL,  -- "headline" | "tile" | "cannot_conclude" | "method"
  title TEXT NOT NULL, text TEXT NOT NULL, numbers TEXT NOT NULL -- JSON
) STRICT;

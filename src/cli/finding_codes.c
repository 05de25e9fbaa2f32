/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the codes of findings are explained: one line a module that has some, and the program's
 * own. */
#include "finding_codes.h"

#include "stroma/biomarker_screen.h"
#include "stroma/cytometry_compensation.h"
#include "stroma/cytometry_gates.h"
#include "stroma/cytometry_population.h"
#include "stroma/cytometry_quality.h"
#include "stroma/cytometry_strategy.h"
#include "stroma/cytometry_workspace.h"
#include "stroma/fcs.h"
#include "stroma/fcs_export.h"
#include "stroma/study.h"
#include "stroma/table_read.h"

static const stroma_code own_codes[] = {
    { "STROMA-VERIFY-001", "a file of the run is missing",
      "The manifest of the run names a file that is not there. An input is looked for where the "
      "run "
      "read it, as seen from the folder in which stroma verify is started." },
    { "STROMA-VERIFY-002", "a file of the run has changed",
      "Its SHA-256 is not the one in the manifest. Outputs and inputs agree again after another "
      "run. "
      "An output should not be edited: work on a copy." },
    { "STROMA-VERIFY-003", "a file that the run did not write",
      "The folder of a run holds only what the run wrote, so that it can be replaced as a whole. "
      "Move "
      "the file away." },
};

static const stroma_code *own(size_t *n)
{
    *n = sizeof own_codes / sizeof own_codes[0];
    return own_codes;
}

const cli_codes_fn cli_finding_codes[] = {
    stroma_table_codes,
    stroma_table_file_codes,
    stroma_fcs_codes,
    stroma_fcs_write_codes,
    stroma_compensation_codes,
    stroma_gate_codes,
    stroma_workspace_codes,
    stroma_panel_codes,
    stroma_gating_codes,
    stroma_population_codes,
    stroma_quality_codes,
    stroma_study_codes,
    stroma_screen_codes,
    own,
    NULL,
};

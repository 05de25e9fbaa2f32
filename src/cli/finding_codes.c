/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the codes of findings are explained: one line a module that has some. */
#include "finding_codes.h"

#include "stroma/study.h"
#include "stroma/table_read.h"

const cli_codes_fn cli_finding_codes[] = {
    stroma_table_codes,
    stroma_table_file_codes,
    stroma_study_codes,
    NULL,
};

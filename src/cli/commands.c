/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command table, in the order of `stroma help`. A command is one line here; the commands of one
 * noun stand together. */
#include "cli.h"

#define CLI_COMMAND_LIST(C)    \
    C(init)                    \
    C(check)                   \
    C(run)                     \
    C(trace)                   \
    C(verify)                  \
    C(score_list)              \
    C(score_explain)           \
    C(score_compute)           \
    C(score_parameters)        \
    C(stat)                    \
    C(model_fit)               \
    C(model_card)              \
    C(model_validate)          \
    C(model_recalibrate)       \
    C(model_update)            \
    C(model_bridge)            \
    C(model_export)            \
    C(predict)                 \
    C(biomarker_heterogeneity) \
    C(biomarker_noise)         \
    C(biomarker_align)         \
    C(biomarker_screen)        \
    C(power_test)              \
    C(power_precision)         \
    C(power_model)             \
    C(power_two_stage)         \
    C(fcs_info)                \
    C(fcs_stats)               \
    C(fcs_spillover)           \
    C(fcs_qc)                  \
    C(fcs_convert)             \
    C(fcs_scrub)               \
    C(fcs_miflowcyt)           \
    C(gate_run)                \
    C(gate_stats)              \
    C(gate_learn)              \
    C(gate_check)              \
    C(gate_explain)            \
    C(gate_compare)            \
    C(gate_write)              \
    C(gate_calibrate)          \
    C(gate_strategies)         \
    C(gate_definitions)        \
    C(data_show)               \
    C(data_info)               \
    C(data_convert)            \
    C(report_build)            \
    C(explain)                 \
    C(completion)              \
    C(help)                    \
    C(version)

#define CLI_DECLARE_(name) extern const cli_command cli_cmd_##name;
CLI_COMMAND_LIST(CLI_DECLARE_)

const cli_command *const cli_commands[] = {
#define CLI_ENTRY_(name) &cli_cmd_##name,
    CLI_COMMAND_LIST(CLI_ENTRY_) NULL,
};

/* For nouns with several verbs; a noun not named here is described by its first command. */
const cli_noun cli_nouns[] = {
    { "score", "clinical scores and response criteria: list, explain, compute" },
    { "stat", "one statistical method on one table" },
    { "power", "sample size, power and precision of a study that is planned" },
    { "biomarker", "markers of response: what is there, and what the design allows to say" },
    { "model", "models of response: fit, show, check, bring up to date" },
    { "fcs", "files of flow cytometers: look into them, check, convert, scrub" },
    { "gate", "gates of flow cytometry: run, find, check, explain; numbers of populations" },
    { "data", "look into data files, check and convert them" },
    { "report", "the report of a finished run" },
    { NULL, NULL },
};

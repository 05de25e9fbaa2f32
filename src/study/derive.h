/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file derive.h
 *  Derivations that are more than a formula of one or two values; called by derive.c. */
#ifndef STROMA_STUDY_DERIVE_H
#define STROMA_STUDY_DERIVE_H
#include "model.h"

/** method: course. Response, partial relapse, relapse and flare of every subject along its visits,
 * by the declared thresholds (include/stroma/response.h). Adds the word parameter `id` and the flag
 * `id_flare`. */
STROMA_CHECK stroma_status study_derive_course(study *s, const stroma_yaml_node *node,
                                               stroma_error *err);
/** method: recovery. Whether a parameter left its baseline and came back (transient, sustained,
 * none), its farthest fold with the day, and the day of recovery, of every subject. Adds the word
 * parameter `id` and the numbers `id_fold`, `id_fold_day`, `id_recovery_day`. */
STROMA_CHECK stroma_status study_derive_recovery(study *s, const stroma_yaml_node *node,
                                                 stroma_error *err);
#endif

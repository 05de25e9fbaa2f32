/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file item_spec.h
 *  Items of the report as the report reads them, with what they left out filled in. */
#ifndef STROMA_STUDY_ITEM_SPEC_H
#define STROMA_STUDY_ITEM_SPEC_H
#include "analysis.h"
#include "model.h"

#include "stroma/json.h"

/** Whether items of this kind split the subjects into groups. */
bool study_item_takes_groups(const char *kind);
/** The grouping and the population of an item: its own, else those of the analysis it shows, else
 * the arms (everybody in a cohort) and the usual set of its kind. */
const char *study_item_grouping(const study *s, const stroma_yaml_node *item);
const char *study_item_set(const study *s, const stroma_yaml_node *item);
/** What is written for a subject id that stands in a text; other texts stay. */
const char *study_shown_name(const study *s, const char *text);
/** A YAML node as JSON; every scalar is a string, and a subject goes by the id that is shown. */
void study_item_node_json(stroma_json *j, const study *s, const stroma_yaml_node *n);
/** The keys of @p item that are not columns of the item table, as a JSON object in @p b. */
void study_item_spec(const study *s, const stroma_yaml_node *item, stroma_buffer *b);
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file figure_cytometry_gate.h
 *  The layers of a gate in a panel. */
#ifndef FIGURE_CYTOMETRY_GATE_H
#define FIGURE_CYTOMETRY_GATE_H
#include "figure_cytometry.h"

/* Outline and label as elements of the open array of layers; none of a gate that was not found or
 * that these axes do not show. @param y_low, y_high ends of the vertical axis */
void fig_put_gate(stroma_json *j, const fig_panel *p, const fig_gate *g, double y_low,
                  double y_high);
/* The finite edges of a gate on the horizontal axis, with their linear values. */
void fig_put_threshold(stroma_json *j, const fig_panel *p, const fig_gate *g);
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_GATE_ORDER_H
#define STROMA_GATE_ORDER_H
#include "stroma/cytometry_gates.h"

/* Gates in an order in which parents and operands stand before those that need them; with @p wanted
 * (NULL: all) only these and what they need. @p order has room for gates_len. Statuses: MALFORMED
 * (a gate needs itself; the message shows the way round), NOMEM. */
stroma_status gate_order(const stroma_gate_set *s, const bool *wanted, int *order, size_t *n,
                         stroma_error *err);
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_PARAMETER_IMPL_H
#define STROMA_PARAMETER_IMPL_H
#include "stroma/parameter.h"
extern const stroma_parameter stroma_parameter_rows[];
extern const size_t stroma_parameter_rows_len;
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IBM System/360 floating point, as SAS transport files hold it. */
#ifndef STROMA_TABLE_XPT_NUMBER_H
#define STROMA_TABLE_XPT_NUMBER_H
#include <stddef.h>

/* @p width 2–8 bytes, big endian; a shorter number has lost its low bytes, which are 0.
 * @return 0 and the number in @p out; or for a missing value its tag: '.' for the plain one, '_',
 * or 'a'–'z' (SAS writes .A–.Z). */
char xpt_number(const unsigned char *p, size_t width, double *out);
#endif

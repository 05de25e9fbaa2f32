/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream between stroma-readstat (which writes it) and the library (which trusts none of it).
 *
 * Eight bytes "STRMRS01", then records: one letter, the length of the body in bytes (u32), the
 * body. Numbers are in the byte order of the machine: both ends are of one build. A text is a u32
 * length and as many bytes, UTF-8 unless the file did not say its encoding.
 *
 *   M  metadata   i64 rows (−1 unknown) · u32 variables · text label · text name
 *   V  variable   u8 kind (0 number, 1 text) · text name · text label · text format · text label
 * set L  label      text label set · u8 key (0 number, 1 text, 2 tag) · f64 | text | u8 tag · text
 * label R  row        a cell for each variable: u8 state, then number: 0 present f64 · 1 missing ·
 * 2 tagged missing u8 tag · 3 declared missing f64 text:   0 present text · 1 missing · 3 declared
 * missing text E  end        u64 rows written; nothing follows X  failure    text message; nothing
 * follows
 *
 * M comes first, then all V; L at any later place, R after the last V. */
#ifndef STROMA_TABLE_READSTAT_STREAM_H
#define STROMA_TABLE_READSTAT_STREAM_H

#define RS_MAGIC      "STRMRS01"
#define RS_MAGIC_LEN  8
#define RS_HEAD_LEN   5 /* letter and length */
#define RS_RECORD_MAX (64U << 20)
#define RS_FILE_FD    3 /* where the helper finds the file */

enum { RS_PRESENT = 0, RS_MISSING = 1, RS_TAGGED = 2, RS_DECLARED = 3 };
enum { RS_KEY_NUMBER = 0, RS_KEY_TEXT = 1, RS_KEY_TAG = 2 };
#endif

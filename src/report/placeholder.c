/* SPDX-License-Identifier: GPL-3.0-or-later */
typedef int stroma_report_placeholder; /* replaced by the module's first file */

/* SPDX-License-Identifier: GPL-3.0-or-later */
typedef int stroma_study_placeholder; /* replaced by the module's first file */

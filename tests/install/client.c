/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of somebody else, built against the installed library by tools/check_install.py. */
#include <stdio.h>
#include <stroma/number.h>
#include <stroma/stats_proportion.h>

int main(void)
{
    const stroma_stat none = stroma_proportion(0, 10, STROMA_PROPORTION_CLOPPER_PEARSON, 0.95);
    char text[STROMA_NUMBER_TEXT_MAX];
    return puts(stroma_format_fixed(none.upper, 4, text)) < 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read from the text of an FCS file for populations: $DATE of controls, $VOL with $BTIM and
 * $ETIM; and peaks in whatever values there are. */
#include "stroma/cytometry_population_table.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_for_peaks(const stroma_fcs_dataset *d)
{
    double x[128];
    double *const out[] = { x };
    const size_t channel = 0, n = d->n_events < 128 ? (size_t)d->n_events : 128;
    stroma_peak peak[4];
    if (d->parameters_len == 0 || n == 0) return;
    if (stroma_fcs_read(d, STROMA_FCS_LINEAR, 0, n, &channel, 1, out, NULL) != STROMA_OK) return;
    for (size_t k = 1; k <= 4; k += 2) {
        const stroma_status s = stroma_peaks_find(x, n, k, 0.05, 0, peak, NULL);
        if (s != STROMA_OK && s != STROMA_E_DEGENERATE) __builtin_trap();
        for (size_t i = 0; s == STROMA_OK && i < k; i++) {
            if (!(peak[i].share > 0.049) || !isfinite(peak[i].median)) __builtin_trap();
            if (i > 0 && !(peak[i].median >= peak[i - 1].median)) __builtin_trap();
        }
    }
    const size_t finite = stroma_population_finite(x, n);
    const stroma_population_sample s = { x, finite, n - finite };
    double median = 0;
    if (stroma_population_quantile(&s, 0.5, &median, NULL) != STROMA_OK) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_fcs *f = NULL;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag_init(&diag);
    if (stroma_fcs_open_memory(data, size, "a.fcs", NULL, NULL, &f, &err) == STROMA_OK) {
        const stroma_fcs_dataset *d = stroma_fcs_preferred(f);
        const stroma_population_tube t = { "a.fcs", d, NULL, NULL, NULL };
        stroma_acquired_volume v;
        stroma_acquired_volume_find(d, "a.fcs", &diag, &v);
        if (v.volume_ul <= 0 || (isnan(v.volume_ul) && v.against_standard)) __builtin_trap();
        unsigned flags = 0;
        stroma_panel panel;
        stroma_panel_init(&panel);
        /* A file is of its own day and panel, or of none that can be read. */
        if (stroma_population_control_check(&t, &t, &panel, "CD25", false, &flags, &diag, &err) !=
                STROMA_OK &&
            strstr(err.message, "is not in the control") == NULL &&
            strstr(err.message, "another") == NULL)
            __builtin_trap();
        stroma_panel_clear(&panel);
        look_for_peaks(d);
        stroma_fcs_close(f);
    }
    stroma_diag_clear(&diag);
    return 0;
}

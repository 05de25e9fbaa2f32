/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make_ra_trial FOLDER: the simulated rheumatoid arthritis trial of examples/ra-trial.
 *
 * Nobody was treated: every value is drawn here. The shape is that of the RA paper (Yang et al., J
 * Transl Med 2018 16:165): 105 patients, 52 given UC-MSC (1e6 cells/kg once) and 53 placebo, visits
 * at weeks 0, 1, 2, 3, 4, 12, 24, 48. Same seed, same bytes, on any machine of one CPU family.
 *
 * ASSUMPTIONS, each a choice of this program and none a finding:
 *  1. Classes are counts, not chances: 28 of 52 treated respond, 12 of them with high IFN-gamma
 *     before infusion and 16 with a peak in weeks 1-2 after it; 24 do not respond and never exceed
 *     2 pg/mL. The paper's perfect separation (12 + 16 = 28) is copied, not explained.
 *  2. 3 of 53 controls improve by themselves. The paper says 0 of 53, which is unusual for placebo
 *     (reference arms 10-46 %); 3 stays in its neighbourhood and is not impossible.
 *  3. 12 of 53 controls have high IFN-gamma at baseline, the same share as the treated, and it does
 *     nothing for them. The paper gives no IFN-gamma of controls.
 *  4. Joint counts, ESR, CRP and global health follow one fraction f(t) of active disease: f = 1 at
 *     baseline, f = 1 - depth * onset(t) later, with normal noise per measurement. Baseline: tender
 *     13 (SD 4), swollen 9.5 (3), ESR log-normal around 48 mm/h, CRP around 22 mg/L, health 62
 * (12).
 *  5. Lag: immune changes begin 2.5 weeks (SD 0.3) after the IFN-gamma rise (after infusion, where
 *     it was high before); DAS28 follows 1.2 weeks later. IL-10 peaks near week 4 and is back at
 * 12-24 weeks; IL-6, TNF-alpha and Th17 fall gradually, Treg rise; IL-1beta, sIL-2R, IL-8 stay
 * flat.
 *  6. A course is drawn again until it is of its class: EULAR response at week 12 (none or not) as
 *     assigned; no flare at weeks 24 and 48 in 26 responders; flare and loss of response at week 24
 *     in 2 (one of each IFN-gamma group). The numbers of the classes are exact, their values are
 * not tuned further.
 *  7. Prednisone is tapered from week 3, 4 or 12 on by 1 to 2.5 mg/day a visit in 23 of 28
 * responders, never in others; 3 non-responders go up by 5 mg/day at week 12.
 *  8. Safety laboratory at weeks 0, 12, 48: means and SDs of the paper's Table 1 read as SD (its
 *     "SEM" cannot be: audit A1), correlation 0.6 within a patient; responders' albumin,
 * haemoglobin and platelets move to the paper's second column by week 48, two thirds of the way by
 * week 12. Total protein is albumin + globulin (the paper's four columns do not add up: audit A2).
 *  9. Lost to follow-up: 2 treated non-responders (after weeks 12 and 24) and 5 controls (after
 *     weeks 4, 12, 12, 24, 24). Three febrile reactions on day 0, at most 38.9 degC, gone in 3 h.
 * 10. Faults put in on purpose, so that `stroma check` has something to find, are listed in
 *     examples/ra-trial/README.md: a visit outside its window, a visit missed, a sample measured
 *     twice; besides them ESR not done (3 cells), a health score and some HAQ items left empty. */
#include "ra_trial.h"

#include "stroma/buffer.h"
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>

static const char *const visit_ids[VISITS] = { "W0", "W1", "W2", "W3", "W4", "W12", "W24", "W48" };

/* ---- files ---- */

static void put_fixed(stroma_buffer *b, double x, int decimals)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(b, stroma_format_fixed(x, decimals, text));
}

static void put_next(stroma_buffer *b, double x, int decimals)
{
    stroma_buffer_putc(b, ',');
    put_fixed(b, x, decimals);
}

static void put_place(stroma_buffer *b, const patient *p, int v)
{
    stroma_buffer_printf(b, "%03d,%s,%d", p->number, visit_ids[v], p->day[v]);
}

static bool attended(const patient *p, int v)
{
    if (v > p->last_visit) return false;
    return !(p->treated && p->place == 35 && v == 2); /* deliberate: week 2 missed */
}

static double prednisone_at(const patient *p, int v)
{
    if (p->tapers && v >= p->taper_from)
        return fmax(p->prednisone - p->taper_step_mg_d * (v - p->taper_from + 1), 0);
    return p->prednisone + (p->climbs && v >= W12 ? 5 : 0);
}

static void write_visits(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,day,tjc28,sjc28,esr_mm_h,crp_mg_L,global_health_mm,"
                          "prednisone_mg_d\n");
    for (int i = 0; i < PATIENTS; i++)
        for (int v = 0; v < VISITS; v++) {
            const patient *p = &all[i];
            if (!attended(p, v)) continue;
            const bool no_esr = p->treated
                                    ? (p->place == 5 && v == 2) || (p->place == 45 && v == W24)
                                    : p->place == 15 && v == 3;
            put_place(b, p, v);
            stroma_buffer_printf(b, ",%d,%d,", (int)p->tjc[v], (int)p->sjc[v]);
            if (no_esr)
                stroma_buffer_puts(b, "ND");
            else
                put_fixed(b, p->esr[v], 0);
            put_next(b, p->crp[v], 1);
            stroma_buffer_putc(b, ',');
            if (p->treated || p->place != 16 || v != 1) put_fixed(b, p->health[v], 0);
            put_next(b, prednisone_at(p, v), 1);
            stroma_buffer_putc(b, '\n');
        }
}

static const char *const haq_items[] = {
    "haq_dress",     "haq_shampoo",   "haq_stand_up",       "haq_get_in_bed",  "haq_cut_meat",
    "haq_lift_cup",  "haq_open_milk", "haq_walk_flat",      "haq_climb_steps", "haq_wash_dry",
    "haq_take_bath", "haq_toilet",    "haq_reach_overhead", "haq_bend_down",   "haq_car_doors",
    "haq_open_jars", "haq_turn_taps", "haq_errands",        "haq_get_in_car",  "haq_chores"
};
enum { HAQ_ITEMS = sizeof haq_items / sizeof haq_items[0] };

static void write_haq_of(const patient *p, stroma_buffer *b)
{
    stroma_random r = ra_trial_generator("haq", p->number);
    double own[HAQ_ITEMS];
    const double level = ra_trial_clamp(ra_trial_normal(&r, 0.85, 0.3), 0.3, 1.7);
    for (int k = 0; k < HAQ_ITEMS; k++)
        own[k] = ra_trial_normal(&r, 0, 0.45);
    const double threshold = stroma_random_uniform(&r);
    const char *aids = threshold < 0.65   ? ""
                       : threshold < 0.8  ? "grip"
                       : threshold < 0.92 ? "walking+grip"
                                          : "walking+arising";
    for (int v = 0; v < VISITS; v++) {
        const double f = p->das28[v] / p->das28[0];
        const bool form_lost = !p->treated && p->place == 18 && v == W24;
        const bool write = attended(p, v) && !form_lost;
        if (write) put_place(b, p, v);
        for (int k = 0; k < HAQ_ITEMS; k++) {
            const double x = ra_trial_rounded(
                level * (1.7 * f - 0.7) + own[k] + ra_trial_normal(&r, 0, 0.2), 0, 3);
            const bool empty = !p->treated && p->place == 27 && v == 4 && k % 7 == 3;
            if (write) stroma_buffer_putc(b, ',');
            if (write && !empty) put_fixed(b, x, 0);
        }
        if (write) stroma_buffer_printf(b, ",%s\n", aids);
    }
}

static void write_haq(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,day");
    for (int k = 0; k < HAQ_ITEMS; k++)
        stroma_buffer_printf(b, ",%s", haq_items[k]);
    stroma_buffer_puts(b, ",aids_or_help\n");
    for (int i = 0; i < PATIENTS; i++)
        write_haq_of(&all[i], b);
}

/* ---- cells, antibodies, cytokines ---- */

/* Cells at every visit, antibodies (with their own draws) at weeks 0, 12, 24 and 48. */
static void write_cells(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,day,treg_pct_cd4,th17_pct_cd4\n");
    for (int i = 0; i < PATIENTS; i++) {
        const patient *p = &all[i];
        stroma_random r = ra_trial_generator("cells", p->number);
        const double treg = ra_trial_lognormal(&r, 2.6, 0.22),
                     th17 = ra_trial_lognormal(&r, 2.9, 0.25);
        for (int v = 0; v < VISITS; v++) {
            const double effect = ra_trial_immune_effect(p, ra_trial_weeks[v], 4);
            const double now_treg = treg * (1 + 0.9 * effect) * exp(ra_trial_normal(&r, 0, 0.10));
            const double now_th17 = th17 * (1 - 0.5 * effect) * exp(ra_trial_normal(&r, 0, 0.12));
            if (!attended(p, v)) continue;
            put_place(b, p, v);
            put_next(b, now_treg, 2);
            put_next(b, now_th17, 2);
            stroma_buffer_putc(b, '\n');
        }
    }
}

static void write_antibodies(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,day,anti_ccp_u_ml,rf_iu_ml\n");
    for (int i = 0; i < PATIENTS; i++) {
        const patient *p = &all[i];
        stroma_random r = ra_trial_generator("antibodies", p->number);
        const double ccp = ra_trial_lognormal(&r, 180, 0.9), rf = ra_trial_lognormal(&r, 140, 0.9);
        for (int v = 0; v < VISITS; v++) {
            if (v != 0 && v < W12) continue;
            const double effect = ra_trial_immune_effect(p, ra_trial_weeks[v], 15);
            const double now_ccp = ccp * (1 - 0.08 * effect) * exp(ra_trial_normal(&r, 0, 0.25));
            const double now_rf = rf * (1 - 0.10 * effect) * exp(ra_trial_normal(&r, 0, 0.28));
            if (!attended(p, v)) continue;
            put_place(b, p, v);
            put_next(b, now_ccp, 1);
            put_next(b, now_rf, 1);
            stroma_buffer_putc(b, '\n');
        }
    }
}

enum analyte { TNF, IFN, IL1B, SIL2R, IL6, IL8, IL10, ANALYTES };
static const struct {
    const char *name;
    double median, log_sd, noise, lloq_pg_ml;
} analytes[ANALYTES] = {
    [TNF] = { "TNF-alpha", 12, 0.45, 0.15, 0.7 },  [IFN] = { "IFN-gamma", 0.8, 0.35, 0.20, 0.4 },
    [IL1B] = { "IL-1beta", 1.1, 0.55, 0.25, 0.6 }, [SIL2R] = { "IL-2R", 620, 0.35, 0.15, 20 },
    [IL6] = { "IL-6", 22, 0.6, 0.20, 0.4 },        [IL8] = { "IL-8", 15, 0.5, 0.22, 0.6 },
    [IL10] = { "IL-10", 2.4, 0.4, 0.18, 1.0 }
};

/* Low level, and above it a decay (high before) or one transient peak (after). */
static double ifn_gamma(const patient *p, double low, double peak, double week, double noise)
{
    const double base = ra_trial_clamp(low * noise, 0.1, 1.85);
    if (p->high_before) return base + peak * exp(-week / 1.6) * ra_trial_clamp(noise, 0.8, 1.25);
    if (!p->treated || !p->responds || week < 0.5) return base;
    /* the nearest sampling week sees the top: a peak between two visits would be missed */
    const double top = floor(p->rise_week + 0.5);
    return base +
           peak * exp(-0.5 * (week - top) * (week - top) / 0.6) * ra_trial_clamp(noise, 0.8, 1.25);
}

static double cytokine(const patient *p, enum analyte a, double own, double week, double noise)
{
    const double x = own * noise;
    const double peak_week = p->high_before ? 3.6 : 4.4;
    if (a == IL6) return x * (1 - 0.65 * ra_trial_immune_effect(p, week, 7));
    if (a == TNF) return x * (1 - 0.50 * ra_trial_immune_effect(p, week, 8));
    if (a == IL10 && p->treated && p->responds) {
        const double z = log((week + 0.5) / (peak_week + 0.3)) / 0.45;
        return x * (1 + 2.6 * exp(-0.5 * z * z));
    }
    return x;
}

static void put_cytokine(stroma_buffer *b, const patient *p, int v, enum analyte a, double x)
{
    const double limit = analytes[a].lloq_pg_ml;
    stroma_buffer_printf(b, "%03d,%s,%s,", p->number, visit_ids[v], analytes[a].name);
    if (x < limit) {
        stroma_buffer_putc(b, '<');
        put_fixed(b, limit, 1);
    } else {
        put_fixed(b, x, a == SIL2R ? 0 : 2);
    }
    stroma_buffer_puts(b, ",pg/mL\n");
}

static void write_cytokines(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,analyte,value,unit\n");
    for (int i = 0; i < PATIENTS; i++) {
        const patient *p = &all[i];
        stroma_random r = ra_trial_generator("cytokines", p->number);
        double own[ANALYTES];
        for (int a = 0; a < ANALYTES; a++)
            own[a] = ra_trial_lognormal(&r, analytes[a].median, analytes[a].log_sd);
        const double peak = 2.6 + ra_trial_lognormal(&r, 4, 0.6);
        for (int v = 0; v < VISITS; v++)
            for (int a = 0; a < ANALYTES; a++) {
                const double noise = exp(ra_trial_normal(&r, 0, analytes[a].noise));
                const double x =
                    a == IFN ? ifn_gamma(p, own[a], peak, ra_trial_weeks[v], noise)
                             : cytokine(p, (enum analyte)a, own[a], ra_trial_weeks[v], noise);
                if (!attended(p, v)) continue;
                put_cytokine(b, p, v, (enum analyte)a, x);
                if (a == IL8 && p->treated && p->place == 9 && v == 3) /* deliberate: twice */
                    put_cytokine(b, p, v, IL8, x * 1.07);
            }
    }
}

/* ---- safety laboratory ---- */

static const struct {
    const char *column;
    double before, sd, after, after_sd; /* responders; others stay at before */
    int decimals;
} panel[] = { { "albumin_g_l", 32.9, 4.8, 40.6, 3.3, 1 },
              { "globulin_g_l", 31.1, 3.9, 31.6, 3.9, 1 },
              { "cholesterol_mmol_l", 4.1, 0.9, 4.2, 0.9, 2 },
              { "triglycerides_mmol_l", 1.48, 0.4, 1.45, 0.4, 2 },
              { "creatinine_umol_l", 50, 9, 50, 9, 1 },
              { "urea_mmol_l", 4.2, 1.2, 4.2, 1.2, 2 },
              { "glucose_mmol_l", 4.7, 0.75, 4.75, 0.8, 2 },
              { "wbc_10e9_l", 5.8, 1.35, 5.6, 1.4, 2 },
              { "hemoglobin_g_l", 102, 14, 113.5, 13, 0 },
              { "platelets_10e9_l", 260, 62, 223, 58, 0 } };
enum { LABS = sizeof panel / sizeof panel[0] };

static void write_labs_of(const patient *p, stroma_buffer *b)
{
    stroma_random r = ra_trial_generator("labs", p->number);
    double own[LABS];
    for (int k = 0; k < LABS; k++)
        own[k] = stroma_random_normal(&r);
    for (int v = 0; v < VISITS; v++) {
        if (v != 0 && v != W12 && v != VISITS - 1) continue;
        const double share = !p->treated || !p->responds || v == 0 ? 0 : v == W12 ? 0.67 : 1;
        double x[LABS];
        for (int k = 0; k < LABS; k++) {
            const double z = sqrt(0.6) * own[k] + sqrt(0.4) * stroma_random_normal(&r);
            const double mean = panel[k].before + share * (panel[k].after - panel[k].before);
            const double sd = panel[k].sd + share * (panel[k].after_sd - panel[k].sd);
            const double scale = pow(10, panel[k].decimals);
            x[k] =
                floor(ra_trial_clamp(mean + sd * z, mean * 0.3, mean * 2.5) * scale + 0.5) / scale;
        }
        if (!attended(p, v)) continue;
        put_place(b, p, v);
        put_next(b, x[0] + x[1], 1); /* total protein */
        for (int k = 0; k < LABS; k++)
            put_next(b, x[k], panel[k].decimals);
        stroma_buffer_putc(b, '\n');
    }
}

static void write_labs(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,visit,day,total_protein_g_l");
    for (int k = 0; k < LABS; k++)
        stroma_buffer_printf(b, ",%s", panel[k].column);
    stroma_buffer_putc(b, '\n');
    for (int i = 0; i < PATIENTS; i++)
        write_labs_of(&all[i], b);
}

/* ---- subjects and events ---- */

static void write_subjects(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,arm,sex,age_years,disease_duration_years,weight_kg,"
                          "dose_cells_per_kg,treated,disposition,disposition_day,"
                          "disposition_reason\n");
    for (int i = 0; i < PATIENTS; i++) {
        const patient *p = &all[i];
        stroma_buffer_printf(b, "%03d,%s,%s,%d,%d,", p->number, p->treated ? "MSCT" : "PLACEBO",
                             p->female ? "F" : "M", p->age, p->years);
        put_fixed(b, p->weight_kg, 1);
        stroma_buffer_putc(b, ',');
        if (p->treated) put_fixed(b, p->dose_10e6_kg * 1e6, 0);
        if (p->lost_day > 0)
            stroma_buffer_printf(b, ",1,lost_to_follow_up,%d,did not return\n", p->lost_day);
        else
            stroma_buffer_printf(b, ",1,completed,%d,\n", p->day[VISITS - 1]);
    }
}

static void write_events(const patient *all, stroma_buffer *b)
{
    static const struct {
        bool treated;
        int place;
        const char *text; /* term, start, end, grade, serious, related, action, outcome, detail */
    } events[] = {
        { true, 2,
          "Infusion reaction: fever or chills,0,0,1,no,yes,none,recovered,\"38.4 degC, gone after "
          "2 h\"" },
        { true, 20,
          "Infusion reaction: fever or chills,0,0,1,no,yes,none,recovered,\"38.9 degC with chills, "
          "gone after 3 h\"" },
        { true, 33,
          "Infusion reaction: fever or chills,0,0,1,no,yes,none,recovered,\"38.1 degC, gone after "
          "2 h\"" },
        { true, 7, "Headache,1,2,1,no,no,none,recovered," },
        { true, 29, "Headache,5,5,1,no,no,none,recovered," },
        { true, 44, "Nausea,9,11,1,no,no,none,recovered," },
        { true, 13,
          "Upper respiratory tract infection,123,130,1,no,no,none,recovered,not within 12 weeks of "
          "the infusion" },
        { false, 4, "Headache,2,3,1,no,no,none,recovered," },
        { false, 19, "Nausea,16,17,1,no,no,none,recovered," },
        { false, 33, "Nausea,40,42,1,no,no,none,recovered," },
        { false, 8,
          "Upper respiratory tract infection,61,70,2,no,no,symptomatic treatment,recovered," },
        { false, 46, "Upper respiratory tract infection,150,156,1,no,no,none,recovered," },
        { false, 25,
          "Alanine aminotransferase increased,84,112,1,no,no,methotrexate reduced,recovered," },
    };
    stroma_buffer_puts(
        b, "subject,term,start_day,end_day,grade,serious,related,action,outcome,detail\n");
    for (int i = 0; i < PATIENTS; i++)
        for (size_t k = 0; k < sizeof events / sizeof events[0]; k++)
            if (events[k].treated == all[i].treated && events[k].place == all[i].place)
                stroma_buffer_printf(b, "%03d,%s\n", all[i].number, events[k].text);
}

static void write_infusions(const patient *all, stroma_buffer *b)
{
    stroma_buffer_puts(b, "subject,term,day,detail\n");
    for (int i = 0; i < PATIENTS; i++) {
        const patient *p = &all[i];
        stroma_buffer_printf(b, "%03d,%s,0,\"50 mL of 1%% albumin in saline", p->number,
                             p->treated ? "UC-MSC infusion" : "Placebo infusion");
        if (p->treated) {
            stroma_buffer_puts(b, " with ");
            put_fixed(b, p->dose_10e6_kg * p->weight_kg, 1);
            stroma_buffer_puts(b, " x 10^6 cells");
        }
        stroma_buffer_puts(b, "\"\n");
    }
}

static stroma_status write_file(const char *folder, const char *name, const patient *all,
                                void (*fill)(const patient *, stroma_buffer *), stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)1 << 26);
    fill(all, &b);
    char *path = stroma_path_join(folder, name);
    stroma_status st = path == NULL ? stroma_no_memory(err) : stroma_buffer_status(&b, err);
    if (st == STROMA_OK) st = stroma_file_write(path, b.data, b.len, true, err);
    stroma_free(path);
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status write_all(const char *folder, const patient *all, stroma_error *err)
{
    STROMA_TRY(stroma_make_directory(folder, err));
    STROMA_TRY(write_file(folder, "subjects.csv", all, write_subjects, err));
    STROMA_TRY(write_file(folder, "visits.csv", all, write_visits, err));
    STROMA_TRY(write_file(folder, "haq.csv", all, write_haq, err));
    STROMA_TRY(write_file(folder, "cells.csv", all, write_cells, err));
    STROMA_TRY(write_file(folder, "antibodies.csv", all, write_antibodies, err));
    STROMA_TRY(write_file(folder, "cytokines.csv", all, write_cytokines, err));
    STROMA_TRY(write_file(folder, "labs.csv", all, write_labs, err));
    STROMA_TRY(write_file(folder, "adverse_events.csv", all, write_events, err));
    return write_file(folder, "infusions.csv", all, write_infusions, err);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: make_ra_trial FOLDER\n", stderr);
        return STROMA_E_USAGE;
    }
    patient all[PATIENTS];
    const int failed = ra_trial_make_patients(all);
    if (failed > 0) {
        (void)fprintf(stderr, "make_ra_trial: no course for patient %d\n", failed);
        return STROMA_E_DEGENERATE;
    }
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status st = write_all(argv[1], all, &err);
    if (st != STROMA_OK) (void)fprintf(stderr, "make_ra_trial: %s\n", err.message);
    return (int)st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the checks of quality share. A new check is a file with one quality_check, declared here,
 * and one line in quality.c. */
#ifndef STROMA_CYTOMETRY_QUALITY_PRIVATE_H
#define STROMA_CYTOMETRY_QUALITY_PRIVATE_H
#include "stroma/cytometry_quality.h"

enum {
    QUALITY_CUTS = 15, /* of a channel into classes of equal size */
    QUALITY_CLASSES = QUALITY_CUTS + 1,
    QUALITY_BIN_EVENTS = 250,
    QUALITY_BINS_MIN = 20,
    QUALITY_BINS_MAX = 400,
    QUALITY_FEW_EVENTS = 2000 /* fewer cannot be judged over time */
};

/* Values at the ends of a channel, in a bin or in all. */
typedef struct quality_ends {
    double min, max;       /* of finite values; ∞ and −∞ when there are none */
    uint64_t n_min, n_max; /* exactly there */
    uint64_t n_top;        /* at or above the highest value that the range holds */
    uint64_t not_finite;
} quality_ends;

typedef struct quality_channel {
    const char *name;
    bool time, scatter;
    double top; /* linear value of the end of the range, ∞ unknown */
    double cut[QUALITY_CUTS];
    quality_ends ends;
} quality_channel;

/* Events in slices of equal time. */
typedef struct quality_slices {
    size_t n; /* 0: time cannot be cut into slices, `why` says it */
    const char *why;
    double begin, width, step; /* step: resolution of the clock */
    double *count, *usual;     /* n; usual is the running median of count */
    double busy;               /* count of the slice that half of all events stand below */
} quality_slices;

typedef struct quality_work {
    const stroma_fcs_dataset *d;
    const stroma_quality_options *opts;
    stroma_arena *arena;
    quality_channel *channels; /* one a parameter */
    size_t channels_len;
    size_t bins;            /* of consecutive events; bin b begins at event n b / bins */
    uint32_t *classes;      /* bins × channels × QUALITY_CLASSES: events in them */
    quality_ends *bin_ends; /* bins × channels */
    size_t time;            /* the channel of time, SIZE_MAX none */
    double *times;          /* of each event, put right where the clock started over; or NULL */
    bool in_order;          /* times do not run backwards but for a few events */
    quality_slices slices;
    bool *off; /* bins that `signal` marked, in the arena; NULL before it ran */
    uint32_t *flags;
    uint32_t bit; /* of the check at work */
} quality_work;

typedef struct quality_answer {
    bool judged;
    double measure;
    stroma_quality_verdict at_least;
    uint64_t n_checked;
    const char *detail;
} quality_answer;

typedef struct quality_check {
    stroma_quality_check about;
    stroma_status (*run)(quality_work *w, quality_answer *a, stroma_error *err);
} quality_check;

extern const quality_check quality_time, quality_rate, quality_gaps, quality_signal, quality_drift,
    quality_margin, quality_pile, quality_saturation, quality_doublets, quality_dead,
    quality_numbers, quality_constant, quality_few;

static inline uint64_t quality_bin_begin(const quality_work *w, size_t b)
{
    const uint64_t n = w->d->n_events;
    return n / w->bins * b + n % w->bins * b / w->bins;
}
/* Judged, with its measure and what was seen. */
stroma_status quality_judge(quality_work *w, quality_answer *a, double measure, stroma_error *err,
                            const char *format, ...) STROMA_PRINTF(5, 6);
stroma_status quality_cannot(quality_work *w, quality_answer *a, stroma_error *err,
                             const char *format, ...) STROMA_PRINTF(4, 5);
/* Mark the events of a range with the check at work. */
void quality_mark(quality_work *w, uint64_t begin, uint64_t end);

/* Read all events once: classes, ends and times. quality_pass.c */
stroma_status quality_pass(quality_work *w, stroma_error *err);
/* Look at some columns of every event, on several threads; @p see marks its own events alone.
 * x[j][i] is column j of event first + i. */
typedef void (*quality_see)(quality_work *w, uint64_t first, size_t n, double *const *x,
                            void *context);
stroma_status quality_scan(quality_work *w, const stroma_event_column *columns, size_t k,
                           quality_see see, void *context, stroma_error *err);
/* A column of at most 50,000 events, evenly spread; finite values, sorted. Free with stroma_free().
 * @p of two columns: their ratio, where the second is above 0. quality_sample.c */
stroma_status quality_sample(const quality_work *w, const stroma_event_column *columns, size_t k,
                             double **x, size_t *n, stroma_error *err);
/* Median of values that may be reordered. */
double quality_median(double *x, size_t n);

/* Where the events of each bin stand among all of the channel: mean ridit (Bross 1958 Biometrics
 * 14:18), the chance that an event of the bin is above one of the file; 0.5 on average.
 * quality_ridit.c */
typedef struct quality_course {
    double *u;     /* of each bin */
    double middle; /* median of u */
    double noise;  /* SD of u from one bin to the next, at least what counting gives; 0: all values
                      are alike */
} quality_course;
void quality_follow(const quality_work *w, size_t channel, double *u, double *scratch,
                    quality_course *out);
/* Why nothing can be said over the course of the file, or NULL. */
const char *quality_no_course(const quality_work *w);
/* Whether the channel is no signal: time, or a number that only grows, as a count of events. */
bool quality_is_counter(const quality_work *w, size_t channel, const quality_course *c);
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an edge is found in data: the methods and what they see. Nothing here knows of files. */
#ifndef STROMA_CYTOMETRY_LEARN_H
#define STROMA_CYTOMETRY_LEARN_H
#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/json.h"

#include <stdbool.h>

struct learn_method;

/* What a strategy says of one edge. Places are on the scale of the channel (T is 1), but those of
 * drawn gates (min, max, vertices) are in linear units. */
typedef struct learn_rule {
    const struct learn_method *method;
    bool keep_below;
    double low, high;      /* where the edge may lie; ∓∞ open */
    double pivot;          /* the edge nearest to this; NaN none */
    double quantile;       /* NaN: the method's own default, as the next three */
    double min_depth;      /* of a valley */
    double width;          /* of a band, in robust standard deviations */
    double max_shift;      /* of a landmark, on the scale */
    double bandwidth;      /* of the density, on the scale; 0 by rule */
    int components;        /* most, of a mixture; 0: the method's default */
    double target[2];      /* the component nearest to this; NaN: the largest */
    double min[2], max[2]; /* of a drawn rectangle; ∓∞ open */
    double *vertices;
    size_t vertices_len;
    const struct learn_rule *edge;     /* of a reference: how its own edge is found */
    const struct learn_rule *fallback; /* what to do when this finds nothing; NULL: nothing */
    int64_t line;
} learn_rule;

/* Values of the events in the parent, on their scales, finite. For one channel they are sorted. */
typedef struct learn_values {
    const double *x[2];
    size_t n;
} learn_values;

typedef struct learn_job {
    const learn_rule *rule;
    size_t channels; /* 1 or 2 */
    learn_values sample;
    const learn_values *fmo; /* one channel: the tube without its stain; NULL: none */
    const char *fmo_file;
    const learn_values *reference; /* one channel; NULL: none */
    bool is_reference;             /* the sample is the reference itself: its own edge is wanted */
    double top[2];                 /* highest value of the channel, linear units */
    bool has_zero; /* the channel's scale shows 0, so that places can be told to be high: */
    double zero;   /* where it is on the scale */
} learn_job;

typedef enum learn_shape {
    LEARN_NOTHING, /* no edge, for the reason given */
    LEARN_EDGE,    /* one channel: at edge */
    LEARN_BAND,    /* ratio of the two channels: from low to high */
    LEARN_ELLIPSE,
    LEARN_RECTANGLE, /* linear units */
    LEARN_POLYGON    /* linear units, as in the rule */
} learn_shape;

enum { LEARN_REASON_MAX = 240 };
typedef struct learn_answer {
    learn_shape shape;
    double edge, low[2], high[2];
    double mean[2], covariance[4], distance_square;
    double confidence; /* NaN: drawn */
    char reason[LEARN_REASON_MAX];
    stroma_json *seen; /* what the method saw: an object is open */
} learn_answer;

typedef struct learn_method {
    const char *name;
    size_t channels_min, channels_max;
    bool linear;            /* wants linear values, not those of the scale */
    const char *keys;       /* of a rule that it takes, blanks around each: " range pivot " */
    const char *what;       /* one line */
    const char *confidence; /* what the number means */
    stroma_status (*find)(const learn_job *job, learn_answer *out, stroma_error *err);
} learn_method;

extern const learn_method learn_valley, learn_mixture, learn_tail, learn_fmo, learn_reference,
    learn_singlets, learn_ellipse, learn_boundary, learn_rectangle, learn_polygon;
/* By name; NULL: none. quadrant and boolean are made by the driver and no method. */
const learn_method *learn_method_find(const char *name);
const learn_method *const *learn_methods(size_t *n);
/* Ask the rule's method, and its fallbacks in turn. @p used the rule that answered, or the last
 * one asked. */
stroma_status learn_find(const learn_job *job, learn_answer *out, const learn_rule **used,
                         stroma_error *err);
void learn_nothing(learn_answer *out, const char *fmt, ...) STROMA_PRINTF(2, 3);

/* A mixture of k t-distributions in one or two dimensions. */
enum { LEARN_COMPONENTS_MAX = 6, LEARN_T_DF = 4, LEARN_ROUNDS = 500 };
typedef struct learn_mixture_fit {
    size_t k, dims;
    double df; /* degrees of freedom: 4, 8 or 16; 0 is the normal distribution */
    double weight[LEARN_COMPONENTS_MAX], mean[LEARN_COMPONENTS_MAX][2],
        covariance[LEARN_COMPONENTS_MAX][3]; /* xx, xy, yy */
    double log_likelihood, bic, icl;         /* smaller is better */
} learn_mixture_fit;
typedef struct learn_cell { /* values of a bin, and how many */
    double x[2], count;
} learn_cell;
/* Fit k components to binned values from a start in @p fit (weights, means, covariances), in at
 * most
 * @p rounds. */
void learn_mixture_em(const learn_cell *cell, size_t cells, double floor, int rounds,
                      learn_mixture_fit *fit);
/* Log of the weighted density of component j at x. */
double learn_mixture_log_density(const learn_mixture_fit *fit, size_t j, const double *x);
/* Probability that x belongs to each component. */
void learn_mixture_posterior(const learn_mixture_fit *fit, const double *x, double *p);
#endif

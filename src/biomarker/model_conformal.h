/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class-conditional cross-conformal sets. */
#ifndef STROMA_BIOMARKER_MODEL_CONFORMAL_H
#define STROMA_BIOMARKER_MODEL_CONFORMAL_H
#include "stroma/biomarker_predict.h"

/* Log odds by the model of a fold. One function for training and new patients: equal inputs have
 * equal scores to the last bit. @param b 1 + p @param entered p inputs as they enter */
double conformal_score(const double *b, const double *entered, size_t p);

/* The patient's scores under the model of each fold, and room to sort. */
typedef struct conformal_room {
    double *score;    /* folds */
    double *crossing; /* calibration rows */
} conformal_room;
STROMA_CHECK stroma_status conformal_room_new(const stroma_model *m, conformal_room *out,
                                              stroma_error *err);
void conformal_room_free(conformal_room *r);

/* @param entered inputs on the scale on which they enter @param u 1: who is tied with the patient
 * counts as as odd; below it, that part of them. Leaves the scores. */
void conformal_compare(const stroma_model *m, const double *entered, double u, conformal_room *room,
                       double *p_event, double *p_no_event);
stroma_prediction_set conformal_set(double p_event, double p_no_event, double alpha);

/* Values of one input at which the set changes, the nearest first. */
typedef struct conformal_change {
    size_t n;
    double at[2];  /* as it enters */
    bool above[2]; /* the change is for values above it */
    stroma_prediction_set set[2];
} conformal_change;
/* @param set that of the patient, whose scores are in @p room
 * @return false when folds disagree on the direction of the input: the set is then not monotone */
bool conformal_find_change(const stroma_model *m, conformal_room *room, size_t input, double now,
                           double level, stroma_prediction_set set, conformal_change *out);
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "predict_inputs.h"

#include "stroma/memory.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

static stroma_status read_bridges(predict_inputs *p, stroma_error *err)
{
    const char *const *paths = NULL;
    const size_t n = cli_texts(p->c, "bridge", &paths);
    p->bridges = stroma_alloc_array(n, sizeof(void *));
    if (p->bridges == NULL) return stroma_no_memory(err);
    for (; p->bridges_len < n; p->bridges_len++)
        STROMA_TRY(
            stroma_bridge_read_file(paths[p->bridges_len], &p->bridges[p->bridges_len], err));
    return STROMA_OK;
}

static stroma_status take_bridges(predict_inputs *p, stroma_error *err)
{
    STROMA_TRY(read_bridges(p, err));
    for (size_t i = 0; i < p->bridges_len; i++) {
        const stroma_bridge *b = p->bridges[i];
        size_t j = 0;
        while (j < p->m->inputs_len && strcmp(p->m->inputs[j].name, b->input) != 0)
            j++;
        if (j == p->m->inputs_len)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "bridge of \"%s\": the model has no such input", b->input);
        const stroma_model_input *in = &p->m->inputs[j];
        if (in->assay == NULL || strcmp(in->assay, b->to_assay) != 0)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "bridge of \"%s\" leads to assay \"%s\", the model was made with "
                               "\"%s\"",
                               b->input, b->to_assay, in->assay == NULL ? "none named" : in->assay);
        if (b->unit != NULL && in->unit != NULL && strcmp(b->unit, in->unit) != 0)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "bridge of \"%s\" is in %s, the model in %s", b->input, b->unit,
                               in->unit);
        p->columns[j].bridge = b;
    }
    return STROMA_OK;
}

/* Values in another unit are converted by a declared rule, or refused. */
static stroma_status take_unit(const predict_inputs *p, size_t j, stroma_error *err)
{
    const stroma_model_input *in = &p->m->inputs[j];
    predict_column *c = &p->columns[j];
    c->unit = model_setting(p->c, "unit", in->name);
    if (c->unit == NULL && c->column != SIZE_MAX) c->unit = p->table->columns[c->column].unit;
    if (c->unit == NULL || (in->unit != NULL && strcmp(c->unit, in->unit) == 0)) return STROMA_OK;
    if (in->unit == NULL) {
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "input \"%s\" is in %s here, and the model does not say its unit",
                          in->name, c->unit);
        stroma_hint(err, "fit the model with --unit %s=UNIT", in->name);
        return STROMA_E_INCONSISTENT;
    }
    c->converts = true;
    /* a molar conversion needs to know the substance */
    const stroma_parameter *known = stroma_parameter_find(in->name);
    const stroma_status s =
        stroma_unit_find(known == NULL ? NULL : known->id, c->unit, in->unit, &c->rule, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "input \"%s\"", in->name);
}

static stroma_status take_column(const predict_inputs *p, size_t j, size_t *found,
                                 stroma_error *err)
{
    const stroma_model_input *in = &p->m->inputs[j];
    predict_column *c = &p->columns[j];
    const char *named = model_setting(p->c, "column", in->name);
    const char *name = named == NULL ? in->name : named;
    c->column = stroma_table_find(p->table, name);
    *found += c->column != SIZE_MAX;
    if (c->column == SIZE_MAX && named != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "--column %s=%s: no such column", in->name, named);
    if (c->column != SIZE_MAX && p->table->columns[c->column].type != STROMA_COLUMN_NUMBER) {
        size_t rows = 0;
        for (size_t r = 0; r < p->table->rows_len; r++)
            rows += stroma_table_state(p->table, c->column, r) == STROMA_PRESENT;
        if (rows > 0)
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "column \"%s\" is a column of %s, not of numbers", name,
                               stroma_column_type_name(p->table->columns[c->column].type));
        c->column = SIZE_MAX; /* empty throughout */
        ++*found;
    }
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    stroma_buffer_printf(&b, "%s_assay", name);
    c->assay_column = b.data == NULL ? SIZE_MAX : stroma_table_find(p->table, b.data);
    stroma_buffer_clear(&b);
    c->assay = model_setting(p->c, "assay", in->name);
    return take_unit(p, j, err);
}

static stroma_status open(predict_inputs *p, stroma_error *err)
{
    static const char *const options[] = { "unit", "assay", "column" };
    const size_t n = p->m->inputs_len;
    size_t found = 0;
    const char **names = stroma_alloc_array(n, sizeof *names);
    p->columns = stroma_alloc_array(n, sizeof *p->columns);
    stroma_status s = names == NULL || p->columns == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t j = 0; s == STROMA_OK && j < n; j++)
        names[j] = p->m->inputs[j].name;
    for (size_t o = 0; s == STROMA_OK && o < sizeof options / sizeof *options; o++)
        s = model_check_settings(p->c, options[o], names, n, err);
    for (size_t j = 0; s == STROMA_OK && j < n; j++)
        s = take_column(p, j, &found, err);
    stroma_free(names);
    STROMA_TRY(s);
    if (found == 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the file has none of the %zu inputs of the model",
                          n);
        stroma_hint(err, "the first is \"%s\"; another header: --column %s=HEADER",
                    p->m->inputs[0].name, p->m->inputs[0].name);
        return STROMA_E_USAGE;
    }
    for (size_t j = 0; j < n; j++)
        if (p->columns[j].column == SIZE_MAX)
            cli_say(p->c, "note: the file has no column \"%s\": missing in every row",
                    p->m->inputs[j].name);
    return take_bridges(p, err);
}

stroma_status predict_inputs_open(cli_context *c, const stroma_model *m, const stroma_table *t,
                                  predict_inputs *out, stroma_error *err)
{
    *out = (predict_inputs){ .c = c, .m = m, .table = t };
    return open(out, err);
}

void predict_inputs_close(predict_inputs *p)
{
    for (size_t i = 0; i < p->bridges_len; i++)
        stroma_bridge_free(p->bridges[i]);
    stroma_free(p->bridges);
    stroma_free(p->columns);
}

static bool has_number(uint8_t s)
{
    return s == STROMA_PRESENT || s == STROMA_BELOW_LIMIT || s == STROMA_ABOVE_LIMIT;
}

static void refuse(stroma_buffer *why, const char *name, const char *text, const char *a,
                   const char *b)
{
    stroma_buffer_printf(why, "%s%s ", why->len > 0 ? "; " : "", name);
    stroma_buffer_printf(why, "%s \"%s\"", text, a);
    if (b != NULL) stroma_buffer_printf(why, ", the model was made with \"%s\"", b);
}

/* The value on the assay of the model; false when there is no way to it. */
static bool bridge(const predict_inputs *p, size_t j, size_t row, stroma_predict_value *v,
                   predict_origin *o, stroma_buffer *why)
{
    const stroma_model_input *in = &p->m->inputs[j];
    const predict_column *c = &p->columns[j];
    char buf[STROMA_CELL_TEXT_MAX];
    const char *assay = c->assay;
    if (c->assay_column != SIZE_MAX &&
        stroma_table_state(p->table, c->assay_column, row) == STROMA_PRESENT)
        assay = stroma_table_cell_text(p->table, c->assay_column, row, buf);
    if (in->assay == NULL || (assay != NULL && strcmp(assay, in->assay) == 0)) return true;
    o->assay_unknown = assay == NULL;
    if (assay == NULL) return true;
    if (c->bridge == NULL || strcmp(c->bridge->from_assay, assay) != 0) {
        refuse(why, in->name, "is of assay", assay, in->assay);
        stroma_buffer_puts(why, " and there is no bridge");
        return false;
    }
    o->bridged = true;
    if (stroma_bridge_convert(c->bridge, v->value, &v->value, &v->variance, &o->extrapolated))
        return true;
    refuse(why, in->name, "has no value on the bridge from assay", assay, NULL);
    return false;
}

static bool one(const predict_inputs *p, size_t j, size_t row, stroma_predict_value *v,
                predict_origin *o, stroma_buffer *why)
{
    const predict_column *c = &p->columns[j];
    *v = (stroma_predict_value){ NAN, STROMA_MISSING, 0 };
    *o = (predict_origin){ .reported = NAN };
    if (c->column == SIZE_MAX) return true;
    v->state = (uint8_t)stroma_table_state(p->table, c->column, row);
    if (!has_number(v->state)) return true;
    v->value = o->reported = p->table->columns[c->column].numbers[row];
    if (c->converts) {
        v->value = v->value * c->rule.multiply / c->rule.divide;
        o->converted = true;
    }
    return bridge(p, j, row, v, o, why);
}

bool predict_inputs_row(const predict_inputs *p, size_t row, stroma_predict_value *values,
                        predict_origin *origins, stroma_buffer *why)
{
    bool usable = true;
    for (size_t j = 0; j < p->m->inputs_len; j++)
        usable = one(p, j, row, &values[j], &origins[j], why) && usable;
    return usable;
}

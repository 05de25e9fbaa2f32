/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PMML 4.4 (Data Mining Group), RegressionModel. */
#include "model_schema.h"

#include "stroma/biomarker_model_file.h"
#include "stroma/number.h"

#include <libxml/xmlwriter.h>
#include <math.h>
#include <string.h>

typedef struct pmml {
    xmlTextWriter *w;
    bool failed;
} pmml;

static void begin(pmml *x, const char *name)
{
    x->failed = xmlTextWriterStartElement(x->w, (const xmlChar *)name) < 0 || x->failed;
}

static void end(pmml *x)
{
    x->failed = xmlTextWriterEndElement(x->w) < 0 || x->failed;
}

static void attribute(pmml *x, const char *name, const char *value)
{
    x->failed =
        xmlTextWriterWriteAttribute(x->w, (const xmlChar *)name, (const xmlChar *)value) < 0 ||
        x->failed;
}

static void number(pmml *x, const char *name, double value)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    attribute(x, name, stroma_format_double(value, text));
}

static void text(pmml *x, const char *s)
{
    x->failed = xmlTextWriterWriteString(x->w, (const xmlChar *)s) < 0 || x->failed;
}

static void constant(pmml *x, double value)
{
    char s[STROMA_NUMBER_TEXT_MAX];
    begin(x, "Constant");
    attribute(x, "dataType", "double");
    text(x, stroma_format_double(value, s));
    end(x);
}

static void field(pmml *x, const char *name)
{
    begin(x, "FieldRef");
    attribute(x, "field", name);
    end(x);
}

/* "scaled" and the place among the inputs: no name of the data can clash with it. */
static const char *derived(size_t j, char *out)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 40);
    stroma_buffer_printf(&b, "stroma.scaled.%zu", j + 1);
    memcpy(out, b.data == NULL ? "" : b.data, b.len + 1);
    stroma_buffer_clear(&b);
    return out;
}

static void header(pmml *x, const stroma_model *m)
{
    begin(x, "Header");
    attribute(x, "copyright", model_research_use);
    attribute(x, "description", m->name == NULL ? m->id : m->name);
    begin(x, "Application");
    attribute(x, "name", "stroma");
    attribute(x, "version", m->stroma_version);
    end(x);
    begin(x, "Annotation");
    text(x, "Model ");
    text(x, m->id);
    text(x, ", sha256 ");
    text(x, m->sha256 == NULL ? "not known" : m->sha256);
    text(x,
         ". Values beyond a detection limit, intervals, conformal sets, distances and the expiry "
         "date are in the model file alone.");
    if (m->simulated) text(x, " Simulated data.");
    end(x);
    end(x);
}

static void dictionary(pmml *x, const stroma_model *m, const char *other)
{
    begin(x, "DataDictionary");
    for (size_t j = 0; j < m->inputs_len; j++) {
        const stroma_model_input *in = &m->inputs[j];
        begin(x, "DataField");
        attribute(x, "name", in->name);
        if (in->label != NULL) attribute(x, "displayName", in->label);
        attribute(x, "optype", "continuous");
        attribute(x, "dataType", "double");
        if (in->unit != NULL) {
            begin(x, "Extension");
            attribute(x, "name", "unit");
            attribute(x, "value", in->unit);
            end(x);
        }
        end(x);
    }
    begin(x, "DataField");
    attribute(x, "name", m->outcome_name);
    attribute(x, "optype", "categorical");
    attribute(x, "dataType", "string");
    const char *const values[] = { m->event, other };
    for (size_t k = 0; k < 2; k++) {
        begin(x, "Value");
        attribute(x, "value", values[k]);
        end(x);
    }
    end(x);
    end(x);
}

/* (x − centre)/scale, of the logarithm where it enters so. */
static void transformations(pmml *x, const stroma_model *m)
{
    char name[40];
    begin(x, "LocalTransformations");
    for (size_t j = 0; j < m->inputs_len; j++) {
        const stroma_model_input *in = &m->inputs[j];
        begin(x, "DerivedField");
        attribute(x, "name", derived(j, name));
        attribute(x, "optype", "continuous");
        attribute(x, "dataType", "double");
        begin(x, "Apply");
        attribute(x, "function", "/");
        begin(x, "Apply");
        attribute(x, "function", "-");
        if (in->log_scale) {
            begin(x, "Apply");
            attribute(x, "function", "ln");
        }
        field(x, in->name);
        if (in->log_scale) end(x);
        constant(x, in->centre);
        end(x);
        constant(x, in->scale);
        end(x);
        end(x);
    }
    end(x);
}

static void schema(pmml *x, const stroma_model *m)
{
    char value[STROMA_NUMBER_TEXT_MAX];
    begin(x, "MiningSchema");
    for (size_t j = 0; j < m->inputs_len; j++) {
        const stroma_model_input *in = &m->inputs[j];
        begin(x, "MiningField");
        attribute(x, "name", in->name);
        attribute(x, "usageType", "active");
        if (m->missing == STROMA_MODEL_MISSING_MEDIAN) {
            const double fill = in->log_scale ? exp(in->median) : in->median;
            attribute(x, "missingValueReplacement", stroma_format_double(fill, value));
            attribute(x, "missingValueTreatment", "asMedian");
        } else {
            attribute(x, "missingValueTreatment", "returnInvalid");
        }
        end(x);
    }
    begin(x, "MiningField");
    attribute(x, "name", m->outcome_name);
    attribute(x, "usageType", "target");
    end(x);
    end(x);
}

static void output(pmml *x, const stroma_model *m)
{
    begin(x, "Output");
    begin(x, "OutputField");
    attribute(x, "name", "stroma.probability");
    attribute(x, "optype", "continuous");
    attribute(x, "dataType", "double");
    attribute(x, "feature", "probability");
    attribute(x, "value", m->event);
    end(x);
    end(x);
}

static void regression(pmml *x, const stroma_model *m, const char *other)
{
    char name[40];
    begin(x, "RegressionModel");
    attribute(x, "modelName", m->id);
    attribute(x, "functionName", "classification");
    attribute(x, "algorithmName", "logistic regression");
    attribute(x, "normalizationMethod", "logit");
    attribute(x, "targetFieldName", m->outcome_name);
    schema(x, m);
    output(x, m);
    transformations(x, m);
    begin(x, "RegressionTable");
    number(x, "intercept", m->recalibration[0] + m->recalibration[1] * m->intercept);
    attribute(x, "targetCategory", m->event);
    for (size_t j = 0; j < m->inputs_len; j++) {
        begin(x, "NumericPredictor");
        attribute(x, "name", derived(j, name));
        number(x, "coefficient", m->recalibration[1] * m->inputs[j].coefficient);
        end(x);
    }
    end(x);
    begin(x, "RegressionTable");
    number(x, "intercept", 0);
    attribute(x, "targetCategory", other);
    end(x);
    end(x);
}

static void document(pmml *x, const stroma_model *m, const char *other)
{
    x->failed = xmlTextWriterSetIndent(x->w, 1) < 0 || x->failed;
    x->failed = xmlTextWriterStartDocument(x->w, NULL, "UTF-8", NULL) < 0 || x->failed;
    begin(x, "PMML");
    attribute(x, "xmlns", "http://www.dmg.org/PMML-4_4");
    attribute(x, "version", "4.4");
    header(x, m);
    dictionary(x, m, other);
    regression(x, m, other);
    end(x);
    x->failed = xmlTextWriterEndDocument(x->w) < 0 || x->failed;
}

static stroma_status write(const stroma_model *m, const char *other, stroma_buffer *out,
                           stroma_error *err)
{
    xmlBuffer *bytes = xmlBufferCreate();
    pmml x = { .w = bytes == NULL ? NULL : xmlNewTextWriterMemory(bytes, 0) };
    if (x.w == NULL) {
        if (bytes != NULL) xmlBufferFree(bytes);
        return stroma_no_memory(err);
    }
    document(&x, m, other);
    xmlFreeTextWriter(x.w); /* flushes */
    if (!x.failed)
        stroma_buffer_append(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
    xmlBufferFree(bytes);
    return x.failed ? stroma_no_memory(err) : stroma_buffer_status(out, err);
}

stroma_status stroma_model_write_pmml(const stroma_model *m, stroma_buffer *out, stroma_error *err)
{
    if (m->missing == STROMA_MODEL_MISSING_REGRESSION)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "PMML has no rule that fills missing inputs by regression");
    stroma_buffer other;
    stroma_buffer_init(&other, 1 << 17);
    stroma_buffer_printf(&other, "not %s", m->event);
    stroma_status s = stroma_buffer_status(&other, err);
    if (s == STROMA_OK) s = write(m, other.data, out, err);
    stroma_buffer_clear(&other);
    return s;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spillover_output.h"

#include "stroma/json.h"
#include "stroma/number.h"

#include <string.h>

enum { OUTPUT_BYTES_MAX = 64 << 20 };

/* A name as a field: quoted where a program would take it apart. */
static void put_field(stroma_buffer *b, const char *text, char separator)
{
    if (separator != ',' || strpbrk(text, ",\"") == NULL) {
        stroma_buffer_puts(b, text);
        return;
    }
    stroma_buffer_putc(b, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"') stroma_buffer_putc(b, '"');
        stroma_buffer_putc(b, *p);
    }
    stroma_buffer_putc(b, '"');
}

static void put_table(stroma_buffer *b, const stroma_compensation *m, char separator)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    for (size_t j = 0; j < m->detectors_len; j++) {
        stroma_buffer_putc(b, separator);
        put_field(b, m->detector[j], separator);
    }
    stroma_buffer_putc(b, '\n');
    for (size_t i = 0; i < m->fluorochromes_len; i++) {
        put_field(b, m->fluorochrome[i], separator);
        for (size_t j = 0; j < m->detectors_len; j++) {
            stroma_buffer_putc(b, separator);
            stroma_buffer_puts(b,
                               stroma_format_double(m->spectrum[i * m->detectors_len + j], number));
        }
        stroma_buffer_putc(b, '\n');
    }
}

/* The value of $SPILLOVER. */
static stroma_status put_keyword(stroma_buffer *b, const stroma_compensation *m, stroma_error *err)
{
    const size_t n = m->fluorochromes_len;
    char number[STROMA_NUMBER_TEXT_MAX];
    if (n != m->detectors_len)
        return stroma_fail(err, STROMA_E_USAGE,
                           "$SPILLOVER holds square matrices, this one has %zu rows of %zu", n,
                           m->detectors_len);
    stroma_buffer_printf(b, "%zu", n);
    for (size_t i = 0; i < n; i++) {
        if (strchr(m->detector[i], ',') != NULL)
            return stroma_fail(err, STROMA_E_USAGE,
                               "$SPILLOVER has no form for the comma in channel \"%s\"",
                               m->detector[i]);
        stroma_buffer_printf(b, ",%s", m->detector[i]);
    }
    for (size_t i = 0; i < n * n; i++)
        stroma_buffer_printf(b, ",%s", stroma_format_double(m->spectrum[i], number));
    stroma_buffer_putc(b, '\n');
    return STROMA_OK;
}

static void put_dimensions(stroma_buffer *b, const char *what, const char *const *name, size_t n)
{
    stroma_buffer_printf(b, "    <transforms:%s>\n", what);
    for (size_t i = 0; i < n; i++) {
        stroma_buffer_puts(b, "      <data-type:fcs-dimension data-type:name=\"");
        stroma_buffer_html(b, name[i]);
        stroma_buffer_puts(b, "\"/>\n");
    }
    stroma_buffer_printf(b, "    </transforms:%s>\n", what);
}

static void put_gating_ml(stroma_buffer *b, const stroma_compensation *m)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<gating:Gating-ML\n"
                          "  xmlns:gating=\"http://www.isac-net.org/std/Gating-ML/v2.0/gating\"\n"
                          "  xmlns:transforms=\"http://www.isac-net.org/std/Gating-ML/v2.0/"
                          "transformations\"\n"
                          "  xmlns:data-type=\"http://www.isac-net.org/std/Gating-ML/v2.0/"
                          "datatypes\">\n"
                          "  <transforms:spectrumMatrix transforms:id=\"");
    stroma_buffer_html(b, strcmp(m->id, "FCS") == 0 ? "spillover" : m->id);
    stroma_buffer_puts(b, "\">\n");
    put_dimensions(b, "fluorochromes", m->fluorochrome, m->fluorochromes_len);
    put_dimensions(b, "detectors", m->detector, m->detectors_len);
    for (size_t i = 0; i < m->fluorochromes_len; i++) {
        stroma_buffer_puts(b, "    <transforms:spectrum>\n");
        for (size_t j = 0; j < m->detectors_len; j++)
            stroma_buffer_printf(
                b, "      <transforms:coefficient transforms:value=\"%s\"/>\n",
                stroma_format_double(m->spectrum[i * m->detectors_len + j], number));
        stroma_buffer_puts(b, "    </transforms:spectrum>\n");
    }
    stroma_buffer_puts(b, "  </transforms:spectrumMatrix>\n</gating:Gating-ML>\n");
}

static void put_names(stroma_json *j, const char *key, const char *const *name, size_t n)
{
    stroma_json_key(j, key);
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++)
        stroma_json_string(j, name[i]);
    stroma_json_end_array(j);
}

static void put_quality(stroma_json *j, const stroma_compensation *m,
                        const stroma_control *controls, const stroma_control_quality *quality)
{
    stroma_json_key(j, "controls");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->fluorochromes_len; i++) {
        const stroma_control_quality *q = &quality[i];
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "file", controls[i].file);
        stroma_json_put_string(j, "detector", controls[i].detector);
        stroma_json_put_int(j, "n_events", (int64_t)q->events);
        stroma_json_put_int(j, "n_in_gate", (int64_t)q->in_gate);
        stroma_json_put_int(j, "n_positive", (int64_t)q->positive);
        stroma_json_put_number(j, "threshold", q->threshold);
        stroma_json_put_number(j, "positive_median", q->positive_median);
        stroma_json_put_number(j, "negative_median", q->negative_median);
        stroma_json_put_number(j, "stain_index", q->stain_index);
        stroma_json_put_string(j, "brightest_detector", m->detector[q->brightest]);
        stroma_json_put_number(j, "saturated_frac", q->saturated_frac);
        stroma_json_put_number(j, "spread", q->spread);
        stroma_json_put_string(j, "spread_into", m->fluorochrome[q->spread_into]);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static void put_json(stroma_buffer *b, const stroma_compensation *m, const stroma_control *controls,
                     const stroma_control_quality *quality)
{
    stroma_json j;
    stroma_json_init(&j, b, 2);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.spillover/1");
    stroma_json_put_string(&j, "source", m->source);
    stroma_json_put_bool(&j, "identity", m->identity);
    stroma_json_put_number(&j, "condition_number", m->condition);
    put_names(&j, "fluorochromes", m->fluorochrome, m->fluorochromes_len);
    put_names(&j, "detectors", m->detector, m->detectors_len);
    stroma_json_key(&j, "spectrum");
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < m->fluorochromes_len; i++) {
        stroma_json_begin_array(&j);
        for (size_t k = 0; k < m->detectors_len; k++)
            stroma_json_number(&j, m->spectrum[i * m->detectors_len + k]);
        stroma_json_end_array(&j);
    }
    stroma_json_end_array(&j);
    if (controls != NULL) put_quality(&j, m, controls, quality);
    stroma_json_end_object(&j);
    stroma_buffer_putc(b, '\n');
}

stroma_status spillover_write(const cli_context *c, const stroma_compensation *m,
                              const stroma_control *controls, const stroma_control_quality *quality,
                              stroma_error *err)
{
    const char *format = cli_text(c, "format");
    stroma_status s = STROMA_OK;
    stroma_buffer b;
    stroma_buffer_init(&b, OUTPUT_BYTES_MAX);
    if (strcmp(format, "json") == 0)
        put_json(&b, m, controls, quality);
    else if (strcmp(format, "gating-ml") == 0)
        put_gating_ml(&b, m);
    else if (strcmp(format, "keyword") == 0)
        s = put_keyword(&b, m, err);
    else
        put_table(&b, m, strcmp(format, "csv") == 0 ? ',' : '\t');
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

void spillover_say(const cli_context *c, const stroma_compensation *m)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    cli_say(c, "%s: %zu x %zu, condition number %s%s", m->source, m->fluorochromes_len,
            m->detectors_len, stroma_format_significant(m->condition, 3, number),
            m->identity ? ", the identity" : "");
}

void spillover_say_controls(const cli_context *c, const stroma_compensation *m,
                            const stroma_control *controls, const stroma_control_quality *quality)
{
    char text[4][STROMA_NUMBER_TEXT_MAX];
    spillover_say(c, m);
    for (size_t i = 0; i < m->fluorochromes_len; i++) {
        const stroma_control_quality *q = &quality[i];
        const bool alone = m->fluorochromes_len == 1;
        cli_say(c,
                "%s (%s): %llu of %llu events positive, stain index %s, brightest in %s, spreads "
                "%s into %s, %s %% at the top",
                m->fluorochrome[i], controls[i].file, (unsigned long long)q->positive,
                (unsigned long long)q->in_gate,
                stroma_format_significant(q->stain_index, 3, text[0]), m->detector[q->brightest],
                stroma_format_significant(q->spread, 3, text[1]),
                alone ? "none" : m->fluorochrome[q->spread_into],
                stroma_format_fixed(100 * q->saturated_frac, 1, text[2]));
    }
}

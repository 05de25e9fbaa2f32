/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include <string.h>

static char lower(unsigned char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool starts_with(const unsigned char *p, size_t n, const char *lower_case)
{
    size_t i = 0;
    for (; lower_case[i] != '\0'; i++)
        if (i == n || lower(p[i]) != lower_case[i]) return false;
    return true;
}

static bool contains(const unsigned char *p, size_t n, const char *lower_case)
{
    for (size_t i = 0; i < n; i++)
        if (starts_with(p + i, n - i, lower_case)) return true;
    return false;
}

/* Markup, after a byte order mark, blanks, comments and an XML declaration. */
static const char *markup(const unsigned char *p, size_t n)
{
    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3, n -= 3;
    while (n > 0 && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++, n--;
    if (n < 2 || p[0] != '<') return NULL;
    const size_t head = n < 1024 ? n : 1024;
    if (starts_with(p, n, "<!doctype html") || starts_with(p, n, "<html") ||
        starts_with(p, n, "<head") || starts_with(p, n, "<body"))
        return "an HTML page";
    if (starts_with(p, n, "<?xml") || starts_with(p, n, "<!--") || starts_with(p, n, "<!doctype"))
        return contains(p, head, "<html") ? "an HTML page" : "an XML document";
    return NULL;
}

static bool named_yaml(const char *name)
{
    const size_t n = strlen(name);
    return (n > 5 && starts_with((const unsigned char *)name + n - 5, 5, ".yaml")) ||
           (n > 4 && starts_with((const unsigned char *)name + n - 4, 4, ".yml"));
}

const char *stroma_foreign_file(const stroma_reader_input *in)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *what;
    } magics[] = {
        { "PK\x03\x04", 4, "an Excel workbook (or another zip archive)" },
        { "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "an old Excel or Word file" },
        { "%PDF-", 5, "a PDF document" },
        { "\x1F\x8B", 2, "a gzip archive" },
        { "\x89PNG", 4, "a PNG picture" },
        { "\xFF\xD8\xFF", 3, "a JPEG picture" },
        { "7z\xBC\xAF\x27\x1C", 6, "a 7-Zip archive" },
        { "BZh", 3, "a bzip2 archive" },
        { "\xFD"
          "7zXZ",
          5, "an xz archive" },
        { "SQLite format 3", 15, "an SQLite database" },
        { "FCS2.0", 6, "a flow cytometry file" },
        { "FCS3.", 5, "a flow cytometry file" },
        { "RDX", 3, "an R data file" },
        { "{\\rtf", 5, "a Rich Text document" },
        { "\x7F"
          "ELF",
          4, "a program" },
    };
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (in->size >= magics[i].n && memcmp(in->data, magics[i].magic, magics[i].n) == 0)
            return magics[i].what;
    if (named_yaml(in->name)) return "a YAML file";
    return markup(in->data, in->size);
}

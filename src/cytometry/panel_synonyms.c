/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that mean one marker. Sources: HLDA, the CD nomenclature (Engel 2015 J Immunol 195:4555;
 * hcdm.org); HGNC (genenames.org) for gene symbols; what stands in $PnS of public files
 * (ImmPort SDY736, OMIP-021, HIPC Lyoplate, Aurora exports) for the dead-cell dyes. Keys are
 * compared without case, blanks and hyphens, so those need no entry. */
#include "panel.h"

#include <string.h>

#define NAMES(...)        \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define CD   "HLDA"
#define GENE "HGNC"
#define USE  "names in use"

const panel_synonym panel_synonyms[] = {
    { "CD3", NAMES("CD3e", "CD3epsilon"), CD },
    { "CD4", NAMES("L3T4", "Leu3a"), CD },
    { "CD8", NAMES("CD8a", "CD8alpha"), CD },
    { "CD11b", NAMES("ITGAM", "Mac-1"), CD },
    { "CD11c", NAMES("ITGAX"), CD },
    { "CD14", NAMES("Leu-M3"), CD },
    { "CD16", NAMES("CD16a", "FcgRIII", "FCGR3A"), CD },
    { "CD19", NAMES("Leu12"), CD },
    { "CD20", NAMES("MS4A1"), CD },
    { "CD25", NAMES("IL-2Ra", "IL2RA", "IL-2R alpha"), CD },
    { "CD27", NAMES("TNFRSF7"), CD },
    { "CD34", NAMES("gp105-120"), CD },
    { "CD45", NAMES("PTPRC", "LCA"), CD },
    { "CD56", NAMES("NCAM", "NCAM1", "Leu19"), CD },
    { "CD57", NAMES("HNK-1", "B3GAT1"), CD },
    { "CD73", NAMES("NT5E", "SH3", "ecto-5'-nucleotidase"), CD },
    { "CD79a", NAMES("CD79alpha", "Iga", "MB-1"), CD },
    { "CD80", NAMES("B7-1"), CD },
    { "CD83", NAMES("HB15"), CD },
    { "CD86", NAMES("B7-2"), CD },
    { "CD90", NAMES("THY1", "Thy-1"), CD },
    { "CD105", NAMES("Endoglin", "ENG", "SH2"), CD },
    { "CD123", NAMES("IL-3Ra", "IL3RA"), CD },
    { "CD127", NAMES("IL-7Ra", "IL7RA", "IL-7R alpha", "IL7R"), CD },
    { "CCR4", NAMES("CD194"), CD },
    { "CCR6", NAMES("CD196"), CD },
    { "CCR7", NAMES("CD197"), CD },
    { "CXCR3", NAMES("CD183"), CD },
    { "CXCR4", NAMES("CD184", "fusin"), CD },
    { "CXCR5", NAMES("CD185"), CD },
    { "PD-1", NAMES("CD279", "PDCD1"), CD },
    { "CD62L", NAMES("SELL", "L-selectin"), CD },
    { "FoxP3", NAMES("Forkhead box P3", "scurfin"), GENE },
    { "IL-17A", NAMES("IL-17", "IL17", "CTLA-8"), GENE },
    { "IFN-g", NAMES("IFNG", "IFN-gamma", "IFNgamma", "Interferon gamma"), GENE },
    { "TNF", NAMES("TNFa", "TNF-alpha"), GENE },
    { "IgD", NAMES("IGHD", "surface IgD", "sIgD"), GENE },
    { "HLA-DR", NAMES("HLADR", "MHC II", "MHC-II", "DR"), GENE },
    { "Viability",
      NAMES("Live/Dead", "LiveDead", "L/D", "LD", "Live", "Dead", "L/D Aqua", "Live/Dead Aqua",
            "Aqua", "Live/Dead Yellow", "Zombie", "Zombie NIR", "Zombie Aqua", "Zombie Violet",
            "Zombie UV", "7-AAD", "PI", "Propidium iodide", "DAPI", "FVD", "FVS", "eF506 viability",
            "Viab"),
      USE },
    { "Lineage", NAMES("Lin", "Dump"), USE },
    { "Time", NAMES("HDR-T"), USE },
};
const size_t panel_synonyms_len = sizeof panel_synonyms / sizeof panel_synonyms[0];

/* UTF-8 of α β γ δ ε, second byte (the first is 0xCE). */
static char greek(unsigned char second)
{
    return second == 0xB1   ? 'A'
           : second == 0xB2 ? 'B'
           : second == 0xB3 ? 'G'
           : second == 0xB4 ? 'D'
           : second == 0xB5 ? 'E'
                            : '\0';
}

/* The next letter of a key, '\0' behind the last; @p end NULL: the text ends where it ends. */
static char next_letter(const char **text, const char *end)
{
    while (*text != end && **text != '\0') {
        const unsigned char c = (unsigned char)*(*text)++;
        const char latin = c == 0xCE && *text != end ? greek((unsigned char)**text) : '\0';
        if (latin != '\0') {
            (*text)++;
            return latin;
        }
        if (c >= 'a' && c <= 'z') return (char)(c - 'a' + 'A');
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80) return (char)c;
    }
    return '\0';
}

void panel_key(const char *text, size_t n, char out[PANEL_KEY_MAX])
{
    const char *const end = text + n;
    size_t len = 0;
    while (len + 1 < PANEL_KEY_MAX && (out[len] = next_letter(&text, end)) != '\0')
        len++;
    out[len] = '\0';
}

/* Is this the key of the text? Most texts part from it at their first letter. */
static bool has_key(const char *text, const char *key)
{
    for (size_t i = 0; i + 1 < PANEL_KEY_MAX; i++) {
        const char c = next_letter(&text, NULL);
        if (c != key[i]) return false;
        if (c == '\0') return true;
    }
    return true; /* keys are cut here */
}

static bool among(const panel_synonym *s, const char *key)
{
    if (has_key(s->name, key)) return true;
    for (size_t i = 0; s->others[i] != NULL; i++)
        if (has_key(s->others[i], key)) return true;
    return false;
}

void panel_canonical(const stroma_panel *p, const char *text, size_t n, char out[PANEL_KEY_MAX])
{
    panel_key(text, n, out);
    if (out[0] == '\0') return;
    const size_t extra = p == NULL ? 0 : p->extra_len;
    /* The file's own come first; what they lead to may be a built-in name. */
    for (size_t i = 0; i < extra; i++)
        if (among(&p->extra[i], out)) {
            panel_key(p->extra[i].name, strlen(p->extra[i].name), out);
            break;
        }
    for (size_t i = 0; i < panel_synonyms_len; i++)
        if (among(&panel_synonyms[i], out)) {
            panel_key(panel_synonyms[i].name, strlen(panel_synonyms[i].name), out);
            break;
        }
}

bool stroma_panel_same_marker(const stroma_panel *p, const char *a, const char *b)
{
    char ka[PANEL_KEY_MAX], kb[PANEL_KEY_MAX];
    panel_canonical(p, a, strlen(a), ka);
    panel_canonical(p, b, strlen(b), kb);
    return ka[0] != '\0' && strcmp(ka, kb) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which keywords tell of whom, where and when. From the FCS standards and from the headers of BD,
 * Beckman Coulter, Cytek, Miltenyi, Partec, Stratedigm, Thermo Fisher and FlowJo files. */
#include "scrub_private.h"

#include <string.h>

#define REMOVE STROMA_FCS_SCRUB_REMOVE
#define DATE   STROMA_FCS_SCRUB_DATE
#define TIME   STROMA_FCS_SCRUB_TIME
#define KEEP   STROMA_FCS_SCRUB_KEEP

static const char WHO_MEASURED[] = "names who measured";
static const char WHO_IS_MEASURED[] = "names or numbers the person measured";
static const char ABOUT_PERSON[] = "says something of the person measured";
static const char STUDY[] = "typed name that often holds a person's or a study's";
static const char PLACE[] = "names the place";
static const char FILE_NAME[] = "file name, which often holds a person's or a study's";
static const char NUMBER[] = "number by which the original can be found";
static const char FREE_TEXT[] = "free text";
static const char WHEN[] = "date";
static const char TIME_OF_DAY[] = "time of the day";
static const char MATRIX[] = "spillover";
static const char SETTING[] = "setting of the instrument";
static const char STANDARD[] = "of the standard, about the events";

static const stroma_fcs_scrub_rule rules[] = {
    { "OP", REMOVE, WHO_MEASURED },
    { "EXP", REMOVE, WHO_MEASURED },
    { "LASTMODIFIER", REMOVE, WHO_MEASURED },
    { "CREATOR", REMOVE, WHO_MEASURED },
    { "*OPERATOR*", REMOVE, WHO_MEASURED },
    { "USERNAME*", REMOVE, WHO_MEASURED }, /* not "*": MACSQuant calls channels so */
    { "EXPORTUSERNAME", REMOVE, WHO_MEASURED },
    { "USER", REMOVE, WHO_MEASURED },
    { "USERID", REMOVE, WHO_MEASURED },
    { "LOGIN*", REMOVE, WHO_MEASURED },
    { "AUTHOR*", REMOVE, WHO_MEASURED },
    { "*INVESTIGATOR*", REMOVE, WHO_MEASURED },
    { "*PHYSICIAN*", REMOVE, WHO_MEASURED },
    { "*TECHNICIAN*", REMOVE, WHO_MEASURED },
    { "SRC", REMOVE, WHO_IS_MEASURED },
    { "SMNO", REMOVE, WHO_IS_MEASURED },
    { "SAMPLEID*", REMOVE, WHO_IS_MEASURED },
    { "SAMPLENAME*", REMOVE, WHO_IS_MEASURED },
    { "SAMPLENO*", REMOVE, WHO_IS_MEASURED },
    { "SPECIMEN*", REMOVE, WHO_IS_MEASURED },
    { "PATIENT*", REMOVE, WHO_IS_MEASURED },
    { "PTNAME", REMOVE, WHO_IS_MEASURED },
    { "PTID", REMOVE, WHO_IS_MEASURED },
    { "SUBJECT*", REMOVE, WHO_IS_MEASURED },
    { "DONOR*", REMOVE, WHO_IS_MEASURED },
    { "CASENUMBER", REMOVE, WHO_IS_MEASURED },
    { "ACCESSION*", REMOVE, WHO_IS_MEASURED },
    { "MRN", REMOVE, WHO_IS_MEASURED },
    { "*BARCODE*", REMOVE, WHO_IS_MEASURED },
    { "PIN", REMOVE, WHO_IS_MEASURED },
    { "FINALPIN", REMOVE, WHO_IS_MEASURED },
    { "PINCHECK", REMOVE, WHO_IS_MEASURED },
    { "VIALID", REMOVE, WHO_IS_MEASURED },
    { "VRCID", REMOVE, WHO_IS_MEASURED },
    { "*BIRTH*", REMOVE, ABOUT_PERSON },
    { "DOB", REMOVE, ABOUT_PERSON },
    { "AGE", REMOVE, ABOUT_PERSON },
    { "SEX", REMOVE, ABOUT_PERSON },
    { "GENDER", REMOVE, ABOUT_PERSON },
    { "*DIAGNOSIS*", REMOVE, ABOUT_PERSON },
    { "*VIRALLOAD*", REMOVE, ABOUT_PERSON },
    { "*SEROCONVERSION*", REMOVE, ABOUT_PERSON },
    { "CELLS", REMOVE, STUDY },
    { "PROJ*", REMOVE, STUDY },
    { "EXPERIMENT*", REMOVE, STUDY },
    { "*EXPERIMENTUID", REMOVE, STUDY },
    { "TUBENAME", REMOVE, STUDY },
    { "TESTNAME", REMOVE, STUDY },
    { "GROUPNAME", REMOVE, STUDY },
    { "USERSETTINGNAME", REMOVE, STUDY },
    { "PANELNAME", REMOVE, STUDY },
    { "PLATEID", REMOVE, STUDY },
    { "PLATENAME", REMOVE, STUDY },
    { "WELLID", REMOVE, STUDY },
    { "CARRIERID", REMOVE, STUDY },
    { "LOCATIONID", REMOVE, STUDY },
    { "FOLDER*", REMOVE, STUDY },
    { "INST", REMOVE, PLACE },
    { "INSTADDRESS", REMOVE, PLACE },
    { "INSTITUT*", REMOVE, PLACE },
    { "LOCATION", REMOVE, PLACE },
    { "LAB", REMOVE, PLACE },
    { "LABNAME", REMOVE, PLACE },
    { "LABORATORY*", REMOVE, PLACE },
    { "DEPARTMENT*", REMOVE, PLACE },
    { "HOSPITAL*", REMOVE, PLACE },
    { "WORKSTATION*", REMOVE, PLACE },
    { "COMPUTER*", REMOVE, PLACE },
    { "HOSTNAME", REMOVE, PLACE },
    { "MACHINENAME", REMOVE, PLACE },
    { "FIL", REMOVE, FILE_NAME },
    { "*FILENAME*", REMOVE, FILE_NAME },
    { "*FILEPATH*", REMOVE, FILE_NAME },
    { "TESTFILE", REMOVE, FILE_NAME },
    { "RESAVEDFILE", REMOVE, FILE_NAME },
    { "SETTINGSFILE", REMOVE, FILE_NAME },
    { "INSTRSETTFILE", REMOVE, FILE_NAME },
    { "DATAFILE*", REMOVE, FILE_NAME },
    { "ACQUISITIONDOC", REMOVE, FILE_NAME },
    { "ANALYSISDOC", REMOVE, FILE_NAME },
    { "SOURCE", REMOVE, FILE_NAME },
    { "*GUID*", REMOVE, NUMBER },
    { "*UUID*", REMOVE, NUMBER },
    { "COM", REMOVE, FREE_TEXT },
    { "*COMMENT*", REMOVE, FREE_TEXT },
    { "*REMARK*", REMOVE, FREE_TEXT },
    { "NOTE*", REMOVE, FREE_TEXT },
    { "DESCRIPTION*", REMOVE, FREE_TEXT },
    { "UNSTAINEDINFO", REMOVE, FREE_TEXT },
    { "*DATE*", DATE, WHEN }, /* $DATE, $BEGINDATETIME, CST SETUP DATE, … */
    { "LASTMODIFIED", DATE, WHEN },
    { "EXPORTTIME", DATE, WHEN },
    { "CREATED*", DATE, WHEN },
    { "CSTPERFORMANCEEXPIRED", DATE, WHEN },
    { "BTIM", TIME, TIME_OF_DAY },
    { "ETIM", TIME, TIME_OF_DAY },
    /* What no rule names is removed: nobody knows what a vendor or a user writes into it. */
    { "SPILL*", KEEP, MATRIX },
    { "COMPENSATION*", KEEP, MATRIX },
    { "ABRT", KEEP, STANDARD },
    { "CARRIERTYPE", KEEP, STANDARD },
    { "COMP", KEEP, STANDARD },
    { "CSMODE", KEEP, STANDARD },
    { "CSV*", KEEP, STANDARD },
    { "CYT", KEEP, STANDARD },
    { "CYTSN", KEEP, STANDARD },
    { "DFC*", KEEP, STANDARD },
    { "FLOWRATE", KEEP, STANDARD },
    { "GATE", KEEP, STANDARD },
    { "GATING", KEEP, STANDARD },
    { "LOST", KEEP, STANDARD },
    { "MODE", KEEP, STANDARD },
    { "ORIGINALITY", KEEP, STANDARD },
    { "SYS", KEEP, STANDARD },
    { "TIMESTEP", KEEP, STANDARD },
    { "TOT", KEEP, STANDARD },
    { "TR", KEEP, STANDARD },
    { "UNICODE", KEEP, STANDARD },
    { "VOL", KEEP, STANDARD },
    { "APPLYCOMPENSATION", KEEP, SETTING },
    { "AUTOBS", KEEP, SETTING },
    { "CSTCYTOMETERSTATUS*", KEEP, SETTING },
    { "CSTSETUPSTATUS", KEEP, SETTING },
    { "FLOWRATE*", KEEP, SETTING },
    { "FSCASF", KEEP, SETTING },
    { "LASER*", KEEP, SETTING },
    { "MBP*", KEEP, SETTING },
    { "THRESHOLD*", KEEP, SETTING },
    { "WINDOWEXTENSION", KEEP, SETTING },
};

const stroma_fcs_scrub_rule *stroma_fcs_scrub_rules(size_t *n)
{
    *n = sizeof rules / sizeof rules[0];
    return rules;
}

static bool letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80U;
}

void fcs_scrub_normal_name(const char *name, char *out, size_t size)
{
    size_t n = 0;
    const bool star = name[0] == '*';
    if (star) out[n++] = *name++;
    while (*name != '\0' && !letter(*name))
        name++;
    for (; *name != '\0' && n + 1 < size; name++) {
        if (strchr(" _.-", *name) != NULL) continue;
        out[n++] = (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
    }
    out[n] = '\0';
}

bool fcs_scrub_matches(const char *pattern, const char *normal)
{
    size_t p = strlen(pattern);
    const size_t n = strlen(normal);
    const bool front = p > 0 && pattern[0] == '*';
    if (front) {
        pattern++;
        p--;
    }
    const bool back = p > 0 && pattern[p - 1] == '*';
    if (back) p--;
    if (p == 0 || p > n) return false;
    if (!front && !back) return p == n && memcmp(pattern, normal, n) == 0;
    if (!front) return memcmp(pattern, normal, p) == 0;
    if (!back) return memcmp(pattern, normal + n - p, p) == 0;
    return memmem(normal, n, pattern, p) != NULL;
}

const stroma_fcs_scrub_rule *fcs_scrub_rule_of(const char *normal)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (fcs_scrub_matches(rules[i].pattern, normal)) return &rules[i];
    return NULL;
}

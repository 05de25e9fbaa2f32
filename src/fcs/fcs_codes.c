/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind the findings of the FCS reader. */
#include "stroma/fcs.h"

static const stroma_code codes[] = {
    { "STROMA-FCS-001", "HEADER and TEXT place DATA differently",
      "The place of the events stands twice in a file, and here the two disagree. Neither is "
      "always "
      "right, so the evidence decides: DATA must lie inside the file and overlap neither HEADER "
      "nor "
      "TEXT; it should have the length of the events that are promised, and begin where TEXT ends. "
      "The message says which was followed and why. Compare the first events with another program "
      "when in doubt." },
    { "STROMA-FCS-002", "the place of DATA was found from the events",
      "The file does not say where its events begin or end. They are read where they fit exactly; "
      "where they do not, the file is refused." },
    { "STROMA-FCS-003", "an offset is no number",
      "An offset of HEADER or TEXT is negative, 99999999 or not a number at all. It counts as not "
      "given." },
    { "STROMA-FCS-004", "$TOT is missing",
      "The number of events is not said; they are counted from the length of DATA. FCS 2.0 allows "
      "that, later versions do not." },
    { "STROMA-FCS-005", "fewer events than $TOT says",
      "DATA ends before the events that are promised. Those that are there whole are read. The "
      "file "
      "may have been cut, or $TOT not brought up to date when events were taken out." },
    { "STROMA-FCS-006", "more bytes than $TOT needs",
      "DATA has room for more events than the file says. Only those that are said are read, unless "
      "that are none at all." },
    { "STROMA-FCS-007", "the file ends inside DATA",
      "The file was cut short, in a copy or a download. The events that are there whole are read, "
      "and the percentages of a part are not those of the sample. Fetch the file again." },
    { "STROMA-FCS-008", "$PAR is missing",
      "The number of channels is not said. Those with a width ($PnB) are counted." },
    { "STROMA-FCS-009", "keywords without a value",
      "An empty value is written as two delimiters, which by the standard stand for a delimiter "
      "inside a value. Many programs write them. The segment was read both ways, and the reading "
      "in which keywords and values fit was taken." },
    { "STROMA-FCS-010", "delimiters inside values are not doubled",
      "TEXT can only be read when every delimiter separates. A value that holds the delimiter is "
      "then cut; compare the names and stains." },
    { "STROMA-FCS-011", "TEXT begins or ends elsewhere than HEADER says",
      "HEADER is off by a few bytes; the delimiters show where TEXT begins and ends." },
    { "STROMA-FCS-012", "texts are not UTF-8",
      "At least one text is not UTF-8 and was read as Windows-1252, in which instruments of "
      "western "
      "countries write µ and é; where TEXT speaks of a Macintosh, as those of older FACSCalibur "
      "do, as "
      "Mac OS Roman. If a name looks wrong, the file has another encoding." },
    { "STROMA-FCS-013", "a keyword stands twice with different values",
      "Each keyword should stand once. The first value is used; that of TEXT before that of the "
      "supplemental TEXT." },
    { "STROMA-FCS-014", "a channel has no name",
      "$PnN is missing or empty. The channel is called P and its number." },
    { "STROMA-FCS-015", "two channels have the same name",
      "A gate or a compensation matrix that names the channel cannot tell which is meant; the "
      "first "
      "one is taken." },
    { "STROMA-FCS-016", "an integer channel has no range",
      "$PnR says how many bits of a stored integer count. Without it all of them are taken, and "
      "bits "
      "that an instrument uses for other things may count as signal." },
    { "STROMA-FCS-017", "a scale cannot be read",
      "$PnE, $PnG or $TIMESTEP is no number of the form that the standard asks for. The channel is "
      "taken as linear, the gain and the time step as 1." },
    { "STROMA-FCS-018", "amplification of numbers that are linear",
      "$PnE other than 0,0 has a meaning for integers only. Floating-point numbers are linear "
      "already; taking them for logarithms gives values of 1e39." },
    { "STROMA-FCS-019", "a logarithmic channel begins at 0",
      "$PnE 4,0 is wrong, as no logarithmic scale begins at 0, and common. It is read as 4,1, as "
      "the standard advises." },
    { "STROMA-FCS-020", "two scales for one channel",
      "A gain beside a logarithmic amplification, or an amplification of time. The one that the "
      "standard gives way is ignored." },
    { "STROMA-FCS-021", "events are wider or narrower than the keywords say",
      "The length of DATA fits the number of events in another layout than the keywords describe, "
      "as in files of the Beckman Coulter FC 500, which say 10 bits and store 16. The layout that "
      "fits was taken." },
    { "STROMA-FCS-022", "a width does not fit its type",
      "Numbers of type F have 32 bits and of type D 64, whatever $PnB says." },
    { "STROMA-FCS-023", "$MODE is missing",
      "DATA is read as a list of events, which nearly all are." },
    { "STROMA-FCS-024", "the supplemental TEXT cannot be used",
      "The file points at more keywords, and what is there is no second TEXT segment. The events "
      "and the keywords of TEXT are read. Some programs point at TEXT itself, which does no "
      "harm." },
    { "STROMA-FCS-025", "$NEXTDATA leads nowhere",
      "A file may hold several data sets. The offset of the next one is not that of a data set, so "
      "nothing behind it is read." },
    { "STROMA-FCS-026", "a later data set cannot be read",
      "The data sets before it are read. The message says what is wrong with this one." },
    { "STROMA-FCS-027", "the check sum does not fit",
      "The file carries a CRC, and its bytes give another. It was damaged or edited; few programs "
      "that edit a file bring its CRC up to date." },
    { "STROMA-FCS-028", "values that are no numbers",
      "NaN or infinity among the events. They lie outside every gate, and are left out of medians, "
      "sums, smallest and largest values. The message counts them." },
    { "STROMA-FCS-029", "a version that is not known",
      "The version is none of 2.0, 3.0, 3.1 and 3.2. The file is read as FCS 3.1; the checks of "
      "offsets and lengths hold all the same." },
    { "STROMA-FCS-030", "the second data set is the first one in finer steps",
      "A Beckman Coulter .LMD holds the events twice: in 1024 steps with stains, and in 2^20 steps "
      "without. Both are read; the second one is analysed, with the stains of the first." },
};

const stroma_code *stroma_fcs_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

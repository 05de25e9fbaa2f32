/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the findings of compensation mean. */
#include "stroma/cytometry_compensation.h"

static const stroma_code codes[] = {
    { "STROMA-COMP-001", "the matrix of a file cannot be read",
      "The keyword does not hold as many names and numbers as it says, or something in it is no "
      "number. The matrix is not used, the events are. Compute a matrix from controls (stroma fcs "
      "spillover) or export it again." },
    { "STROMA-COMP-002", "the matrix of a file cannot be used",
      "It cannot be inverted (the message gives the condition number), names a channel twice, or "
      "is too large. The matrix is not used, the events are." },
    { "STROMA-COMP-003", "the matrix names a channel that the events do not have",
      "Channels were renamed after the matrix was written, or the matrix belongs to another file. "
      "The matrix is not used, the events are." },
    { "STROMA-COMP-004", "the matrix names channels by number",
      "Some programs write 1, 2, 3 in place of names. They are taken as numbers of parameters, "
      "counted from 1. Compare one of them with the instrument." },
    { "STROMA-COMP-005", "the matrix has decimal commas",
      "A program under a locale with decimal commas wrote \"1,000,0,000\" where \"1.000,0.000\" "
      "was meant, so that the text has twice as many fields. It is put together again only when "
      "every field fits; check a few numbers with the instrument." },
    { "STROMA-COMP-006", "the text of the matrix goes on behind it",
      "There are more fields than the matrix has. What is too much was left out." },
    { "STROMA-COMP-007", "nothing is compensated",
      "The matrix of the file is the identity, or all its factors are 0. Either the instrument did "
      "not compensate, or it unmixed the events before it wrote them (spectral instruments do). "
      "The values are used as they are." },
    { "STROMA-COMP-008", "the channels are compensated already",
      "Names that begin with Comp- or FJComp- say that a program compensated the values before it "
      "wrote them, and left the old matrix in the file. To compensate twice would subtract what is "
      "no longer there, so the matrix is not applied." },
    { "STROMA-COMP-009", "a diagonal of the matrix is not 1",
      "A row says how much of a fluorochrome each detector sees, with 1 in its own. Another number "
      "there changes the unit of the compensated channel; thresholds and intensities are then not "
      "comparable with those of other files." },
    { "STROMA-COMP-010", "the matrix is ill-conditioned",
      "Errors of the signal, counting noise first of all, grow by up to the condition number when "
      "the matrix is inverted. Fluorochromes of such a panel overlap so much that dim populations "
      "spread into their neighbours. See the handbook, scales and compensation." },
    { "STROMA-COMP-011", "some channels of the matrix are compensated already",
      "Some names begin with Comp- or FJComp- and others do not. The matrix is used as it stands; "
      "find out what the program that wrote the file did." },
    { "STROMA-COMP-012", "a file has two matrices that differ",
      "$SPILLOVER is the one of the standard, SPILL and SPILLOVER are older habits. The first that "
      "can be used is used, in this order." },
    { "STROMA-COMP-013", "the matrix comes from keywords of FCS 2.0",
      "$DFCiTOj and $COMP give percentages between parameters by number. Instruments of that time "
      "often compensated in hardware as well: find out whether the events still need it." },
    { "STROMA-COMP-014", "the matrix is the identity but for placeholders",
      "Spectral instruments write the identity into raw files, some with a number such as 1E-06 in "
      "one place so that programs keep the keyword. No number is above 1e-5, so nothing is "
      "compensated." },
    { "STROMA-COMP-015", "the matrix of a file is in percent",
      "Every diagonal is 100, so that the numbers are percentages; they were divided by 100." },
    { "STROMA-COMP-016", "a row of the matrix is brightest elsewhere",
      "A row belongs to a fluorochrome and should be largest in its own detector. Here another "
      "detector sees more: rows may be in another order than their names say (flowCore wrote such "
      "files when its controls were listed in another order)." },
    { "STROMA-COMP-017", "no unstained tube among the controls",
      "The negative events were taken from the dim ones of each control, split by Otsu's "
      "threshold. "
      "That is right where a control holds positive and negative particles of one kind, as beads "
      "do, and wrong where all of them are positive." },
    { "STROMA-COMP-018", "a control is brightest in another detector",
      "The detector named for the control sees less of it than another one. Tubes may be swapped, "
      "or named after the wrong channel." },
    { "STROMA-COMP-019", "positive events of a control stand at the top of their channel",
      "What is above the range of a detector is recorded at its top, so the signal is too small "
      "there and the spillover computed from it too large. Record the control again at a lower "
      "voltage." },
};

const stroma_code *stroma_compensation_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the findings about populations mean. */
#include "stroma/cytometry_population.h"

static const stroma_code codes[] = {
    { "STROMA-POP-001", "the panel declares no dead-cell marker",
      "Dead cells bind antibodies and shine: they can fill a rare population. Nothing says which "
      "channel shows them, so they are counted. Name the marker with --dead-cell-marker, or know "
      "that the panel has none. Each number carries the flag no-dead-cell-marker." },
    { "STROMA-POP-002", "populations that no dead-cell gate stands before",
      "A dead-cell marker is declared, but neither these gates nor those before them use it, or "
      "the "
      "tube was not stained for it, so that dead cells are counted. Each number carries the flag "
      "dead-cells-included." },
    { "STROMA-POP-003", "the day of a control is not known",
      "Controls belong to the visit of their sample. $DATE is absent or cannot be read in one of "
      "the two files, so that nothing shows it. The numbers carry the flag control-undated." },
    { "STROMA-POP-004", "a control of another day is used",
      "--control-from any allows it. Day, instrument setting and staining moved between the two. "
      "The numbers carry the flag control-other-day." },
    { "STROMA-POP-005", "a control of another panel or setting is used",
      "--control-from any allows it. A channel has another marker or another detector voltage in "
      "the control. The numbers carry the flag control-other-panel." },
    { "STROMA-POP-006", "$VOL is not in nanolitres",
      "FCS 3.1 defines $VOL as nanolitres; Cytek Aurora writes microlitres. As nanolitres the flow "
      "rate over the acquisition time would be below 0.5 or above 2,000 µL/min, as microlitres it "
      "is possible. It is taken as microlitres, and the numbers carry the flag volume-unit." },
    { "STROMA-POP-007", "the acquired volume cannot be right",
      "Neither as nanolitres nor as microlitres does $VOL give a flow rate between 0.5 and 2,000 "
      "µL/min over the acquisition time. No absolute count is made from it. Give --volume." },
    { "STROMA-POP-008", "the file does not say which volume was acquired",
      "Absolute counts need counting beads or a volume: $VOL (FCS 3.1) or P$COUNTVOLUME (Partec). "
      "Give --volume, or --beads with --beads-per-ul." },
};

const stroma_code *stroma_population_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about FlowJo workspaces and Cytobank exports. */
#include "stroma/cytometry_workspace.h"

static const stroma_code codes[] = {
    { "STROMA-FLOWJO-001", "a gate asks for a compensated channel of an uncompensated sample",
      "The name of the channel begins with Comp-, but the workspace holds no matrix for the "
      "sample. "
      "FlowJo then shows the channel of that name in the file, if there is one; so does stroma. "
      "Apply a matrix to the sample in FlowJo and save, or check that the file was exported "
      "compensated." },
    { "STROMA-FLOWJO-002", "two populations of one name below the same parent",
      "Paths tell the gates of a workspace apart. The second one has a number behind its name. "
      "Rename it in FlowJo, so that results can name it." },
    { "STROMA-FLOWJO-003", "a gate of the workspace is not read",
      "It is a shape that stroma does not know exactly (a curly quadrant, say), on a derived "
      "parameter, or a polygon on a scale whose formula is not public (Miltenyi). It is left out "
      "with "
      "everything below it; the other gates are evaluated. Redraw it as a polygon, or give the "
      "channel another scale." },
    { "STROMA-FLOWJO-004", "an unknown element among the populations of a workspace",
      "FlowJo keeps plug-ins and other things between the populations. This one is not a gate that "
      "stroma knows, and is left out." },
    { "STROMA-FLOWJO-005", "a sample without gates",
      "Gates that were drawn in a group but not applied to this sample stand in the group only. In "
      "FlowJo drag them onto the sample, and save." },
    { "STROMA-FLOWJO-006", "a gate of a Cytobank export that was tailored to another file",
      "Cytobank keeps a copy of a gate for each file that it was moved for. Only the copies of the "
      "file that was asked for (--sample), or the common gate, are evaluated." },
    { "STROMA-FLOWJO-007", "the count that FlowJo saved is not explained",
      "The count differs from the one saved in the workspace, also when polygons and ellipses are "
      "asked in FlowJo's bins. Often the gates were moved after FlowJo counted last (the count is "
      "then "
      "that of the old gate: open the workspace in FlowJo and save it again), or the file is "
      "another "
      "one than the workspace was made with." },
    { "STROMA-FLOWJO-008", "two words about the compensation of a Cytobank gate",
      "Cytobank writes a compensation_id beside each gate (-1 uncompensated, -2 the matrix of the "
      "file), and the standard's compensation-ref into its dimensions. They disagree; the "
      "standard's "
      "is used. Compare the count with Cytobank's." },
    { "STROMA-FLOWJO-009", "the only sample of a workspace is another file",
      "Neither the name nor $FIL of the FCS file is that of the sample whose gates the workspace "
      "holds. They are applied all the same, with the scales and the matrix of that sample. Give "
      "--sample when that is meant." },
};

const stroma_code *stroma_workspace_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

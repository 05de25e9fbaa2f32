/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the findings about gates mean. */
#include "stroma/cytometry_gates.h"

static const stroma_code codes[] = {
    { "STROMA-GATE-001", "attributes have no namespace prefix",
      "Gating-ML 2.0 asks for qualified attributes (gating:id, not id). They were read as meant. "
      "Other programs may refuse the file; stroma gate write puts it right." },
    { "STROMA-GATE-002", "an element is not Gating-ML and was passed over",
      "Elements of other namespaces have their place in data-type:custom_info. If it was meant to "
      "be a gate, it is not used." },
    { "STROMA-GATE-003", "the matrix of an ellipsoid is no covariance",
      "A covariance matrix is symmetric and positive definite. With another matrix the formula "
      "still says inside or outside for every event, but the region is not an ellipsoid and may "
      "reach to infinity. The compliance tests of Gating-ML hold such a gate (Ellipsoid3D), so it "
      "is evaluated as it stands." },
    { "STROMA-GATE-004", "a transformation or matrix is used by no gate",
      "Nothing is wrong with it; perhaps a gate should have referred to it." },
    { "STROMA-GATE-005", "a polygon crosses or touches itself",
      "By the even-odd rule of Gating-ML, what the polygon covers twice is outside. A vertex that "
      "was put on the wrong side of its neighbour makes such a hole without being seen. Polygons "
      "of more than 4096 vertices are not looked at." },
    { "STROMA-GATE-006", "a gate holds no event, whatever the data",
      "A lower edge is not below the upper one, a polygon has no area, or the gate lies beyond the "
      "bounds to which its scale clamps all values." },
    { "STROMA-GATE-007", "a gate lies wholly above the range of its channel",
      "The lower edge is above what the instrument gives at most ($PnR, on the gate's scale). "
      "Often "
      "a gate in linear units was given for a scale, or in the channels of another program: on a "
      "Gating-ML scale the top of the range is at 1." },
    { "STROMA-GATE-008", "a channel of a gate is not in the file",
      "Gates name channels by $PnN, or fluorochromes by the names of their compensation. The "
      "channel was renamed, or the gates are for another panel." },
    { "STROMA-GATE-009", "gates ask for the file's compensation, and it has none",
      "A dimension says compensation-ref=\"FCS\" and the file has no matrix that can be used. As "
      "the standard says, events are taken as recorded. If the file was compensated on export this "
      "is right, otherwise the counts are wrong." },
};

const stroma_code *stroma_gate_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

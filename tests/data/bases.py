# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that the data cases start from, built byte by byte from the descriptions of the formats.

Each function gives (file name, bytes). None of them uses stroma: a reader that agrees with its own writer
proves little."""
import gzip
import json
import math
import pathlib
import struct
import zlib


# SAS transport files, TS-140 (version 5) and its extension for version 8 ------------------------------

def ibm(x):
    """A double as IBM System/360 hexadecimal floating point; a str of one letter is a missing value."""
    if isinstance(x, str):
        return x.encode() + bytes(7)
    if x == 0:
        return bytes(8)
    mantissa, exponent = math.frexp(abs(x))
    while exponent % 4:
        mantissa /= 2
        exponent += 1
    return struct.pack(">Q", (0x80 if x < 0 else 0) << 56 | (exponent // 4 + 64) << 56 | int(mantissa * 2**56))


def pad(b, n=80, fill=b" "):
    return b + fill * (-len(b) % n)


def header(kind, numbers="0" * 30):
    return ("HEADER RECORD*******%-8sHEADER RECORD!!!!!!!%-30s  " % (kind, numbers)).encode()


def name_record(v8, i, name, text, width, form, label, position):
    b = struct.pack(">hhhh8s40s", 2 if text else 1, 0, width, i + 1, name.encode()[:8].ljust(8),
                    label.encode()[:40].ljust(40))
    fname, fwidth, fdec = form
    b += struct.pack(">8shhh2x8shhl", fname.encode().ljust(8), fwidth, fdec, 0, b" " * 8, 0, 0, position)
    rest = name.encode().ljust(32) + struct.pack(">h", len(label)) + bytes(18) if v8 else bytes(52)
    return b + rest


def xpt_member(v8, name, label, variables, rows, labels=0, encoding="utf-8", declared=None):
    kinds = ("MEMBV8", "DSCPTV8", "NAMSTV8", "OBSV8") if v8 else ("MEMBER", "DSCRPTR", "NAMESTR", "OBS")
    out = header(kinds[0], "0" * 17 + "160000" + "0000140") + header(kinds[1])
    out += pad(b"SAS     " + name.encode().ljust(32 if v8 else 8) + b"SASDATA 9.4     LINUX   ", 64) + b"01JAN24:00:00:00"
    out += b"01JAN24:00:00:00" + b" " * 16 + label.encode().ljust(40) + b" " * 8
    out += header(kinds[2], "000000%04d" % len(variables) + "0" * 20)
    records, position = b"", 0
    for i, (vname, text, width, form, vlabel) in enumerate(variables):
        records += name_record(v8, i, vname, text, width, form, vlabel, position)
        position += width
    out += pad(records)
    if labels:
        out += header("LABELV%d" % labels, "%-30d" % len(variables))
        body = b""
        for i, (vname, _, _, form, vlabel) in enumerate(variables):
            f = form[0] + (str(form[1]) if form[1] else "") + "." if form[0] else ""
            body += struct.pack(">hhh", i + 1, len(vname), len(vlabel))
            if labels == 9:
                body += struct.pack(">hh", len(f), 0)
            body += vname.encode() + vlabel.encode() + (f.encode() if labels == 9 else b"")
        out += pad(body)
    out += header(kinds[3], "%15d" % (len(rows) if declared is None else declared) if v8 else "0" * 30)
    data = b""
    for row in rows:
        for (_, text, width, _, _), value in zip(variables, row):
            data += value.encode(encoding).ljust(width)[:width] if text else ibm(value)[:width]
    return out + pad(data)


def xpt_library(v8, members):
    out = header("LIBV8" if v8 else "LIBRARY")
    out += pad(b"SAS     SAS     SASLIB  9.4     LINUX   ", 64) + b"01JAN24:00:00:00"
    return out + pad(b"01JAN24:00:00:00") + b"".join(members)


NONE = ("", 0, 0)
LAB = [("USUBJID", True, 6, NONE, "Subject"), ("VISITDT", False, 8, ("DATE", 9, 0), "Date of visit"),
       ("CRP", False, 8, ("F", 8, 2), "C-reactive protein (mg/L)"), ("N", False, 3, NONE, "Truncated")]
LAB_ROWS = [("RA-001", 20454, 12.5, 7), ("RA-002", 20455, ".", -300), ("RA-003", ".", "A", 0)]


def xpt5():
    return "lab.xpt", xpt_library(False, [xpt_member(False, "LAB", "Laboratory", LAB, LAB_ROWS)])


def xpt5_two_members():
    one = xpt_member(False, "DM", "", [("AGE", False, 8, NONE, "")], [(61,), (47,)])
    two = xpt_member(False, "LAB", "Laboratory", LAB, LAB_ROWS)
    return "two.xpt", xpt_library(False, [one, two])


def xpt5_windows_1252():
    v = [("NAME", True, 8, NONE, "")]
    return "names.xpt", xpt_library(False, [xpt_member(False, "N", "", v, [("Müller",), ("Müll€r",)], encoding="cp1252")])


def xpt5_blank_rows():
    v = [("CODE", True, 2, NONE, "")]
    return "codes.xpt", xpt_library(False, [xpt_member(False, "C", "", v, [("A",), ("",), ("B",)])])


def xpt8():
    v = [("a_long_variable_name", False, 8, ("DATETIME", 20, 0), "When the infusion began, by the clock of the ward"),
         ("words", True, 10, NONE, "Text")]
    return "long.xpt", xpt_library(True, [xpt_member(True, "LONGNAMES", "Version 8", v,
                                                     [(1767268800, "first"), (0, "second"), (".", "")], labels=9)])


def xpt8_no_labels():
    v = [("x", False, 8, NONE, "")]
    return "x.xpt", xpt_library(True, [xpt_member(True, "X", "", v, [(1,), (2,)])])


# Dataset-JSON 1.1 ---------------------------------------------------------------------------------

DSJ_COLUMNS = [
    {"itemOID": "IT.USUBJID", "name": "USUBJID", "label": "Subject", "dataType": "string", "length": 6},
    {"itemOID": "IT.AGE", "name": "AGE", "label": "Age", "dataType": "integer"},
    {"itemOID": "IT.CRP", "name": "CRP", "label": "CRP (mg/L)", "dataType": "decimal", "targetDataType": "decimal"},
    {"itemOID": "IT.DT", "name": "DT", "label": "Date", "dataType": "date", "targetDataType": "integer",
     "displayFormat": "DATE9."},
    {"itemOID": "IT.FL", "name": "FL", "label": "Flag", "dataType": "boolean"},
    {"itemOID": "IT.TM", "name": "TM", "label": "Time", "dataType": "time"},
]
DSJ_ROWS = [["RA-001", 61, "12.50", "2016-01-01", True, "08:30:00"],
            ["RA-002", 47, None, "2016-01-02", False, ""],
            ["", None, "0.1", "", None, None]]


def dsj_head():
    return {"datasetJSONCreationDateTime": "2024-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
            "itemGroupOID": "IG.LB", "records": len(DSJ_ROWS), "name": "LB", "label": "Laboratory",
            "columns": DSJ_COLUMNS}


def dsj_json():
    text = json.dumps(dsj_head())[:-1] + ', "rows": [\n' + ",\n".join(json.dumps(r) for r in DSJ_ROWS) + "\n]}\n"
    return "lb.json", text.encode()


def dsj_ndjson():
    return "lb.ndjson", "".join(json.dumps(x) + "\n" for x in [dsj_head()] + DSJ_ROWS).encode()


def dsj_dsjc():
    return "lb.dsjc", zlib.compress(dsj_ndjson()[1])


def dsj_dsjc_gzip():
    return "lb.dsjc", gzip.compress(dsj_ndjson()[1], mtime=0)


def dsj_bomb():
    """128 MiB of blanks behind a valid head, in 130 kB."""
    z = zlib.compressobj(9)
    out = z.compress(dsj_ndjson()[1])
    for _ in range(128):
        out += z.compress(b" " * 2**20)
    return "lb.dsjc", out + z.flush()


def dsj_rows_first():
    head = dsj_head()
    return "lb.json", json.dumps({"rows": DSJ_ROWS, **head}).encode()


# SPSS system file, uncompressed ("System File Format" in the PSPP manual) -----------------------------

def sav(code=None, first=b"RA-001"):
    def variable(kind, name, fmt, label=None, missing=()):
        b = struct.pack("<iiiiii8s", 2, kind, 1 if label else 0, len(missing), fmt, fmt, name.encode().ljust(8))
        if label:
            b += struct.pack("<i", len(label)) + label.encode() + b" " * (-len(label) % 4)
        return b + b"".join(struct.pack("<d", m) for m in missing)

    f8, a8, adate = 5 << 16 | 8 << 8 | 2, 1 << 16 | 8 << 8, 23 << 16 | 10 << 8
    out = b"$FL2" + b"@(#) SPSS DATA FILE".ljust(60) + struct.pack("<iiiiid", 2, 3, 0, 0, 3, 100.0)
    out += b"01 Jan 24" + b"00:00:00" + b"A label".ljust(64) + b"   "
    out += variable(8, "ID", a8, "Subject") + variable(0, "SEX", f8, "Sex", (9.0,)) + variable(0, "DAY", adate)
    out += struct.pack("<ii", 3, 2) + struct.pack("<d", 1.0) + b"\x04male" + b"   " + struct.pack("<d", 2.0) + b"\x06female" + b" "
    out += struct.pack("<iii", 4, 1, 2)
    if code is None:
        out += struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8"
    else:
        out += struct.pack("<iiii8i", 7, 3, 4, 8, 20, 0, 0, -1, 1, 1, 2, code)
    out += struct.pack("<ii", 999, 0)
    sysmis = -1.7976931348623157e308
    for who, sex, day in ((first, 1.0, 13671244800.0), (b"RA-002", 9.0, sysmis), (b"", sysmis, 0.0)):
        out += who.ljust(8) + struct.pack("<dd", sex, day)
    return "small.sav", out


def sav_cp866():
    return sav(866, "Ольга".encode("cp866"))


def sav_unknown_encoding():
    return sav(99999)


# Stata 114 (help dta in the Stata manuals) ------------------------------------------------------------

def dta():
    nvar, nobs = 2, 3
    out = struct.pack("<BBBBhi", 114, 2, 1, 0, nvar, nobs) + b"A label".ljust(81, b"\0") + b"01 Jan 2024 00:00".ljust(18, b"\0")
    out += bytes([255, 251])  # double, byte
    out += b"when".ljust(33, b"\0") + b"score".ljust(33, b"\0") + struct.pack("<3h", 0, 0, 0)
    out += b"%td".ljust(49, b"\0") + b"%8.0g".ljust(49, b"\0") + b"\0" * 33 + b"\0" * 33
    out += b"Day of visit".ljust(81, b"\0") + b"".ljust(81, b"\0") + struct.pack("<bi", 0, 0)
    tagged_a = struct.unpack("<d", bytes([0, 0, 0, 0, 0, 0x01, 0xE0, 0x7F]))[0]
    out += struct.pack("<db", 20454.0, 3) + struct.pack("<db", 0.0, 101) + bytes([0, 0, 0, 0, 0, 0x01, 0xE0, 0x7F]) + bytes([103])
    assert tagged_a != 0
    return "small.dta", out


# Text and everything else -----------------------------------------------------------------------------

def csv():
    return "visits.csv", b"subject,visit,crp\nRA-001,0,12.5\nRA-001,4,<0.5\nRA-002,0,\n"


def empty():
    return "nothing.csv", b""


def html():
    return "lab.xpt", b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n"


def sas7bcat():
    return "formats.sas7bcat", bytes.fromhex("000000000000000000000000c2ea8163b31411cfbd92080009c7318c181f1011") + bytes(992)


def sas7bdat_stub():
    return "x.sas7bdat", bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(992)


# A model of simulated data, as stroma model fit wrote it in version 1 of the format ------------------

def model():
    return "model.json", pathlib.Path(__file__).with_name("model").joinpath("small.json").read_bytes()


# A FlowJo 10 workspace, written as FlowJo writes one (docs/formats/flowjo-workspace.md) ---------------

FLOWJO_NAMES = " ".join(f'xmlns:{p}="http://www.isac-net.org/std/Gating-ML/v2.0/{n}"' for p, n in
                        (("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes")))


def flowjo_dimension(channel, edges=""):
    return f'<gating:dimension {edges}><data-type:fcs-dimension data-type:name="{channel}" /></gating:dimension>'


def flowjo_vertex(x, y):
    return (f'<gating:vertex><gating:coordinate data-type:value="{x}" /><gating:coordinate data-type:value="{y}" />'
            '</gating:vertex>')


def flowjo_rectangle(a, b, edges_a, edges_b, attributes='eventsInside="1"'):
    return (f"<gating:RectangleGate {attributes}>{flowjo_dimension(a, edges_a)}{flowjo_dimension(b, edges_b)}"
            "</gating:RectangleGate>")


def flowjo_population(name, shape, below=""):
    below = f"<Subpopulations>{below}</Subpopulations>" if below else ""
    return f'<Population name="{name}" count="-1"><Gate gating:id="ID1">{shape}</Gate>{below}</Population>\n'


def flowjo_boolean(kind, name, *dependents):
    inside = "".join(f'<Dependent name="{d}" />' for d in dependents)
    return f'<{kind} name="{name}" count="3"><Dependents>{inside}</Dependents></{kind}>\n'


def flowjo_sample(number, name, gates):
    biex = ('<transforms:biex transforms:length="256" transforms:maxRange="262144" transforms:neg="0" '
            'transforms:width="-100" transforms:pos="4.418539922">')
    scales = [f'{biex}<data-type:parameter data-type:name="{c}" /></transforms:biex>' for c in ("Comp-A", "Comp-B")]
    scales += ['<transforms:linear transforms:minRange="0" transforms:maxRange="262144" gain="1">'
               f'<data-type:parameter data-type:name="{c}" /></transforms:linear>' for c in ("FSC-A", "SSC-A")]
    scales += ['<transforms:linear transforms:minRange="0" transforms:maxRange="100" gain="0.01">'
               '<data-type:parameter data-type:name="Time" /></transforms:linear>']
    rows = "".join(f'<transforms:spillover data-type:parameter="{r}">' + "".join(
        f'<transforms:coefficient data-type:parameter="{c}" transforms:value="{1 if r == c else 0.1}" />'
        for c in "AB") + "</transforms:spillover>\n" for r in "AB")
    return (f'<Sample><DataSet uri="file:/C:/data%20of%20May/{name}" sampleID="{number}" />\n'
            f'<transforms:spilloverMatrix prefix="Comp-" name="Acquisition-defined" suffix="">\n{rows}'
            "</transforms:spilloverMatrix>\n<Transformations>\n" + "\n".join(scales) + "\n</Transformations>\n"
            f'<Keywords><Keyword name="$FIL" value="{name}" /><Keyword name="$TIMESTEP" value="0.01" /></Keywords>\n'
            f'<SampleNode name="{name}" count="10" sampleID="{number}"><Subpopulations>\n{gates}</Subpopulations>'
            "</SampleNode></Sample>\n")


def flowjo_gates():
    triangle = "".join(flowjo_vertex(x, y) for x, y in ((0, 0), (1000, 0), (0, 1000)))
    ellipse = ('<gating:EllipsoidGate><gating:dimension><data-type:fcs-dimension data-type:name="FSC-A" />'
               '</gating:dimension><gating:dimension><data-type:fcs-dimension data-type:name="SSC-A" />'
               "</gating:dimension><gating:foci>" + flowjo_vertex(100, 128) + flowjo_vertex(156, 128) +
               "</gating:foci><gating:edge>" + flowjo_vertex(78, 128) + flowjo_vertex(178, 128) + flowjo_vertex(128, 86.57) +
               flowjo_vertex(128, 169.43) + "</gating:edge></gating:EllipsoidGate>")
    polygon = ('<gating:PolygonGate eventsInside="1" gateResolution="256">' + flowjo_dimension("Comp-A") +
               flowjo_dimension("Comp-B") + triangle + "</gating:PolygonGate>")
    both = flowjo_rectangle("Time", "FSC-A", 'gating:min="1" gating:max="50"', 'gating:min="100"')
    outside = flowjo_rectangle("Comp-A", "Comp-B", 'gating:max="10"', 'gating:max="20"', 'eventsInside="0"')
    return flowjo_population("Early", both, flowjo_population("Cells", ellipse) + flowjo_population("Low", polygon) +
                             flowjo_population("Stained", outside)) + \
        flowjo_boolean("AndNode", "Both", "Early/Cells", "Early/Low") + \
        flowjo_boolean("OrNode", "Either", "Early/Cells", "Early/Low") + flowjo_boolean("NotNode", "Rest", "Early")


def workspace_of(*samples):
    inside = "".join(flowjo_sample(i + 1, s, flowjo_gates()) for i, s in enumerate(samples))
    return "gates.wsp", (f'<?xml version="1.0" encoding="UTF-8"?>\n<Workspace version="20.0" flowJoVersion="10.6.2" '
                         f"{FLOWJO_NAMES}>\n<Groups/>\n<SampleList>\n{inside}</SampleList>\n</Workspace>\n").encode()


def workspace():
    return workspace_of("a.fcs")


def workspace_two():
    return workspace_of("a.fcs", "b.fcs")


def cytobank():
    return "cytobank.xml", pathlib.Path(__file__).parents[1].joinpath("fuzz/corpus/workspace/cytobank.xml").read_bytes()



# FCS, from the texts of FCS 2.0 (Dean 1990), 3.0 (Seamer 1997), 3.1 (Spidlen 2010) and 3.2 (Spidlen 2021) ----

def fcs_set(keywords, data, version="FCS3.1", delimiter="/", text_at=58, header_data=True, text_data=True, tail=b"00000000"):
    """One data set. HEADER, TEXT, DATA; the offsets of DATA in HEADER, in TEXT, or both, always of eight characters."""
    text = delimiter + "".join(f"{k}{delimiter}{v}{delimiter}" for k, v in keywords)
    places = f"$BEGINDATA{delimiter}%08d{delimiter}$ENDDATA{delimiter}%08d{delimiter}"
    begin = text_at + len(text.encode()) + (len(places % (0, 0)) if text_data else 0)
    end = begin + len(data) - 1
    if text_data:
        text += places % (begin, end)
    head = "%s    %8d%8d%8d%8d%8d%8d" % (version, text_at, text_at + len(text.encode()) - 1, begin if header_data else 0,
                                         end if header_data else 0, 0, 0)
    return head.ljust(text_at).encode() + text.encode() + data + tail


def fcs_channels(names, bits, ranges, amplification="0,0"):
    out = []
    for i, name in enumerate(names, 1):
        out += [(f"$P{i}N", name), (f"$P{i}B", bits[i - 1] if isinstance(bits, list) else bits),
                (f"$P{i}R", ranges[i - 1] if isinstance(ranges, list) else ranges),
                (f"$P{i}E", amplification[i - 1] if isinstance(amplification, list) else amplification)]
    return out


def fcs_keywords(kind, order, par, tot, rest=()):
    return [("$DATATYPE", kind), ("$MODE", "L"), ("$BYTEORD", order), ("$PAR", par), ("$TOT", tot), ("$NEXTDATA", 0), *rest]


FCS_FLOATS = [1.5, -2.25, 100, 1024, 0.5, 200, 7, 65536.5, 300, -0.125, 3, 400]


def fcs_float_set(floats=None, **more):
    k = fcs_keywords("F", "1,2,3,4", 3, 4) + fcs_channels(["FSC-A", "FL1-A", "Time"], 32, 262144)
    k += [("$TIMESTEP", "0.01"), ("$P2S", "CD4")]
    return fcs_set(k, struct.pack("<12f", *(floats or FCS_FLOATS)), **more)


def fcs_float():
    return "float.fcs", fcs_float_set()


def fcs_float_far():
    """As above a hundred million bytes: HEADER has no room for the offsets."""
    return "far.fcs", fcs_float_set(header_data=False)


def fcs_float_header_only():
    return "old.fcs", fcs_float_set(version="FCS2.0", text_data=False)


def fcs_float_nowhere():
    return "nowhere.fcs", fcs_float_set(header_data=False, text_data=False)


def fcs_not_finite():
    return "nan.fcs", fcs_float_set([math.nan, 1, 100, math.inf, 2, 200, 5, -math.inf, 300, 6, 4, 400])


def fcs_integer_set(**more):
    """16 bits of which 10 count; a linear, a logarithmic and a linear channel with gain 4."""
    k = fcs_keywords("I", "4,3,2,1", 3, 4) + fcs_channels(["FSC-H", "FL1-H", "FL2-H"], 16, 1024, ["0,0", "4,1", "0,0"])
    k += [("$P3G", "4.0")]
    return fcs_set(k, struct.pack(">12H", 5, 0, 40, 1023, 512, 80, 0xFC07, 256, 120, 700, 1023, 160), **more)


def fcs_integer():
    return "integer.fcs", fcs_integer_set()


def fcs_mixed_widths():
    k = fcs_keywords("I", "1,2,3,4", 5, 2) + fcs_channels(["A", "B", "C", "D", "E"], [8, 16, 24, 32, 64],
                                                            [256, 65536, 16777216, 4294967296, 2**52])
    data = b""
    for row in ((1, 2, 3, 4, 5), (255, 65535, 16777215, 4294967295, 2**52 - 1)):
        for value, size in zip(row, (1, 2, 3, 4, 8)):
            data += value.to_bytes(size, "little")
    return "mixed.fcs", fcs_set(k, data)


def fcs_order_3412():
    k = fcs_keywords("I", "3,4,1,2", 2, 2) + fcs_channels(["A", "B"], 32, 4294967296)
    words = (0x01020304, 1, 0xFFFF0000, 65536)
    return "pdp.fcs", fcs_set(k, b"".join(struct.pack("<HH", w >> 16, w & 0xFFFF) for w in words))


def fcs_packed():
    """Ten bits a number, the highest first, and no room between events."""
    k = fcs_keywords("I", "4,3,2,1", 3, 3) + fcs_channels(["A", "B", "C"], 10, 1024)
    bits = "".join(f"{x:010b}" for x in (1, 2, 3, 512, 1023, 0, 341, 682, 7))
    bits += "0" * (-len(bits) % 8)
    return "packed.fcs", fcs_set(k, int(bits, 2).to_bytes(len(bits) // 8, "big"))


def fcs_ten_in_sixteen():
    """As a Cytomics FC 500 does: $PnB says 10, each number takes 16."""
    k = fcs_keywords("I", "1,2", 2, 3) + fcs_channels(["FS Lin", "FL1 Log"], 10, 1024)
    return "ten.LMD", fcs_set(k, struct.pack("<6H", 1, 1023, 2, 512, 3, 0), version="FCS2.0", text_data=False)


def fcs_ascii():
    k = fcs_keywords("A", "1,2,3,4", 2, 3) + fcs_channels(["A", "B"], 4, 10000)
    return "text.fcs", fcs_set(k, b"  12 345" b"9999   0" b"1.5 -2  ")


def fcs_ascii_delimited():
    k = fcs_keywords("A", "1,2,3,4", 2, 3) + fcs_channels(["A", "B"], "*", 10000)
    return "text.fcs", fcs_set(k, b"12,345\r\n9999 0\r\n1.5,-2e3\r\n")


def fcs_version_32():
    k = fcs_keywords("F", "1,2,3,4", 3, 2) + fcs_channels(["A", "B", "Clock"], [32, 16, 64], [1024, 1024, 1e6])
    k += [("$P2DATATYPE", "I"), ("$P3DATATYPE", "D"), ("$P3TYPE", "Time"), ("$TIMESTEP", "0.5")]
    return "mixed.fcs", fcs_set(k, struct.pack("<fHdfHd", 1.5, 0x07FF, 10, -2.5, 12, 20), version="FCS3.2")


def fcs_two_sets():
    first = fcs_float_set()
    step = len(first)
    first = first.replace(b"$NEXTDATA/0/", b"$NEXTDATA/%d/" % step, 1)
    k = [(a, 0 if a == "$NEXTDATA" else b) for a, b in fcs_keywords("F", "4,3,2,1", 1, 2)] + fcs_channels(["X"], 32, 1024)
    grown = len(str(step)) - 1  # the offset made TEXT longer: build it again with that in mind
    k1 = fcs_keywords("F", "1,2,3,4", 3, 4) + fcs_channels(["FSC-A", "FL1-A", "Time"], 32, 262144)
    k1 = [(a, step + grown if a == "$NEXTDATA" else b) for a, b in k1] + [("$TIMESTEP", "0.01"), ("$P2S", "CD4")]
    return "two.fcs", fcs_set(k1, struct.pack("<12f", *FCS_FLOATS)) + fcs_set(k, struct.pack(">2f", 10, 20))


def fcs_coulter():
    """The same three events twice, as a Beckman Coulter .LMD has them."""
    def first(step):
        k = fcs_keywords("I", "1,2", 2, 3) + fcs_channels(["FS Lin", "FL1 Log"], 16, 1024, ["0,0", "4,0.1"])
        k = [(a, step if a == "$NEXTDATA" else b) for a, b in k] + [("$P1S", "FS Lin"), ("$P2S", "CD3-FITC")]
        return fcs_set(k, struct.pack("<6H", 1, 1023, 2, 512, 3, 0), version="FCS2.0", text_data=False, tail=b"")
    step = len(first(1000))
    while len(first(step)) != step:
        step = len(first(step))
    k = fcs_keywords("I", "1,2,3,4", 2, 3) + fcs_channels(["FS", "FL1"], 32, 1048576)
    second = fcs_set(k, struct.pack("<6I", 1025, 1048000, 2049, 524288, 3073, 15), version="FCS3.0")
    return "tube.LMD", first(step) + second


def fcs_supplement():
    """Stains in a supplemental TEXT behind DATA."""
    k = fcs_keywords("F", "1,2,3,4", 1, 2) + fcs_channels(["A"], 32, 1024)
    extra = b"/$P1S/CD8/"
    whole = fcs_set(k + [("$BEGINSTEXT", "%08d" % 0), ("$ENDSTEXT", "%08d" % 0)], struct.pack("<2f", 1, 2), tail=b"")
    at = len(whole)
    k += [("$BEGINSTEXT", "%08d" % at), ("$ENDSTEXT", "%08d" % (at + len(extra) - 1))]
    return "stains.fcs", fcs_set(k, struct.pack("<2f", 1, 2), tail=extra + b"00000000")


def fcs_crc():
    """With its CRC, computed bit by bit: polynomial 0x1021 reflected, start 0."""
    whole, crc = fcs_float_set(tail=b""), 0
    for byte in whole:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return "crc.fcs", whole + b"%08d" % crc


def fcs_no_count():
    k = [(a, b) for a, b in fcs_keywords("F", "1,2,3,4", 1, 2) if a != "$TOT"] + fcs_channels(["A"], 32, 1024)
    return "old.fcs", fcs_set(k, struct.pack("<2f", 1, 2), version="FCS2.0", text_data=False)


GATES = """<?xml version="1.0" encoding="UTF-8"?>
<gating:Gating-ML xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating"
    xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations"
    xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes">
  <transforms:transformation transforms:id="L" transforms:boundMin="-0.5">
    <transforms:logicle transforms:T="262144" transforms:W="0.5" transforms:M="4.5" transforms:A="0"/>
  </transforms:transformation>
  <transforms:transformation transforms:id="R">
    <transforms:fratio transforms:A="1" transforms:B="0" transforms:C="0">
      <data-type:fcs-dimension data-type:name="FSC-A"/>
      <data-type:fcs-dimension data-type:name="FSC-H"/>
    </transforms:fratio>
  </transforms:transformation>
  <transforms:spectrumMatrix transforms:id="S">
    <transforms:fluorochromes>
      <data-type:fcs-dimension data-type:name="FITC"/>
      <data-type:fcs-dimension data-type:name="PE"/>
    </transforms:fluorochromes>
    <transforms:detectors>
      <data-type:fcs-dimension data-type:name="FL1-A"/>
      <data-type:fcs-dimension data-type:name="FL2-A"/>
    </transforms:detectors>
    <transforms:spectrum><transforms:coefficient transforms:value="1"/><transforms:coefficient transforms:value="0.1"/></transforms:spectrum>
    <transforms:spectrum><transforms:coefficient transforms:value="0.02"/><transforms:coefficient transforms:value="1"/></transforms:spectrum>
  </transforms:spectrumMatrix>
  <gating:PolygonGate gating:id="Lymphocytes">
    <gating:dimension gating:compensation-ref="uncompensated"><data-type:fcs-dimension data-type:name="FSC-A"/></gating:dimension>
    <gating:dimension gating:compensation-ref="uncompensated"><data-type:fcs-dimension data-type:name="SSC-A"/></gating:dimension>
    <gating:vertex><gating:coordinate data-type:value="30000"/><gating:coordinate data-type:value="5000"/></gating:vertex>
    <gating:vertex><gating:coordinate data-type:value="90000"/><gating:coordinate data-type:value="8000"/></gating:vertex>
    <gating:vertex><gating:coordinate data-type:value="60000"/><gating:coordinate data-type:value="50000"/></gating:vertex>
  </gating:PolygonGate>
  <gating:RectangleGate gating:id="Singlets" gating:parent_id="Lymphocytes">
    <gating:dimension gating:compensation-ref="uncompensated" gating:min="0.8" gating:max="1.3"><data-type:new-dimension data-type:transformation-ref="R"/></gating:dimension>
  </gating:RectangleGate>
  <gating:QuadrantGate gating:id="Quadrants" gating:parent_id="Singlets">
    <gating:divider gating:id="dFITC" gating:compensation-ref="S" gating:transformation-ref="L"><data-type:fcs-dimension data-type:name="FITC"/><gating:value>0.4</gating:value></gating:divider>
    <gating:divider gating:id="dPE" gating:compensation-ref="S" gating:transformation-ref="L"><data-type:fcs-dimension data-type:name="PE"/><gating:value>0.5</gating:value></gating:divider>
    <gating:Quadrant gating:id="Both"><gating:position gating:divider_ref="dFITC" gating:location="0.9"/><gating:position gating:divider_ref="dPE" gating:location="0.9"/></gating:Quadrant>
    <gating:Quadrant gating:id="Neither"><gating:position gating:divider_ref="dFITC" gating:location="0"/><gating:position gating:divider_ref="dPE" gating:location="0"/></gating:Quadrant>
  </gating:QuadrantGate>
  <gating:EllipsoidGate gating:id="Bright" gating:parent_id="Both">
    <gating:dimension gating:compensation-ref="S" gating:transformation-ref="L"><data-type:fcs-dimension data-type:name="FITC"/></gating:dimension>
    <gating:dimension gating:compensation-ref="S" gating:transformation-ref="L"><data-type:fcs-dimension data-type:name="PE"/></gating:dimension>
    <gating:mean><gating:coordinate data-type:value="0.7"/><gating:coordinate data-type:value="0.8"/></gating:mean>
    <gating:covarianceMatrix>
      <gating:row><gating:entry data-type:value="0.01"/><gating:entry data-type:value="0.002"/></gating:row>
      <gating:row><gating:entry data-type:value="0.002"/><gating:entry data-type:value="0.02"/></gating:row>
    </gating:covarianceMatrix>
    <gating:distanceSquare data-type:value="4"/>
  </gating:EllipsoidGate>
  <gating:BooleanGate gating:id="One"><gating:not><gating:gateReference gating:ref="Either"/></gating:not></gating:BooleanGate>
  <gating:BooleanGate gating:id="Either"><gating:or><gating:gateReference gating:ref="Both"/><gating:gateReference gating:ref="Neither" gating:use-as-complement="true"/></gating:or></gating:BooleanGate>
</gating:Gating-ML>
"""


def gates():
    return "gates.xml", GATES.encode()


def gates_deep():
    """Elements nested 300 deep in custom_info."""
    deep = "<data-type:custom_info>" + "<a>" * 300 + "</a>" * 300 + "</data-type:custom_info>\n</gating:Gating-ML>"
    return "gates.xml", GATES.replace("</gating:Gating-ML>", deep).encode()


def fcs_spillover(names=("FSC-A", "FL1-A", "FL2-A"), keyword="$SPILLOVER"):
    """Room of 100 blanks for the value of $SPILLOVER, at byte 70."""
    k = [(keyword, " " * 100)] + fcs_keywords("F", "1,2,3,4", 3, 1) + fcs_channels(names, 32, 262144)
    return "tube.fcs", fcs_set(k, struct.pack("<3f", 1, 2, 3))


def fcs_compensated():
    return fcs_spillover(("FSC-A", "Comp-FL1-A", "Comp-FL2-A"))


def fcs_two_matrices():
    k = [("$SPILLOVER", " " * 100), ("SPILL", "2,FL1-A,FL2-A,1,0.3,0.02,1")] + fcs_keywords("F", "1,2,3,4", 3, 1)
    return "tube.fcs", fcs_set(k + fcs_channels(["FSC-A", "FL1-A", "FL2-A"], 32, 262144), struct.pack("<3f", 1, 2, 3))


# Gating strategies and panels -----------------------------------------------------------------------

def strategy():
    return "s.yaml", b"""stroma_strategy: 1
id: s
title: CD4 and Treg
populations:
  - { id: cells, method: ellipse, markers: [FSC-A, SSC-A], quantile: 0.95 }
  - { id: CD4, parent: cells, method: valley, keep: above, markers: [CD4], range: [0.2, 0.6] }
  - id: CD25_FoxP3
    parent: CD4
    method: quadrant
    markers: [CD25, FoxP3]
    edges: [{ method: fmo, fallback: [{ method: tail }] }, { method: fmo }]
    regions: { "++": Treg, "+-": activated }
  - { id: other, parent: CD4, method: boolean, operation: not, of: [Treg] }
indices:
  - { id: treg_percent, population: Treg, of: CD4 }
"""


def panel():
    return "p.yaml", b"""stroma_panel: 1
id: p
scale: { kind: logicle, T: 262144, M: 4.5, W: auto }
markers:
  FSC-A: { role: scatter }
  CD4: FITC-A
  FoxP3: { channel: PE-A, controls: [fmo] }
  Viability: { role: viability }
dead_cells: { marker: Viability, rule: above the valley }
"""

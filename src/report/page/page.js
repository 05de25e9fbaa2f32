/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's behaviour: figures drawn when they come into sight, tables that sort and search, the
 * trace panel. Texts reach the page through textContent alone. */
(function () {
    'use strict';
    const root = document.documentElement;
    const $ = (id) => document.getElementById(id);

    function el(name, attributes, ...children) {
        const node = document.createElement(name);
        Object.entries(attributes || {}).forEach(([k, v]) => node.setAttribute(k, v));
        children.forEach((c) => { if (c !== null && c !== undefined && c !== '') node.append(c); });
        return node;
    }

    /* ---- saving ---- */
    function save(name, type, data) {
        const blob = data instanceof Blob ? data : new Blob([data], { type: type });
        const url = URL.createObjectURL(blob);
        const a = el('a', { href: url, download: name });
        document.body.append(a);
        a.click();
        a.remove();
        setTimeout(() => URL.revokeObjectURL(url), 10000);
    }

    function said(button, text) {
        const before = button.dataset.label || button.textContent;
        button.dataset.label = before;
        button.textContent = text;
        setTimeout(() => { button.textContent = before; }, 1500);
    }

    function copy(text, button) {
        const old = () => {
            const area = el('textarea', { class: 'vh', readonly: '' });
            area.value = text;
            ($('trace').open ? $('trace') : document.body).append(area);
            area.select();
            const ok = document.execCommand('copy');
            area.remove();
            button.focus();
            said(button, ok ? 'Copied' : 'Not copied');
        };
        if (navigator.clipboard && window.isSecureContext)
            navigator.clipboard.writeText(text).then(() => said(button, 'Copied'), old);
        else old();
    }

    const cell = (v) => v === null || v === undefined ? '' : String(v).replace(/[\t\r\n]+/g, ' ');
    const tsv = (rows) => rows.map((r) => r.map(cell).join('\t')).join('\n') + '\n';

    /* ---- theme ---- */
    const wantsDark = window.matchMedia('(prefers-color-scheme: dark)');
    let printing = false;
    const isDark = () => !printing && (root.dataset.theme ? root.dataset.theme === 'dark' : wantsDark.matches);

    function label() {
        const b = $('theme');
        b.textContent = isDark() ? 'Light' : 'Dark';
        b.setAttribute('aria-label', isDark() ? 'Use light colours' : 'Use dark colours');
    }

    /* ---- figures ---- */
    const figures = Array.from(document.querySelectorAll('.plot[data-spec]')).map((box) => (
        { box: box, spec: null, view: null, width: 0, dark: null }));

    function specOf(f) {
        if (f.spec === null) f.spec = JSON.parse($(f.box.dataset.spec).textContent);
        return f.spec;
    }

    function tip(handlerView, event, item, value) {
        const box = $('tip');
        if (value === null || value === undefined || value === '') { box.hidden = true; return; }
        box.replaceChildren();
        if (typeof value === 'object' && !Array.isArray(value)) {
            const list = el('dl');
            /* A field that this datum lacks arrives as the text "undefined". */
            Object.entries(value).forEach(([k, v]) => {
                if (!['', 'undefined', 'null', 'NaN'].includes(cell(v))) list.append(el('dt', {}, k), el('dd', {}, cell(v)));
            });
            box.append(list);
        } else box.append(cell(value));
        const d = item && item.datum;
        if (d && (d.subject !== undefined || typeof d.trace === 'string'))
            box.append(el('p', {}, 'Click for its trace.'));
        box.hidden = false;
        const w = box.offsetWidth, h = box.offsetHeight;
        const x = event.clientX + 14 + w > innerWidth ? event.clientX - w - 14 : event.clientX + 14;
        const y = event.clientY + 14 + h > innerHeight ? event.clientY - h - 14 : event.clientY + 14;
        box.style.left = Math.max(4, x) + 'px';
        box.style.top = Math.max(4, y) + 'px';
    }

    const figureParam = (spec) => spec.usermeta && spec.usermeta.stroma && spec.usermeta.stroma.param;
    function onPoint(spec, item) {
        const d = item && item.datum;
        if (!d) return;
        const param = d.param === undefined ? figureParam(spec) : d.param;
        if (typeof d.trace === 'string') openTrace(d.trace);
        else if (d.subject !== undefined && param !== undefined) openPoint(Object.assign({}, d, { param: param }));
    }

    function draw(f) {
        const width = Math.floor(f.box.clientWidth) || 720;
        const dark = isDark();
        if (f.view && f.width === width && f.dark === dark) return;
        if (f.view) f.view.finalize();
        f.box.replaceChildren();
        f.width = width;
        f.dark = dark;
        f.view = new vega.View(stromaTheme.compile(specOf(f), width, dark), {
            expr: vega.expressionInterpreter, renderer: 'svg', container: f.box, hover: true,
            loader: stromaTheme.loader, tooltip: tip, logLevel: vega.Error
        });
        f.view.addEventListener('click', (event, item) => onPoint(specOf(f), item));
        f.view.run(); /* at once: printing cannot wait for a promise */
        f.box.classList.add('ready');
        /* One picture with one name; its parts would be hundreds of nameless graphics. */
        const svg = f.box.querySelector('svg');
        if (svg) svg.setAttribute('aria-hidden', 'true');
    }

    const drawn = () => figures.filter((f) => f.view);
    const drawAll = () => figures.forEach(draw);

    let seen = null;
    function watch() {
        if (!('IntersectionObserver' in window)) { drawAll(); return; }
        seen = new IntersectionObserver((entries) => entries.forEach((e) => {
            if (!e.isIntersecting) return;
            seen.unobserve(e.target);
            draw(figures.find((f) => f.box === e.target));
        }), { rootMargin: '400px' });
        figures.forEach((f) => seen.observe(f.box));
    }

    /* New colours or a new width: what is in sight at once, the rest when it is scrolled to. */
    function redraw() {
        drawn().forEach((f) => {
            const r = f.box.getBoundingClientRect();
            if (!seen || r.bottom > -400 && r.top < innerHeight + 400) draw(f);
            else seen.observe(f.box);
        });
    }

    function largest(spec) {
        let best = [];
        (function walk(v) {
            if (Array.isArray(v)) v.forEach(walk);
            else if (v && typeof v === 'object') {
                if (Array.isArray(v.values) && v.values.length > best.length &&
                    typeof v.values[0] === 'object') best = v.values;
                if (v.datasets) Object.values(v.datasets).forEach((d) => { if (d.length > best.length) best = d; });
                Object.keys(v).forEach((k) => { if (k !== 'values' && k !== 'datasets') walk(v[k]); });
            }
        })(spec);
        return best;
    }

    /* Patients stand an object each in the specification; its own transform makes them rows. */
    function patientRows(spec) {
        let layer = null;
        (function walk(v) {
            if (v && v.data && v.data.name === 'patients' && v.transform) layer = v;
            else if (v && v.layer) v.layer.forEach(walk);
        })(spec);
        if (!layer) return [];
        const one = { datasets: { patients: spec.datasets.patients }, data: layer.data, transform: layer.transform,
            mark: 'point', encoding: { x: { field: 'value', type: 'quantitative' } } };
        const compiled = vegaLite.compile(one).spec;
        const view = new vega.View(vega.parse(compiled, null, { ast: true }), {
            expr: vega.expressionInterpreter, renderer: 'none', loader: stromaTheme.loader, logLevel: vega.Error });
        view.run();
        const rows = view.data(compiled.marks[0].from.data).map((d) => Object.assign({}, d, { param: figureParam(spec) }));
        view.finalize();
        return rows;
    }

    function figureData(spec) {
        const rows = patientRows(spec).concat(spec.data && Array.isArray(spec.data.values) ? spec.data.values : largest(spec));
        const names = [];
        rows.forEach((r) => Object.keys(r).forEach((k) => { if (!names.includes(k)) names.push(k); }));
        return tsv([names].concat(rows.map((r) => names.map((n) => r[n]))));
    }

    function figureDo(button) {
        const f = figures.find((x) => x.box === button.closest('figure').querySelector('.plot'));
        const name = button.closest('figure').id;
        const what = button.dataset.do;
        if (what === 'spec') return save(name + '.vl.json', 'application/json', JSON.stringify(specOf(f), null, 1));
        if (what === 'data') return save(name + '.tsv', 'text/tab-separated-values', figureData(specOf(f)));
        /* Pictures are saved light, at one width, on white: they go into documents. */
        const view = new vega.View(stromaTheme.compile(specOf(f), 720, false), {
            expr: vega.expressionInterpreter, renderer: 'none', loader: stromaTheme.loader, logLevel: vega.Error
        });
        view.background('#ffffff');
        if (what === 'svg')
            return view.toSVG().then((text) => save(name + '.svg', 'image/svg+xml', text));
        return view.toCanvas(2).then((canvas) => canvas.toBlob((blob) => save(name + '.png', 'image/png', blob)));
    }

    /* ---- tables ---- */
    function tableText(table) {
        return tsv(Array.from(table.rows).filter((r) => !r.hidden).map((r) => Array.from(r.cells).map((c) => {
            const n = c.querySelector('.n');
            const head = c.querySelector('.sort');
            return (head ? head.textContent + (n ? ' (' + n.textContent + ')' : '') : c.textContent).trim();
        })));
    }

    function sortBy(th) {
        const table = th.closest('table'), body = table.tBodies[0], i = th.cellIndex;
        const up = th.getAttribute('aria-sort') !== 'ascending';
        table.querySelectorAll('thead th').forEach((h) => h.setAttribute('aria-sort', 'none'));
        th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = Array.from(body.rows).map((row, place) => {
            const c = row.cells[i];
            const n = c.dataset.n === undefined ? null : Number(c.dataset.n);
            return { row: row, n: n, text: c.textContent.trim(), place: place };
        });
        const words = new Intl.Collator('en', { numeric: true });
        rows.sort((a, b) => {
            /* What has no number stands last either way. */
            if (a.n !== null && b.n !== null) return (up ? a.n - b.n : b.n - a.n) || a.place - b.place;
            if (a.n !== null || b.n !== null) return a.n !== null ? -1 : 1;
            if (!a.text !== !b.text) return a.text ? -1 : 1;
            return (up ? words.compare(a.text, b.text) : words.compare(b.text, a.text)) || a.place - b.place;
        });
        body.append(...rows.map((r) => r.row));
    }

    function search(input) {
        const card = input.closest('.card'), body = card.querySelector('tbody');
        const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
        let hits = 0, heading = null, parent = null;
        Array.from(body.rows).forEach((row) => {
            if (row.classList.contains('head')) { heading = row; row.hidden = wanted.length > 0; return; }
            const inside = row.classList.contains('in');
            if (!inside) parent = row;
            const text = ((heading ? heading.textContent + ' ' : '') + (inside && parent ? parent.cells[0].textContent + ' ' : '') +
                row.textContent).toLowerCase();
            row.hidden = !wanted.every((w) => text.includes(w));
            if (!row.hidden) {
                hits++;
                if (heading) heading.hidden = false;
                if (inside && parent) parent.hidden = false;
            }
        });
        card.querySelector('.hits').textContent = wanted.length ? hits + ' of ' +
            Array.from(body.rows).filter((r) => !r.classList.contains('head')).length + ' rows' : '';
    }

    /* ---- trace ---- */
    let store = null;
    const traces = () => { if (store === null) store = JSON.parse($('trace-store').textContent); return store; };
    /* A row of one of the big tables, which are kept as arrays under one list of columns. */
    function rowOf(kind, key) {
        const t = traces(), part = t[kind], cells = part && part.rows[key];
        if (!cells) return null;
        const row = Object.assign({}, part.same);
        part.columns.forEach((name, i) => {
            const text = name[0] === '$', v = text ? t.texts[cells[i]] : cells[i];
            if (v !== null && v !== undefined) row[text ? name.slice(1) : name] = v;
        });
        return row;
    }
    const nameOf = (kind, id) => (traces()[kind][id] || {}).label || id;
    const number = (x) => typeof x !== 'number' ? x : Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(6)));
    const p = (x) => x < 0.0001 ? '< 0.0001' : x < 0.001 ? x.toFixed(4) : x < 0.1 ? x.toFixed(3) : x.toFixed(2);

    function facts(pairs) {
        const list = el('dl');
        pairs.forEach(([k, v]) => {
            if (v === undefined || v === null || v === '') return;
            list.append(el('div', { class: 'way' }, el('dt', {}, k), el('dd', {}, v instanceof Node ? v : String(v))));
        });
        return list;
    }

    function command(text) {
        const b = el('button', { type: 'button', class: 'do' }, 'Copy');
        b.addEventListener('click', () => copy(text, b));
        return el('div', { class: 'cmd' }, el('code', {}, text), b);
    }

    const quote = (s) => /^[A-Za-z0-9_.+-]+$/.test(s) ? s : "'" + String(s).replace(/'/g, "'\\''") + "'";
    function traceCommand(d) {
        return 'stroma trace study.db' + (d.subject !== undefined ? ' --subject ' + quote(d.subject) : '') +
            (d.visit ? ' --visit ' + quote(d.visit) : '') + ' --param ' + quote(d.param);
    }

    function fileFacts(id, extra) {
        const f = traces().files[id];
        if (!f) return null;
        return el('div', { class: 'file' }, facts([['File', f.path]].concat(extra || [], [
            ['Format', f.format + (f.n_rows ? ', ' + f.n_rows + ' rows' : '')], ['SHA-256', el('code', {}, f.sha256)]])));
    }

    function formula(d) {
        return d ? facts([['Method', d.method + (d.version ? ' ' + d.version : '')], ['Formula', d.formula], ['Source', d.source],
            ['Settings', d.params && d.params !== '{}' ? el('code', {}, d.params) : '']]) : null;
    }

    /* What a parameter is made of: its computation, then the columns of the files below it. */
    function origin(param) {
        const t = traces(), out = [], seen = {};
        (t.origins[param] || []).forEach(([id, derivation, file, column]) => {
            if (derivation !== null && !seen['d' + derivation]) {
                seen['d' + derivation] = 1;
                out.push(el('h3', {}, 'How ' + nameOf('params', id) + ' is computed'), formula(t.derivations[derivation]));
            }
            if (file !== null) {
                seen.files = seen.files || {};
                (seen.files[file] = seen.files[file] || []).push(column || nameOf('params', id));
            }
        });
        Object.entries(seen.files || {}).forEach(([file, columns]) => out.push(
            el('h3', {}, 'Read from'), fileFacts(file, [[columns.length > 1 ? 'Columns' : 'Column', Array.from(new Set(columns)).join(', ')]])));
        if (!seen.files) out.push(...dataFiles('Its inputs are not recorded one by one. Data files of this run'));
        return out;
    }

    const dataFiles = (title) => [el('h3', {}, title)].concat(Object.keys(traces().files)
        .filter((id) => traces().files[id].role === 'data').map((id) => fileFacts(id)));

    const short = (x) => typeof x === 'number' && !Number.isInteger(x) ? String(Number(x.toPrecision(3))) : String(x);
    const interval = (x, a, b, print = number) => print(x) + (a === undefined || b === undefined ? '' : ' (' + print(a) + ' to ' + print(b) + ')');

    function excluded(text) {
        try {
            return JSON.parse(text).map((x) => x.reason + ' (' + x.n + ')').join(', ');
        } catch (e) { return ''; }
    }

    function showResult(r) {
        const t = traces(), set = t.sets[r.set_id] || {}, g = t.groupings[r.grouping_id];
        const group = (id) => (t.groups[r.grouping_id + '/' + id] || {}).label || id;
        const groups = [r.group_a, r.group_b].filter((x) => x !== undefined).map(group).join(' against ');
        const out = [el('p', { class: 'value' }, r.estimate === undefined ? (r.state === 'present' ? '' : r.state.replace(/_/g, ' ')) :
            r.estimate_name + ' ' + interval(r.estimate, r.lower, r.upper, short)), el('p', {}, r.label)];
        if (r.reason) out.push(el('p', { class: 'st-circular' }, r.state.replace(/_/g, ' ') + ': ' + r.reason));
        out.push(el('h3', {}, 'Result'), facts([
            ['Method', r.method + (r.variant ? ', ' + r.variant : '')],
            ['Interval', r.interval_method ? r.interval_method + (r.level ? ', ' + number(r.level * 100) + ' %' : '') : ''],
            ['Standard error', number(r.se)],
            ['Statistic', r.statistic === undefined ? '' : r.statistic_name + ' = ' + number(r.statistic) +
                (r.df === undefined ? '' : ', df ' + number(r.df) + (r.df2 === undefined ? '' : ' and ' + number(r.df2)))],
            ['p', r.p === undefined ? '' : p(r.p)],
            ['p, adjusted', r.p_adjusted === undefined ? '' : p(r.p_adjusted) + ' (' + r.adjust_method + ', family ' + r.family + ')'],
            ['Effect size', r.effect === undefined ? '' : r.effect_name + ' ' + interval(r.effect, r.effect_lower, r.effect_upper)]]));
        out.push(el('h3', {}, 'Made from'), facts([
            ['Parameter', [r.param_id, r.param2_id].filter(Boolean).map((x) => nameOf('params', x)).join(', ')],
            ['Visit', [r.visit_id, r.visit2_id].filter(Boolean).map((x) => nameOf('visits', x)).join(', reference ')],
            ['Groups', g ? g.label + (groups ? ': ' + groups : '') : ''],
            ['Rule of the groups', g && g.rule], ['Missing', g && g.missing_rule],
            ['Population', set.label ? set.label + ': ' + set.definition : ''], ['Estimand', r.estimand],
            ['n used', r.n_used + (r.n1 !== undefined && r.n2 !== undefined ? ' (' + r.n1 + ' and ' + r.n2 + ')' : '')],
            ['Left out', excluded(r.excluded)], ['Analysis', r.analysis_id]]));
        const param = r.param_id || (g && g.origin_param_id);
        if (param) out.push(...origin(param), el('h3', {}, 'Every patient\u2019s value'),
            command(traceCommand({ param: param, visit: r.visit_id })));
        else out.push(...dataFiles('Data files of this run'));
        return ['Result', out];
    }

    function showSummary(s) {
        const t = traces(), param = t.params[s.param_id] || {}, set = t.sets[s.set_id] || {}, g = t.groupings[s.grouping_id] || {};
        const group = s.group_id === 'all' ? 'everybody' : (t.groups[s.grouping_id + '/' + s.group_id] || {}).label || s.group_id;
        let counts = '';
        try { counts = Object.entries(JSON.parse(s.counts || '{}')).map(([k, v]) => k + ' ' + v).join(', '); } catch (e) { counts = ''; }
        return ['Summary', [
            el('p', { class: 'value' }, (param.label || s.param_id) + (s.visit_id ? ', ' + nameOf('visits', s.visit_id) : '')),
            el('p', {}, group + (param.unit ? ' \u00b7 ' + param.unit : '')),
            el('h3', {}, 'Numbers'), facts([
                ['n', s.n + ' of ' + s.n_expected + (s.n_missing ? ', ' + s.n_missing + ' missing' : '')],
                ['Below limit', s.n_below_limit || ''], ['Above limit', s.n_above_limit || ''],
                ['Mean (95 % CI)', s.mean === undefined ? '' : interval(s.mean, s.mean_lower, s.mean_upper)], ['SD', number(s.sd)],
                ['Median (quartiles)', s.median === undefined ? '' : interval(s.median, s.q1, s.q3)],
                ['Range', s.minimum === undefined ? '' : number(s.minimum) + ' to ' + number(s.maximum)], ['Counts', counts],
                ['Censored values', s.censored_rule === 'none' ? '' : s.censored_rule]]),
            el('h3', {}, 'Made from'), facts([['Groups', g.label], ['Rule of the groups', g.rule], ['Missing', g.missing_rule],
                ['Population', set.label ? set.label + ': ' + set.definition : '']]),
            ...origin(s.param_id), el('h3', {}, 'Every patient\u2019s value'),
            command(traceCommand({ param: s.param_id, visit: s.visit_id }))]];
    }

    function valueText(m) {
        const unit = (traces().params[m.param_id] || {}).unit;
        const sign = m.state === 'below_limit' ? '< ' : m.state === 'above_limit' ? '> ' : '';
        if (m.text !== undefined) return m.text;
        if (m.value === undefined) return m.state.replace(/_/g, ' ');
        return sign + number(m.value) + (unit ? ' ' + unit : '');
    }

    function tree(key, depth) {
        const m = rowOf('m', key);
        if (!m) return el('div', { class: 'leaf soft' }, 'not in this page');
        const inputs = m.inputs ? JSON.parse(m.inputs) : [];
        const line = nameOf('params', m.param_id) + (m.visit_id ? ', ' + nameOf('visits', m.visit_id) : '') + ': ' + valueText(m);
        const d = traces().derivations[m.derivation_id];
        const where = m.file_id === undefined ? null : fileFacts(m.file_id, [['Row', m.row], ['Column', m.column_name], ['As typed', m.raw]]);
        const body = el('div', { class: 'tree' }, m.reason ? el('p', {}, m.reason) : null, formula(d), where);
        if (depth < 12) inputs.forEach((i) => body.append(tree('m' + i, depth + 1)));
        const details = el('details', depth < 2 ? { open: '' } : {}, el('summary', {}, line), body);
        return details;
    }

    function showMeasurement(m, key) {
        const notes = m.flags ? JSON.parse(m.flags).join('; ') : '';
        return ['Value', [
            el('p', { class: 'value' }, valueText(m)),
            el('p', {}, nameOf('params', m.param_id) + (m.visit_id ? ', ' + nameOf('visits', m.visit_id) : '') + ' \u00b7 subject ' + m.subject),
            facts([['Study day', m.study_day === undefined ? 'unknown' : m.study_day], ['State', m.state === 'present' ? '' : m.state.replace(/_/g, ' ')],
                ['Reason', m.reason], ['Band', m.band], ['Reference range', m.ref_low === undefined && m.ref_high === undefined ? '' :
                    (m.ref_low === undefined ? '' : number(m.ref_low)) + ' to ' + (m.ref_high === undefined ? '' : number(m.ref_high)) +
                    (m.ref_flag ? ' (' + m.ref_flag + ')' : '')], ['Notes', notes]]),
            el('h3', {}, 'Where it comes from'), tree(key, 0),
            el('h3', {}, 'On the command line'), command(traceCommand({ subject: m.subject, visit: m.visit_id, param: m.param_id }))]];
    }

    function showEvent(e) {
        return ['Event', [el('p', { class: 'value' }, e.term), el('p', {}, e.kind.replace(/_/g, ' ') + ' \u00b7 subject ' + e.subject),
            facts([['Study day', e.study_day], ['End day', e.end_day], ['Grade', e.grade], ['Serious', e.serious], ['Related', e.related],
                ['Action', e.action], ['Outcome', e.outcome], ['Detail', e.detail]]),
            el('h3', {}, 'Read from'), fileFacts(e.file_id, [['Row', e.row]]) || el('p', {}, 'no file is named')]];
    }

    function panel(title, nodes) {
        $('trace-title').textContent = title;
        $('trace-body').replaceChildren(...nodes.filter(Boolean));
        $('tip').hidden = true;
        const d = $('trace');
        if (!d.open) d.showModal();
        d.scrollTop = 0;
    }

    function openTrace(key) {
        const t = traces(), kind = key[0];
        const row = kind === 'i' ? t.files[key.slice(1)] : rowOf(kind, key);
        if (!row) return panel('Trace', [el('p', {}, 'Nothing is kept for this number in the page; use stroma trace.')]);
        const shows = { r: showResult, s: showSummary, m: showMeasurement, e: showEvent,
            i: () => ['Input file', [el('p', { class: 'value' }, row.path), fileFacts(key.slice(1))]] };
        panel(...shows[kind](row, key));
    }

    function openPoint(d) {
        const t = traces(), param = t.params[d.param] || {};
        const value = d.value !== undefined ? number(d.value) + (param.unit ? ' ' + param.unit : '') : '';
        panel('Value', [el('p', { class: 'value' }, value), el('p', {}, (param.label || d.param) +
            (d.visit ? ', ' + nameOf('visits', d.visit) : '') + ' \u00b7 subject ' + d.subject),
        d.state && d.state !== 'present' ? facts([['State', String(d.state).replace(/_/g, ' ')]]) : null,
        ...origin(d.param),
        el('h3', {}, 'Down to file and row'), el('p', {}, 'The page keeps the trace of its tables; for a single point ask study.db:'),
        command(traceCommand(d))]);
    }

    /* ---- contents ---- */
    function contents() {
        const links = Array.from(document.querySelectorAll('.toc a'));
        const side = document.querySelector('.side details');
        if (window.matchMedia('(max-width: 960px)').matches) side.open = false;
        const targets = links.map((a) => ({ a: a, node: document.getElementById(a.hash.slice(1)) })).filter((t) => t.node);
        let due = false;
        function mark() {
            due = false;
            let now = targets[0];
            targets.forEach((t) => { if (t.node.getBoundingClientRect().top < 140) now = t; });
            links.forEach((a) => {
                if (a === now.a) a.setAttribute('aria-current', 'true');
                else a.removeAttribute('aria-current');
            });
            document.querySelectorAll('.toc > li').forEach((li) => li.classList.toggle('open', li.contains(now.a)));
        }
        addEventListener('scroll', () => { if (!due) { due = true; requestAnimationFrame(mark); } }, { passive: true });
        links.forEach((a) => a.addEventListener('click', () => {
            if (window.matchMedia('(max-width: 960px)').matches) side.open = false;
        }));
        mark();
    }

    /* ---- wiring ---- */
    document.addEventListener('click', (event) => {
        const b = event.target.closest('button');
        if (!b) return;
        if (b.classList.contains('v')) openTrace(b.dataset.t);
        else if (b.classList.contains('sort')) sortBy(b.closest('th'));
        else if (b.dataset.do) {
            if (b.closest('figure')) return void figureDo(b);
            const table = b.closest('.card').querySelector('table');
            if (b.dataset.do === 'copy') copy(tableText(table), b);
            else save(table.dataset.name + '.tsv', 'text/tab-separated-values', tableText(table));
        }
    });
    document.addEventListener('input', (event) => { if (event.target.type === 'search') search(event.target); });
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape') $('tip').hidden = true; });
    $('trace-close').addEventListener('click', () => $('trace').close());
    $('trace').addEventListener('click', (event) => { if (event.target === $('trace')) $('trace').close(); });

    function restyle() { label(); redraw(); }
    $('theme').addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; restyle(); });
    wantsDark.addEventListener('change', restyle);
    $('print').addEventListener('click', () => window.print());
    addEventListener('beforeprint', () => {
        printing = true;
        document.querySelectorAll('main details:not(.as-figure)').forEach((d) => { d.dataset.was = d.open ? '1' : ''; d.open = true; });
        drawAll();
    });
    addEventListener('afterprint', () => {
        printing = false;
        document.querySelectorAll('main details:not(.as-figure)').forEach((d) => { d.open = d.dataset.was === '1'; });
        redraw();
    });
    /* A figure in a closed box has no width to be drawn for until the box opens. */
    document.querySelectorAll('details.as-figure').forEach((d) => d.addEventListener('toggle', () => {
        if (d.open) figures.filter((f) => d.contains(f.box)).forEach(draw);
    }));
    let resize = 0;
    addEventListener('resize', () => { clearTimeout(resize); resize = setTimeout(redraw, 150); });

    label();
    contents();
    watch();
})();

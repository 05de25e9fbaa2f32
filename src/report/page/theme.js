/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How figures look: the specifications carry no style, this file gives it. Used by the page and, for
 * --static-svg, under Node. */
(function (root) {
    'use strict';

    /* Light colour -> dark partner. Specifications use the light ones (report_internal.h, roles.c). */
    const DARK = {
        '#0072b2': '#5cb3f0', '#d55e00': '#f5915a', '#6b6b6b': '#a6afbb', '#009e73': '#3ecf9f',
        '#cc79a7': '#e5a3cb', '#8f6400': '#d9ad4e', '#7a5cc4': '#b6a1f2',
        '#1b1f24': '#e6e9ee', '#57606a': '#9aa5b4', '#ebedf0': '#272d37', '#ffffff': '#161a20'
    };
    const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

    function config(dark) {
        const ink = dark ? '#e6e9ee' : '#1b1f24';
        const soft = dark ? '#9aa5b4' : '#57606a';
        const grid = dark ? '#272d37' : '#e8ebef';
        return {
            background: null,
            aria: false, /* the figure carries one name; a thousand named marks would only be noise and bytes */
            font: FONT,
            padding: { left: 4, right: 12, top: 4, bottom: 4 },
            view: { stroke: null },
            axis: {
                labelColor: soft, titleColor: ink, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 600,
                titlePadding: 10, labelPadding: 5, domainColor: soft, tickColor: soft, tickSize: 4,
                gridColor: grid, gridWidth: 1, labelLimit: 240, titleLimit: 420, labelOverlap: 'greedy'
            },
            axisX: { grid: false },
            axisY: { domain: false, ticks: false },
            legend: {
                labelColor: ink, titleColor: soft, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 600,
                orient: 'top', direction: 'horizontal', symbolSize: 90, symbolStrokeWidth: 2, offset: 10,
                labelLimit: 300, columnPadding: 18
            },
            header: {
                labelColor: ink, labelFontSize: 13, labelFontWeight: 600, labelAnchor: 'start', labelPadding: 8,
                titleColor: soft, titleFontSize: 12
            },
            title: { color: ink, fontSize: 13, fontWeight: 600, anchor: 'start', subtitleColor: soft, offset: 10 },
            text: { color: ink, fontSize: 12, font: FONT },
            rule: { color: soft },
            point: { size: 40, filled: true, opacity: 0.85, color: '#57606a' },
            line: { strokeWidth: 2, color: '#57606a' },
            area: { opacity: 0.18, line: false, color: '#57606a' },
            bar: { color: '#57606a' },
            concat: { spacing: 12 },
            facet: { spacing: 24 }
        };
    }

    function deep(value, change) {
        if (Array.isArray(value)) return value.map(function (v) { return deep(v, change); });
        if (value !== null && typeof value === 'object') {
            const out = {};
            Object.keys(value).forEach(function (k) { out[k] = deep(value[k], change); });
            return out;
        }
        return change(value);
    }

    function partner(v) {
        if (typeof v !== 'string' || v.length !== 7 || v[0] !== '#') return v;
        return DARK[v.toLowerCase()] || v;
    }

    /* Data stay as they are; everything else of a specification may name colours. */
    function paint(spec, dark) {
        if (!dark) return deep(spec, function (v) { return v; });
        const out = {};
        Object.keys(spec).forEach(function (k) {
            out[k] = k === 'data' || k === 'datasets' ? spec[k] : deep(spec[k], partner);
        });
        return out;
    }

    /* Square panels of one size, as many side by side as fit; rows of them stand in a vconcat. */
    function fitPanels(spec, width, p) {
        const rows = spec.vconcat || [spec];
        const most = Math.max.apply(null, rows.map(function (r) { return Math.min(r.columns || 1, r.concat.length); }));
        const room = width - p.lead - 16;
        const columns = Math.max(1, Math.min(most, Math.floor((room + p.gap) / (p.least + p.gap))));
        const size = Math.max(48, Math.min(p.most, Math.floor((room + (p.lead ? p.gap : 0)) / columns) - p.gap));
        rows.forEach(function (row) {
            row.columns = columns;
            row.concat.forEach(function (panel) { panel.width = size; panel.height = size; });
        });
    }

    /* Lay a specification out for a column `width` px wide (rules in report_internal.h). */
    function fit(spec, width) {
        const hints = (spec.usermeta && spec.usermeta.stroma) || {};
        const side = hints.side || 80;
        if (hints.panels) {
            fitPanels(spec, width, hints.panels);
        } else if (spec.vconcat) {
            spec.vconcat.forEach(function (child) {
                if (typeof child.width === 'number') child.width = Math.max(120, width - side);
            });
        } else if (spec.hconcat) {
            const gap = side * spec.hconcat.length;
            const total = spec.hconcat.reduce(function (s, c) { return s + (c.width || 200); }, 0);
            const k = Math.max(0.3, (width - gap) / total);
            spec.hconcat.forEach(function (child) {
                if (typeof child.width === 'number') child.width = Math.round(child.width * Math.min(1.4, k));
            });
        } else if (spec.facet && spec.spec) {
            const least = hints.least || 200;
            const step = hints.cell_side || 52;
            const most = spec.columns || 4;
            const columns = Math.max(1, Math.min(most, Math.floor(width / (least + step))));
            if (spec.columns) {
                spec.columns = columns;
                spec.spec.width = Math.max(120, Math.floor(width / columns) - step - 8);
            }
        } else if (typeof spec.width === 'number' || spec.width === 'container') {
            spec.width = width;
            spec.autosize = { type: 'fit-x', contains: 'padding' };
        }
        return spec;
    }

    function compile(spec, width, dark) {
        const ready = fit(paint(spec, dark), width);
        const quiet = { level: function () { return quiet; }, warn: function () { return quiet; },
            info: function () { return quiet; }, debug: function () { return quiet; },
            error: function (m) { throw new Error(m); } };
        const vg = root.vegaLite.compile(ready, { config: config(dark), logger: quiet }).spec;
        return root.vega.parse(vg, null, { ast: true });
    }

    /* Figures never load anything. */
    const loader = {
        load: function () { return Promise.reject(new Error('loading is switched off')); },
        sanitize: function () { return Promise.reject(new Error('links are switched off')); },
        http: null, file: null
    };

    root.stromaTheme = { compile: compile, loader: loader, config: config, dark: DARK };
})(typeof globalThis !== 'undefined' ? globalThis : this);

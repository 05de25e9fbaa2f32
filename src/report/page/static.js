/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs under Node: draws every figure of a report without a browser.
 * In:  one JSON object on standard input, {"scripts": [text…], "figures": {"ITEM": spec…}}.
 * Out: one JSON object, {"ITEM": "<svg…>"}, or the reason on standard error and exit 1. */
'use strict';
const vm = require('vm');
/* `node -e` has these as globals, and scripts that find them would not become globals themselves. */
for (const name of ['require', 'module', 'exports']) delete globalThis[name];
const chunks = [];
process.stdin.on('data', (c) => chunks.push(c));
process.stdin.on('end', async () => {
    try {
        const job = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        for (const text of job.scripts) vm.runInThisContext(text);
        const out = {};
        for (const [id, spec] of Object.entries(job.figures)) {
            const view = new vega.View(stromaTheme.compile(spec, 720, false), {
                expr: vega.expressionInterpreter, renderer: 'none', loader: stromaTheme.loader
            });
            out[id] = await view.toSVG();
            view.finalize();
        }
        process.stdout.write(JSON.stringify(out));
    } catch (e) {
        process.stderr.write(String(e && e.message || e));
        process.exitCode = 1;
    }
});

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draw_figures.js TEST_REPORT_ITEMS NODE_MODULES: let the unit test write the specifications of the
 * fixtures, compile each with vega-lite as the page does, and draw it to SVG. Any warning fails. */
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const vm = require('vm');
const { spawnSync } = require('child_process');

const [exe, modules] = process.argv.slice(2).map((p) => path.resolve(p));
const root = process.env.STROMA_SOURCE_ROOT;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'stroma-figures-'));
const warnings = [];
const logger = { level: () => logger, info: () => logger, debug: () => logger,
    warn: (...m) => { warnings.push(m.join(' ')); return logger; },
    error: (...m) => { warnings.push(m.join(' ')); return logger; } };

async function main() {
    const made = spawnSync(exe, [], { cwd: dir, env: Object.assign({}, process.env, { STROMA_FIGURE_DIR: dir }) });
    if (made.status !== 0) throw new Error('the unit test failed: ' + made.stdout + made.stderr);
    for (const name of ['vega', 'vega-lite', 'vega-interpreter'])
        vm.runInThisContext(fs.readFileSync(path.join(modules, name, 'build', name + '.js'), 'utf8'));
    const page = path.join(root, 'src/report/page/theme.js');
    vm.runInThisContext(fs.readFileSync(page, 'utf8'));
    const files = fs.readdirSync(dir).filter((f) => f.endsWith('.vl.json')).sort();
    let bad = files.length < 20 ? 1 : 0;
    for (const file of files) {
        const text = fs.readFileSync(path.join(dir, file), 'utf8');
        warnings.length = 0;
        vegaLite.compile(JSON.parse(text), { logger });
        for (const [width, dark] of [[720, false], [340, true]]) {
            const view = new vega.View(stromaTheme.compile(JSON.parse(text), width, dark), {
                expr: vega.expressionInterpreter, renderer: 'none', loader: stromaTheme.loader, logger
            });
            const svg = await view.toSVG();
            view.finalize();
            if (/NaN|undefined/.test(svg)) warnings.push('NaN or undefined in the drawing');
            if (!/<path|<text/.test(svg)) warnings.push('nothing was drawn');
        }
        if (warnings.length > 0) {
            bad = 1;
            console.error(file + ': ' + warnings.join('; '));
        }
    }
    console.log(files.length + ' figures drawn');
    process.exitCode = bad;
}

main().catch((e) => { console.error(e.message); process.exitCode = 1; })
    .finally(() => fs.rmSync(dir, { recursive: true }));

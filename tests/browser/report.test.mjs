/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report in a real browser (Chromium, headless): on made-up studies with hostile texts in them, on
 * the examples, and on real data where they are on this machine (STROMA_DATA_ROOT).
 * Needs: STROMA (the program), STROMA_SOURCE_ROOT, STROMA_NODE_MODULES. STROMA_SHOTS=DIR keeps pictures. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const source = process.env.STROMA_SOURCE_ROOT;
const modules = process.env.STROMA_NODE_MODULES;
const stroma = process.env.STROMA;
const shots = process.env.STROMA_SHOTS || '';
const chrome = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => fs.existsSync(p));
const skip = chrome ? false : 'no Chromium is installed (Debian: apt install chromium)';
const require = createRequire(path.join(modules, 'x.js'));
const { chromium } = require('playwright-core');
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const LOAD_MS = 2000, SIZE_BYTES = 3e6, PHONE = { width: 390, height: 844 }, DESK = { width: 1366, height: 860 };
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'stroma-browser-'));
const dataRoot = [process.env.STROMA_DATA_ROOT, path.join(source, '../shared/data')]
    .find((p) => p && fs.existsSync(path.join(p, 'clinical')));
const made = ['trial', 'case'];
const examples = { ra: 'ra-trial', crohn: 'crohn-case' };
if (dataRoot) examples.rapport = 'rapport';
const real = Object.keys(examples);
const studies = made.concat(real);
const pages = {};
let browser;

function build(db, out, ...more) {
    execFileSync(stroma, ['report', 'build', db, '-o', out, '--quiet', ...more], { stdio: 'pipe' });
}

before(async () => {
    for (const s of real) {
        execFileSync(stroma, ['run', path.join(source, 'examples', examples[s], 'study.yaml'), '-o', path.join(dir, s), '--quiet'],
            { stdio: 'pipe', env: Object.assign({}, process.env, dataRoot ? { STROMA_DATA_ROOT: path.resolve(dataRoot) } : {}) });
        pages[s] = path.join(dir, s, 'report.html');
    }
    for (const s of made) {
        const db = path.join(dir, s + '.db');
        execFileSync('python3', [path.join(source, 'tests/report/make_fixture.py'), s, db], { stdio: 'pipe' });
        build(db, path.join(dir, s));
        pages[s] = path.join(dir, s, 'report.html');
    }
    if (skip) return;
    browser = await chromium.launch({
        executablePath: chrome,
        args: ['--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'].concat(process.getuid() === 0 ? ['--no-sandbox'] : [])
    });
});

after(async () => {
    if (browser) await browser.close();
    fs.rmSync(dir, { recursive: true, force: true });
});

/* A page that keeps what it heard: console messages, errors, requests other than the file itself. */
async function open(study, options = {}) {
    const { scheme = 'light', viewport = DESK, javaScriptEnabled = true, file = pages[study] } = options;
    const context = await browser.newContext({ viewport, colorScheme: scheme, javaScriptEnabled });
    const page = await context.newPage();
    const heard = [];
    page.on('console', (m) => heard.push('console ' + m.type() + ': ' + m.text()));
    page.on('pageerror', (e) => heard.push('error: ' + e.message));
    page.on('dialog', (d) => { heard.push('dialog: ' + d.message()); d.dismiss(); });
    page.on('request', (r) => { if (!r.url().startsWith('file:') && !/^(data|blob):/.test(r.url())) heard.push('request: ' + r.url()); });
    const t0 = process.hrtime.bigint();
    await page.goto(pathToFileURL(file).href);
    const ms = Number(process.hrtime.bigint() - t0) / 1e6;
    return { page, heard, ms, close: () => context.close() };
}

async function drawAll(page) {
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    const n = await page.locator('.plot').count();
    for (let i = 0; i < n; i++) {
        await page.locator('.plot').nth(i).scrollIntoViewIfNeeded();
        await page.locator('.plot').nth(i).locator('svg').first().waitFor({ state: 'attached' });
    }
    return n;
}

async function axe(page, what) {
    await page.evaluate(axeSource); /* through the debugger: the page's own policy lets no script in */
    /* Taken away meanwhile, for axe's time grows with the page: the inside of pictures, which have one
     * name each, and rows like the 39 before them. */
    const found = await page.evaluate(async () => {
        const away = Array.from(document.querySelectorAll('.plot svg, tbody tr:nth-child(n + 40)'))
            .map((node) => { const mark = document.createComment(''); return { node, mark }; });
        away.forEach((x) => x.node.replaceWith(x.mark));
        const result = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        away.forEach((x) => x.mark.replaceWith(x.node));
        return result.violations
            .filter((v) => v.impact === 'serious' || v.impact === 'critical')
            .map((v) => v.id + ' (' + v.impact + ', ' + v.nodes.length + '): ' + v.nodes[0].html.slice(0, 160) + ' -- ' + v.nodes[0].failureSummary);
    });
    assert.deepEqual(found, [], what);
}

/* Figures that are not drawn, or drawn wrongly. */
const badFigures = (page) => page.evaluate(() => Array.from(document.querySelectorAll('.plot')).filter((box) => {
    const svg = box.querySelector('svg');
    if (!svg) return true;
    const marks = Array.from(svg.querySelectorAll('.mark-symbol path, .mark-line path, .mark-rule line, .mark-rect path, .mark-area path, .mark-text text'))
        .filter((m) => !m.closest('.role-axis, .role-legend'));
    const r = svg.getBoundingClientRect();
    return marks.length === 0 || r.width < 200 || r.height < 80 || r.width > box.clientWidth + 1 || / (d|transform|x1?|y1?)="[^"]*NaN/.test(svg.outerHTML) ||
        /undefined|NaN/.test(svg.textContent);
}).map((box) => box.dataset.spec));

/* Words that no reader should meet. */
const badWords = (page) => page.evaluate(() => {
    const tables = Array.from(document.querySelectorAll('table.tests, .tile')).map((t) => t.textContent).join('\n');
    const page = document.querySelector('main').innerText + Array.from(document.querySelectorAll('.plot svg')).map((x) => x.textContent).join('\n');
    return [tables.match(/.{0,20}[a-z]_[a-z].{0,20}/), page.match(/circular: circular/), page.match(/\(([^()]+)\) \(\1\)/),
        page.match(/mann_whitney|welch_t|risk_difference/)].filter(Boolean).map((m) => m[0]);
});

/* One page a study does the whole way: light, dark, phone. */
for (const s of studies) {
    test(`${s}: opens in time, is small, draws, reads well, in light, dark and on a phone`, { skip }, async (t) => {
        const p = await open(s);
        const size = fs.statSync(pages[s]).size;
        t.diagnostic(`${s}: opened in ${p.ms.toFixed(0)} ms, ${(size / 1e6).toFixed(2)} MB`);
        assert.ok(p.ms < LOAD_MS, `${p.ms} ms`);
        assert.ok(size < SIZE_BYTES, `${size} bytes`);
        const n = await drawAll(p.page);
        assert.ok(n > 0);
        assert.deepEqual(await badFigures(p.page), [], 'light');
        if (real.includes(s)) assert.deepEqual(await badWords(p.page), []);
        await axe(p.page, 'light');
        const found = await p.page.evaluate(() => ({
            images: document.querySelectorAll('img, iframe, object, embed, base, form:not(.vega-bindings), [onerror], [onload], [onclick]').length,
            scripts: Array.from(document.scripts).filter((x) => x.type !== 'application/json').length,
            markup: document.querySelectorAll('main b.evil, main marquee').length
        }));
        assert.deepEqual(found, { images: 0, scripts: 3, markup: 0 });
        await p.page.emulateMedia({ colorScheme: 'dark' });
        await p.page.locator('#theme', { hasText: 'Light' }).waitFor();
        await drawAll(p.page);
        assert.deepEqual(await badFigures(p.page), [], 'dark');
        await axe(p.page, 'dark');
        if (made.includes(s) && await p.page.locator('button.v').count() > 0) {
            await p.page.locator('button.v').first().click();
            await axe(p.page, 'trace panel');
            await p.page.keyboard.press('Escape');
        }
        await p.page.setViewportSize(PHONE);
        await p.page.waitForTimeout(400); /* figures follow the width after 150 ms */
        await drawAll(p.page);
        await p.page.waitForTimeout(200);
        assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
        assert.deepEqual(await badFigures(p.page), [], 'phone');
        assert.deepEqual(p.heard, []);
        await p.close();
    });
}

for (const s of ['trial', 'ra', 'crohn'])
    test(`${s}: printing draws every figure, light, without being scrolled to`, { skip }, async () => {
        const p = await open(s, { scheme: 'dark' });
        await p.page.evaluate(() => addEventListener('beforeprint', () => {
            window.atPrint = Array.from(document.querySelectorAll('.plot')).map((b) => {
                const text = b.querySelector('svg text');
                return text ? text.getAttribute('fill') : '';
            });
        }));
        const pdf = await p.page.pdf({ format: 'A4', path: shots ? path.join(shots, s + '.pdf') : undefined });
        assert.ok(pdf.length > 20000);
        const fills = await p.page.evaluate(() => window.atPrint);
        assert.equal(fills.length, await p.page.locator('.plot').count());
        assert.ok(fills.every((f) => f !== ''), 'a figure is empty on paper');
        assert.ok(!fills.some((f) => f.toLowerCase() === '#e6e9ee'), 'dark ink on paper');
        await p.close();
    });

test('the paper\'s figure 5f shows every patient of both groups', { skip }, async () => {
    const p = await open('ra');
    const figure = p.page.locator('figure').filter({ hasText: '5f of the paper' });
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('svg').first().waitFor({ state: 'attached' });
    const points = await figure.evaluate((f) => Array.from(f.querySelectorAll('.mark-symbol.role-mark path'))
        .map((m) => m.getAttribute('fill') === '#ffffff' ? m.getAttribute('stroke') : m.getAttribute('fill')));
    const used = await figure.evaluate((f) => /\bn.=.(\d+)/.exec(f.querySelector('figcaption').textContent)[1]);
    assert.equal(points.length, Number(used));
    assert.equal(new Set(points).size, 2);
    await p.close();
});

test('baseline rows of what belongs to the patient have numbers', { skip }, async () => {
    const p = await open('ra');
    const rows = await p.page.evaluate(() => Array.from(document.querySelectorAll('tbody tr')).map((r) => Array.from(r.cells).map((c) => c.textContent)));
    assert.match(rows.find((r) => r[0].startsWith('Age (years)'))[1], /^\d+ \(\d+\)$/);
    assert.match(rows.find((r) => r[0] === 'female')[1], /^\d+ \(\d+ %\)$/);
    await p.close();
});

test('hostile title and text are shown as they are', { skip }, async () => {
    const p = await open('trial');
    assert.match(await p.page.title(), /<\/script><img src=x onerror=alert\(1\)>/);
    assert.match(await p.page.locator('h1').innerText(), /<\/script><img src=x onerror=alert\(1\)>/);
    assert.match(await p.page.locator('#s-methods').innerText(), /<b>no markup<\/b>/);
    await p.close();
});

test('the content policy stops a script that was slipped in', { skip }, async () => {
    const p = await open('trial');
    await p.page.evaluate(() => {
        const s = document.createElement('script');
        s.textContent = 'window.slipped = 1';
        document.body.append(s);
        /* Later, because what the debugger runs itself may do more than the page. */
        setTimeout(() => {
            try { window.evaluated = new Function('return 1')(); } catch (e) { window.evaluated = 'refused'; }
        }, 0);
    });
    await p.page.waitForFunction(() => window.evaluated !== undefined);
    assert.equal(await p.page.evaluate(() => window.slipped), undefined);
    assert.equal(await p.page.evaluate(() => window.evaluated), 'refused');
    await p.close();
});

test('a click on a column head sorts, numbers as numbers, both ways', { skip }, async () => {
    const p = await open('trial');
    const read = () => p.page.evaluate(() => {
        for (const table of document.querySelectorAll('table')) {
            const rows = Array.from(table.tBodies[0].rows);
            for (const th of table.querySelectorAll('thead th[aria-sort]')) {
                const values = rows.map((r) => r.cells[th.cellIndex].dataset.n).filter((n) => n !== undefined).map(Number);
                if (new Set(values).size > 4) return { id: table.dataset.name, column: th.cellIndex, values, sort: th.getAttribute('aria-sort') };
            }
        }
        return null;
    });
    const first = await read();
    assert.ok(first, 'no sortable number column');
    const head = p.page.locator(`table[data-name="${first.id}"] thead th`).nth(first.column).locator('button');
    await head.focus();
    await p.page.keyboard.press('Enter');
    const up = await read();
    assert.equal(up.sort, 'ascending');
    assert.deepEqual(up.values, first.values.slice().sort((a, b) => a - b));
    await p.page.keyboard.press('Enter');
    const down = await read();
    assert.equal(down.sort, 'descending');
    assert.deepEqual(down.values, first.values.slice().sort((a, b) => b - a));
    await p.close();
});

test('the search box keeps the rows with all words and says how many', { skip }, async () => {
    const p = await open('trial');
    const card = p.page.locator('.card.table').filter({ has: p.page.locator('input[type=search]') }).last();
    const all = await card.locator('tbody tr:not(.head)').count();
    const word = (await card.locator('tbody tr:not(.head)').nth(all - 1).locator('th').innerText()).trim().split(/\s+/)[0];
    await card.locator('input').fill(word);
    const left = await card.locator('tbody tr:not(.head):visible').count();
    assert.ok(left >= 1 && left <= all);
    assert.match(await card.locator('.hits').innerText(), new RegExp(`of ${all} rows`));
    await card.locator('input').fill('no row says this 8271');
    assert.equal(await card.locator('tbody tr:visible').count(), 0);
    await card.locator('input').fill('');
    assert.equal(await card.locator('tbody tr:not(.head):visible').count(), all);
    await p.close();
});

test('a number opens its trace by keyboard, down to file and hash; Esc gives the focus back', { skip }, async () => {
    const p = await open('trial');
    const keys = await p.page.evaluate(() => Array.from(new Set(Array.from(document.querySelectorAll('button.v')).map((b) => b.dataset.t[0]))));
    assert.ok(keys.includes('r') && keys.includes('s'), keys.join());
    const missing = await p.page.evaluate(() => {
        const store = JSON.parse(document.getElementById('trace-store').textContent);
        return Array.from(document.querySelectorAll('button.v')).map((b) => b.dataset.t)
            .filter((k) => !(k[0] === 'i' ? store.files[k.slice(1)] : store[k[0]].rows[k]));
    });
    assert.deepEqual(missing, []);
    const button = p.page.locator('button.v[data-t^="s"]').first();
    await button.focus();
    await p.page.keyboard.press('Enter');
    const panel = p.page.locator('#trace');
    await panel.waitFor({ state: 'visible' });
    const text = await panel.innerText();
    assert.match(text, /SHA-256/);
    assert.match(text, /[0-9a-f]{64}/);
    assert.match(text, /stroma trace study\.db --visit|stroma trace study\.db --param/);
    if (shots) await p.page.screenshot({ path: path.join(shots, 'trace.png') });
    await p.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    assert.ok(await button.evaluate((b) => b === document.activeElement));
    await p.close();
});

test('every trace panel opens without a word on the console', { skip }, async () => {
    for (const s of studies) {
        const p = await open(s);
        const n = await p.page.evaluate(() => {
            const keys = new Set(Array.from(document.querySelectorAll('button.v')).map((b) => b.dataset.t));
            keys.forEach((k) => {
                document.querySelector(`button.v[data-t="${k}"]`).click();
                const body = document.getElementById('trace-body').textContent;
                if (/undefined|NaN|\[object/.test(body) || !/SHA-256[0-9a-f]{64}/.test(body)) console.log(k + ': ' + body.slice(0, 400));
                document.getElementById('trace').close();
            });
            return keys.size;
        });
        assert.ok(n > 0);
        assert.deepEqual(p.heard, []);
        await p.close();
    }
});

test('a point tells who it is and leads to the command that traces it', { skip }, async () => {
    const p = await open('trial');
    const plot = p.page.locator('.row .plot').first();
    await plot.scrollIntoViewIfNeeded();
    const points = plot.locator('.mark-symbol path');
    await points.first().waitFor({ state: 'attached' });
    let found = false;
    for (let i = 0; i < await points.count() && !found; i += 7) {
        const box = await points.nth(i).boundingBox();
        if (!box) continue;
        await p.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await p.page.waitForTimeout(60);
        if (!await p.page.locator('#tip').isVisible()) continue;
        await p.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        await p.page.locator('#trace').waitFor({ state: 'visible' });
        found = /--subject/.test(await p.page.locator('#trace').innerText());
        await p.page.keyboard.press('Escape');
    }
    assert.ok(found);
    assert.deepEqual(p.heard, []);
    await p.close();
});

test('flow panels are square, of one size, and lead to the trace of their number', { skip }, async () => {
    for (const viewport of [DESK, PHONE]) {
        const p = await open('trial', { viewport });
        await p.page.locator('#flow_visits').scrollIntoViewIfNeeded();
        const plot = p.page.locator('#flow_visits .plot');
        await plot.locator('svg').waitFor({ state: 'attached' });
        const frames = await plot.locator('svg .mark-group .background').evaluateAll((all) => all
            .filter((b) => b.getAttribute('stroke')).map((b) => b.getBBox()).map((b) => [b.width, b.height]));
        assert.ok(frames.length >= 3, `${frames.length} panels`);
        frames.forEach((f) => assert.deepEqual(f, [frames[0][0], frames[0][0]]));
        assert.ok((await plot.locator('.mark-rect path').count()) > 300, 'bins');
        assert.match(await plot.locator('svg').textContent(), /\d+\.\d+ %/);
        await plot.locator('.mark-rect path').first().click();
        await p.page.locator('#trace').waitFor({ state: 'visible' });
        assert.match(await p.page.locator('#trace').innerText(), /Treg by flow cytometry[^]*--param TREGFCS|--param treg_pct_fcs/);
        assert.deepEqual(p.heard, []);
        await p.close();
    }
});

test('the first Tab is the skip link, and it leads to the report', { skip }, async () => {
    const p = await open('trial');
    await p.page.keyboard.press('Tab');
    assert.equal(await p.page.evaluate(() => document.activeElement.className), 'skip');
    await p.page.keyboard.press('Enter');
    assert.equal(await p.page.evaluate(() => document.activeElement.id), 'main');
    await p.close();
});

test('light and dark change by the button, and the figures with them', { skip }, async () => {
    const p = await open('trial');
    const look = () => p.page.evaluate(() => [getComputedStyle(document.body).backgroundColor,
        document.querySelector('.row .plot svg text').getAttribute('fill')]);
    await p.page.locator('.row .plot').first().scrollIntoViewIfNeeded();
    await p.page.locator('.row .plot svg').first().waitFor({ state: 'attached' });
    const light = await look();
    await p.page.locator('#theme').click();
    const dark = await look();
    assert.notEqual(light[0], dark[0]);
    assert.notEqual(light[1], dark[1]);
    await p.page.locator('#theme').click();
    assert.deepEqual(await look(), light);
    await p.close();
});

test('a figure is saved as SVG, PNG, data and specification', { skip }, async () => {
    const p = await open('trial');
    const figure = p.page.locator('.row figure').first();
    await figure.scrollIntoViewIfNeeded();
    for (const [what, sign] of [['svg', /^<svg/], ['png', /^.PNG/], ['data', /\t.*\n/], ['spec', /"\$schema"/]]) {
        const [download] = await Promise.all([p.page.waitForEvent('download'), figure.locator(`[data-do="${what}"]`).click()]);
        const bytes = fs.readFileSync(await download.path(), 'latin1');
        assert.match(bytes.slice(0, 20000), sign, what);
        assert.ok(bytes.length > 500, what);
        if (what === 'data') assert.match(bytes.split('\n')[0], /subject\t.*value/);
    }
    const [download] = await Promise.all([p.page.waitForEvent('download'), p.page.locator('.card.table [data-do="tsv"]').first().click()]);
    assert.match(fs.readFileSync(await download.path(), 'utf8'), /\t.*\n.*\t/);
    assert.deepEqual(p.heard, []);
    await p.close();
});

test('static figures serve readers without JavaScript', { skip }, async () => {
    const out = path.join(dir, 'static');
    build(path.join(dir, 'trial.db'), out, '--static-svg');
    const p = await open('trial', { file: path.join(out, 'report.html'), javaScriptEnabled: false });
    const n = fs.readdirSync(path.join(out, 'figures')).filter((f) => f.endsWith('.svg')).length;
    assert.ok(n > 0);
    const html = await p.page.content();
    assert.equal((html.match(/<svg/g) || []).length, n);
    assert.equal(await p.page.locator('.plot').count(), n);
    await p.close();
});

test('figures, tables and workbook lie beside the page', async () => {
    for (const s of made) {
        const at = (...p) => path.join(dir, s, ...p);
        const html = fs.readFileSync(pages[s], 'utf8');
        assert.equal(fs.readdirSync(at('figures')).length, (html.match(/class="plot"/g) || []).length);
        assert.equal(fs.readdirSync(at('tables')).length, (html.match(/class="card table"/g) || []).length);
        assert.equal(fs.readFileSync(at('tables.xlsx'), 'latin1').slice(0, 2), 'PK');
    }
});

test('the same study.db gives the same bytes', async () => {
    const again = path.join(dir, 'again');
    build(path.join(dir, 'trial.db'), again);
    assert.ok(fs.readFileSync(pages.trial).equals(fs.readFileSync(path.join(again, 'report.html'))));
});

if (shots) test('pictures of every part', { skip }, async () => {
    for (const s of studies) {
        for (const [name, scheme, viewport] of [['light', 'light', DESK], ['dark', 'dark', DESK], ['phone', 'light', PHONE]]) {
            const p = await open(s, { scheme, viewport });
            await drawAll(p.page);
            await p.page.locator('header').screenshot({ path: path.join(shots, `${s}-${name}-header.png`) });
            const height = await p.page.evaluate(() => document.documentElement.scrollHeight);
            for (let y = 0, i = 0; y < height; y += viewport.height - 60, i++) {
                await p.page.evaluate((top) => scrollTo({ top, behavior: 'instant' }), y);
                await p.page.waitForTimeout(80);
                await p.page.screenshot({ path: path.join(shots, `${s}-${name}-${String(i).padStart(2, '0')}.png`) });
            }
            await p.close();
        }
    }
});

// What a person does in JupyterLab, and what must then be seen. See run.
import { chromium } from 'playwright-core';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
page.setDefaultTimeout(60_000);
let shots = 0;
const shot = async (name) => page.screenshot({ path: `${++shots}-${name}.png` });
const say = (line) => console.log('ok:', line);

async function check(what, run) {
  try {
    await run();
    await shot(what.replaceAll(' ', '-'));
    say(what);
  } catch (e) {
    await shot('failed');
    console.error('FAILED:', what, e.message);
    await browser.close();
    process.exit(1);
  }
}

const cell = (n) => page.locator('.jp-CodeCell').nth(n);
const output = (n) => cell(n).locator('.jp-OutputArea-output');

async function run(n) {
  await cell(n).locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
}

await check('opens', async () => {
  await page.goto(`http://127.0.0.1:${process.env.PORT}/lab/tree/lab.ipynb?reset`);
  await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
  await page.locator('text=SmoothLab | Idle').waitFor();
  await page.waitForTimeout(1000); // the notebook still takes the focus
});
await check('runs', async () => {
  await run(0);
  await output(0).filter({ hasText: '42' }).waitFor();
});
await check('completes', async () => {
  await cell(1).locator('.cm-content').click();
  await page.keyboard.type('dataset("mni');
  await page.keyboard.press('Tab');
  await page.locator('.jp-Completer-item').filter({ hasText: 'mnist-mini' }).first().waitFor();
});
await check('explains', async () => {
  await page.keyboard.press('Escape');
  await cell(1).locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('certify(');
  await page.keyboard.press('Shift+Tab');
  await page.locator('.jp-Tooltip').filter({ hasText: 'Radii within which' }).waitFor();
});
await check('shows pictures and figures', async () => {
  await page.keyboard.press('Escape');
  await run(2);
  await output(2).locator('img').first().waitFor();
  await output(2).locator('svg').first().waitFor();
});
await check('shows progress', async () => {
  await run(3);
  await output(3).locator('progress').waitFor();
});
await check('interrupts', async () => {
  await page.locator('.jp-Toolbar [data-command="notebook:interrupt-kernel"], .jp-Toolbar [title*="Interrupt"]').first().click();
  await output(3).filter({ hasText: 'interrupted: stopped after update' }).waitFor();
  await output(3).locator('progress').waitFor({ state: 'detached' });
});
await check('stops at an error', async () => {
  await page.locator('.jp-Notebook').click({ position: { x: 5, y: 5 } });
  await cell(4).locator('.cm-content').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Control+Enter');
  await output(4).filter({ hasText: 'did you mean' }).waitFor();
  await page.waitForTimeout(1000);
  if (await output(5).count()) throw new Error('the cell behind the error was run');
});
await check('restarts', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('0');
  await page.keyboard.press('0');
  await page.locator('.jp-Dialog button.jp-mod-accept').click();
  await page.locator('.jp-Dialog').waitFor({ state: 'detached' });
  await run(5);
  await output(5).filter({ hasText: 'unknown name "d"' }).waitFor();
  await run(0);
  await output(0).filter({ hasText: '42' }).waitFor();
});
await browser.close();

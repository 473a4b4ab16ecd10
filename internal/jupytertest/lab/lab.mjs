// What a person does in JupyterLab, and what must then be seen. See run.
import { readFileSync } from 'node:fs';
import { notebook } from './page.mjs';

const { page, browser, cell, output, run, interrupt, check, open } = await notebook('lab');

await check('opens', open);
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
  await cell(2).locator('.jp-InputPrompt').filter({ hasText: /\[\d+\]/ }).waitFor();
  const pdf = readFileSync('accuracy.pdf', 'latin1');
  if (!pdf.startsWith('%PDF-') || !pdf.trimEnd().endsWith('%%EOF')) throw new Error('accuracy.pdf is not a whole PDF');
});
await check('shows progress', async () => {
  await run(3);
  await output(3).locator('progress').waitFor();
});
await check('interrupts', async () => {
  await interrupt();
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

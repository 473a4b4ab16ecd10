// Sliders, a curve that grows, and an interrupt, in JupyterLab with its widgets. See run.
import { notebook } from './page.mjs';

const { page, browser, cell, output, run, interrupt, check, open } = await notebook('widgets');
const slider = (i, k) => cell(i).locator('.widget-slider').nth(k).locator('.noUi-handle');
const pictures = (i) => cell(i).locator('.jp-OutputArea-output img').evaluateAll((all) => all.map((x) => x.src));

await check('opens', open);
await check('shows sliders', async () => {
  await run(0);
  await run(1);
  await cell(1).locator('.widget-slider').nth(3).waitFor();
  await cell(1).locator('.jp-OutputArea-output img').first().waitFor();
});
await check('redraws when a slider moves', async () => {
  const before = await pictures(1);
  await slider(1, 0).focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await page.waitForFunction(
    ([old]) => {
      const now = document.querySelectorAll('.jp-CodeCell')[1].querySelector('.jp-OutputArea-output img');
      return now && now.src !== old;
    },
    [before[0]],
  );
  await cell(1).locator('text=image=5').waitFor();
});
await check('redraws while a slider is dragged', async () => {
  const handle = await slider(1, 2).boundingBox();
  await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 40; i++) {
    await page.mouse.move(handle.x + handle.width / 2 - 3 * i, handle.y + handle.height / 2);
    await page.waitForTimeout(10);
  }
  await page.mouse.up();
  await cell(1).locator('text=/sigma=0.(0|1|2)/').waitFor();
});
await check('resets', async () => {
  await cell(1).locator('button', { hasText: 'reset' }).click();
  await cell(1).locator('text=image=0').waitFor();
  if ((await slider(1, 0).getAttribute('aria-valuenow')) !== '0.0') throw new Error('the slider stays where it was');
});
await check('interact with a choice and a check box', async () => {
  await run(2);
  await cell(2).locator('select').selectOption('far');
  await cell(2).locator('.widget-checkbox input').click();
  await output(2).filter({ hasText: '("far", 4, True)' }).last().waitFor();
});
await check('interrupts a drawing', async () => {
  await run(3);
  await cell(3).locator('.widget-checkbox input').click();
  await page.waitForTimeout(500);
  await interrupt();
  await output(3).filter({ hasText: 'interrupted' }).last().waitFor();
  await cell(3).locator('.widget-checkbox input').click();
  await output(3).filter({ hasText: 'done' }).last().waitFor();
});
await check('draws a training', async () => {
  await run(4);
  await output(4).locator('svg').first().waitFor();
  const first = await output(4).locator('svg').first().evaluate((x) => x.outerHTML);
  await page.waitForFunction((old) => {
    const now = document.querySelectorAll('.jp-CodeCell')[4].querySelector('.jp-OutputArea-output svg');
    return now && now.outerHTML !== old;
  }, first);
});
await check('interrupts a training', async () => {
  await interrupt();
  await output(4).filter({ hasText: 'stopped after update' }).last().waitFor();
  await run(5);
  await output(5).filter({ hasText: '("stopped", True)' }).last().waitFor();
});
await check('follows a run in the background', async () => {
  await run(6);
  await output(6).locator('svg').first().waitFor();
  await run(7);
  await output(7).filter({ hasText: 'running' }).last().waitFor();
  await run(8);
  await output(7).filter({ hasText: 'stopped' }).last().waitFor();
  await output(6).filter({ hasText: 'stopped after update' }).last().waitFor();
});
await check('finds its widgets again', async () => {
  await page.keyboard.press('Control+s');
  await page.waitForTimeout(1500);
  await page.reload();
  await page.locator('text=SmoothLab | Idle').waitFor();
  await cell(2).locator('select').selectOption('near');
  await output(2).filter({ hasText: '("near", 4, True)' }).last().waitFor();
});
await check('shows sliders after a restart', async () => {
  await page.locator('.jp-Notebook').click({ position: { x: 5, y: 5 } });
  await cell(0).locator('.cm-content').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('0');
  await page.keyboard.press('0');
  await page.locator('.jp-Dialog button.jp-mod-accept').click();
  await page.locator('.jp-Dialog').waitFor({ state: 'detached' });
  await run(2);
  await cell(2).locator('select').selectOption('far');
  await output(2).filter({ hasText: '("far", 4, False)' }).last().waitFor();
});
await browser.close();

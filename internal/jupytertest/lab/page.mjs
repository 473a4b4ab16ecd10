// What the scripts of this directory do with a notebook in a browser. See run.
import { chromium } from 'playwright-core';

// notebook opens a notebook in JupyterLab and waits for its kernel.
export async function notebook(name) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  page.setDefaultTimeout(60_000);
  let shots = 0;
  const shot = async (what) => page.screenshot({ path: `${name}-${++shots}-${what.replaceAll(' ', '-')}.png` });
  const n = {
    browser,
    page,
    shot,
    cell: (i) => page.locator('.jp-CodeCell').nth(i),
    output: (i) => n.cell(i).locator('.jp-OutputArea-output'),
    async run(i) {
      await n.cell(i).locator('.cm-content').click();
      await page.keyboard.press('Control+Enter');
    },
    async interrupt() {
      await page.locator('.jp-Toolbar [data-command="notebook:interrupt-kernel"], .jp-Toolbar [title*="Interrupt"]').first().click();
    },
    async check(what, run) {
      try {
        await run();
        await shot(what);
        console.log('ok:', what);
      } catch (e) {
        await shot('failed');
        console.error('FAILED:', what, e.message);
        await browser.close();
        process.exit(1);
      }
    },
    async open() {
      await page.goto(`http://127.0.0.1:${process.env.PORT}/lab/tree/${name}.ipynb?reset`);
      await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
      await page.locator('text=SmoothLab | Idle').waitFor();
      await page.waitForTimeout(1000); // the notebook still takes the focus
    },
  };
  return n;
}

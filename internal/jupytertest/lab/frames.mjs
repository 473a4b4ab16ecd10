// A page that nbconvert has made of a notebook with controls: they work without a kernel. See run.
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
page.setDefaultTimeout(20_000);
try {
  await page.goto(`file://${process.cwd()}/frames.html`);
  const sliders = page.locator('.smoothlab input[type=range]');
  const seen = async () => (await page.locator('.smoothlab-frame:visible').allInnerTexts()).join('|').trim();
  if ((await seen()) !== '(1, False)') throw new Error(`at first one sees ${await seen()}`);
  await sliders.nth(0).focus();
  await page.keyboard.press('ArrowRight');
  await sliders.nth(1).focus();
  await page.keyboard.press('ArrowRight');
  await page.screenshot({ path: 'frames-1-moved.png' });
  if ((await seen()) !== '(2, True)') throw new Error(`one sees ${await seen()}`);
  if (!(await page.locator('.smoothlab').first().innerText()).includes('True')) throw new Error('the labels do not move');
  console.log('ok: frames in an exported page');
} catch (e) {
  await page.screenshot({ path: 'frames-failed.png' });
  console.error('FAILED: frames in an exported page', e.message);
  process.exitCode = 1;
}
await browser.close();

/** Whether the text of a page can be read, by its colours. */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';

export type Scheme = 'light' | 'dark';

/** What WCAG asks of text that is not large. */
const LEAST_CONTRAST = 4.5;

/** All text that is seen, but for what is pale because it cannot be used now, and for tags on pictures. */
export async function assertReadable(page: Page, scheme: Scheme): Promise<void> {
  const { back, texts } = await page.evaluate(measure);
  assert.ok(scheme === 'dark' ? back < 0.05 : back > 0.8, `a page in the ${scheme} scheme has the luminance ${back}`);
  assert.ok(texts.length > 15, `${texts.length} texts`);
  const pale = texts.filter(({ contrast }) => contrast < LEAST_CONTRAST);
  assert.equal(pale, [], `in the ${scheme} scheme`);
}

/** Runs in the page. Luminances are from 0 to 1, contrasts from 1 to 21, as WCAG defines them. */
function measure(): { back: number; texts: { text: string; contrast: number }[] } {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  /** Of colours that lie over each other; a canvas takes each notation that a computed style has. */
  const luminance = (colours: readonly string[]): number => {
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element | null): string[] =>
    element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : ['white'];
  const hasText = ({ childNodes }: Element): boolean =>
    [...childNodes].some(({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent!.trim() !== '');
  const seen = [...document.querySelectorAll('body *')].filter(
    (element) =>
      hasText(element) &&
      element.checkVisibility({ visibilityProperty: true }) &&
      !element.closest('.unseen, .tag, :disabled, [data-state=idle]'),
  );
  const texts = seen.map((element) => {
    const { color, fill } = getComputedStyle(element);
    const back = behind(element);
    const both = [luminance(back), luminance([...back, element instanceof SVGElement ? fill : color])];
    return {
      text: element.textContent!.trim().slice(0, 30),
      contrast: (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05),
    };
  });
  return { back: luminance(behind(document.body)), texts };
}

/** The one place for errors: over the picture, as the error's own sentence. */
import { byId } from './elements.ts';

const box = byId('notice', HTMLElement);
const text = byId('notice-text', HTMLElement);
const close = byId('notice-close', HTMLButtonElement);

const DEVICE_ADVICE =
  'Turn on hardware acceleration in the settings of this browser, or open the page in a current Chrome, Edge, Firefox or Safari.';

close.addEventListener('click', hideNotice);
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && !box.hidden) hideNotice();
});

/** After what is shown already: several things may go wrong with what a visitor drops. */
export function showNotice(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const sentence = name === 'DeviceError' ? `${message} ${DEVICE_ADVICE}` : message;
  const shown = text.textContent!;
  box.hidden = false;
  if (!shown.includes(sentence)) text.textContent = shown ? `${shown} ${sentence}` : sentence;
}

export function hideNotice(): void {
  // A button that goes away must not take the keyboard's place in the page with it.
  if (box.contains(document.activeElement)) byId('canvas', HTMLElement).focus();
  box.hidden = true;
  text.textContent = '';
}

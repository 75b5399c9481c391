/** The ways in which files come to a page. */
import { byId } from './elements.ts';
import { filesOf } from './files.ts';

/** A button that lets a visitor pick files by a hidden input. */
export function onPick(button: string, input: string, take: (files: readonly File[]) => void): void {
  const field = byId(input, HTMLInputElement);
  byId(button, HTMLButtonElement).addEventListener('click', () => field.click());
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    field.value = ''; // the same file can be picked again
    if (files.length > 0) take(files);
  });
}

/** Files that are dropped anywhere, while the page is open to them. None come when something else is dropped. */
export function onDrop(take: (files: readonly File[]) => void, isOpen = () => true): void {
  const { classList } = document.body;
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    classList.toggle('dropping', isOpen());
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    classList.remove('dropping');
    if (isOpen()) take(filesOf(event.dataTransfer));
  });
}

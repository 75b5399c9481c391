/** Which weights are chosen: one of the bundled ones, or a file of the visitor's. */
import { byId } from './elements.ts';
import type { Weights } from './messages.ts';

const BUNDLED: Readonly<Record<string, string>> = {
  derain: 'weights/derain-tiny.safetensors',
  sr: 'weights/sr-tiny.safetensors',
};

export class WeightsChoice {
  private readonly box = byId('choices', HTMLElement);
  private readonly label = byId('own', HTMLElement);
  private readonly name = byId('own-name', HTMLElement);
  private own: Weights | null = null;
  private files = 0;

  constructor(onChange: () => void) {
    this.box.addEventListener('change', onChange);
  }

  get value(): string {
    return this.box.querySelector<HTMLInputElement>(':checked')!.value;
  }

  get weights(): Weights {
    const { value } = this;
    return value === 'own' ? this.own! : { key: value, source: BUNDLED[value] };
  }

  /** Chooses in the visitor's place, of which `onChange` is not told. */
  choose(value: string): void {
    this.box.querySelector<HTMLInputElement>(`[value=${value}]`)!.checked = true;
  }

  /** Takes a file that proved to hold weights. */
  add(file: File, weights: Weights): void {
    this.own = weights;
    this.label.hidden = false;
    this.name.textContent = file.name;
    this.label.title = file.name;
    this.choose('own');
  }

  /** Every file counts as another one, also when its name is the same. */
  keyFor(file: File): Weights {
    return { key: `file ${++this.files}`, source: file };
  }
}

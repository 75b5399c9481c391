/** Boxes to tick in a fieldset. */
export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly checked: boolean;
  /** Ticked whether one wants it or not. */
  readonly fixed?: boolean;
}

export class Choices {
  private readonly boxes: readonly HTMLInputElement[];

  constructor(fieldset: HTMLElement, choices: readonly Choice[]) {
    this.boxes = choices.map(({ value, text, checked, fixed = false }) => {
      const box = document.createElement('input');
      Object.assign(box, { type: 'checkbox', value, checked, disabled: fixed });
      const label = document.createElement('label');
      label.append(box, text);
      fieldset.append(label);
      return box;
    });
  }

  /** What is ticked. */
  get chosen(): string[] {
    return this.boxes.filter(({ checked }) => checked).map(({ value }) => value);
  }
}

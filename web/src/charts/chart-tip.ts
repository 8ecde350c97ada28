import css from './time-chart.module.css';

export interface TipRow {
  readonly name: string;
  readonly color: string;
  readonly value: number | null;
  /** The one under the pointer. */
  readonly isNear?: boolean;
}

const div = (className: string | undefined, text = ''): HTMLElement => {
  const element = document.createElement('div');
  if (className !== undefined) element.className = className;
  element.textContent = text;
  return element;
};

/** Plain elements, not React: it changes with every move of the mouse. */
export function tipContent(
  time: string,
  rows: readonly TipRow[],
  show: (value: number) => string,
  more: string | undefined,
): HTMLElement[] {
  const lines = rows.map((row) => {
    const line = div(css.tipRow);
    if (row.isNear === true && css.tipNear !== undefined) line.classList.add(css.tipNear);
    const swatch = div(css.swatch);
    swatch.style.background = row.color;
    line.append(
      swatch,
      div(css.tipName, row.name),
      div(css.tipValue, row.value === null ? '' : show(row.value)),
    );
    return line;
  });
  if (more !== undefined) lines.push(div(css.tipTime, more));
  return [div(css.tipTime, time), ...lines];
}

/** Lines of words and values, for what is no series. */
export function tipFacts(
  time: string,
  facts: readonly (readonly [name: string, value: string])[],
): HTMLElement[] {
  return [
    div(css.tipTime, time),
    ...facts.map(([name, value]) => {
      const line = div(css.tipRow);
      line.append(div(css.tipName, name), div(css.tipValue, value));
      return line;
    }),
  ];
}

/** Beside the pointer, on the side where there is room. `left` is within the plot. */
export function placeTip(box: HTMLElement, plot: HTMLElement, left: number): void {
  const over = plot.getBoundingClientRect();
  const parent = box.offsetParent?.getBoundingClientRect();
  box.style.display = 'block';
  const at = left + over.left - (parent?.left ?? 0);
  const flips = left > over.width / 2;
  box.style.transform = `translate(${flips ? at - box.offsetWidth - 12 : at + 12}px, 4px)`;
}

import { type DisplayProcessor, formattedValueToString } from '@grafana/data';

/** Units whose round values are powers of two. */
export const binaryUnits: ReadonlySet<string> = new Set([
  'bytes',
  'kbytes',
  'mbytes',
  'gbytes',
  'tbytes',
  'pbytes',
  'bits',
  'binBps',
  'binbps',
]);

/** As many decimals as tell two ticks apart. */
export function tickText(
  display: DisplayProcessor | undefined,
  step: number,
): (value: number | null) => string {
  const decimals = decimalsOf(step);
  return (value) => {
    if (value === null) return '';
    // Sums of steps leave their dust.
    const round = Number(value.toPrecision(12));
    if (display === undefined) return String(round);
    return formattedValueToString(display(round, decimals > 0 ? decimals : undefined));
  };
}

function decimalsOf(step: number): number {
  const text = String(Number(step.toPrecision(6)));
  const exponent = /e-(\d+)$/.exec(text);
  if (exponent !== null) return Number(exponent[1]);
  return text.split('.')[1]?.length ?? 0;
}

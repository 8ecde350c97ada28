import { isPlainLabelName, type Labels } from '#metrics/model';
import { quoteText } from '../parser/go-text.ts';

/** Labels as the reference's errors write them: the name is one of them. */
export function labelsText(labels: Labels): string {
  const parts: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    parts.push(`${isPlainLabelName(name) ? name : quoteText(name)}=${quoteText(labels[at + 1]!)}`);
  }
  return `{${parts.join(', ')}}`;
}

/** A label may have any name of valid Unicode. */
export const isLabelName = (name: string): boolean => name !== '' && name.isWellFormed();

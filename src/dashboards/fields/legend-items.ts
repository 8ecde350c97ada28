export interface LegendItem {
  /** Unique among the items. */
  readonly key: string;
  readonly name: string;
  readonly color: string;
  /** As the line is drawn: a bar for areas and bars, dashes for dashes. */
  readonly isDashed?: boolean;
  readonly values: readonly LegendValue[];
}

export interface LegendValue {
  /** Such as `Last *`. */
  readonly title: string;
  readonly text: string;
  readonly numeric: number;
}

/** Which are hidden after a click. All hidden would be an empty chart: then all are shown. */
export function afterClick(
  items: readonly { readonly key: string }[],
  hidden: ReadonlySet<string>,
  key: string,
  isToggle: boolean,
): ReadonlySet<string> {
  const all = items.map((item) => item.key);
  const next = new Set(hidden);
  if (isToggle) {
    if (!next.delete(key)) next.add(key);
    return next.size >= all.length ? new Set() : next;
  }
  const isAlone = !hidden.has(key) && all.every((other) => other === key || hidden.has(other));
  return isAlone ? new Set() : new Set(all.filter((other) => other !== key));
}

/** Sorted by the title of a column, or by name; as they come where no column has the title. */
export function sortItems(
  items: readonly LegendItem[],
  by: string,
  desc: boolean,
  nameTitle: string,
): readonly LegendItem[] {
  const direction = desc ? -1 : 1;
  if (by === nameTitle || by === 'Name') {
    return items.toSorted(
      (a, b) => direction * a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
  }
  const column = items[0]?.values.findIndex((value) => value.title === by) ?? -1;
  if (column < 0) return items;
  const numberOf = (item: LegendItem): number => {
    const value = item.values[column]?.numeric ?? Number.NaN;
    // Nothing comes last, whichever way it is sorted.
    return Number.isNaN(value) ? -direction * Number.NEGATIVE_INFINITY : value;
  };
  return items.toSorted((a, b) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    return left === right ? 0 : direction * (left < right ? -1 : 1);
  });
}

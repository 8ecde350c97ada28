/** Widths of columns that somebody dragged, in this browser: by panel, by the column's name. */
type Widths = Readonly<Record<string, number>>;

const storageKey = 'nunchi.columnWidths';
/** Panels that are remembered; the one that was changed longest ago goes first. */
const maxPanels = 200;
const maxColumns = 100;

/** Of one panel, in px; what is stored is not trusted. */
export function keptWidths(panel: string | undefined): Widths {
  return panel === undefined ? {} : (stored()[panel] ?? {});
}

export function keepWidth(panel: string | undefined, column: string, widthPx: number): void {
  if (panel === undefined) return;
  const { [panel]: own = {}, ...others } = stored();
  const { [column]: _, ...rest } = own;
  const columns = [...Object.entries(rest), [column, Math.round(widthPx)]].slice(-maxColumns);
  const panels = [...Object.entries(others), [panel, Object.fromEntries(columns)]];
  try {
    localStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(panels.slice(-maxPanels))));
  } catch {
    // A browser that keeps nothing, or nothing more: the width holds until the page is left.
  }
}

function stored(): Readonly<Record<string, Widths>> {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    return Object.fromEntries(entriesOf(parsed).map(([key, value]) => [key, widthsIn(value)]));
  } catch {
    return {};
  }
}

function widthsIn(value: unknown): Widths {
  return Object.fromEntries(
    entriesOf(value).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0,
    ),
  );
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

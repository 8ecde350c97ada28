/** Layouts of v2 documents as rows and panels of a grid. */
import { type JsonObject, numberOf, objectOf, objectsOf, stringOf } from '../json.ts';
import { gridColumns } from '../layout.ts';
import type { Report } from '../report-items.ts';
import { panelOf } from './elements.ts';

/** Heights that an automatic grid names, in cells of 38 px: 168, 320 and 512 px. */
const autoHeights: Readonly<Record<string, number>> = { short: 5, standard: 9, tall: 14 };
const cellPx = 38;
const autoColumns = 3;

interface Section {
  readonly title: string;
  readonly isCollapsed: boolean;
  readonly repeat?: string;
}

/** Places what a layout holds, from the top of the page down. */
class Placement {
  readonly panels: JsonObject[] = [];
  readonly #elements: JsonObject;
  readonly #report: Report;
  #top = 0;
  /** The collapsed row that takes what is placed. */
  #row: JsonObject | undefined;

  constructor(elements: JsonObject, report: Report) {
    this.#elements = elements;
    this.#report = report;
  }

  add(layout: JsonObject, path: string, titles: readonly string[] = []): void {
    const spec = objectOf(layout['spec']);
    switch (layout['kind']) {
      case 'RowsLayout':
        this.#addRows(objectsOf(spec['rows']), `${path}.spec.rows`, titles);
        break;
      case 'TabsLayout':
        this.#report.add('note', 'layout-became-rows', path, { kind: 'TabsLayout' });
        this.#addTabs(objectsOf(spec['tabs']), `${path}.spec.tabs`, titles);
        break;
      case 'AutoGridLayout':
        this.#addAutoGrid(spec, path);
        break;
      default:
        this.#addGrid(objectsOf(spec['items']), `${path}.spec.items`);
    }
  }

  #addRows(rows: readonly JsonObject[], path: string, titles: readonly string[]): void {
    for (const [index, row] of rows.entries()) {
      const spec = objectOf(row['spec']);
      const title = stringOf(spec['title']) ?? '';
      const names = title === '' ? titles : [...titles, title];
      const repeat = stringOf(objectOf(spec['repeat'])['value']);
      const place = `${path}[${index}]`;
      this.#dropCondition(spec, place);
      // A first row without a heading needs none; a later one ends the row before it.
      if (spec['hideHeader'] !== true || spec['collapse'] === true || index > 0) {
        this.#beginRow({
          title: spec['hideHeader'] === true ? '' : names.join(' / '),
          isCollapsed: spec['collapse'] === true,
          ...(repeat === undefined ? {} : { repeat }),
        });
      }
      this.add(objectOf(spec['layout']), `${place}.spec.layout`, names);
    }
  }

  /** The first tab is open, as it was; the others ask no queries until they are opened. */
  #addTabs(tabs: readonly JsonObject[], path: string, titles: readonly string[]): void {
    for (const [index, tab] of tabs.entries()) {
      const spec = objectOf(tab['spec']);
      const names = [...titles, stringOf(spec['title']) ?? `${index + 1}`];
      this.#dropCondition(spec, `${path}[${index}]`);
      this.#beginRow({ title: names.join(' / '), isCollapsed: index > 0 });
      this.add(objectOf(spec['layout']), `${path}[${index}].spec.layout`, names);
    }
  }

  #beginRow({ title, isCollapsed, repeat }: Section): void {
    const row: JsonObject = {
      type: 'row',
      title,
      collapsed: isCollapsed,
      panels: [],
      gridPos: { x: 0, y: this.#top, w: gridColumns, h: 1 },
      ...(repeat === undefined ? {} : { repeat }),
    };
    this.panels.push(row);
    this.#top += 1;
    this.#row = isCollapsed ? row : undefined;
  }

  #addGrid(items: readonly JsonObject[], path: string): void {
    const base = this.#top;
    for (const [index, item] of items.entries()) {
      const spec = objectOf(item['spec']);
      const place = `${path}[${index}]`;
      if (item['kind'] === 'GridLayoutRow') {
        this.#top = Math.max(this.#top, base);
        const repeat = stringOf(objectOf(spec['repeat'])['value']);
        this.#beginRow({
          title: stringOf(spec['title']) ?? '',
          isCollapsed: spec['collapsed'] === true,
          ...(repeat === undefined ? {} : { repeat }),
        });
        this.#addGrid(objectsOf(spec['elements']), `${place}.spec.elements`);
        continue;
      }
      this.#addPanel(spec, place, {
        x: numberOf(spec['x']) ?? 0,
        y: base + (numberOf(spec['y']) ?? 0),
        w: numberOf(spec['width']) ?? gridColumns / 2,
        h: numberOf(spec['height']) ?? autoHeights['standard']!,
      });
    }
  }

  #addAutoGrid(spec: JsonObject, path: string): void {
    this.#report.add('note', 'layout-became-rows', path, { kind: 'AutoGridLayout' });
    const columns = Math.min(
      gridColumns,
      Math.max(1, Math.floor(numberOf(spec['maxColumnCount']) ?? autoColumns)),
    );
    const w = Math.floor(gridColumns / columns);
    const px = numberOf(spec['rowHeight']);
    const mode = stringOf(spec['rowHeightMode']) ?? 'standard';
    const h =
      mode === 'custom' && px !== undefined
        ? Math.max(1, Math.round(px / cellPx))
        : (autoHeights[mode] ?? autoHeights['standard']!);
    const base = this.#top;
    for (const [index, item] of objectsOf(spec['items']).entries()) {
      const x = (index % columns) * w;
      const y = base + Math.floor(index / columns) * h;
      this.#addPanel(objectOf(item['spec']), `${path}.spec.items[${index}]`, { x, y, w, h });
    }
  }

  #addPanel(
    item: JsonObject,
    path: string,
    place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  ): void {
    this.#dropCondition(item, path);
    const name = stringOf(objectOf(item['element'])['name']) ?? '';
    const panel = Object.hasOwn(this.#elements, name) ? panelOf(this.#elements[name]) : undefined;
    if (panel === undefined) {
      this.#report.add('problem', 'element-missing', path, { name });
      return;
    }
    panel['gridPos'] = { ...place };
    const repeat = objectOf(item['repeat']);
    if (typeof repeat['value'] === 'string') {
      panel['repeat'] = repeat['value'];
      panel['repeatDirection'] = repeat['direction'] === 'v' ? 'v' : 'h';
      if (numberOf(repeat['maxPerRow']) !== undefined) panel['maxPerRow'] = repeat['maxPerRow'];
    }
    if (this.#row === undefined) this.panels.push(panel);
    else (this.#row['panels'] as JsonObject[]).push(panel);
    this.#top = Math.max(this.#top, place.y + place.h);
  }

  #dropCondition(spec: JsonObject, path: string): void {
    if (spec['conditionalRendering'] === undefined) return;
    this.#report.add('warning', 'condition-dropped', path);
  }
}

export function layoutToPanels(
  layout: JsonObject,
  elements: JsonObject,
  report: Report,
): JsonObject[] {
  const placement = new Placement(elements, report);
  placement.add(layout, 'layout');
  return placement.panels;
}

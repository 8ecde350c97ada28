import { countries } from './countries.ts';
import { usaStates } from './usa-states.ts';

export interface GazetteerPlace {
  /** ISO 3166-1 of two letters, or a state's postal code. */
  readonly code: string;
  readonly name: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** Places by their codes and their English name, in any case. */
export type Gazetteer = (key: string) => GazetteerPlace | undefined;

const tables: Readonly<Record<string, string>> = { countries, 'usa-states': usaStates };
const read = new Map<string, Gazetteer>();

/**
 * By its file in a dashboard, such as `public/gazetteer/countries.json`, or by its name; empty: countries.
 * @throws Error which are there, where it is none of them
 */
export function gazetteerOf(path: string): Gazetteer {
  const name = path === '' ? 'countries' : path.replace(/^.*\//, '').replace(/\.\w+$/, '');
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (table === undefined) {
    throw new Error(
      `There is no gazetteer ${JSON.stringify(path)}: allowed are ${Object.keys(tables).join(', ')}`,
    );
  }
  const gazetteer = read.get(name) ?? gazetteerFrom(table);
  read.set(name, gazetteer);
  return gazetteer;
}

function gazetteerFrom(table: string): Gazetteer {
  const places = new Map<string, GazetteerPlace>();
  for (const line of table.trim().split('\n')) {
    const [code = '', longCode = '', latitude = '', longitude = '', name = ''] = line.split(',');
    const place = { code, name, latitude: Number(latitude), longitude: Number(longitude) };
    for (const key of [code, longCode, name]) if (key !== '') places.set(key.toUpperCase(), place);
  }
  return (key) => places.get(key.trim().toUpperCase());
}

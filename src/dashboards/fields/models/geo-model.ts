import { type DataFrame, type Field, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { gazetteerOf } from '../gazetteer/gazetteer.ts';
import { choiceAt, maybeNumberAt, numberAt, objectAt, textAt } from '../read.ts';

type Json = Readonly<Record<string, unknown>>;

/** More points than a map can show apart. */
const maxPoints = 20_000;
/** Mercator's map ends here; what is nearer to a pole stands at the edge. */
const maxLatitude = 85.05;
const degrees = Math.PI / 180;

/** A place: 0 to 1 from west to east and from north to south, on the map of the world. */
export interface GeoPoint {
  readonly x: number;
  readonly y: number;
  readonly sizePx: number;
  readonly color: string;
  /** Of the fill, 0 to 1. */
  readonly opacity: number;
  readonly layer: string;
  readonly frame: DataFrame;
  readonly row: number;
  /** What its size and colour mean. */
  readonly told: readonly Field[];
}

export interface GeoModel {
  readonly points: readonly GeoPoint[];
  /** Kinds of layers that are not drawn, and why others are not. */
  readonly undrawn: readonly string[];
}

/** Points of the layers of a map whose places are coordinates, geohashes, or codes of countries and states. */
export function geoModel(
  frames: readonly DataFrame[],
  options: Json,
  theme: GrafanaTheme2,
): GeoModel {
  const layers = (Array.isArray(options['layers']) ? options['layers'] : []).map((one: unknown) =>
    objectAt(one),
  );
  const drawn = layers.filter((layer) => textAt(layer, 'type', 'markers') === 'markers');
  const undrawn = layers
    .map((layer) => textAt(layer, 'type', 'markers'))
    .filter((type) => type !== 'markers');
  const wanted = layers.length === 0 ? [{}] : drawn;
  const points = wanted.flatMap((layer) => {
    try {
      return pointsOf(layer, frames, theme);
    } catch (error) {
      undrawn.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  return { points: points.slice(0, maxPoints), undrawn: [...new Set(undrawn)] };
}

function pointsOf(
  layer: Json,
  frames: readonly DataFrame[],
  theme: GrafanaTheme2,
): readonly GeoPoint[] {
  const style = objectAt(objectAt(layer, 'config'), 'style');
  const filter = objectAt(layer, 'filterData');
  const refId = textAt(filter, 'id', '') === 'byRefId' ? filter['options'] : undefined;
  return frames
    .filter((frame) => !isExemplars(frame) && (refId === undefined || frame.refId === refId))
    .flatMap((frame) => {
      const placeAt = placesIn(frame, objectAt(layer, 'location'));
      if (placeAt === undefined) return [];
      const sizes = sizesOf(frame, objectAt(style, 'size'));
      const colors = colorsOf(frame, objectAt(style, 'color'), theme);
      const told = [sizes.field, colors.field].filter((field) => field !== undefined);
      return Array.from({ length: Math.min(frame.length, maxPoints) }, (_, row) => row).flatMap(
        (row): readonly GeoPoint[] => {
          const place = placeAt(row);
          if (place === undefined) return [];
          return [
            {
              ...projected(place),
              sizePx: sizes.at(row),
              color: colors.at(row),
              opacity: Math.min(1, Math.max(0, numberAt(style, 'opacity', 0.4))),
              layer: textAt(layer, 'name', ''),
              frame,
              row,
              told,
            },
          ];
        },
      );
    });
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const usualNames = {
  latitude: ['latitude', 'lat'],
  longitude: ['longitude', 'lon', 'lng', 'long'],
  geohash: ['geohash'],
} as const;

function placesIn(
  frame: DataFrame,
  location: Json,
): ((row: number) => Place | undefined) | undefined {
  const mode = choiceAt(location, 'mode', ['auto', 'coords', 'geohash', 'lookup'], 'auto');
  if (mode === 'lookup') return lookedUp(frame, location);
  const find = (part: keyof typeof usualNames): Field | undefined => {
    const wanted = textAt(location, part, '');
    const names: readonly string[] = wanted === '' ? usualNames[part] : [wanted.toLowerCase()];
    return frame.fields.find(({ name }) => names.includes(name.toLowerCase()));
  };
  const [latitude, longitude, geohash] = [find('latitude'), find('longitude'), find('geohash')];
  if (mode !== 'geohash' && latitude !== undefined && longitude !== undefined) {
    return (row) => placeOf(latitude.values[row], longitude.values[row]);
  }
  if (mode === 'coords' || geohash === undefined) return undefined;
  return (row) => geohashPlace(String(geohash.values[row] ?? ''));
}

/** Codes or names of countries or states. @throws Error a gazetteer that is not there */
function lookedUp(
  frame: DataFrame,
  location: Json,
): ((row: number) => Place | undefined) | undefined {
  const find = gazetteerOf(textAt(location, 'gazetteer', ''));
  const wanted = textAt(location, 'lookup', '');
  const field = frame.fields.find(({ name, type }) =>
    wanted === '' ? type === FieldType.string : name === wanted,
  );
  return field && ((row) => find(String(field.values[row] ?? '')));
}

function placeOf(latitude: unknown, longitude: unknown): Place | undefined {
  if (latitude === null || longitude === null || latitude === '' || longitude === '') {
    return undefined;
  }
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  const isPlace = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
  return isPlace ? place : undefined;
}

const geohashLetters = '0123456789bcdefghjkmnpqrstuvwxyz';
const bitsOfLetter = [16, 8, 4, 2, 1];

/** The middle of the box that a geohash names: its bits halve longitude and latitude in turn. */
export function geohashPlace(hash: string): Place | undefined {
  if (hash === '') return undefined;
  const [longitude, latitude] = [
    [-180, 180],
    [-90, 90],
  ] as [[number, number], [number, number]];
  let isLongitude = true;
  for (const letter of hash.toLowerCase()) {
    const value = geohashLetters.indexOf(letter);
    if (value < 0) return undefined;
    for (const bit of bitsOfLetter) {
      const range = isLongitude ? longitude : latitude;
      range[(value & bit) === 0 ? 1 : 0] = (range[0] + range[1]) / 2;
      isLongitude = !isLongitude;
    }
  }
  return {
    longitude: (longitude[0] + longitude[1]) / 2,
    latitude: (latitude[0] + latitude[1]) / 2,
  };
}

/** Mercator. */
export function projected({ latitude, longitude }: Place): {
  readonly x: number;
  readonly y: number;
} {
  const held = Math.min(maxLatitude, Math.max(-maxLatitude, latitude)) * degrees;
  return {
    x: (longitude + 180) / 360,
    y: (1 - Math.log(Math.tan(held) + 1 / Math.cos(held)) / Math.PI) / 2,
  };
}

function fieldAt(frame: DataFrame, config: Json): Field | undefined {
  const name = textAt(config, 'field', '');
  return name === '' ? undefined : frame.fields.find((field) => field.name === name);
}

function sizesOf(
  frame: DataFrame,
  config: Json,
): { readonly field: Field | undefined; readonly at: (row: number) => number } {
  const field = fieldAt(frame, config);
  const fixed = numberAt(config, 'fixed', 5);
  // Sizes of files are radii.
  if (field === undefined) return { field, at: () => fixed * 2 };
  const [least, most] = [numberAt(config, 'min', 2), numberAt(config, 'max', 15)];
  const numbers = field.values.map(Number).filter(Number.isFinite);
  const low = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return {
    field,
    at: (row) => {
      const share = (Number(field.values[row]) - low) / (high - low);
      return 2 * (Number.isFinite(share) ? least + share * (most - least) : least);
    },
  };
}

function colorsOf(
  frame: DataFrame,
  config: Json,
  theme: GrafanaTheme2,
): { readonly field: Field | undefined; readonly at: (row: number) => string } {
  const fixed = theme.visualization.getColorByName(textAt(config, 'fixed', 'dark-green'));
  const field = fieldAt(frame, config);
  if (field !== undefined) {
    return { field, at: (row) => field.display?.(field.values[row]).color ?? fixed };
  }
  // A map that says nothing of it shows the first number that is no coordinate.
  const isNamed = textAt(config, 'fixed', '') !== '';
  const coordinates: readonly string[] = [...usualNames.latitude, ...usualNames.longitude];
  const first = isNamed
    ? undefined
    : frame.fields.find(
        ({ type, name }) => type === FieldType.number && !coordinates.includes(name.toLowerCase()),
      );
  return {
    field: first,
    at: (row) => first?.display?.(first.values[row]).color ?? fixed,
  };
}

/** Which part of the world a map begins with. */
export interface GeoView {
  /** Middle of the panel. */
  readonly x: number;
  readonly y: number;
  /** Width of the world in px. */
  readonly worldPx: number;
}

const tilePx = 256;
export const maxWorldPx: number = tilePx * 2 ** 12;

/** By the options: a place with a zoom of maps on the web, or so that all points are in sight. */
export function firstView(
  points: readonly GeoPoint[],
  options: Json,
  widthPx: number,
  heightPx: number,
): GeoView {
  const view = objectAt(options, 'view');
  const id = textAt(view, 'id', 'zero');
  const whole = { x: 0.5, y: 0.42, worldPx: Math.min(widthPx, heightPx * 1.6) };
  if (id === 'fit' && points.length > 0) return fitted(points, widthPx, heightPx);
  const zoom = maybeNumberAt(view, 'zoom');
  if (id === 'zero' || zoom === undefined) return whole;
  const place = {
    latitude: numberAt(view, 'lat', 0),
    longitude: numberAt(view, 'lon', 0),
  };
  const worldPx = Math.min(maxWorldPx, Math.max(whole.worldPx, tilePx * 2 ** zoom));
  return { ...projected(place), worldPx };
}

function fitted(points: readonly GeoPoint[], widthPx: number, heightPx: number): GeoView {
  let [left, right, top, bottom] = [1, 0, 1, 0];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const room = 0.8;
  const worldPx = Math.min(
    (widthPx * room) / Math.max(1e-6, right - left),
    (heightPx * room) / Math.max(1e-6, bottom - top),
    // One point alone is shown with the country around it.
    tilePx * 2 ** 5,
  );
  return { x: (left + right) / 2, y: (top + bottom) / 2, worldPx };
}

/** What an exported dashboard asks of whoever imports it, and the answers put in. */
import { defaultDataSource, type KnownDataSource } from './data-source-refs.ts';
import { DashboardError } from './errors.ts';
import { copyJson, type JsonObject, objectsOf, stringOf } from './json.ts';
import { jsonLimits } from './limits.ts';
import { unwrap } from './unwrap.ts';
import { mapStrings } from './walk.ts';

/** One entry of `__inputs`: a data source of a type, or a text. */
export interface DashboardInput {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: 'datasource' | 'constant';
  /** Of a data source: `prometheus`. */
  readonly pluginId?: string;
  readonly pluginName?: string;
  /** Of a constant: what it is unless told otherwise. */
  readonly value?: string;
}

/** An answer: the value is a data source's uid or name, or a constant's text. */
export interface InputValue {
  /** `*` answers every input of its type. */
  readonly name: string;
  readonly type: string;
  readonly pluginId?: string;
  readonly value: string;
}

/** Data source of expressions over other queries: always there, never asked for. */
const expressions = '__expr__';

const onlyInFiles = ['__inputs', '__requires', '__elements'] as const;

/** Takes off what belongs to files only. In place. */
export function dropFileKeys(document: JsonObject): void {
  for (const key of onlyInFiles) delete document[key];
}

function declaredIn(document: JsonObject): DashboardInput[] {
  return objectsOf(document['__inputs']).flatMap((input): DashboardInput[] => {
    const name = stringOf(input['name']);
    if (!name) return [];
    const [pluginId, pluginName, value] = [
      stringOf(input['pluginId']),
      stringOf(input['pluginName']),
      stringOf(input['value']),
    ];
    return [
      {
        name,
        label: stringOf(input['label']) || name,
        description: stringOf(input['description']) ?? '',
        type: input['type'] === 'constant' ? 'constant' : 'datasource',
        ...(pluginId === undefined ? {} : { pluginId }),
        ...(pluginName === undefined ? {} : { pluginName }),
        ...(value === undefined ? {} : { value }),
      },
    ];
  });
}

/**
 * The inputs that a document declares, wrapped or not.
 *
 * @throws {DashboardError} when there is no dashboard in it
 */
export const inputsOf = (input: unknown): readonly DashboardInput[] =>
  declaredIn(unwrap(copyJson(input, jsonLimits)).document).filter(
    (declared) => declared.pluginId !== expressions,
  );

/** Puts a value for each `${NAME}` wherever it stands in a text. */
function substitute(document: JsonObject, values: ReadonlyMap<string, string>): JsonObject {
  const put = (text: string): string =>
    text.includes('${')
      ? text.replace(/\$\{([^{}]+)\}/g, (whole, name: string) => values.get(name) ?? whole)
      : text;
  return mapStrings(document, put) as JsonObject;
}

/** The document with every declared input answered; what belongs to files is still in it. */
export function answerInputs(input: unknown, answers: readonly InputValue[]): JsonObject {
  const { document } = unwrap(copyJson(input, jsonLimits));
  const values = new Map<string, string>();
  for (const declared of declaredIn(document)) {
    const answer = answers.find(
      (candidate) =>
        candidate.type === declared.type &&
        (candidate.name === declared.name ||
          (candidate.name === '*' &&
            (!candidate.pluginId || candidate.pluginId === declared.pluginId))),
    );
    const own = declared.pluginId === expressions ? expressions : declared.value;
    const value = answer?.value ?? own;
    if (value === undefined) {
      throw new DashboardError(
        'DASHBOARD_INPUT_MISSING',
        '',
        `Dashboard input variable: ${declared.name} missing from import command`,
      );
    }
    values.set(declared.name, value);
  }
  return substitute(document, values);
}

/**
 * The document with every declared input answered, and without what belongs to files only. A constant
 * that nobody answers keeps its own value. Take the library panels out first: `libraryElementsOf`.
 *
 * @throws {DashboardError} `DASHBOARD_INPUT_MISSING` naming the input that has no answer
 */
export function applyInputs(input: unknown, answers: readonly InputValue[]): JsonObject {
  const applied = answerInputs(input, answers);
  dropFileKeys(applied);
  return applied;
}

/**
 * Answers for a document that nobody imported, such as a file of a provider: data sources by their
 * type, constants by their own value. What has no answer stays.
 */
export function applyDefaultInputs(
  document: JsonObject,
  known: readonly KnownDataSource[],
): JsonObject {
  const values = new Map<string, string>();
  for (const { name, type, pluginId, value } of declaredIn(document)) {
    const own =
      type === 'constant'
        ? value
        : pluginId === expressions
          ? expressions
          : defaultDataSource(known, pluginId)?.uid;
    if (own !== undefined) values.set(name, own);
  }
  return values.size === 0 ? document : substitute(document, values);
}

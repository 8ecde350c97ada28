import { DocumentReader } from '#metrics/config';
import { invalidInput } from '../errors.ts';
import type { TemplateSet } from '../template/template-set.ts';
import type { GlobalFields } from './global.ts';
import { type Integration, integrationsOf } from './integrations.ts';
import { namedIntervals } from './intervals.ts';
import { receiver } from './receiver.ts';
import { templateProblem } from './template-problem.ts';
import type { TimeInterval } from './time-interval.ts';

/**
 * Reads a receiver that stands in no file: `document` has the keys of a receiver of an alertmanager.yml.
 * @param defaults what it has where it says nothing, and the templates that its texts call
 * @throws {AppError} ALERTING_INVALID with everything that is wrong
 */
export function readReceiver(
  document: Readonly<Record<string, unknown>>,
  defaults: { readonly global: GlobalFields; readonly templates: TemplateSet },
): readonly Integration[] {
  const reader = new DocumentReader(JSON.stringify(document), '');
  const fields =
    reader.root === undefined ? receiver.absent() : receiver.read(reader.root, reader, '');
  const integrations = integrationsOf(fields, defaults.global, (config) =>
    templateProblem(config, defaults.templates),
  );
  mustBeSound(reader);
  return integrations;
}

/**
 * Reads a time interval: `{name, time_intervals: […]}` with the keys of an alertmanager.yml.
 * @throws {AppError} ALERTING_INVALID with everything that is wrong
 */
export function readTimeIntervals(
  document: Readonly<Record<string, unknown>>,
): readonly TimeInterval[] {
  const reader = new DocumentReader(JSON.stringify(document), '');
  const { timeIntervals } =
    reader.root === undefined
      ? namedIntervals.absent()
      : namedIntervals.read(reader.root, reader, '');
  mustBeSound(reader);
  return timeIntervals;
}

/** Where it stood means nothing in a document that was never a file: only the key is told. */
function mustBeSound({ problems }: DocumentReader): void {
  if (problems.length === 0) return;
  const texts = problems.map(({ key, message, allowed }) => {
    const place = key.replace(/^\w+_configs\[\d+\]\.?/, '');
    const hint = allowed === undefined ? '' : ` (allowed: ${allowed})`;
    return `${place === '' ? '' : `${place}: `}${message}${hint}`;
  });
  throw invalidInput(texts.join('; '));
}

import { globSync, readFileSync } from 'node:fs';
import { AppError, describeError } from '#base';
import { type ConfigProblem, formatProblem } from '#config';
import { anything, DocumentReader, type Field, list, path, section } from '#metrics/config';
import type { InhibitRule } from '../engine/inhibition.ts';
import { buildRoutes, type Route, type WrittenRoute } from '../engine/route.ts';
import { TemplateSet } from '../template/template-set.ts';
import { type GlobalFields, global } from './global.ts';
import { type Integration, integrationsOf } from './integrations.ts';
import { type NamedIntervals, namedIntervals } from './intervals.ts';
import { maskSecrets } from './mask.ts';
import { type Placed, placed } from './placed.ts';
import { type ReceiverFields, receiver } from './receiver.ts';
import { inhibitRule, joinMatchers, type RouteFields, route } from './route-fields.ts';
import { templateProblem } from './template-problem.ts';
import type { TimeInterval } from './time-interval.ts';

/** A whole alertmanager.yml, checked, with every default filled in. */
export interface AlertmanagerYaml {
  readonly resolveTimeoutMs: number;
  /** What receivers take over, those that stand elsewhere too. */
  readonly global: GlobalFields;
  readonly route: Route;
  /** Ways to tell, by the receiver's name; none for a receiver that swallows. */
  readonly receivers: ReadonlyMap<string, readonly Integration[]>;
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
  readonly templates: TemplateSet;
  /** The file without its secrets. */
  readonly original: string;
  /** Files that were read: it, and its templates. */
  readonly files: readonly string[];
  /** Globs of templates: another file may come to match. */
  readonly templateGlobs: readonly string[];
  /** What is accepted and has no effect. */
  readonly warnings: readonly string[];
}

/** Where the configuration stands. */
export type AlertmanagerText =
  | { readonly path: string }
  | {
      readonly text: string;
      readonly file: string;
      /** 1-based line of the text's first line in the file, and the key that it is the value of. */
      readonly firstLine: number;
      readonly key: string;
    };

interface Written {
  readonly global: GlobalFields;
  readonly templates: readonly Placed<string>[];
  readonly route: Placed<RouteFields> | undefined;
  readonly receivers: readonly Placed<ReceiverFields>[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: readonly Placed<NamedIntervals>[];
  readonly muteTimeIntervals: readonly Placed<NamedIntervals>[];
  readonly tracing: unknown;
  readonly eventRecorder: unknown;
}

const root: Field<Written> = section<Written>({
  global,
  templates: list(placed(path)),
  route: { absent: () => undefined, read: placed(route).read },
  receivers: list(placed(receiver)),
  inhibitRules: list(inhibitRule),
  timeIntervals: list(placed(namedIntervals)),
  muteTimeIntervals: list(placed(namedIntervals)),
  tracing: anything,
  eventRecorder: anything,
});

/** A file larger than this is no configuration. */
const maxFileBytes = 16 * 1024 * 1024;

/**
 * Reads an alertmanager.yml and its templates.
 * @throws {AppError} ALERTMANAGER_CONFIG_INVALID with every problem in `details.problems`,
 *   ALERTMANAGER_CONFIG_UNREADABLE
 */
export function loadAlertmanagerYaml(source: AlertmanagerText): AlertmanagerYaml {
  const text = 'path' in source ? readText(source.path) : source.text;
  const reader =
    'path' in source
      ? new DocumentReader(text, source.path)
      : new DocumentReader(text, source.file, source);
  const written = reader.root === undefined ? root.absent() : root.read(reader.root, reader, '');
  const topProblem = (key: string, message: string): void =>
    reader.problem(reader.root, key, { message });

  const { templates, files, problems: broken } = loadTemplates(written.templates);
  // Where a file is broken, what it was to define is missing in texts as well: one problem is enough.
  const problemIn = (config: object): string | undefined =>
    broken.length > 0 ? undefined : templateProblem(config, templates);
  const receivers = new Map<string, readonly Integration[]>();
  for (const { value, problem } of written.receivers) {
    if (receivers.has(value.name)) {
      problem(`notification config name ${JSON.stringify(value.name)} is not unique`);
    }
    receivers.set(value.name, integrationsOf(value, written.global, problemIn));
  }
  const timeIntervals = new Map<string, readonly TimeInterval[]>();
  for (const { value, problem } of [...written.muteTimeIntervals, ...written.timeIntervals]) {
    if (timeIntervals.has(value.name)) {
      problem(`time interval ${JSON.stringify(value.name)} is not unique`);
    }
    timeIntervals.set(value.name, value.timeIntervals);
  }
  if (written.route === undefined) topProblem('route', 'no route provided in config');
  else {
    checkRoot(written.route);
    checkRoute(written.route, receivers, timeIntervals);
  }
  const problems = [...reader.problems, ...broken];
  if (problems.length > 0 || written.route === undefined) throw invalid(problems);
  for (const key of ['tracing', 'eventRecorder'] as const) {
    const name = key === 'tracing' ? key : 'event_recorder';
    if (written[key] !== undefined) reader.warning(reader.root, name, `${name} has no effect`);
  }
  return {
    resolveTimeoutMs: written.global.resolveTimeoutMs,
    global: written.global,
    route: buildRoutes(plainRoute(written.route.value)),
    receivers,
    inhibitRules: written.inhibitRules,
    timeIntervals,
    templates,
    original: maskSecrets(text),
    files: ['path' in source ? [source.path] : [], files].flat(),
    templateGlobs: written.templates.map(({ value }) => value),
    warnings: reader.warnings.map(formatProblem),
  };
}

/** What counts when nothing is configured: alerts are kept and shown, nobody is told. */
export function defaultAlertmanagerYaml(): AlertmanagerYaml {
  return loadAlertmanagerYaml({
    text: 'route:\n  receiver: none\nreceivers:\n  - name: none\n',
    file: 'defaults',
    firstLine: 1,
    key: '',
  });
}

function checkRoot({ value, problem }: Placed<RouteFields>): void {
  const { match, matchRe, matchers } = value;
  if ((value.receiver ?? '') === '') problem('root route must specify a default receiver');
  if (joinMatchers(match, matchRe, matchers).length > 0) {
    problem('root route must not have any matchers');
  }
  if (value.muteTimeIntervals.length > 0) {
    problem('root route must not have any mute time intervals');
  }
  if (value.activeTimeIntervals.length > 0) {
    problem('root route must not have any active time intervals');
  }
  if (value.continue) problem('cannot have continue in root route');
}

function checkRoute(
  { value, problem }: Placed<RouteFields>,
  receivers: ReadonlyMap<string, unknown>,
  intervals: ReadonlyMap<string, unknown>,
): void {
  const { receiver: name = '' } = value;
  if (name !== '' && !receivers.has(name)) {
    problem(`undefined receiver ${JSON.stringify(name)} used in route`);
  }
  for (const interval of [...value.muteTimeIntervals, ...value.activeTimeIntervals]) {
    if (!intervals.has(interval)) {
      problem(`undefined time interval ${JSON.stringify(interval)} used in route`);
    }
  }
  for (const child of value.routes) checkRoute(child, receivers, intervals);
}

const plainRoute = (value: RouteFields): WrittenRoute => ({
  receiver: value.receiver === '' ? undefined : value.receiver,
  matchers: joinMatchers(value.match, value.matchRe, value.matchers),
  // An empty list is as good as none: the parent's.
  groupBy: value.groupBy?.length === 0 ? undefined : value.groupBy,
  groupWaitMs: value.groupWaitMs,
  groupIntervalMs: value.groupIntervalMs,
  repeatIntervalMs: value.repeatIntervalMs,
  continue: value.continue,
  muteTimeIntervals: value.muteTimeIntervals,
  activeTimeIntervals: value.activeTimeIntervals,
  routes: value.routes.map((child) => plainRoute(child.value)),
});

function loadTemplates(globs: readonly Placed<string>[]): {
  readonly templates: TemplateSet;
  readonly files: readonly string[];
  readonly problems: readonly ConfigProblem[];
} {
  const templates = new TemplateSet();
  const files: string[] = [];
  const problems: ConfigProblem[] = [];
  for (const { value: glob, problem } of globs) {
    const found = globSync(glob).sort();
    // A pattern may match nothing yet; a plain name is a promise.
    if (found.length === 0 && !/[*?[]/.test(glob)) problem(`there is no file ${glob}`);
    for (const file of found) {
      try {
        templates.add(file, readText(file));
        files.push(file);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const { line } = error.details;
        problems.push({
          source: file,
          line: typeof line === 'number' ? line : undefined,
          key: '',
          message: error.message,
        });
      }
    }
  }
  return { templates, files, problems };
}

function readText(file: string): string {
  try {
    const content = readFileSync(file);
    if (content.length > maxFileBytes) throw new TypeError('larger than 16 MiB');
    return content.toString('utf8');
  } catch (error) {
    throw new AppError(
      'ALERTMANAGER_CONFIG_UNREADABLE',
      `Cannot read ${file}: ${describeError(error)}`,
      { hint: 'Check alerting.alertmanagerConfig', details: { file }, cause: error },
    );
  }
}

function invalid(problems: readonly ConfigProblem[]): AppError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new AppError(
    'ALERTMANAGER_CONFIG_INVALID',
    `The Alertmanager configuration has ${count}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`,
    {
      hint: 'Keys are those of Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/',
      details: { problems },
    },
  );
}

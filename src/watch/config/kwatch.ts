import { RE2JS } from 're2js';
import { AppError } from '#base';
import { parseLabelSelector, SelectorError } from '#kubernetes/cluster';
import { type Severity, severities } from '../contract.ts';
import { languages } from '../explain/language.ts';
import type { IncidentRules } from '../incidents/engine.ts';
import type { EscalationRules } from '../incidents/open-incident.ts';
import type { ProviderConfig, ProviderRoute, SilenceRule, WatchConfig } from './contract.ts';
import { type DurationOptions, type Section, Source } from './source.ts';
import { templateProblem } from './templates.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A number of minutes, or a duration. */
const minutes = (byDefault: number): DurationOptions => ({
  byDefaultMs: byDefault * minuteMs,
  unitMs: minuteMs,
  maxMs: dayMs,
});
const anyNumber = [0, 1e9] as const;

/** Texts that a provider cannot do without, in lower case; one of several where there are several sets. */
const required: Readonly<Record<string, readonly (readonly string[])[]>> = {
  slack: [['webhook'], ['token', 'channel']],
  discord: [['webhook']],
  email: [['from', 'to', 'password', 'host', 'port']],
  pagerduty: [['integrationkey']],
  telegram: [['token', 'chatid']],
  teams: [['webhook']],
  rocketchat: [['webhook']],
  mattermost: [['webhook']],
  opsgenie: [['apikey']],
  matrix: [['homeserver', 'accesstoken', 'internalroomid']],
  dingtalk: [['accesstoken']],
  feishu: [['webhook']],
  zenduty: [['integrationkey']],
  googlechat: [['webhook']],
  webhook: [['url']],
};

export const providerTypes: readonly string[] = Object.keys(required);

/** Keys of all versions that are accepted and do nothing here, with what stands in their place. */
const withoutEffect: Readonly<Record<string, string>> = {
  workers: 'there are no workers to number: nothing waits for another',
  resyncSeconds: 'what is mirrored is compared with the API server by itself',
  upgrader: 'nothing asks for newer versions of kwatch',
  llm: 'no language model is asked: reasons, exit codes and pull errors are explained in words, and what changed before stands in the message',
  crd: 'KwatchConfig objects are not read: put the keys into the file or the ConfigMap, which are followed as they change',
};

/**
 * Reads a config.yaml of kwatch: the keys of every version. What is wrong is said and the rest is used,
 * as a watcher that does not start watches nothing.
 * @param env for `${NAME}` in texts
 * @throws {AppError} WATCH_CONFIG_INVALID when it is no YAML at all
 */
export function readKwatchConfig(
  file: string,
  text: string,
  env: Readonly<Record<string, string | undefined>> = {},
): WatchConfig {
  const { source, root } = Source.parse(file, expand(text, env));
  const app = root.section('app');
  app.without('logFormatter', 'the log of the program is set by log.format of nunchi.yaml');
  const health = root.section('healthCheck');
  const pending = root.section('pendingPodMonitor');
  // Ours: kwatch does not look at readiness.
  const notReady = root.section('notReadyMonitor');
  const pvc = root.section('pvcMonitor');
  const tls = root.section('tlsMonitor');
  const heartbeat = root.section('heartbeatMonitor');
  const node = root.section('nodeMonitor');
  const namespaces = root.texts('namespaces');
  const reasons = root.texts('reasons');
  checkLists(source, { namespaces, reasons });
  const monitor = (key: string): { readonly enabled: boolean; readonly section: Section } => {
    const section = root.section(key);
    return { enabled: section.flag('enabled', true), section };
  };
  const daemonSets = monitor('daemonSetMonitor');
  const autoscalers = monitor('hpaMonitor');
  const rollouts = monitor('rolloutMonitor');
  const jobs = monitor('jobMonitor');
  const cronJobs = monitor('cronJobMonitor');
  const resolveHoldDownMs = root
    .section('correlation')
    .durationMs('resolveHoldDown', { byDefaultMs: 30_000, unitMs: 1000, maxMs: dayMs });
  const config: Omit<WatchConfig, 'problems' | 'warnings'> = {
    clusterName: app.text('clusterName') ?? '',
    proxyUrl: app.text('proxyURL') ?? '',
    tls: {
      insecureSkipVerify: app.flag('insecureSkipTLSVerify', false),
      caFile: app.text('caBundlePath'),
    },
    tellsStart: !app.flag('disableStartupMessage', false),
    maxRecentLogLines: root.number('maxRecentLogLines', 50, [0, 100_000]),
    includeEvents: root.flag('includeEvents', true),
    includeLogs: root.flag('includeLogs', true),
    reportStartupBaseline: root.flag('reportStartupBaseline', true),
    namespaces,
    namespaceSelector: selectorOf(root),
    reasons,
    ignoreContainerNames: root.texts('ignoreContainerNames'),
    ignorePodNames: patterns(root, 'ignorePodNames'),
    ignoreLogPatterns: patterns(root, 'ignoreLogPatterns'),
    ignoreContainerMessages: patterns(root, 'ignoreContainerMessages'),
    ignoreNodeReasons: root.texts('ignoreNodeReasons'),
    ignoreNodeMessages: root.texts('ignoreNodeMessages'),
    silences: root.sections('silences').map(silenceOf),
    pods: {
      pendingMs: pending.flag('enabled', true)
        ? pending.durationMs('threshold', {
            // The key of older versions.
            byDefaultMs: root.number('pendingPodThreshold', 300, [1, 1e6]) * 1000,
            unitMs: 1000,
            minMs: 1000,
          })
        : 0,
      pendingCriticalMs: pending.durationMs('criticalThreshold', { byDefaultMs: 0, unitMs: 1000 }),
      notReadyMs: notReady.flag('enabled', true)
        ? notReady.durationMs('threshold', { byDefaultMs: 120_000, unitMs: 1000, minMs: 1000 })
        : 0,
      restartThreshold: root.number('containerRestartThreshold', 0, anyNumber),
      stableMs: Math.max(resolveHoldDownMs, 1000),
      ignoreGracefulStop: root.flag('ignoreFailedGracefulShutdown', true),
      ignoreDisruptions: root.flag('ignoreDisruptionTerminations', true),
    },
    nodes: { enabled: node.flag('enabled', true) },
    volumes: volumesOf(pvc),
    rollouts: { enabled: rollouts.enabled },
    jobs: { enabled: jobs.enabled },
    cronJobs: { enabled: cronJobs.enabled },
    daemonSets: {
      enabled: daemonSets.enabled,
      sustainedMs: daemonSets.section.durationMs('sustainedMinutes', minutes(5)),
    },
    autoscalers: {
      enabled: autoscalers.enabled,
      sustainedMs: autoscalers.section.durationMs('sustainedMinutes', minutes(10)),
    },
    certificates: {
      enabled: tls.flag('enabled', false),
      thresholdMs: tls.number('threshold', 30, [0, 3650]) * dayMs,
      criticalThresholdMs: tls.number('criticalThreshold', 3, [0, 3650]) * dayMs,
    },
    heartbeat: {
      enabled: heartbeat.flag('enabled', false),
      intervalMs: heartbeat.durationMs('interval', {
        byDefaultMs: 300_000,
        unitMs: 1000,
        minMs: 1000,
      }),
      url: heartbeat.text('url') ?? '',
    },
    healthCheck: {
      // A port is opened only for those who ask for it.
      enabled: health.isThere && health.flag('enabled', true),
      port: health.number('port', 8060, [0, 65_535]),
      diagnostics: health.flag('diagnostics', false),
      diagnosticsToken: health.text('diagnosticsToken') ?? '',
    },
    severityByOwnerKind: severityMap(root, 'severityByOwnerKind'),
    severityByReason: severityMap(root, 'severityByReason'),
    runbooks: root.map('runbooks'),
    dashboardUrlTemplate: root.text('dashboardURLTemplate') ?? '',
    incidents: incidentsOf(root, resolveHoldDownMs),
    providers: providersOf(root.section('alert'), templatesOf(root)),
  };
  checkHealth(health, config.healthCheck);
  for (const [key, why] of Object.entries(withoutEffect)) root.without(key, why);
  if (health.flag('pprof', false)) {
    health.warn(
      'pprof',
      'has no effect: a Node program has no pprof; /metrics has its memory and CPU',
    );
  }
  root.section('correlation').without('lifecycleInterval', 'incidents are looked at every second');
  root
    .section('correlation')
    .without('maxBaseline', 'what was wrong at the start is bounded by itself');
  root.section('correlation').without('cooldownMinutes', 'correlation.window is meant');
  source.warnUnknown();
  return { ...config, problems: source.problems, warnings: source.warnings };
}

function incidentsOf(root: Section, resolveHoldDownMs: number): WatchConfig['incidents'] {
  const storm = root.section('storm');
  const correlation = root.section('correlation');
  const escalation = correlation.section('escalation');
  const renotify = correlation.section('renotify');
  return {
    escalation: tiersOf(escalation),
    resolveHoldDownMs,
    windowMs: correlation.durationMs('window', minutes(10)),
    nodeSuppressesPods: root.section('inhibition').flag('nodeSuppressesPods', true),
    storm: {
      enabled: storm.flag('enabled', true),
      threshold: storm.number('threshold', 10, [1, 10_000]),
      windowMs: storm.durationMs('windowMinutes', minutes(5)),
      digestIntervalMs: storm.durationMs('digestIntervalMinutes', minutes(5)),
    },
    reminders: {
      intervalMs: remindersOf(renotify.section('intervalBySeverity')),
      maxPerIncident: renotify.number('maxPerIncident', 3, [0, 1000]),
    },
  };
}

/** The last of several tiers is `critical`, the one before it `high`, and before that `medium`. */
function tiersOf(escalation: Section): EscalationRules {
  const never = Number.POSITIVE_INFINITY;
  const written = escalation.texts('tiers');
  const tiers = written.map(Number);
  const isGood = tiers.every((tier, at) => tier > 0 && tier > (tiers[at - 1] ?? 0));
  if (!isGood || tiers.length > 3) {
    escalation.problem('tiers', 'expected one to three numbers, each above the one before');
  }
  if (!escalation.flag('enabled', true)) {
    return { mediumFrom: never, highFrom: never, criticalFrom: never };
  }
  const good = isGood && tiers.length > 0 && tiers.length <= 3 ? tiers : [3, 10, 50];
  if (good.length === 1)
    return { mediumFrom: never, highFrom: good[0] ?? never, criticalFrom: never };
  const [criticalFrom = never, highFrom = never, mediumFrom = never] = good.toReversed();
  return { mediumFrom, highFrom, criticalFrom };
}

function remindersOf(section: Section): IncidentRules['reminders']['intervalMs'] {
  const found: Partial<Record<Severity | 'default', number>> = {};
  for (const name of section.keys()) {
    const afterMs = section.durationMs(name, { byDefaultMs: 0, unitMs: minuteMs });
    if (!isSeverity(name) && name !== 'default') {
      section.problem(name, `is not one of ${severities.join(', ')}, default`);
    } else if (afterMs > 0) found[name] = afterMs;
  }
  return found;
}

/** Whoever may read incidents must have a token: without one nobody may. */
function checkHealth(section: Section, health: WatchConfig['healthCheck']): void {
  if (health.diagnostics && health.diagnosticsToken === '') {
    section.problem(
      'diagnostics',
      'needs diagnosticsToken: without one /incidents, /deadletters and /test-alert are closed',
    );
  }
}

/** Texts by reason; one that is no template is told and left out. */
function templatesOf(section: Section): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [reason, text] of Object.entries(section.map('templates'))) {
    const problem = templateProblem(text);
    if (problem === undefined) found[reason] = text;
    else section.problem('templates', `${reason}: ${problem}`);
  }
  return found;
}

function volumesOf(pvc: Section): WatchConfig['volumes'] {
  const threshold = pvc.number('threshold', 80, [0, 100]);
  return {
    enabled: pvc.flag('enabled', true),
    intervalMs: pvc.durationMs('interval', { ...minutes(5), minMs: 1000 }),
    threshold,
    criticalThreshold: pvc.number('criticalThreshold', 90, [0, 100]),
    clearThreshold: pvc.number('clearThreshold', Math.min(75, threshold), [0, 100]),
  };
}

function providersOf(
  alert: Section,
  templates: Readonly<Record<string, string>>,
): readonly ProviderConfig[] {
  const found: ProviderConfig[] = [];
  for (const key of alert.keys()) {
    const type = key.toLowerCase();
    const sets = required[type];
    if (sets === undefined) {
      alert.problem(key, `no such provider; there are ${providerTypes.join(', ')}`);
      alert.skip(key);
      continue;
    }
    const section = alert.section(key);
    const settings: Record<string, string> = {};
    for (const name of section.keys()) {
      if (structured.includes(name.toLowerCase())) continue;
      const value = section.text(name);
      if (value !== undefined && value !== '') settings[aliasOf(type, name.toLowerCase())] = value;
    }
    const missing = sets.map((set) => set.filter((name) => settings[name] === undefined));
    if (missing.every((names) => names.length > 0)) {
      const wanted = missing.map((names) => names.join(', ')).join(' or ');
      alert.problem(key, `is left out: it needs ${wanted}`);
      continue;
    }
    const basic = section.section('basicAuth');
    const [username, password] = [basic.text('username'), basic.text('password')];
    if (username !== undefined) settings['username'] = username;
    if (password !== undefined) settings['password'] = password;
    found.push({
      type,
      settings,
      headers: section.sections('headers').map((header) => ({
        name: header.text('name') ?? '',
        value: header.text('value') ?? '',
      })),
      routes: section.sections('routes').map(routeOf),
      templates: { ...templates, ...templatesOf(section) },
      retry: retryOf(section.section('retry')),
      fallback: section.text('fallback')?.toLowerCase(),
      ...languageOf(section),
    });
  }
  return found.map((provider) => withFallback(provider, found, alert));
}

/** A language that is not known is told, and that of the watch stands. */
function languageOf(section: Section): Pick<ProviderConfig, 'language'> {
  const text = section.text('language')?.toLowerCase();
  const found = languages.find((language) => language === text);
  if (text !== undefined && text !== '' && found === undefined)
    section.problem('language', `"${text}" is not one of ${languages.join(', ')}`);
  return found === undefined ? {} : { language: found };
}

/** A fallback that is not there is told; the provider itself still works. */
function withFallback(
  provider: ProviderConfig,
  all: readonly ProviderConfig[],
  alert: Section,
): ProviderConfig {
  const { fallback, type } = provider;
  if (fallback === undefined || fallback === '') return { ...provider, fallback: undefined };
  if (fallback !== type && all.some((other) => other.type === fallback)) return provider;
  const others = all.map((other) => other.type).filter((other) => other !== type);
  const allowed = others.length === 0 ? 'there is none' : `expected one of ${others.join(', ')}`;
  alert.problem(type, `fallback "${fallback}" is no other provider of this file; ${allowed}`);
  return { ...provider, fallback: undefined };
}

const retryOf = (retry: Section): ProviderConfig['retry'] => ({
  maxAttempts: retry.number('maxAttempts', 1, [1, 20]),
  delayMs: retry.durationMs('delay', { byDefaultMs: 1000, unitMs: 1000, maxMs: 3_600_000 }),
  maxBackoffMs: retry.durationMs('maxBackoff', {
    byDefaultMs: 120_000,
    unitMs: 1000,
    maxMs: 3_600_000,
  }),
});

/** Keys of providers that hold more than a text. */
const structured: readonly string[] = [
  'routes',
  'retry',
  'fallback',
  'headers',
  'basicauth',
  'templates',
  'language',
];

/** kwatch's own sample says `form` where it means `from`. */
const aliasOf = (type: string, name: string): string =>
  type === 'email' && name === 'form' ? 'from' : name;

const routeOf = (route: Section): ProviderRoute => ({
  namespaces: route.texts('namespaces'),
  severities: route.texts('severities'),
  reasons: route.texts('reasons'),
});

const silenceOf = (rule: Section): SilenceRule => ({
  namespaces: rule.texts('namespaces'),
  reasons: rule.texts('reasons'),
  podNamePatterns: patterns(rule, 'podNamePatterns'),
  containerNames: rule.texts('containerNames'),
  logPatterns: patterns(rule, 'logPatterns'),
  containerMessages: patterns(rule, 'containerMessages'),
  nodeReasons: rule.texts('nodeReasons'),
  nodeMessages: rule.texts('nodeMessages'),
});

/** One that does not compile is left out; the others stay. */
function patterns(section: Section, key: string): readonly string[] {
  return section.texts(key).filter((pattern) => {
    try {
      RE2JS.compile(pattern);
      return true;
    } catch (error) {
      section.problem(key, `"${pattern}" is no regular expression: ${(error as Error).message}`);
      return false;
    }
  });
}

/** A label selector on namespaces; one that is none selects all. */
function selectorOf(root: Section): string {
  const text = root.text('namespaceSelector') ?? '';
  try {
    parseLabelSelector(text);
    return text;
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    root.problem('namespaceSelector', `"${text}" is no label selector: ${error.message}`);
    return '';
  }
}

const isSeverity = (text: string): text is Severity => severities.includes(text as Severity);

function severityMap(root: Section, key: string): Readonly<Record<string, Severity>> {
  const found: Record<string, Severity> = {};
  for (const [name, text] of Object.entries(root.map(key))) {
    if (isSeverity(text)) found[name] = text;
    else root.problem(key, `"${text}" of ${name} is not one of ${severities.join(', ')}`);
  }
  return found;
}

/** Both kinds in one list cannot be meant; both hold all the same, as they do in kwatch. */
function checkLists(source: Source, lists: Readonly<Record<string, readonly string[]>>): void {
  for (const [name, list] of Object.entries(lists)) {
    const forbidden = list.filter((item) => item.startsWith('!')).length;
    if (forbidden === 0 || forbidden === list.length) continue;
    source.problem(
      undefined,
      name,
      `Either allowed or forbidden ${name} must be set. Can't set both`,
    );
  }
}

/** `${NAME}` of the environment; `$` alone and names that are not set stay as they are. */
const expand = (text: string, env: Readonly<Record<string, string | undefined>>): string =>
  text.replace(/\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) => env[name] ?? whole);

/** For `nunchi check-config --kwatch`. @throws {AppError} WATCH_CONFIG_INVALID with every problem */
export function checkKwatchConfig(
  file: string,
  text: string,
  env: Readonly<Record<string, string | undefined>> = {},
): WatchConfig {
  const config = readKwatchConfig(file, text, env);
  if (config.problems.length > 0) {
    throw new AppError('WATCH_CONFIG_INVALID', config.problems.join('\n'));
  }
  return config;
}

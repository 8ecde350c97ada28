import { RE2JS } from 're2js';
import { describeError } from '#base';
import { watchedKind } from '../sources/kinds.ts';
import { bindingProblems } from './check.ts';
import type {
  ActionConfig,
  ChatConfig,
  Choice,
  EventKind,
  EventRules,
  ExecutorConfig,
  KubernetesSource,
  PlatformConfig,
  PrometheusSource,
  RbacContext,
  RbacSubject,
  ResourceRules,
  SinkConfig,
  SourceConfig,
  ToolConfig,
} from './contract.ts';
import { defaultBindings, defaults } from './defaults.ts';
import { fromEnvironment, mergeDeep, parseText, withoutSecrets } from './merge.ts';
import { readPlatforms } from './platforms.ts';
import { isSink, readSinks } from './sinks.ts';
import {
  asFlag,
  asMap,
  entries,
  isMap,
  type Json,
  list,
  textMap,
  textOf,
  texts,
} from './values.ts';

const eventKinds: readonly string[] = [
  'create',
  'update',
  'delete',
  'error',
  'warning',
  'normal',
  'info',
  'all',
];

/** Texts of configuration files, in the order in which they are laid over each other. */
export interface ChatText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads values of Botkube's chart, or its own files, over what the chart ships. What is wrong is named
 * and left out; the rest works.
 * @param env `BOTKUBE_SETTINGS_CLUSTER__NAME` and its like set single values
 * @throws {AppError} CHAT_CONFIG_INVALID for what is no YAML mapping
 */
export function readBotkubeConfig(
  texts: readonly ChatText[],
  env: Readonly<Record<string, string | undefined>> = {},
): ChatConfig {
  let merged: Json = structuredClone(defaults) as Json;
  for (const { file, text } of texts) merged = mergeDeep(merged, parseText(file, text));
  merged = mergeDeep(merged, fromEnvironment(env, merged));
  const reader = new Reader();
  const sources = entries(merged['sources']).map(([name, value]) => reader.source(name, value));
  const executors = entries(merged['executors']).map(([name, value]) =>
    reader.executor(name, value),
  );
  const known = {
    sources: new Set(sources.map(({ name }) => name)),
    executors: new Set(executors.map(({ name }) => name)),
  };
  const platforms = entries(merged['communications']).flatMap(([group, value]) =>
    reader.platforms(group, asMap(value), known),
  );
  reader.problems.push(...bindingProblems(platforms, executors));
  const sinks = entries(merged['communications']).flatMap(([group, value]) =>
    reader.sinks(group, asMap(value), known),
  );
  const aliases = entries(merged['aliases']).map(([name, value]) => ({
    name,
    command: textOf(asMap(value)['command']),
    displayName: textOf(asMap(value)['displayName']),
  }));
  const actions = entries(merged['actions']).map(([name, value]) =>
    reader.action(name, asMap(value), known),
  );
  return {
    clusterName: textOf(asMap(merged['settings'])['clusterName']) || 'not-configured',
    communicationsSecret: textOf(merged['existingCommunicationsSecretName']) || undefined,
    platforms,
    sinks,
    sources,
    executors,
    aliases,
    actions,
    written: withoutSecrets(merged) as Json,
    problems: reader.problems,
    warnings: reader.warnings,
  };
}

interface Known {
  readonly sources: ReadonlySet<string>;
  readonly executors: ReadonlySet<string>;
}

class Reader {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];

  source(name: string, value: unknown): SourceConfig {
    const map = asMap(value);
    const plugin = pluginOf(map, 'kubernetes');
    const at = `sources.${name}`;
    const isOn = plugin !== undefined && asFlag(plugin['enabled'], true);
    let isIncoming = false;
    for (const [key, other] of Object.entries(map)) {
      if (key === 'displayName' || /^botkube(Extra)?\/(kubernetes|prometheus)(@.*)?$/.test(key))
        continue;
      if (!asFlag(asMap(other)['enabled'], true)) continue;
      isIncoming = true;
      if (key === 'nunchi/webhook') continue;
      this.warnings.push(
        `${at}.${key}: is not asked from here; it is told by whoever posts to /sources/v1/${name}`,
      );
    }
    const alerts = pluginOf(map, 'prometheus');
    const hasAlerts = alerts !== undefined && asFlag(alerts['enabled'], true);
    return {
      isIncoming,
      prometheus: hasAlerts
        ? this.#prometheus(asMap(alerts['config']), `${at}.botkube/prometheus.config`)
        : undefined,
      name,
      displayName: textOf(map['displayName']) || name,
      kubernetes: isOn ? this.#kubernetes(asMap(plugin['config']), at) : undefined,
    };
  }

  executor(name: string, value: unknown): ExecutorConfig {
    const map = asMap(value);
    const at = `executors.${name}`;
    for (const key of Object.keys(map)) {
      if (key === 'displayName' || /^botkube(Extra)?\/(kubectl|helm)(@.*)?$/.test(key)) continue;
      this.warnings.push(`${at}.${key}: there is no such executor here, it has no effect`);
    }
    return { name, kubectl: this.#tool(map, 'kubectl', at), helm: this.#tool(map, 'helm', at) };
  }

  action(name: string, map: Json, known: Known): ActionConfig {
    const bindings = asMap(map['bindings']);
    const at = `actions.${name}`;
    const command = textOf(map['command']);
    if (command === '') this.problems.push(`${at}.command: is missing`);
    return {
      name,
      displayName: textOf(map['displayName']) || name,
      enabled: asFlag(map['enabled'], false) && command !== '',
      command,
      bindings: this.#bindings(bindings, at, known, { sources: [], executors: [] }),
    };
  }

  sinks(group: string, map: Json, known: Known): SinkConfig[] {
    const byDefault = { sources: defaultBindings.sources, executors: [] };
    return readSinks(group, map, {
      problems: this.problems,
      warnings: this.warnings,
      sources: (bindings, at) => this.#bindings(bindings, at, known, byDefault).sources,
    });
  }

  platforms(group: string, map: Json, known: Known): PlatformConfig[] {
    const chats = Object.fromEntries(Object.entries(map).filter(([kind]) => !isSink(kind)));
    return readPlatforms(group, chats, {
      problems: this.problems,
      bindings: (bindings, at) => this.#bindings(bindings, at, known, defaultBindings),
    });
  }

  #bindings(
    map: Json,
    at: string,
    known: Known,
    byDefault: { readonly sources: readonly string[]; readonly executors: readonly string[] },
  ): { readonly sources: readonly string[]; readonly executors: readonly string[] } {
    const check = (kind: 'sources' | 'executors'): readonly string[] => {
      const names = map[kind] === undefined ? byDefault[kind] : namesOf(map[kind]);
      return names.filter((name) => {
        if (known[kind].has(name)) return true;
        this.problems.push(`'${name}' binding not defined in ${kind} (${at}.bindings.${kind})`);
        return false;
      });
    };
    return { sources: check('sources'), executors: check('executors') };
  }

  #tool(map: Json, name: string, at: string): ToolConfig | undefined {
    const plugin = pluginOf(map, name);
    if (plugin === undefined) return undefined;
    const config = asMap(plugin['config']);
    const allowed = asMap(asMap(config['interactiveBuilder'])['allowed']);
    const rbac = asMap(plugin['context'])['rbac'];
    const helmDriver = textOf(config['helmDriver']) || 'secret';
    if (helmDriver !== 'secret' && helmDriver !== 'configmap') {
      this.problems.push(
        `${at}.${name}.config.helmDriver: "${helmDriver}" is neither secret nor configmap`,
      );
    }
    return {
      helmDriver: helmDriver === 'configmap' ? helmDriver : 'secret',
      enabled: asFlag(plugin['enabled'], false),
      defaultNamespace: textOf(config['defaultNamespace']) || 'default',
      rbac: isMap(rbac) ? this.#rbac(rbac, `${at}.${name}.context.rbac`) : undefined,
      verbs: texts(allowed['verbs']),
      resources: texts(allowed['resources']),
      namespaces: texts(allowed['namespaces']),
    };
  }

  #rbac(map: Json, at: string): RbacContext {
    return {
      user: this.#subject(map['user'], `${at}.user`),
      group: this.#subject(map['group'], `${at}.group`),
    };
  }

  #subject(value: unknown, at: string): RbacSubject | undefined {
    if (!isMap(value)) return undefined;
    const prefix = textOf(value['prefix']);
    const type = textOf(value['type']);
    if (type === 'ChannelName' || type === 'UserID') return { type, prefix };
    const fixed = asMap(value['static']);
    const values = [
      ...texts(fixed['values']),
      ...(textOf(fixed['value']) === '' ? [] : [textOf(fixed['value'])]),
    ];
    if (type === 'Static' && values.length > 0) return { type, prefix, values };
    if (type !== '')
      this.problems.push(`${at}: is neither Static with values nor ChannelName nor UserID`);
    return undefined;
  }

  #kubernetes(config: Json, at: string): KubernetesSource {
    const recommendations = asMap(config['recommendations']);
    const ofPods = asMap(recommendations['pod']);
    const ofIngresses = asMap(recommendations['ingress']);
    const filters = asMap(config['filters']);
    const offered = asMap(config['commands']);
    return {
      namespaces: this.#choice(config['namespaces'], `${at}.namespaces`, ['.*']),
      event: this.#event(config['event'], `${at}.event`) ?? {
        types: ['error'],
        reason: anything,
        message: anything,
      },
      labels: textMap(config['labels']),
      annotations: textMap(config['annotations']),
      resources: list(config['resources']).map((value, index) =>
        this.#resource(asMap(value), `${at}.resources[${index}]`),
      ),
      recommendations: {
        noLatestImageTag: asFlag(ofPods['noLatestImageTag'], false),
        labelsSet: asFlag(ofPods['labelsSet'], false),
        backendServiceValid: asFlag(ofIngresses['backendServiceValid'], false),
        tlsSecretValid: asFlag(ofIngresses['tlsSecretValid'], false),
      },
      usesAnnotationChecker: asFlag(filters['objectAnnotationChecker'], true),
      usesNodeEventsChecker: asFlag(filters['nodeEventsChecker'], true),
      commands: {
        verbs: offered['verbs'] === undefined ? offeredVerbs : texts(offered['verbs']),
        resources: texts(offered['resources']),
      },
      extraButtons: list(config['extraButtons']).flatMap((value, index) =>
        this.#button(asMap(value), `${at}.extraButtons[${index}]`),
      ),
    };
  }

  #button(map: Json, at: string): KubernetesSource['extraButtons'] {
    if (!asFlag(map['enabled'], false)) return [];
    const button = asMap(map['button']);
    const commandTemplate = textOf(button['commandTpl']);
    const displayName = textOf(button['displayName']);
    const types = texts(asMap(map['trigger'])['type']).map((type) => type.toLowerCase());
    if (commandTemplate === '' || displayName === '' || types.length === 0) {
      this.problems.push(`${at}: needs trigger.type, button.displayName and button.commandTpl`);
      return [];
    }
    return [{ types, displayName, commandTemplate }];
  }

  #prometheus(config: Json, at: string): PrometheusSource {
    const url = textOf(config['url']);
    if (url !== '' && !/^https?:\/\//.test(url))
      this.problems.push(`${at}.url: "${url}" is no http or https URL`);
    const states = texts(config['alertStates']).map((state) => state.toLowerCase());
    for (const state of states) {
      if (!alertStates.includes(state))
        this.problems.push(`${at}.alertStates: "${state}" is not one of ${alertStates.join(', ')}`);
    }
    return {
      url: /^https?:\/\//.test(url) ? url : undefined,
      ignoreOldAlerts: asFlag(config['ignoreOldAlerts'], true),
      alertStates:
        states.length === 0 ? alertStates : states.filter((one) => alertStates.includes(one)),
    };
  }

  #resource(map: Json, at: string): ResourceRules {
    const update = asMap(map['updateSetting']);
    const type = textOf(map['type']).toLowerCase();
    if (watchedKind(type) === undefined)
      this.problems.push(`${at}.type: "${type}" is no version/plural or group/version/plural`);
    const unkept = texts(update['fields']).find((path) => notKept.test(path));
    if (unkept !== undefined)
      this.warnings.push(
        `${at}.updateSetting.fields: ${unkept} is not kept here, its changes are not seen`,
      );
    return {
      type,
      name: this.#choice(map['name'], `${at}.name`, []),
      namespaces:
        map['namespaces'] === undefined
          ? undefined
          : this.#choice(map['namespaces'], `${at}.namespaces`, ['.*']),
      event: this.#event(map['event'], `${at}.event`),
      labels: isMap(map['labels']) ? textMap(map['labels']) : undefined,
      annotations: isMap(map['annotations']) ? textMap(map['annotations']) : undefined,
      updateFields: texts(update['fields']),
      includeDiff: asFlag(update['includeDiff'], false),
    };
  }

  #event(value: unknown, at: string): EventRules | undefined {
    if (!isMap(value)) return undefined;
    const types = texts(value['types']).map((type) => type.toLowerCase());
    for (const type of types) {
      if (!eventKinds.includes(type))
        this.problems.push(`${at}.types: "${type}" is not one of ${eventKinds.join(', ')}`);
    }
    const wanted = types.filter((type): type is EventKind => eventKinds.includes(type));
    if (wanted.length === 0) return undefined;
    return {
      types: wanted,
      reason: this.#choice(value['reason'], `${at}.reason`, []),
      message: this.#choice(value['message'], `${at}.message`, []),
    };
  }

  /** A bad pattern is left out: of what remains nothing may come to match everything. */
  #choice(value: unknown, at: string, byDefault: readonly string[]): Choice {
    const map = asMap(value);
    const good = (kind: 'include' | 'exclude', items: readonly string[]): readonly string[] =>
      items.filter((pattern) => {
        try {
          RE2JS.compile(pattern);
          return true;
        } catch (error) {
          this.problems.push(
            `${at}.${kind}: "${pattern}" is no regular expression: ${describeError(error)}`,
          );
          return false;
        }
      });
    const include = map['include'] === undefined ? byDefault : texts(map['include']);
    return { include: good('include', include), exclude: good('exclude', texts(map['exclude'])) };
  }
}

/** Of the select beside a notification. */
const offeredVerbs: readonly string[] = [
  ...['api-resources', 'api-versions', 'cluster-info', 'describe', 'explain', 'get', 'logs', 'top'],
];
const alertStates: readonly string[] = ['firing', 'pending', 'inactive'];
/** What is not mirrored of templates of pods. */
const notKept =
  /\.(env|envFrom|volumeMounts|livenessProbe|readinessProbe|startupProbe|lifecycle)\b/;

const anything: Choice = { include: [], exclude: [] };

/** A variable of the environment gives one text: `a,b`. */
const namesOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(',').map((name) => name.trim()) : texts(value);

/** `botkube/kubectl`, `botkube/kubectl@v1`, `botkubeExtra/helm`. */
function pluginOf(map: Json, name: string): Json | undefined {
  const pattern = new RegExp(`^botkube(Extra)?/${name}(@.*)?$`);
  const key = Object.keys(map).find((one) => pattern.test(one));
  return key === undefined ? undefined : asMap(map[key]);
}

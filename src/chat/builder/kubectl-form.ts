import {
  type FormField,
  type FormOption,
  type FormValues,
  formValue,
  type ReplyForm,
} from '../form.ts';

/** Asks for the form, and for it again when something in it has changed. */
export const builderCommand = 'kubectl @builder';
export const builderTitle = 'Build a kubectl command';

/** Chats show no more options of a list; what is left out is found by its name. */
const maxOptions = 100;
/** Stands for all namespaces, and for no name. */
const everything = '*';

/** A verb of the builder: what it is about, and whether it must have a name. */
interface VerbShape {
  /** Undefined: any resource type that can be listed; empty: none. */
  readonly resources?: readonly string[];
  readonly needsName?: true;
  /** Takes `-A`. */
  readonly everywhere?: true;
}

const withLogs = ['pods', 'deployments', 'statefulsets', 'daemonsets', 'replicasets', 'jobs'];
const shapes: Readonly<Record<string, VerbShape>> = {
  get: { everywhere: true },
  describe: { everywhere: true },
  logs: { resources: withLogs, needsName: true },
  top: { resources: ['pods', 'nodes'], everywhere: true },
  delete: { needsName: true },
  cordon: { resources: ['nodes'], needsName: true },
  uncordon: { resources: ['nodes'], needsName: true },
  drain: { resources: ['nodes'], needsName: true },
  'api-resources': { resources: [] },
  'api-versions': { resources: [] },
  'cluster-info': { resources: [] },
  version: { resources: [] },
};
const usualVerbs: readonly string[] = [
  ...['get', 'describe', 'logs', 'top'],
  ...['api-resources', 'api-versions', 'cluster-info'],
];
/** Those that most people look for, before all others. */
const usualResources: readonly string[] = [
  ...['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'services'],
  ...['ingresses', 'configmaps', 'persistentvolumeclaims', 'nodes', 'namespaces', 'events'],
];

export interface ResourceType {
  /** Plural; with its group where another has the same name. */
  readonly name: string;
  readonly isNamespaced: boolean;
}

/** What may be offered; empty: everything. */
export interface BuilderLimits {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  readonly namespaces: readonly string[];
  readonly defaultNamespace: string;
}

/** What has been chosen so far; what does not fit what was chosen before it is gone. */
export interface BuilderChoice {
  readonly verb: string | undefined;
  readonly resource: ResourceType | undefined;
  /** `*`: all; undefined: there are none. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly search: string | undefined;
  readonly filter: string | undefined;
}

/** Lists of the cluster; undefined: it is not told, or not asked for yet. */
export interface BuilderLists {
  readonly resources: readonly ResourceType[] | undefined;
  readonly namespaces: readonly string[] | undefined;
  readonly names: readonly string[] | undefined;
  /** What could not be listed, and why. */
  readonly problems: readonly string[];
}

/** Verbs that the form can make a command of. */
export function builderVerbs({ verbs }: BuilderLimits): readonly string[] {
  const wanted = verbs.length === 0 ? usualVerbs : verbs;
  return [...new Set(wanted)].filter((verb) => Object.hasOwn(shapes, verb));
}

/** Whether a verb is about a resource at all. */
export const needsResource = (verb: string | undefined): boolean =>
  verb !== undefined && shapes[verb]?.resources?.length !== 0;

/** Resource types that a verb may be about, those that are looked for most first. */
export function builderResources(
  verb: string,
  known: readonly ResourceType[],
  limits: BuilderLimits,
): readonly ResourceType[] {
  const { resources } = shapes[verb] ?? {};
  const rank = ({ name }: ResourceType): number => {
    const at = usualResources.indexOf(name);
    return at < 0 ? usualResources.length : at;
  };
  return known
    .filter(({ name }) => resources === undefined || resources.includes(name))
    .filter(({ name }) => limits.resources.length === 0 || limits.resources.includes(name))
    .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Reads the values of the form against what may be chosen. */
export function builderChoice(
  values: FormValues | undefined,
  resources: readonly ResourceType[] | undefined,
  limits: BuilderLimits,
): BuilderChoice {
  const asked = formValue(values, 'verb');
  const verb = builderVerbs(limits).find((one) => one === asked);
  const resource =
    verb === undefined || resources === undefined
      ? undefined
      : builderResources(verb, resources, limits).find(
          ({ name }) => name === formValue(values, 'resource'),
        );
  const namespace = formValue(values, 'namespace');
  const allowed = limits.namespaces;
  const first = allowed.includes(limits.defaultNamespace) ? undefined : allowed[0];
  const isGood = namespace !== undefined && (allowed.length === 0 || allowed.includes(namespace));
  const mayBeAll = verb !== undefined && shapes[verb]?.everywhere === true && allowed.length === 0;
  return {
    verb,
    resource,
    namespace:
      resource?.isNamespaced !== true
        ? undefined
        : isGood && (namespace !== everything || mayBeAll)
          ? namespace
          : (first ?? limits.defaultNamespace),
    name: formValue(values, 'name'),
    search: formValue(values, 'search'),
    filter: formValue(values, 'filter'),
  };
}

export function builderForm(
  choice: BuilderChoice,
  lists: BuilderLists,
  limits: BuilderLimits,
): ReplyForm {
  const { verb, resource, namespace, filter } = choice;
  const notes = [...lists.problems];
  const fields: FormField[] = [selectOf('verb', 'Select verb', builderVerbs(limits), verb)];
  if (verb !== undefined && needsResource(verb) && lists.resources !== undefined) {
    const names = builderResources(verb, lists.resources, limits).map(({ name }) => name);
    if (names.length > maxOptions)
      notes.push(`The first ${maxOptions} of ${names.length} resource types are shown.`);
    fields.push(selectOf('resource', 'Select resource', names, resource?.name));
  }
  const name = addObject(fields, notes, choice, lists, limits);
  const preview = previewOf({ ...choice, name });
  if (preview !== undefined) {
    fields.push({
      kind: 'text',
      name: 'filter',
      label: 'Filter output',
      placeholder: 'String pattern to filter by',
      value: filter,
    });
  }
  if (namespace === everything) notes.push('Choose a namespace to choose a name.');
  return {
    title: builderTitle,
    command: builderCommand,
    asks: 'when changed',
    fields,
    notes,
    ...(preview === undefined
      ? {}
      : { preview, buttons: [{ text: 'Run command', command: preview }] }),
  };
}

/** Where it is, and what it is called. @returns its name, where there is one of that name */
function addObject(
  fields: FormField[],
  notes: string[],
  { verb, resource, namespace, name, search }: BuilderChoice,
  { namespaces, names }: BuilderLists,
  limits: BuilderLimits,
): string | undefined {
  if (verb === undefined || resource === undefined) return undefined;
  const shape = shapes[verb] ?? {};
  if (namespaces !== undefined && namespace !== undefined) {
    const mayBeAll = shape.everywhere === true && limits.namespaces.length === 0;
    const all = mayBeAll ? [{ text: 'All namespaces', value: everything }] : [];
    const shown = namespaces.slice(0, maxOptions - all.length);
    if (shown.length < namespaces.length)
      notes.push(`The first ${shown.length} of ${namespaces.length} namespaces are shown.`);
    const options = [...all, ...shown.map(plainOption)];
    fields.push({
      kind: 'select',
      name: 'namespace',
      label: 'Select namespace',
      options: options.some(({ value }) => value === namespace)
        ? options
        : [...options.slice(0, maxOptions - 1), plainOption(namespace)],
      value: namespace,
    });
  }
  if (names === undefined) return undefined;
  const none = shape.needsName === true ? [] : [{ text: 'No name: all', value: everything }];
  const room = maxOptions - none.length;
  const found = search === undefined ? names : names.filter((one) => one.includes(search));
  const shown = found.slice(0, room);
  if (found.length > room)
    notes.push(`The first ${room} of ${found.length} names are shown. Search for others.`);
  if (found.length === 0)
    notes.push(search === undefined ? 'There is none.' : `No name has "${search}".`);
  const chosen = name !== undefined && found.includes(name) ? name : undefined;
  if (chosen !== undefined && !shown.includes(chosen)) shown.splice(-1, 1, chosen);
  const options = [...none, ...shown.map(plainOption)];
  if (options.length > 0)
    fields.push({
      kind: 'select',
      name: 'name',
      label: 'Select resource name',
      options,
      value: chosen ?? none[0]?.value,
    });
  if (names.length > room || search !== undefined)
    fields.push({
      kind: 'text',
      name: 'search',
      label: 'Search names',
      placeholder: 'Part of a name',
      value: search,
    });
  return chosen;
}

/** Undefined: something is missing. */
export function previewOf({
  verb,
  resource,
  namespace,
  name,
  filter,
}: BuilderChoice): string | undefined {
  if (verb === undefined) return undefined;
  const { needsName } = shapes[verb] ?? {};
  const words = ['kubectl', verb];
  if (needsResource(verb)) {
    if (resource === undefined || (needsName === true && name === undefined)) return undefined;
    const isOfNodes = shapes[verb]?.resources?.join() === 'nodes';
    if (verb === 'logs') words.push(`${resource.name}/${name}`);
    else words.push(...(isOfNodes ? [] : [resource.name]), ...(name === undefined ? [] : [name]));
    if (namespace === everything) words.push('-A');
    else if (namespace !== undefined) words.push('-n', namespace);
  }
  if (filter !== undefined) words.push(`--filter="${filter.replace(/["\\]/g, '\\$&')}"`);
  return words.join(' ');
}

const plainOption = (value: string): FormOption => ({ text: value, value });

const selectOf = (
  name: string,
  label: string,
  values: readonly string[],
  value: string | undefined,
): FormField => ({
  kind: 'select',
  name,
  label,
  options: values.slice(0, maxOptions).map(plainOption),
  value,
});

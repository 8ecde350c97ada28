import { isScalar } from 'yaml';
import {
  anything,
  choice,
  duration,
  type Field,
  flag,
  list,
  record,
  section,
  text,
} from '#metrics/config';
import { type CommonFields, common } from '../config/common-fields.ts';
import type { Notification } from '../contract.ts';
import { statusOf } from '../template/data.ts';
import { jsonAnswer, refusal } from './answers.ts';
import { type Sender, type SenderDeps, sender, type Texts } from './contract.ts';
import { groupHash } from './group-hash.ts';
import { filled, objectOf, textsFor, truncated } from './texts.ts';

const maxSummaryChars = 255;
const maxDescriptionChars = 32_767;

/** A text, or a text with what happens to it when the issue is there already. */
export interface JiraText {
  readonly template: string;
  readonly enableUpdate: boolean;
}

export interface JiraConfig extends CommonFields {
  /** Of the REST API, such as `https://me.atlassian.net/rest/api/2/`. */
  readonly apiUrl: string;
  readonly apiType: 'auto' | 'cloud' | 'datacenter';
  readonly project: string;
  readonly issueType: string;
  readonly summary: JiraText;
  readonly description: JiraText;
  readonly labels: readonly string[];
  readonly priority: string;
  readonly reopenTransition: string;
  readonly resolveTransition: string;
  readonly wontFixResolution: string;
  readonly reopenDurationMs: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

function jiraText(template: string): Field<JiraText> {
  const long = section<JiraText>({ template: text(template), enableUpdate: flag(true) });
  const short = text(template);
  return {
    absent: long.absent,
    read: (node, reader, at) =>
      isScalar(node)
        ? { template: short.read(node, reader, at), enableUpdate: true }
        : long.read(node, reader, at),
  };
}

export const jira: Field<JiraConfig> = section<JiraConfig>(
  {
    ...common(true),
    apiUrl: text(),
    apiType: choice(['auto', 'cloud', 'datacenter'], 'auto'),
    project: text(),
    issueType: text(),
    summary: jiraText('{{ template "jira.default.summary" . }}'),
    description: jiraText('{{ template "jira.default.description" . }}'),
    labels: list(text()),
    priority: text('{{ template "jira.default.priority" . }}'),
    reopenTransition: text(),
    resolveTransition: text(),
    wontFixResolution: text(),
    reopenDurationMs: duration(0),
    fields: record(anything),
  },
  ({ project, issueType }) =>
    project === ''
      ? 'missing project in jira_config'
      : issueType === ''
        ? 'missing issue_type in jira_config'
        : undefined,
);

interface Issue {
  readonly key: string;
  readonly isDone: boolean;
}

/** One issue for each group, found again by a label: made, kept up to date, moved on when all is over. */
export function jiraSender(config: JiraConfig, { templates, http }: SenderDeps): Sender {
  const base = config.apiUrl.replace(/\/*$/, '');
  const call = async (
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { 'accept-language': 'en' };
    const answer = await http.post({ url, method, body, headers, signal });
    // An update is answered with nothing.
    return answer.text === '' ? {} : jsonAnswer('jira', answer);
  };
  return sender(async (notification, signal) => {
    const texts = textsFor(templates, notification);
    const isFiring = statusOf(notification.alerts) === 'firing';
    const found = await call(
      'POST',
      searchUrl(config, base),
      { jql: queryOf(config, notification, texts), maxResults: 2, fields: ['status'] },
      signal,
    );
    const issue = issueOf(found);
    if (issue === undefined && !isFiring) return undefined;
    const fields = fieldsOf(config, notification, texts);
    if (issue === undefined) {
      await call('POST', `${base}/issue`, { fields }, signal);
      return undefined;
    }
    const kept = Object.entries(fields).filter(
      ([name]) =>
        (name !== 'summary' || config.summary.enableUpdate) &&
        (name !== 'description' || config.description.enableUpdate),
    );
    const url = `${base}/issue/${encodeURIComponent(issue.key)}`;
    await call('PUT', url, { fields: Object.fromEntries(kept) }, signal);
    if (issue.isDone !== isFiring) return undefined;
    const wanted = isFiring ? config.reopenTransition : config.resolveTransition;
    if (wanted === '') return undefined;
    const { transitions } = await call('GET', `${url}/transitions`, undefined, signal);
    const id = idNamed(transitions, wanted);
    await call('POST', `${url}/transitions`, { transition: { id } }, signal);
    return undefined;
  });
}

const labelOf = ({ groupKey }: Notification): string => `ALERT{${groupHash(groupKey)}}`;

/** Jira's cloud has another way to search, which data centers lack. */
function searchUrl({ apiType }: JiraConfig, base: string): string {
  const isCloud =
    apiType === 'cloud' || (apiType === 'auto' && /\.atlassian\.net$/.test(new URL(base).hostname));
  return isCloud ? `${base}/search/jql`.replace('/rest/api/2/', '/rest/api/3/') : `${base}/search`;
}

function queryOf(config: JiraConfig, notification: Notification, { text }: Texts): string {
  const quoted = (value: string): string => JSON.stringify(value);
  const { wontFixResolution, reopenTransition, reopenDurationMs } = config;
  const isFiring = statusOf(notification.alerts) === 'firing';
  const reopenMinutes = Math.floor(reopenDurationMs / 60_000);
  const conditions = [
    ...(wontFixResolution === ''
      ? []
      : [`(resolution is EMPTY or resolution != ${quoted(wontFixResolution)})`]),
    isFiring && reopenTransition !== '' && reopenMinutes > 0
      ? `(resolutiondate is EMPTY OR resolutiondate >= -${reopenMinutes}m)`
      : 'statusCategory != Done',
    `project=${quoted(text(config.project))}`,
    `labels=${quoted(labelOf(notification))}`,
  ];
  return `${conditions.join(' and ')} order by status ASC,resolutiondate DESC`;
}

function issueOf({ issues }: Readonly<Record<string, unknown>>): Issue | undefined {
  if (!Array.isArray(issues)) throw refusal('jira', 'the search was not answered', 'retry');
  const [first] = issues as readonly {
    readonly key?: unknown;
    readonly fields?: {
      readonly status?: { readonly statusCategory?: { readonly key?: unknown } };
    };
  }[];
  if (typeof first?.key !== 'string') return undefined;
  return { key: first.key, isDone: first.fields?.status?.statusCategory?.key === 'done' };
}

function fieldsOf(
  config: JiraConfig,
  notification: Notification,
  texts: Texts,
): Record<string, unknown> {
  const { text } = texts;
  const summary = text(config.summary.template).replace(/\s+/g, ' ').trim();
  const description = text(config.description.template);
  const priority = text(config.priority).trim();
  const isV3 = /\/3\/*$/.test(config.apiUrl);
  return {
    ...(filled(config.fields, texts) as Record<string, unknown>),
    project: { key: text(config.project) },
    issuetype: { name: text(config.issueType) },
    summary: truncated(summary, maxSummaryChars),
    ...(description.trim() === ''
      ? {}
      : {
          description: isV3 ? documentOf(description) : truncated(description, maxDescriptionChars),
        }),
    labels: [...config.labels.map(text), labelOf(notification)].sort(),
    ...(priority === '' ? {} : { priority: { name: priority } }),
  };
}

/** Version 3 of the API has documents: a template may write one itself, any other text becomes one. */
function documentOf(description: string): unknown {
  const written = objectOf(description);
  if (written['type'] === 'doc') return written;
  const lines = truncated(description, maxDescriptionChars).trim().split('\n');
  return {
    type: 'doc',
    version: 1,
    content: lines.map((line) => ({
      type: 'paragraph',
      content: line === '' ? [] : [{ type: 'text', text: line }],
    })),
  };
}

function idNamed(transitions: unknown, name: string): string {
  if (!Array.isArray(transitions)) throw refusal('jira', 'no transitions were listed', 'retry');
  const found = (transitions as readonly { readonly id?: unknown; readonly name?: unknown }[]).find(
    (one) => one.name === name,
  );
  if (found?.id !== undefined) return String(found.id);
  throw refusal('jira', `the issue has no transition ${JSON.stringify(name)}`);
}

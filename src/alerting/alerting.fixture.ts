import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, MetricsRegistry, silentLogger, systemClock } from '#base';
import type { Integration } from './config/integrations.ts';
import { type AlertmanagerYaml, loadAlertmanagerYaml } from './config/load.ts';
import type { Notification } from './contract.ts';
import { Alertmanager } from './engine/alertmanager.ts';
import type { Sender } from './receivers/contract.ts';

export interface Told {
  readonly channel: string;
  readonly groupKey: string;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

export interface Rig {
  readonly manager: Alertmanager;
  readonly metrics: MetricsRegistry;
  readonly told: Told[];
}

export const yamlOf = (text: string): AlertmanagerYaml =>
  loadAlertmanagerYaml({ text, file: 'a.yml', firstLine: 1, key: '' });

/** A name for each alert in what receivers were told: its `alertname` and `n`. */
const names = ({ alerts }: Notification, wanted: string): string[] =>
  alerts
    .filter(({ status }) => status === wanted)
    .map(({ alert }) => `${alert.labels['alertname']}${alert.labels['n'] ?? ''}`)
    .sort();

/**
 * A running one over a folder, whose receivers only write down what they are told.
 * @param fail may throw in place of a receiver
 */
export async function openRig(
  text: string,
  folder: string,
  fail: (integration: Integration, attempt: number) => void = () => {},
  clock: Clock = systemClock,
): Promise<Rig> {
  const told: Told[] = [];
  const metrics = new MetricsRegistry();
  const openSender = (integration: Integration): Sender => {
    let attempt = 0;
    return {
      send: async (notification) => {
        fail(integration, attempt++);
        told.push({
          channel: `${integration.receiver}/${integration.kind}/${integration.index}`,
          groupKey: notification.groupKey,
          firing: names(notification, 'firing'),
          resolved: names(notification, 'resolved'),
        });
        return undefined;
      },
      [Symbol.dispose]: () => {},
    };
  };
  const manager = await Alertmanager.open(yamlOf(text), {
    clock,
    log: silentLogger,
    metrics,
    env: {},
    version: '1',
    externalUrl: 'http://n',
    folder,
    openSender,
  });
  manager.start();
  return { manager, metrics, told };
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'nunchi-alerting-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Polls until it holds. */
export async function eventually(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 6000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where Debian has it. The one without a window draws the same, for two thirds of the processor time. */
const chromiumPaths = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] as const;
export const chromiumPath: string | undefined =
  process.env['NUNCHI_TEST_CHROMIUM'] ?? chromiumPaths.find((path) => existsSync(path));
const startTimeoutMs = 120_000;

/** Why these tests cannot run here; undefined: they can. */
export function browserMissing(): string | undefined {
  if (!existsSync(join(root, 'web/dist/index.html'))) {
    return 'the web UI is not built (npm run build:web)';
  }
  if (chromiumPath === undefined || !existsSync(chromiumPath)) {
    return `chromium is not installed at ${chromiumPath ?? chromiumPaths.join(' or ')}`;
  }
  return undefined;
}

/** A skip reason for node:test; with chromium required, a missing one is a failure instead. */
export function skipWithoutBrowser(): string | false {
  const reason = browserMissing();
  if (reason === undefined) return false;
  if ((process.env['NUNCHI_TEST_REQUIRE'] ?? '').split(',').includes('chromium')) {
    throw new Error(`Browser tests are required, yet ${reason}`);
  }
  return reason;
}

export interface ConsoleUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly browser: Browser;
  /** A page of a fresh profile; whatever it logs as an error is in `errors`. */
  open(options?: {
    readonly theme?: 'dark' | 'light';
    readonly language?: 'en' | 'ko';
    readonly width?: number;
    readonly height?: number;
  }): Promise<{ readonly page: Page; readonly errors: string[]; readonly context: BrowserContext }>;
}

/** A server process with an hour of logs, and a browser; with a rate, new lines come all the time. */
export async function startConsole(eventsPerSecond = 0): Promise<ConsoleUnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-browser-'));
  const server = spawn(
    process.execPath,
    [join(root, 'test/browser/console-server.ts'), dataDir, '0', String(eventsPerSecond)],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await firstLine(server);
  return await browse(url, async () => {
    await endProcess(server);
    rmSync(dataDir, { recursive: true, force: true });
  });
}

/** Ends a server process and waits until it is gone. */
export async function endProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
}

/** A browser on a console that is being served; `close` ends what serves it. */
export async function browse(url: string, close: () => Promise<void>): Promise<ConsoleUnderTest> {
  const browser = await chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: ['--no-sandbox'],
  });
  return {
    url,
    browser,
    open: async ({ theme = 'dark', language = 'en', width = 1440, height = 900 } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        timezoneId: 'Asia/Seoul',
        reducedMotion: 'reduce',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      await context.addInitScript((preferences) => {
        localStorage.getItem('nunchi.preferences') ??
          localStorage.setItem('nunchi.preferences', preferences);
      }, JSON.stringify({ theme, language }));
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        // Pods that come and go on this machine bring network interfaces: Chromium then cuts requests.
        const isOfMachine = message.text().includes('ERR_NETWORK_CHANGED');
        if (message.type() === 'error' && !isOfMachine) errors.push(message.text());
      });
      return { page, errors, context };
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await close();
    },
  };
}

function firstLine(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      server.kill();
      reject(new Error('The server did not start in time'));
    }, startTimeoutMs);
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    createInterface({ input: server.stdout as NonNullable<typeof server.stdout> }).once(
      'line',
      (line) => {
        clearTimeout(timer);
        resolve(line.trim());
      },
    );
  });
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds wrong with the page as it stands, one line each; empty: nothing. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Evaluated, not put into the page as a script: the content security policy stays on.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axePath, 'utf8'));
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations.flatMap((violation) =>
      violation.nodes.map(
        (node) => `${violation.id} at ${String(node.target)}: ${node.failureSummary ?? ''}`,
      ),
    );
  });
}

/** Waits until exactly that many are there. @throws playwright's timeout, which names them */
export async function thereAre(these: Locator, count: number): Promise<void> {
  if (count > 0) await these.nth(count - 1).waitFor({ state: 'attached' });
  await these.nth(count).waitFor({ state: 'detached' });
}

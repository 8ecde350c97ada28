import { AppError } from '#base';
import type { ExecPlugin, KubernetesAccess } from '../contract.ts';
import type { Environment } from './in-cluster.ts';

/** What a plugin gave; kept until it expires. */
export interface ExecCredential {
  readonly token: string | undefined;
  readonly certificatePem: string | undefined;
  readonly privateKeyPem: string | undefined;
  /** Ms since the Unix epoch; undefined: until the API server refuses it. */
  readonly expiresAtMs: number | undefined;
}

/** A cold `aws eks get-token` takes some seconds. */
const timeoutMs = 60_000;
const maxOutputBytes = 1024 * 1024;

/**
 * Runs a credential plugin of a kubeconfig. Source: kubernetes.io, "client-go credential plugins".
 * @throws {AppError} KUBERNETES_EXEC_FAILED, with the last of what it wrote to stderr
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  access: KubernetesAccess,
  env: Environment,
  authorityPem: string | undefined,
): Promise<ExecCredential> {
  // Only laptops have plugins; a pod does without this module.
  const { execFile } = await import('node:child_process');
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo && { cluster: clusterInfo(access, plugin, authorityPem) }),
    },
  };
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      plugin.command,
      [...plugin.args],
      {
        env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: timeoutMs,
        maxBuffer: maxOutputBytes,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(plugin, stderr.trim().split('\n').slice(-3).join(' '), error));
      },
    );
    // One that does not read has nothing to be told.
    child.stdin?.on('error', () => {});
    child.stdin?.end();
  });
  return parseCredential(plugin, output);
}

function clusterInfo(
  { server, tls, proxyUrl }: KubernetesAccess,
  { clusterConfig }: ExecPlugin,
  authorityPem: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    server,
    ...(tls.serverName !== undefined && { 'tls-server-name': tls.serverName }),
    ...(tls.insecureSkipVerify && { 'insecure-skip-tls-verify': true }),
    ...(authorityPem !== undefined && {
      'certificate-authority-data': Buffer.from(authorityPem).toString('base64'),
    }),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
    ...(clusterConfig !== undefined && { config: clusterConfig }),
  };
}

interface ExecCredentialBody {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly status?: {
    readonly token?: unknown;
    readonly clientCertificateData?: unknown;
    readonly clientKeyData?: unknown;
    readonly expirationTimestamp?: unknown;
  } | null;
}

function parseCredential(plugin: ExecPlugin, output: string): ExecCredential {
  let body: ExecCredentialBody;
  try {
    body = Object(JSON.parse(output)) as ExecCredentialBody;
  } catch (cause) {
    throw failure(plugin, 'it printed no JSON', cause);
  }
  if (body.kind !== 'ExecCredential') throw failure(plugin, 'it printed no ExecCredential');
  if (body.apiVersion !== plugin.apiVersion) {
    throw failure(plugin, `it answered ${String(body.apiVersion)}, not ${plugin.apiVersion}`);
  }
  const status = body.status ?? {};
  const token = textOf(status.token);
  const certificatePem = textOf(status.clientCertificateData);
  const privateKeyPem = textOf(status.clientKeyData);
  if (token === undefined && certificatePem === undefined) {
    throw failure(plugin, 'its answer has neither a token nor a certificate');
  }
  if ((certificatePem === undefined) !== (privateKeyPem === undefined)) {
    throw failure(plugin, 'its answer has one of clientCertificateData and clientKeyData only');
  }
  const expires = textOf(status.expirationTimestamp);
  const expiresAtMs = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresAtMs)) {
    throw failure(plugin, `its expirationTimestamp "${expires}" is no time`);
  }
  return { token, certificatePem, privateKeyPem, expiresAtMs };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function failure(plugin: ExecPlugin, what: string, cause?: unknown): AppError {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const words = isMissing ? 'it is not installed' : what;
  const hint = isMissing ? plugin.installHint : undefined;
  return new AppError(
    'KUBERNETES_EXEC_FAILED',
    `The credential plugin ${plugin.command} failed${words === '' ? '' : `: ${words}`}`,
    {
      details: { command: plugin.command },
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

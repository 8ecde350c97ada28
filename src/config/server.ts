import type { AuthConfig, AwsConfig, ServerConfig } from './contract.ts';
import {
  choice,
  duration,
  type Field,
  flag,
  httpUrl,
  integer,
  list,
  listenAddress,
  optional,
  section,
  size,
  text,
  timeZone,
} from './fields.ts';

export const server: Field<ServerConfig> = section<ServerConfig>(
  'The HTTP server and what it is known as.',
  {
    listen: listenAddress({
      default: '127.0.0.1:7600',
      doc: 'Where the server listens. Any address but loopback needs a user or a token first.',
    }),
    dataDir: text({ default: './data', doc: 'Folder for everything that is stored.' }),
    bodyLimitBytes: size({
      default: '32MiB',
      min: '64KiB',
      doc: 'Largest request body. Single routes may allow less.',
    }),
    tls: section<ServerConfig['tls']>('Serve HTTPS. Both files or none, PEM.', {
      certFile: optional(text({ default: '', doc: 'Certificate, followed by its chain.' })),
      keyFile: optional(text({ default: '', doc: 'Private key.' })),
    }),
    publicUrl: optional(
      httpUrl({
        default: 'http://localhost',
        doc: 'Address under which people reach the server, for links and for the check of browser requests.',
      }),
    ),
    allowedHosts: list(text({ default: '', doc: '' }), {
      doc: 'Host names, besides localhost and 127.0.0.1, under which a server without login answers.',
    }),
    drainTimeoutMs: duration({
      default: '10s',
      doc: 'How long requests in flight may take when the server stops.',
    }),
    accountId: text({
      default: '000000000000',
      pattern: /^\d{12}$/,
      allowed: '12 digits',
      doc: 'AWS account id in ARNs.',
    }),
    region: text({
      default: 'us-east-1',
      pattern: /^[a-z0-9-]{1,64}$/,
      allowed: 'a region such as ap-northeast-2',
      doc: 'AWS region in ARNs, where a request does not name one.',
    }),
    clusterName: optional(
      text({ default: '', doc: 'Name of the Kubernetes cluster, for log groups and labels.' }),
    ),
    timeZone: timeZone({
      default: 'local',
      reloadable: true,
      doc: 'Time zone of the web UI until a reader picks one; `local` is that of the browser.',
    }),
  },
);

export const auth: Field<AuthConfig> = section<AuthConfig>(
  'Who may use the server. Users and tokens are made with `nunchi user add` and `nunchi token create`.',
  {
    allowAnonymousOnLoopback: flag({
      default: 'true',
      doc: 'Whether a server on loopback with no users and no tokens answers without login.',
    }),
    sessionLifetimeMs: duration({
      default: '7d',
      min: '1m',
      reloadable: true,
      doc: 'How long a login lasts.',
    }),
    loginAttemptsPerMinute: integer({
      default: '10',
      min: 1,
      max: 10_000,
      reloadable: true,
      doc: 'Failed logins allowed for one user and for one address before the next is refused.',
    }),
    initialAdmin: section<AuthConfig['initialAdmin']>(
      'An administrator who is made when the server starts and has no users yet. Later changes of the password are made in Nunchi.',
      {
        name: text({ default: 'admin', doc: 'Name of the user.' }),
        password: optional(
          text({ default: '', doc: 'Password, from an environment variable as a rule.' }),
        ),
        passwordFile: optional(text({ default: '', doc: 'File that holds the password.' })),
      },
    ),
    agentServiceAccounts: list(
      text({
        default: 'nunchi:nunchi-agent',
        pattern: /^[a-z0-9.-]+:[a-z0-9.-]+$/,
        allowed: 'NAMESPACE:NAME',
        doc: '',
      }),
      {
        doc: 'Service accounts of the cluster, as `NAMESPACE:NAME`, whose tokens are taken from agents. The API server is asked whose a token is.',
      },
    ),
  },
);

export const aws: Field<AwsConfig> = section<AwsConfig>('The AWS APIs.', {
  verifySignatures: choice(['auto', 'always', 'never'], {
    default: 'auto',
    doc: 'Whether requests must be signed with an access key made by `nunchi access-key create`; `auto`: where the server asks for a login.',
  }),
});

import { put, type Section } from './job.ts';
import type { SpecReader } from './reader.ts';
import type { References } from './references.ts';

/** What a scrape class gives to objects that do not say it themselves. */
type ScrapeClass = SpecReader | undefined;

/** TLS of an object: references become PEM, files stay files. */
export function addTls(
  to: Section,
  tls: SpecReader | undefined,
  references: References,
  scrapeClass?: ScrapeClass,
): void {
  const common = scrapeClass?.child('tlsConfig');
  if (tls === undefined && common === undefined) return;
  const own = tls ?? common;
  if (own === undefined) return;
  const section: Section = {};
  put(section, 'insecure_skip_verify', own.flag('insecureSkipVerify'));
  put(section, 'ca', references.secretOrConfigMap(own.child('ca')));
  put(section, 'cert', references.secretOrConfigMap(own.child('cert')));
  put(section, 'key', references.secret(own.child('keySecret')));
  put(section, 'server_name', own.text('serverName'));
  put(section, 'min_version', own.text('minVersion'));
  put(section, 'max_version', own.text('maxVersion'));
  const file = (name: string, inline: string): string | undefined =>
    own.text(name) ?? (section[inline] === undefined ? common?.text(name) : undefined);
  put(section, 'ca_file', file('caFile', 'ca'));
  put(section, 'cert_file', file('certFile', 'cert'));
  put(section, 'key_file', file('keyFile', 'key'));
  to['tls_config'] = section;
}

/** Who we are: basic, bearer, authorization, OAuth2. Secrets become values. */
export function addCredentials(
  to: Section,
  from: SpecReader,
  references: References,
  scrapeClass?: ScrapeClass,
): void {
  const bearer = from.child('bearerTokenSecret');
  if (bearer?.text('name') !== undefined) put(to, 'bearer_token', references.secret(bearer));
  const basic = from.child('basicAuth');
  if (basic !== undefined) {
    to['basic_auth'] = {
      username: references.secret(basic.child('username')) ?? '',
      password: references.secret(basic.child('password')) ?? '',
    };
  }
  addOauth2(to, from.child('oauth2'), references);
  const common = scrapeClass?.child('authorization');
  const authorization = from.child('authorization') ?? common;
  if (authorization === undefined) return;
  const section: Section = { type: (authorization.text('type') ?? 'Bearer').trim() };
  const credentials = authorization.child('credentials') ?? common?.child('credentials');
  put(section, 'credentials', references.secret(credentials));
  if (credentials === undefined) {
    put(section, 'credentials_file', authorization.text('credentialsFile'));
  }
  to['authorization'] = section;
}

function addOauth2(to: Section, oauth2: SpecReader | undefined, references: References): void {
  if (oauth2 === undefined) return;
  const section: Section = {
    client_id: references.secretOrConfigMap(oauth2.child('clientId')) ?? '',
    client_secret: references.secret(oauth2.child('clientSecret')) ?? '',
    token_url: oauth2.text('tokenUrl') ?? '',
  };
  if (oauth2.texts('scopes').length > 0) section['scopes'] = oauth2.texts('scopes');
  if (oauth2.has('endpointParams')) section['endpoint_params'] = oauth2.record('endpointParams');
  addProxy(section, oauth2, references);
  addTls(section, oauth2.child('tlsConfig'), references);
  to['oauth2'] = section;
}

export function addProxy(to: Section, from: SpecReader, references: References): void {
  put(to, 'proxy_url', from.text('proxyUrl'));
  put(to, 'no_proxy', from.text('noProxy'));
  put(to, 'proxy_from_environment', from.flag('proxyFromEnvironment'));
  const headers = from.child('proxyConnectHeader');
  if (headers === undefined) return;
  to['proxy_connect_header'] = Object.fromEntries(
    headers
      .keys()
      .map((name) => [name, headers.children(name).map((one) => references.secret(one) ?? '')]),
  );
}

export function addRedirects(to: Section, from: SpecReader): void {
  put(to, 'follow_redirects', from.flag('followRedirects'));
  // Both spellings are in the API.
  put(to, 'enable_http2', from.flag('enableHttp2') ?? from.flag('enableHTTP2'));
}

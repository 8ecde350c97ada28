/** What the agent needs to know of its node's kubelet. */
export interface KubeletOptions {
  /** Base URL: `https://10.0.0.7:10250`. */
  readonly url: string;
  /** Label `node`. */
  readonly node: string;
  /** Bearer token, read again when it is replaced; undefined: none is sent. */
  readonly tokenFile: string | undefined;
  /** PEM of the authority of the kubelet's certificate; read again when it is replaced. */
  readonly caFile: string | undefined;
  /** Any certificate will do. */
  readonly insecureTls: boolean;
  readonly intervalMs: number;
  /** Such as `/metrics/cadvisor`. */
  readonly paths: readonly string[];
  /** Keep also the series of cAdvisor that no dashboard asks for. */
  readonly keepAll: boolean;
}

/** The path whose series cgroups can tell of too. */
export const cadvisorPath = '/metrics/cadvisor';

/** `HOST:PORT`, as a target has it. */
export function instanceOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

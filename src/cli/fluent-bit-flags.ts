import type { FluentBitProperty, FluentBitSection } from '#agent';
import { AppError } from '#base';

/** What Fluent Bit's own command line says, besides `-c` and `--dry-run`. */
export interface FluentBitFlags {
  /** `-c` or `--config` met between other flags. */
  readonly configFile: string | undefined;
  readonly dryRun: boolean;
  /** Inputs, filters and outputs of the command line, and the service keys that flags set. */
  readonly sections: readonly FluentBitSection[];
  readonly parserFiles: readonly string[];
  /** Undefined: what the file says. */
  readonly level: 'debug' | 'silent' | undefined;
  readonly workdir: string | undefined;
  /** Flags that are accepted and have nothing to do here, with the reason. */
  readonly ignored: readonly { readonly flag: string; readonly why: string }[];
}

type Flag =
  | { readonly takes: 'value'; readonly run: (parser: FlagParser, value: string) => void }
  | { readonly takes: 'nothing'; readonly run: (parser: FlagParser, flag: string) => void };

interface OpenSection extends FluentBitSection {
  readonly properties: FluentBitProperty[];
}

const service = (key: string): Flag => ({
  takes: 'value',
  run: (parser, value) => parser.service(key, value),
});
const serviceOn = (key: string): Flag => ({
  takes: 'nothing',
  run: (parser) => parser.service(key, 'on'),
});
const plugin = (kind: 'input' | 'filter' | 'output'): Flag => ({
  takes: 'value',
  run: (parser, value) => parser.open(kind, value),
});
const property = (key: string): Flag => ({
  takes: 'value',
  run: (parser, value) => parser.property(key, value),
});
const ignored = (takes: 'value' | 'nothing', why: string): Flag => ({
  takes,
  run: (parser, text) => void parser.ignored.push({ flag: text, why }),
});

/** The flags of Fluent Bit 5, by each of their names. */
const flags: ReadonlyMap<string, Flag> = new Map<string, Flag>(
  (
    [
      ['-b', '--storage_path', service('storage.path')],
      [
        '-c',
        '--config',
        {
          takes: 'value',
          run: (p, value) => {
            p.configFile = value;
          },
        },
      ],
      ['-d', '--daemon', ignored('nothing', 'the agent stays in the foreground')],
      [
        '-D',
        '--dry-run',
        {
          takes: 'nothing',
          run: (p) => {
            p.dryRun = true;
          },
        },
      ],
      ['-e', '--plugin', ignored('value', 'plugins are built in')],
      ['-f', '--flush', service('flush')],
      ['-F', '--filter', plugin('filter')],
      ['-H', '--http', serviceOn('http_server')],
      ['-i', '--input', plugin('input')],
      ['-l', '--log_file', service('log_file')],
      ['-L', '--listen', service('http_listen')],
      ['-m', '--match', property('match')],
      ['-o', '--output', plugin('output')],
      ['-p', '--prop', { takes: 'value', run: (p, value) => p.pair(value) }],
      ['-P', '--port', service('http_port')],
      [
        '-q',
        '--quiet',
        {
          takes: 'nothing',
          run: (p) => {
            p.level = 'silent';
          },
        },
      ],
      ['-R', '--parser', { takes: 'value', run: (p, value) => void p.parserFiles.push(value) }],
      ['-s', '--coro_stack_size', ignored('value', 'there are no coroutines')],
      ['-t', '--tag', property('tag')],
      [
        '-v',
        '--verbose',
        {
          takes: 'nothing',
          run: (p) => {
            p.level = 'debug';
          },
        },
      ],
      [
        '-w',
        '--workdir',
        {
          takes: 'value',
          run: (p, value) => {
            p.workdir = value;
          },
        },
      ],
      ['-W', '--disable-thread-safety-on-hot-reload', ignored('nothing', 'not needed')],
      ['-Y', '--enable-hot-reload', serviceOn('hot_reload')],
    ] satisfies [string, string, Flag][]
  ).flatMap(([short, long, flag]) => [
    [short, flag],
    [long, flag],
  ]),
);

const unsupported: ReadonlySet<string> = new Set([
  '-C',
  '--custom',
  '-J',
  '--schema',
  '-r',
  '--processor',
  '-S',
  '--sosreport',
  '-T',
  '--sp-task',
]);

/**
 * Reads the flags in their order: `-p`, `-m` and `-t` belong to the plugin before them.
 * `-ocounter`, `-vv`, `--flush=5` are understood as getopt does.
 * @throws {AppError} FLAG_INVALID
 */
export function parseFluentBitFlags(args: readonly string[]): FluentBitFlags {
  const parser = new FlagParser();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const split = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = split < 0 ? arg : arg.slice(0, split);
    if (unsupported.has(name)) {
      throw invalid(`${name} of Fluent Bit is not supported`);
    }
    const long = flags.get(name);
    if (long !== undefined) {
      if (long.takes === 'nothing') long.run(parser, name);
      else {
        const value = split < 0 ? args[++i] : arg.slice(split + 1);
        if (value === undefined) throw invalid(`${name} needs a value`);
        long.run(parser, value);
      }
      continue;
    }
    if (!/^-[A-Za-z]./.test(arg)) {
      throw invalid(arg.startsWith('-') ? `unknown flag ${arg}` : `unexpected "${arg}"`);
    }
    // Short flags together, the last of which may take the rest as its value.
    for (let at = 1; at < arg.length; at++) {
      const short = `-${arg[at]}`;
      const flag = flags.get(short);
      if (flag === undefined) throw invalid(`unknown flag ${short} in ${arg}`);
      if (flag.takes === 'nothing') {
        flag.run(parser, short);
        continue;
      }
      const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++i];
      if (value === undefined) throw invalid(`${short} needs a value`);
      flag.run(parser, value);
      break;
    }
  }
  return parser.finish();
}

class FlagParser {
  configFile: string | undefined;
  dryRun = false;
  level: 'debug' | 'silent' | undefined;
  workdir: string | undefined;
  readonly parserFiles: string[] = [];
  readonly ignored: { flag: string; why: string }[] = [];
  readonly #plugins: OpenSection[] = [];
  readonly #service: OpenSection = section('service', 'of the command line');

  service(key: string, value: string): void {
    this.#service.properties.push(propertyOf(this.#service, key, value));
  }

  open(kind: 'input' | 'filter' | 'output', value: string): void {
    const opened = section(kind, `-${kind === 'filter' ? 'F' : kind[0]} ${value}`);
    this.#plugins.push(opened);
    // Outputs may be written as addresses: `forward://host:24224`, `http://host:80/path`.
    const address = /^([\w.-]+):\/\/([^/]+)(\/.*)?$/.exec(value);
    if (kind !== 'output' || address === null) {
      this.property('name', value);
      return;
    }
    const [, name = '', authority = '', path = '/'] = address;
    this.property('name', name);
    const port = /:(\d+)$/.exec(authority);
    this.property('host', port === null ? authority : authority.slice(0, port.index));
    if (port !== null) this.property('port', port[1]!);
    if (path !== '/') this.property('uri', path);
  }

  property(key: string, value: string): void {
    const last = this.#plugins.at(-1);
    if (last === undefined) throw invalid(`${key} "${value}" stands before any -i, -F or -o`);
    last.properties.push(propertyOf(last, key, value));
  }

  pair(text: string): void {
    const split = text.indexOf('=');
    if (split <= 0) throw invalid(`-p takes key=value, not "${text}"`);
    this.property(text.slice(0, split).trim().toLowerCase(), text.slice(split + 1).trim());
  }

  finish(): FluentBitFlags {
    this.#matchTheOnlyOutput();
    const { configFile, dryRun, level, workdir, parserFiles } = this;
    const sections = [...this.#plugins];
    if (this.#service.properties.length > 0) sections.push(this.#service);
    return { configFile, dryRun, level, workdir, parserFiles, sections, ignored: this.ignored };
  }

  /** One input and one output belong together without a word. */
  #matchTheOnlyOutput(): void {
    const ofKind = (kind: string): OpenSection[] => this.#plugins.filter((p) => p.kind === kind);
    const [output, ...others] = ofKind('output');
    if (output === undefined || others.length > 0 || ofKind('input').length !== 1) return;
    if (output.properties.some(({ key }) => key === 'match' || key === 'match_regex')) return;
    output.properties.push(propertyOf(output, 'match', '*'));
  }
}

function section(kind: string, name: string): OpenSection {
  return { kind, file: `command line (${name})`, line: 1, properties: [] };
}

function propertyOf(
  { file, line }: FluentBitSection,
  key: string,
  value: string,
): FluentBitProperty {
  return { file, line, key, value };
}

function invalid(message: string): AppError {
  return new AppError('FLAG_INVALID', message, {
    hint: 'nunchi agent --help; flags of Fluent Bit mean what they mean there',
  });
}

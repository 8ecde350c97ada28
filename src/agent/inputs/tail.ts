import type { TextParser } from '../contract.ts';
import type { InputPlugin, PluginScope } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import type { MultilineSpec } from '../multiline/spec.ts';
import { compileRegex } from '../regex/compile.ts';
import type { GroupPattern, TailOptions } from '../tail/options.ts';

const ownState = option.noEffect(
  'positions are kept in the agent’s own state, the file is only read once to go on from',
);
const readAtOnce = option.noEffect('files take turns in slices of one size');

/** Files: options of in_tail, turned into those of the agent's own reader. */
export const tailInput: InputPlugin = {
  name: 'tail',
  options: {
    path: option.list,
    exclude_path: option.list,
    tag_regex: option.text,
    key: option.text,
    parser: option.text,
    'multiline.parser': option.list,
    db: option.text,
    'db.sync': ownState,
    'db.locking': ownState,
    'db.journal_mode': ownState,
    'db.compare_filename': ownState,
    refresh_interval: option.number,
    rotate_wait: option.time,
    read_from_head: option.bool,
    read_newly_discovered_files_from_head: option.bool,
    skip_long_lines: option.bool,
    truncate_long_lines: option.bool,
    buffer_chunk_size: option.size,
    buffer_max_size: option.size,
    static_batch_size: readAtOnce,
    event_batch_size: readAtOnce,
    progress_check_interval: readAtOnce,
    progress_check_interval_nsec: readAtOnce,
    watcher_interval: option.noEffect('rotation is seen by the folder’s own events'),
    inotify_watcher: option.noEffect('the reader falls back to polling by itself'),
    ignore_older: option.time,
    ignore_active_older_files: option.noEffect('files that are followed are followed on'),
    path_key: option.text,
    offset_key: option.text,
    skip_empty_lines: option.bool,
    exit_on_eof: option.bool,
    docker_mode: option.bool,
    docker_mode_flush: option.integer,
    docker_mode_parser: option.text,
    multiline: option.bool,
    multiline_flush: option.integer,
    parser_firstline: option.text,
    ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`parser_${n + 1}`, option.text])),
    'unicode.encoding': option.text,
    'generic.encoding': option.text,
    file_cache_advise: option.noEffect('the page cache is left to the kernel'),
  },
  create: (settings, scope) => ({ tail: tailOptions(settings, scope) }),
};

function tailOptions(settings: Settings, scope: PluginScope): TailOptions {
  const paths = settings.list('path');
  if (paths.length === 0) throw settings.problem("tail: no input 'path' was given");
  const refresh = settings.number('refresh_interval');
  if (refresh !== undefined && !(refresh > 0))
    throw settings.problem('tail: invalid refresh_interval, it must be > 0', 'refresh_interval');
  if (settings.timeMs('rotate_wait') === 0)
    throw settings.problem('tail: invalid rotate_wait, it must be > 0', 'rotate_wait');
  const chunk = settings.size('buffer_chunk_size', 32_768);
  const max = settings.size('buffer_max_size', Math.max(32_768, chunk));
  if (max < chunk)
    throw settings.problem('tail: buffer_max_size must be >= buffer_chunk', 'buffer_max_size');
  for (const key of ['unicode.encoding', 'generic.encoding']) {
    const encoding = settings.text(key);
    if (encoding !== undefined && !/^(?:utf-?8|auto)$/i.test(encoding)) {
      throw settings.problem(
        `tail: '${key} ${encoding}' is not supported, files are read as UTF-8`,
        key,
      );
    }
  }
  return {
    name: settings.name,
    paths,
    multilineBufferBytes: scope.multilineBufferBytes,
    bufferMaxBytes: max,
    readFromHead: settings.bool('read_from_head', false),
    readNewlyDiscoveredFromHead: settings.bool('read_newly_discovered_files_from_head', true),
    skipLongLines: settings.bool('skip_long_lines', false),
    truncateLongLines: settings.bool('truncate_long_lines', false),
    skipEmptyLines: settings.bool('skip_empty_lines', false),
    exitOnEof: settings.bool('exit_on_eof', false),
    excludePaths: settings.list('exclude_path'),
    multiline: settings.list('multiline.parser').map((name) => multilineOf(name, settings, scope)),
    ...defined('tag', settings.text('tag')),
    ...defined('tagRegex', groupPatternOf(settings.text('tag_regex'))),
    ...defined('key', settings.text('key')),
    ...defined('parser', parserOf('parser', settings, scope)),
    ...defined('importDb', settings.text('db')),
    ...defined('refreshIntervalMs', refresh === undefined ? undefined : refresh * 1000),
    ...defined('rotateWaitMs', settings.timeMs('rotate_wait')),
    ...defined('ignoreOlderMs', settings.timeMs('ignore_older')),
    ...defined('pathKey', settings.text('path_key')),
    ...defined('offsetKey', settings.text('offset_key')),
    ...dockerModeOf(settings, scope),
    ...oldMultilineOf(settings, scope),
  };
}

/** Absent rather than undefined, for options whose absence means the default. */
function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function multilineOf(name: string, settings: Settings, scope: PluginScope): MultilineSpec {
  const spec = scope.parsers.multiline(name);
  if (spec === undefined) {
    throw settings.problem(
      `tail: multiline parser '${name}' is not registered`,
      'multiline.parser',
    );
  }
  return spec;
}

/** An unknown parser is an error in the log, and lines stay raw, as in Fluent Bit. */
function parserOf(key: string, settings: Settings, scope: PluginScope): TextParser | undefined {
  const name = settings.text(key);
  if (name === undefined) return undefined;
  const parser = scope.parsers.parser(name);
  if (parser === undefined) {
    scope.log.error(`parser '${name}' is not registered`, {
      input: settings.name,
      file: settings.file,
      line: settings.line,
    });
  }
  return parser;
}

function groupPatternOf(pattern: string | undefined): GroupPattern | undefined {
  if (pattern === undefined) return undefined;
  const regex = compileRegex(pattern);
  return {
    groups: (text) => {
      const match = regex.exec(text);
      if (match === undefined) return undefined;
      return Object.fromEntries(
        [...regex.names].map(([name, indexes]) => [name, match[indexes.at(-1)!] ?? '']),
      );
    },
  };
}

function dockerModeOf(settings: Settings, scope: PluginScope): Pick<TailOptions, 'dockerMode'> {
  if (!settings.bool('docker_mode', false)) return {};
  const firstLine = parserOf('docker_mode_parser', settings, scope);
  const flushMs = settings.number('docker_mode_flush', 4) * 1000;
  return { dockerMode: { flushMs, ...(firstLine !== undefined && { firstLine }) } };
}

function oldMultilineOf(settings: Settings, scope: PluginScope): Pick<TailOptions, 'oldMultiline'> {
  if (!settings.bool('multiline', false)) return {};
  const firstLine = parserOf('parser_firstline', settings, scope);
  if (firstLine === undefined)
    throw settings.problem('tail: no parser_firstline defined for multiline', 'multiline');
  const others = Array.from({ length: 16 }, (_, n) => parserOf(`parser_${n + 1}`, settings, scope));
  return {
    oldMultiline: {
      firstLine,
      others: others.filter((parser) => parser !== undefined),
      flushMs: settings.number('multiline_flush', 4) * 1000,
    },
  };
}

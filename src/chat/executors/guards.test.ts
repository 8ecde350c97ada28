import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { parseCommand } from '../commands/parse.ts';
import { splitWords } from '../commands/words.ts';
import { guardHelm } from './helm-guard.ts';
import { guardKubectl } from './kubectl-guard.ts';
import { kubectlVerbs } from './kubectl-verbs.ts';
import { RefusedCommand } from './refused.ts';

const open = { defaultNamespace: 'default', verbs: [], resources: [], namespaces: [] };
const kubectl = (text: string, options: object = {}): string[] =>
  guardKubectl(splitWords(text), { ...open, ...options }).args;

describe('guardKubectl()', () => {
  const good: readonly (readonly [text: string, args: string])[] = [
    ['get pod', '--namespace=default get pod'],
    ['get pod -n shop', 'get pod --namespace=shop'],
    ['-n shop get pod', 'get --namespace=shop pod'],
    ['--namespace=shop get pod', 'get --namespace=shop pod'],
    ['get pod -nshop', 'get pod --namespace=shop'],
    ['get pod -n=shop', 'get pod --namespace=shop'],
    ['get pod --namespace=shop -o wide', 'get pod --namespace=shop --output=wide'],
    ['get pods -A', 'get pods --all-namespaces'],
    ['get pods -A=false', '--namespace=default get pods --all-namespaces=false'],
    ['get pods -Aowide', 'get pods --all-namespaces --output=wide'],
    ['get pods -w', '--namespace=default get pods'],
    ['logs -f web --tail 5', '--namespace=default logs web --tail=5'],
    ['logs web -p', '--namespace=default logs web --previous'],
    ['logs -fp web', '--namespace=default logs --previous web'],
    ['patch pod x -p {}', '--namespace=default patch pod x --patch={}'],
    [
      'exec web -c main -- cat /etc/passwd --token',
      '--namespace=default exec web --container=main -- cat /etc/passwd --token',
    ],
    ['get secrets', '--namespace=default get secrets'],
    [
      'get secrets --sort-by=.metadata.creationTimestamp',
      '--namespace=default get secrets --sort-by=.metadata.creationTimestamp',
    ],
    ['get secrets -o name', '--namespace=default get secrets --output=name'],
    ['describe secret token', '--namespace=default describe secret token'],
    [
      'get deploy web -o jsonpath={.spec}',
      '--namespace=default get deploy web --output=jsonpath={.spec}',
    ],
    ['get pod -l app=web,tier!=x', '--namespace=default get pod --selector=app=web,tier!=x'],
    ['rollout status deploy/web', '--namespace=default rollout status deploy/web --watch=false'],
    ['rollout status deploy/web -w', '--namespace=default rollout status deploy/web --watch'],
    ['delete pod x', '--namespace=default delete pod x --wait=false'],
    ['delete pod x --wait', '--namespace=default delete pod x --wait'],
    [
      'delete pod x --dry-run=server',
      '--namespace=default delete pod x --dry-run=server --wait=false',
    ],
    ['create deploy web --image nginx', '--namespace=default create deploy web --image=nginx'],
    ['auth can-i delete pods', '--namespace=default auth can-i delete pods'],
    ['get pod 이름', '--namespace=default get pod 이름'],
  ];
  for (const [text, args] of good) it(text, () => assert.equal(kubectl(text).join(' '), args));

  const bad: readonly string[] = [
    '',
    '-n default',
    'edit pod x',
    'attach x',
    'port-forward x 80',
    'proxy',
    'cp a:/x /y',
    'debug x',
    'config view --raw',
    'plugin list',
    'apply -f x',
    'diff -f x',
    'replace --raw /x',
    'wait pod/x',
    'kustomize .',
    'completion bash',
    'alpha',
    'ns',
    'get pod --as root',
    'get pod --as=root',
    'get pod --as-group=system:masters',
    'get pod --kubeconfig /etc/k',
    'get pod --kubeconfig=/etc/k',
    'get pod --token x',
    'get pod --server https://evil',
    'get pod -s https://evil',
    'get pod -shttps://evil',
    'get pod -As https://evil',
    'get pod -wsx',
    'get pod --insecure-skip-tls-verify',
    'get pod --context other',
    'get pod -v 9',
    'get pod -v=9',
    'get --raw /api/v1/secrets',
    'get pod -f /etc/passwd',
    'get -Af /etc/passwd',
    'create configmap x --from-file=/var/run/secrets/kubernetes.io/serviceaccount/token',
    'create configmap x --from-env-file /etc/environment',
    'create -k .',
    'create token default',
    'patch pod x --patch-file /etc/passwd',
    'get pod -o go-template-file=/etc/passwd',
    'get pod -o jsonpath-file=/etc/passwd',
    'get pod -o custom-columns-file=/etc/passwd',
    'get pod --template=/etc/passwd -o go-template-file',
    'cluster-info dump --output-directory=/tmp',
    'get secret x -o yaml',
    'get secrets --sort-by={.*.password}',
    'get secrets --sort-by=..password',
    "get secrets --sort-by {['d','a']}",
    'annotate secret x --list',
    'get secrets -oyaml',
    'get pods,secrets -o json',
    'get secret/x -o jsonpath={.data}',
    'get secrets.v1. -o=yaml',
    'get SECRETS -o wide -o json',
    'run x --image=y --overrides={}',
    'exec -it x -- sh',
    'exec -i x -- sh',
    'get pod --cache-dir=/etc',
    'get pod --profile=cpu --profile-output=/x',
    'get pod -- --token x',
    'get -',
    'get pod --kube_config x --as_group=y',
    // A value that looks like a flag is a value to kubectl: what it hides must not decide.
    'get secrets -o yaml --sort-by -oname',
    'get secrets -o yaml --chunk-size -o=wide',
    'get secret x -o yaml -o wide',
    'get secret x -o kyaml',
    'get secret x -oyaml -owide',
    'get secrets --sort-by {.data.password}',
    'get secrets --sort-by=.stringData.x',
    'patch secret x -p {} -o yaml',
    'label secret x a=b -o json',
    'annotate secrets --all a=b -o yaml',
    'set env deploy/x --list --resolve',
    'create secret generic x --from-literal=a=b',
    'create secret generic x --from-file=/etc/passwd',
    'create token x',
    'create --raw /api/v1/namespaces -f -',
    'create --edit deploy x',
    'get "secret " -o yaml',
    'get pods/a,secrets/b -o yaml',
    'get pods/a secrets/b -o yaml',
    'get Secret.v1. x -o yaml',
    // What cobra takes for the verb is not what stands first.
    '--minify get config view',
    '--foo get config view',
    '--output get config view',
    '-o yaml get pods',
    '-A get pods',
    '-n x',
    '--help',
    'help',
    'foo',
    'x-y',
    'node-shell n1',
    'cluster-info dump',
    'auth reconcile',
    'auth reconcile -f https://evil/x.yaml',
    'rollout',
    'rollout foo deploy/x',
    'set last-applied',
    'top',
    'top pod -s https://evil',
    'certificate sign x',
    // Files and addresses.
    'get -f https://evil/x.yaml',
    'get pod -f=/etc/passwd',
    'get pod -Rf/etc/passwd',
    'get pod --filename /etc/passwd',
    'get pod --raw=/api/v1/namespaces/kube-system/secrets',
    'get --raw=/api/v1/nodes/n/proxy/run/ns/pod/c?cmd=id',
    'delete --raw /x',
    'create configmap x --from-env-file=/etc/environment',
    'create configmap x --from-file=k=/proc/self/environ',
    'create deploy x --image=y --kustomize=.',
    'get pod --template={{.x}}',
    'get pod -o template',
    'get pod -o template-file=/etc/passwd',
    'get pod -o templatefile=/etc/passwd',
    'get pod -o go-template',
    'get pod --token-file=/x',
    'logs x --insecure-skip-tls-verify-backend',
    // No abbreviations, no letters that hide others.
    'get pod --all-name',
    'get pod --outpu yaml',
    'get pod -ofs',
    'get pod -oname -s https://x',
    'get pod -Ao',
    'get pod -v9',
    'get pod --v=10',
    'get pod --vmodule=x=9',
    'get pod ---as=root',
    'get pod --=x',
    'get pod --__proto__=x',
    'get pod --constructor x',
    'constructor',
    '__proto__',
    'toString',
    'get pod -A=maybe',
    'get pod -n ../../kube-system',
    'get pod -n ""',
    'get pod -n kube_system',
    'get pod -n',
    'exec web',
    'exec web cat /x',
    'exec web --',
    'exec web -f x -- cat',
    'run x --image=y --attach',
    'run x --image=y --rm -it -- sh',
    'run x --image=y --privileged',
    'cp default/x:/etc/passwd /tmp/y',
    // What cannot be seen, and what only looks like a dash.
    'get pod \u2011\u2011as=root',
    'get pod \u2212\u2212kubeconfig=/x',
    'get pod \uff0d\uff0das=root',
    'get pod x\u200b',
    'get se\u200dcrets -o yaml',
    'get pod \u202eterces',
    'get pod x\u0000y',
    'get pod \u001b]0;x\u0007',
  ];
  for (const text of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => kubectl(text), RefusedCommand);
    });
  }

  it('keeps to verbs, kinds and namespaces of the channel', () => {
    const narrow = {
      verbs: ['get', 'logs', 'top'],
      resources: ['pods'],
      namespaces: ['shop', 'x'],
    };
    const refused: readonly (readonly [text: string, why: RegExp])[] = [
      ['delete pod x -n shop', /"delete" command is not allowed in this channel/],
      ['get deploy -n shop', /"deployments" is not allowed in this channel/],
      ['get pods,deploy -n shop', /"deployments" is not allowed/],
      ['get pods/a deploy/b -n shop', /"deployments" is not allowed/],
      ['get all -n shop', /not allowed/],
      ['logs deploy/web -n shop', /"deployments" is not allowed/],
      ['top nodes', /"nodes" is not allowed/],
      ['get pod -n kube-system', /namespace "kube-system" is not allowed/],
      ['get pod -n shop -n kube-system', /namespace "kube-system" is not allowed/],
      ['get pod --selector -nshop -n kube-system', /not allowed/],
      ['get pod -A', /All namespaces are not allowed/],
    ];
    for (const [text, why] of refused) assert.throws(() => kubectl(text, narrow), why, text);
    assert.deepEqual(kubectl('get po -n x', narrow), ['get', 'po', '--namespace=x']);
    assert.deepEqual(kubectl('get Pod/a', narrow), ['--namespace=shop', 'get', 'Pod/a']);
    // What kubectl takes for a value of --selector names no namespace.
    assert.deepEqual(kubectl('get pod --selector -nx', narrow), [
      ...['--namespace=shop', 'get', 'pod', '--selector=-nx'],
    ]);
  });

  it('says what changes, and what must be allowed beyond what is asked', () => {
    const guarded = (text: string) => guardKubectl(splitWords(text), open);
    assert.equal(guarded('get pod').changes, false);
    assert.equal(guarded('rollout history deploy/x').changes, false);
    assert.equal(guarded('rollout undo deploy/x').changes, true);
    assert.equal(guarded('delete pod x').needs, undefined);
    const needs = { verb: 'create', resource: 'pods/exec', namespace: 'shop' };
    assert.deepEqual(guarded('exec x -n shop -- id').needs, needs);
  });

  it('whatever is written: only flags of the verb get through, and the namespace stays', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...['get', 'logs', 'describe', 'delete', 'config', 'view', 'pod', 'secret', 'x', 'yaml'],
        ...[
          '-n',
          '-A',
          '-o',
          '-As',
          '-w',
          '-f',
          '-wf',
          '-ns',
          '-l',
          '-nother',
          '--',
          '-',
          '--=',
          '',
        ],
        ...['--as', '--as=root', '-s', '--token', '--kubeconfig=/x', '--server', '--selector'],
        ...['--sort-by', '--output', '-oyaml', '-oname', '--namespace', '--namespace=other'],
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), (words) => {
        let args: string[];
        try {
          args = guardKubectl(words, { ...open, namespaces: ['default', 'x'] }).args;
        } catch (error) {
          assert.ok(error instanceof RefusedCommand);
          return;
        }
        const end = args.indexOf('--');
        const own = end < 0 ? args : args.slice(0, end);
        const flags = own.filter((one) => one.startsWith('-'));
        // As kubectl reads them, without its ways to take one word for the value of another.
        for (const flag of flags) {
          assert.match(flag, /^--[a-z][a-z-]*(=|$)/s, own.join(' '));
          assert.doesNotMatch(
            flag,
            /^--(as|token|kubeconfig|server|filename|watch)/,
            own.join(' '),
          );
        }
        const namespaces = flags.filter((flag) => flag.startsWith('--namespace='));
        assert.ok(namespaces.length > 0, own.join(' '));
        for (const flag of namespaces) assert.match(flag, /^--namespace=(default|x)$/);
        assert.ok(!flags.includes('--all-namespaces'), own.join(' '));
        const shows = flags.some((flag) => /^--output=(?!name|wide)/.test(flag));
        const verb = own.find((one) => !one.startsWith('-'));
        const [, kind] = own.filter((one) => !one.startsWith('-'));
        if (verb === 'get' && shows) assert.doesNotMatch(kind ?? '', /^secrets?$/i);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Flags that a program says it has, with whether it takes a value. */
async function flagsOfHelp(
  program: string,
  words: readonly string[],
): Promise<Map<string, string>> {
  const { stdout } = await promisify(execFile)(program, [...words, '--help'], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  const found = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, letter, name = '', byDefault] = /^ +(?:-(\w), )?--([a-z-]+)=([^:]*):/.exec(line) ?? [];
    if (name === '') continue;
    found.set(name, byDefault ?? '');
    if (letter !== undefined) found.set(`-${letter}`, name);
  }
  return found;
}

const without = (program: string): string | false =>
  spawnSync(program, ['version', '--client']).error === undefined ? false : `no ${program} here`;

describe('flags of verbs, beside the kubectl of this machine', { skip: without('kubectl') }, () => {
  for (const [verb, rules] of Object.entries(kubectlVerbs)) {
    it(verb, async () => {
      for (const sub of new Set(rules.subcommands ?? [''])) {
        const said = await flagsOfHelp('kubectl', sub === '' ? [verb] : [verb, sub]);
        for (const [name, kind] of Object.entries(rules.flags)) {
          const byDefault = said.get(name);
          // Of another subcommand, or of a later version.
          if (byDefault === undefined) continue;
          const isTruth = byDefault === 'true' || byDefault === 'false';
          const optional = name === 'dry-run' || name === 'cascade';
          const wanted = optional ? 'optional' : isTruth ? 'plain' : 'value';
          assert.equal(kind, wanted, `${verb} ${sub} --${name}=${byDefault}`);
        }
        for (const [letter, name] of Object.entries(rules.letters)) {
          const known = said.get(`-${letter}`);
          if (known !== undefined && said.has(name))
            assert.equal(name, known, `${verb} ${sub} -${letter}`);
        }
      }
    });
  }
});

describe('guardHelm()', () => {
  const helm = (text: string): string => guardHelm(splitWords(text), open).args.join(' ');
  const good: readonly (readonly [text: string, args: string])[] = [
    ['list', '--namespace=default list'],
    ['list -A -f nginx', 'list --all-namespaces --filter=nginx'],
    ['status web -n shop', 'status web --namespace=shop'],
    ['-n shop status web', 'status --namespace=shop web'],
    ['rollback web 3', '--namespace=default rollback web 3'],
    [
      'install web nginx --repo https://charts.example.com',
      '--namespace=default install web nginx --repo=https://charts.example.com',
    ],
    [
      'install web https://example.com/x.tgz --set a=b',
      '--namespace=default install web https://example.com/x.tgz --set=a=b',
    ],
    [
      'install -g https://example.com/x.tgz',
      '--namespace=default install --generate-name https://example.com/x.tgz',
    ],
  ];
  for (const [text, args] of good) it(text, () => assert.equal(helm(text), args));
  for (const text of [
    '',
    'plugin install x',
    'template .',
    'get values x',
    'install web ./chart',
    'install web /etc',
    'install web nginx',
    'install web oci://x/y',
    'upgrade web nginx --repo http://plain',
    'upgrade web nginx --repo https://x --post-renderer /bin/sh',
    'install web nginx --repo https://x -f /etc/passwd',
    'install web nginx --repo https://x --values=/etc/passwd',
    'install web nginx --repo https://x --set-file a=/etc/passwd',
    'list --kubeconfig /x',
    'list --kube-as-user root',
    'list --kube-token x',
    'upgrade web nginx --repo https://x --wait',
    'repo add x https://y',
    'get values web',
    'get all web',
    'pull https://x/y.tgz',
    'show values https://x/y.tgz',
    'env',
    'status web -o yaml',
    'status web --output=json',
    'install web https://x/y.tgz -ojson',
    'upgrade web https://x/y.tgz -o yaml -o table',
    'registry login x',
    '--debug list',
    'list --debug',
    'list -n ../x',
    'list --kube-context other',
    'list --kubeconfig=/x',
    'list --registry-config=/x',
    'list --repository-config=/x',
    'list --repository-cache=/x',
    'list --burst-limit 1 -f',
    'status /etc/passwd',
    'install ./web https://x/y.tgz',
    'install ../../etc/passwd',
    'install web ./chart https://x/y.tgz',
    'install web https://x/y.tgz --values /etc/passwd',
    'install web https://x/y.tgz -f/etc/passwd',
    'install web https://x/y.tgz -gf/etc/passwd',
    'install web file:///etc/x.tgz',
    'install web http://x/y.tgz',
    'install web https://x/y.tgz --post-renderer-args=x',
    'install web https://x/y.tgz --keyring /x',
    'install web https://x/y.tgz --ca-file=/x',
    'install web https://x/y.tgz --cert-file=/x',
    'install web https://x/y.tgz --key-file=/x',
    'install web https://x/y.tgz --insecure-skip-tls-verify',
    'install web https://x/y.tgz --plain-http',
    'install web https://x/y.tgz --username u --password p',
    'install web https://x/y.tgz --pass-credentials',
    'install web https://x/y.tgz --verify',
    'install web https://x/y.tgz --atomic',
    'install web nginx --repo file:///x',
    'install web nginx --repo https://x --repo http://y',
    'install web ../nginx --repo https://x',
    'install --description web https://x/y.tgz nginx',
    'status web\u200b',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => helm(text), RefusedCommand));
  }

  it('says what a command writes', () => {
    const guarded = (text: string) => guardHelm(splitWords(text), open);
    assert.equal(guarded('list -A').needs, undefined);
    assert.equal(guarded('history web').changes, false);
    assert.equal(guarded('uninstall web -n shop').changes, true);
    const needs = { verb: 'delete', resource: 'secrets', namespace: 'shop' };
    assert.deepEqual(guarded('uninstall web -n shop').needs, needs);
    assert.equal(guarded('install web https://x/y.tgz').needs?.verb, 'create');
  });
});

describe('what a chat makes of a text', () => {
  const refused = [
    'kubectl get pod —as root',
    'kubectl get pod –kubeconfig=/etc/k',
    'kubectl get pod ‑‑as=root',
    'kubectl\u00a0get pod\u00a0--as=root',
    'kubectl get pod \u3000--as\u3000root',
    'kubectl get pod “--as=root”',
    "kubectl get pod '--as'=root",
    'kubectl get pod --a"s"=root',
    'kubectl get pod \\--as=root',
    'kubectl get pod -\\-as=root',
    'kubectl get pod --as\\=root',
    'kubectl get pod <http://x|--as=root>',
    'kubectl get pod &lt;x&gt; --as=root',
    'kubectl get secrets -o &quot;yaml&quot; -oyaml',
    'kubectl get se""crets -o yaml',
    'kubectl get\nsecrets\n-o\nyaml',
    'kubectl get pod --filter x --as=root',
    'kubectl get pod --filter -- --as=root',
    'kubectl --cluster-name c1 get pod --as=root',
    'kubectl get pod --bk-cmd-header x --as=root',
  ];
  for (const text of refused) {
    it(`does not get ${JSON.stringify(text)} past the guard`, () => {
      const [tool, ...words] = parseCommand(text, []).words;
      assert.equal(tool, 'kubectl');
      assert.throws(() => guardKubectl(words, open), RefusedCommand);
    });
  }
});

describe('parseCommand()', () => {
  const aliases = [
    { name: 'k', command: 'kubectl', displayName: '' },
    { name: 'kgp', command: 'kubectl get pods', displayName: '' },
  ];
  const cases: readonly (readonly [text: string, words: readonly string[]])[] = [
    ['kubectl get pod', ['kubectl', 'get', 'pod']],
    ['k get pod', ['kubectl', 'get', 'pod']],
    ['kgp -A', ['kubectl', 'get', 'pods', '-A']],
    ['kx get', ['kx', 'get']],
    ['kubectl get pod “a b”', ['kubectl', 'get', 'pod', 'a b']],
    ['kubectl get <http://x.y|x.y>', ['kubectl', 'get', 'x.y']],
    ['kubectl get pod; rm -rf /', ['kubectl', 'get', 'pod;', 'rm', '-rf', '/']],
    ['kubectl get $(whoami) `id` $HOME', ['kubectl', 'get', '$(whoami)', '`id`', '$HOME']],
    ['kubectl get \'a"b\' "c\'d" e\\ f', ['kubectl', 'get', 'a"b', "c'd", 'e f']],
    [
      'kubectl exec p -- sh -c --filter=x',
      ['kubectl', 'exec', 'p', '--', 'sh', '-c', '--filter=x'],
    ],
  ];
  for (const [text, words] of cases)
    it(text, () => assert.deepEqual(parseCommand(text, aliases).words, words));

  it('takes the flags of the bot out', () => {
    const command = parseCommand('kubectl get pod --filter "a b" --cluster-name=c1', aliases);
    assert.deepEqual(command.words, ['kubectl', 'get', 'pod']);
    assert.equal(command.filter, 'a b');
    assert.equal(command.clusterName, 'c1');
    assert.throws(() => parseCommand('x --filter a --filter b', []), /more than one filter flag/);
    assert.throws(() => parseCommand('x --filter', []), /an argument is missing/);
    assert.throws(() => parseCommand('x "a', []), /cannot parse command/);
  });

  it('words come back as they were, however they are quoted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 6 }),
        (words) => {
          const text = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
          assert.deepEqual(splitWords(text), words);
        },
      ),
    );
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { type DashboardStore, openDashboardStore } from '#dashboards/store';
import { openStateStore } from '#state';
import { FileProvisioning, Provisioner } from './index.ts';

const provider = (more = '', options = ''): string => `apiVersion: 1
providers:
  - name: default
    type: file
${more}    options:
      path: ../boards
${options}`;

interface Rig extends AsyncDisposable {
  readonly root: string;
  readonly store: DashboardStore;
  readonly provisioner: Provisioner;
  write(path: string, text: string | object): void;
  remove(path: string): void;
  /** Lets the next look at everything happen. */
  look(): Promise<void>;
  titles(): readonly string[];
  problems(): readonly string[];
}

async function openRig(files: Readonly<Record<string, string | object>>): Promise<Rig> {
  const stack = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), 'nunchi-provisioning-'));
  stack.defer(() => rmSync(root, { recursive: true, force: true }));
  const clock = new ManualClock();
  const state = stack.use(await openStateStore({ dataDir: join(root, 'state') }, { clock }));
  const limits = { maxCount: 100, maxSizeBytes: 100_000, maxVersions: 5 };
  const store = await openDashboardStore(limits, { state, clock });
  const log = silentLogger;
  const provisioner = new Provisioner({ store, log, metrics: new MetricsRegistry() });
  const write: Rig['write'] = (path, text) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    // Replaced as a whole, as editors do it: size and time alone may be the same.
    writeFileSync(`${file}.new`, typeof text === 'string' ? text : JSON.stringify(text));
    renameSync(`${file}.new`, file);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  let env: Readonly<Record<string, string>> = { FOLDER: 'From env', EMPTY: '' };
  env = { ...env, BOARDS: join(root, 'boards') };
  const open = (): FileProvisioning =>
    new FileProvisioning(
      { directory: root, maxSizeBytes: 100_000 },
      { provisioner, env, clock, log },
    );
  // Each look begins anew, as after a restart: what is kept between looks is tested by its effects.
  const first = stack.use(open());
  await first.start();
  return {
    root,
    store,
    provisioner,
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    look: async () => {
      await using next = open();
      await next.start();
    },
    titles: () => [...store.dashboards.entries()].map(({ title }) => title).sort(),
    problems: () =>
      provisioner
        .statuses()
        .flatMap(({ problems }) =>
          problems.map(({ place, message }) => `${place.slice(root.length + 1)}: ${message}`),
        ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const folderOf = ({ store }: Rig, uid: string): string =>
  store.folders
    .path(store.dashboards.entry(uid)?.folderUid ?? '')
    .map(({ title }) => title)
    .join('/');

describe('FileProvisioning', () => {
  it('adds, changes and deletes dashboards as their files come and go', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider('    folder: $FOLDER\n'),
      'boards/one.json': { uid: 'one', title: 'One' },
      'boards/deep/er/two.json': { title: 'Two' },
      'boards/.hidden/three.json': { title: 'Three' },
      'boards/notes.txt': 'none',
    });
    assert.deepEqual(rig.titles(), ['One', 'Two']);
    assert.equal(folderOf(rig, 'one'), 'From env');
    const two = [...rig.store.dashboards.entries()].find(({ title }) => title === 'Two')!;
    assert.equal(two.provisioned?.externalId, 'deep/er/two.json');
    rig.write('boards/one.json', { uid: 'one', title: 'Uno' });
    rig.write('boards/four.json', { uid: 'four', title: 'Four' });
    rig.remove('boards/deep');
    await rig.look();
    assert.deepEqual(rig.titles(), ['Four', 'Uno']);
    assert.equal(rig.store.dashboards.entry('one')?.version, 2);
    await rig.look();
    assert.equal(rig.store.dashboards.entry('one')?.version, 2, 'what is the same is not written');
    assert.deepEqual(rig.problems(), []);
  });

  it('makes folders of folders where it is asked to', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider('', '      foldersFromFilesStructure: true\n'),
      'boards/top.json': { uid: 'top', title: 'Top' },
      'boards/Team A/App/in.json': { uid: 'in', title: 'In' },
    });
    assert.equal(folderOf(rig, 'top'), '');
    assert.equal(folderOf(rig, 'in'), 'Team A/App');
  });

  it('keeps what a broken file had, names it with its line and reads the others', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider(),
      'boards/bad.json': { uid: 'bad', title: 'Was good' },
      'boards/good.json': { uid: 'good', title: 'Good' },
    });
    rig.write('boards/bad.json', '{\n  "uid": "bad",\n  "title": "x",,\n}');
    rig.write('boards/good.json', { uid: 'good', title: 'Better' });
    rig.write('boards/list.json', '[]');
    rig.write('boards/untitled.json', { uid: 'untitled' });
    await rig.look();
    assert.deepEqual(rig.titles(), ['Better', 'Was good']);
    const [bad, list, untitled] = rig.problems();
    assert.match(bad!, /^boards\/bad\.json:3: is not JSON: Expected double-quoted property name$/);
    assert.match(list!, /^boards\/list\.json:1: is no dashboard/);
    assert.match(untitled!, /title cannot be empty/);
  });

  it('deletes nothing where a folder is not there', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider(),
      'boards/one.json': { uid: 'one', title: 'One' },
    });
    renameSync(join(rig.root, 'boards'), join(rig.root, 'away'));
    await rig.look();
    assert.deepEqual(rig.titles(), ['One']);
    assert.match(rig.problems()[0]!, /^boards: cannot be read: ENOENT/);
    renameSync(join(rig.root, 'dashboards'), join(rig.root, 'gone'));
    await rig.look();
    assert.deepEqual(rig.titles(), ['One']);
  });

  it('leaves dashboards to people with disableDeletion, and deletes those of a provider that went', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider('    disableDeletion: true\n'),
      'boards/one.json': { uid: 'one', title: 'One' },
      'boards/two.json': { uid: 'two', title: 'Two' },
    });
    rig.remove('boards/one.json');
    await rig.look();
    assert.equal(rig.store.dashboards.entry('one')?.provisioned, undefined);
    rig.write('dashboards/a.yaml', 'apiVersion: 1\nproviders: []\n');
    await rig.look();
    assert.deepEqual(rig.titles(), ['One']);
  });

  it('takes one of two files with one uid', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider(),
      'boards/a.json': { uid: 'same', title: 'A' },
      'boards/b.json': { uid: 'same', title: 'B' },
    });
    assert.deepEqual(rig.titles(), ['A']);
    const [problem] = rig.provisioner.statuses().flatMap(({ problems }) => problems);
    assert.deepEqual(problem, {
      place: 'b.json',
      message: 'its uid "same" is that of a.json too: only that one is taken',
    });
  });

  it('says what is wrong with a file of providers, with its line', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': `apiVersion: 1
providers:
  - name: one
    folders: x
    updateIntervalSeconds: soon
    options: {path: "$BOARDS"}
  - name: one
    options: {path: /other}
  - name: remote
    type: http
  - name: nowhere
    options: {}
`,
      'dashboards/b.yml': 'providers: [',
      'boards/a.json': { uid: 'a', title: 'A' },
    });
    assert.deepEqual(rig.titles(), ['A']);
    assert.deepEqual(rig.problems(), [
      'dashboards/a.yaml:4: unknown key "folders", did you mean "folder"?',
      'dashboards/a.yaml:5: updateIntervalSeconds: "soon" is not a number of seconds from 0 to 86400',
      'dashboards/a.yaml:10: type: "http" is not known (allowed: file)',
      'dashboards/a.yaml:12: options.path: the folder of the dashboards is missing',
      'dashboards/a.yaml: a second provider has the name "one": left out',
      'dashboards/b.yml:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ]);
  });

  it('follows links, as in a mounted ConfigMap, and does not walk in circles', async () => {
    await using rig = await openRig({
      'dashboards/a.yaml': provider(),
      'boards/..2026/real.json': { uid: 'real', title: 'Real' },
    });
    assert.deepEqual(rig.titles(), []);
    symlinkSync('..2026', join(rig.root, 'boards', '..data'));
    symlinkSync('..data/real.json', join(rig.root, 'boards', 'real.json'));
    symlinkSync('.', join(rig.root, 'boards', 'loop'));
    await rig.look();
    assert.deepEqual(rig.titles(), ['Real']);
  });

  it('looks again by itself', async () => {
    const root = mkdtempSync(join(tmpdir(), 'nunchi-provisioning-'));
    mkdirSync(join(root, 'dashboards'));
    mkdirSync(join(root, 'boards'));
    writeFileSync(join(root, 'dashboards/a.yaml'), provider('    updateIntervalSeconds: 2\n'));
    const clock = new ManualClock();
    await using state = await openStateStore({ dataDir: join(root, 'state') });
    const limits = { maxCount: 100, maxSizeBytes: 100_000, maxVersions: 5 };
    const store = await openDashboardStore(limits, { state, clock });
    const log = silentLogger;
    const provisioner = new Provisioner({ store, log, metrics: new MetricsRegistry() });
    const options = { directory: root, maxSizeBytes: 100_000 };
    await using files = new FileProvisioning(options, { provisioner, env: {}, clock, log });
    await files.start();
    writeFileSync(join(root, 'boards/a.json'), JSON.stringify({ uid: 'a', title: 'A' }));
    const later = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) {
        await clock.advance(500);
        await setImmediate();
      }
    };
    await later(() => store.dashboards.entry('a') !== undefined);
    rmSync(join(root, 'boards/a.json'));
    await later(() => store.dashboards.entry('a') === undefined);
    rmSync(root, { recursive: true });
  });
});

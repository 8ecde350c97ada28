import { SectionBuilder } from '#logs/batch';
import { openLogStore } from './index.ts';

/**
 * Appends numbered batches as fast as it can and prints each number once it is acknowledged, until
 * it is killed. `argv`: folder, first number.
 */
const [directory, first] = process.argv.slice(2);
// Small generations: seals and merges happen all the time, so that the kill meets every state.
const store = await openLogStore({
  directory: directory!,
  freshBytes: 20_000,
  maintenanceEveryMs: 20,
  reserveBytes: 0,
});
let next = Number(first);
const send = async (): Promise<void> => {
  for (;;) {
    const number = next++;
    const sections = ['/a', '/b'].map((group) => {
      const section = new SectionBuilder(group, `s${number % 3}`);
      for (let i = 0; i < 10; i++)
        section.add(number * 1000 + i, `event ${number}.${i} ${'x'.repeat(50)}`);
      return section.finish();
    });
    await store.append({ sections, source: { id: 'child', number } });
    process.stdout.write(`${number}\n`);
  }
};
await Promise.all([send(), send(), send()]);

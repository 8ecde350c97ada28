import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, describeError, type Logger } from '#base';
import { applyFiles, type ProvisioningTargets } from './apply.ts';
import {
  type FileProblem,
  type ProvisioningFile,
  problemText,
  readProvisioningFile,
} from './file.ts';

/** A file larger than this is no configuration. */
const maxFileBytes = 16 * 1024 * 1024;
const maxFiles = 1000;

export interface AlertProvisioningDeps extends ProvisioningTargets {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/**
 * Reads `*.yaml` of a folder and makes true what they say.
 * @returns everything that is wrong; it is left out
 */
export async function provisionFolder(
  folder: string,
  deps: AlertProvisioningDeps,
): Promise<readonly FileProblem[]> {
  const files: ProvisioningFile[] = [];
  const broken: FileProblem[] = [];
  for (const path of await yamlFiles(folder)) {
    try {
      const { size } = await stat(path);
      if (size > maxFileBytes) throw new TypeError('larger than 16 MiB');
      files.push(readProvisioningFile(path, await readFile(path, 'utf8'), deps.env));
    } catch (error) {
      broken.push({ file: path, line: undefined, key: '', message: describeError(error) });
    }
  }
  const problems = [...broken, ...(await applyFiles(files, deps))];
  for (const problem of problems) {
    deps.log.error('Part of a file of alert provisioning is left out', {
      problem: problemText(problem),
    });
  }
  if (files.length > 0) {
    deps.log.info('Read files of alert provisioning', {
      folder,
      files: files.length,
      problems: problems.length,
    });
  }
  return problems;
}

/** @throws {AppError} PROVISIONING_INVALID with every problem, once the rest is in force */
export async function reloadFolder(folder: string, deps: AlertProvisioningDeps): Promise<void> {
  const problems = await provisionFolder(folder, deps);
  if (problems.length === 0) return;
  throw new AppError('PROVISIONING_INVALID', problems.map(problemText).join('\n'), {
    hint: 'What is not named here is in force',
    details: { problems },
  });
}

/** A folder that is not there has none. */
async function yamlFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .slice(0, maxFiles)
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

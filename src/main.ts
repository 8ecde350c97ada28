#!/usr/bin/env node
import { leanProcess, runCli } from '#cli';

leanProcess(process.argv.slice(2), process.env);

// An exit code, not an exit: what is still being written to a pipe must arrive.
process.exitCode = await runCli(process.argv.slice(2), process.env);

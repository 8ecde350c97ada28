/** The command line: argv to command, and the wiring of each role. */
export { runCli } from './cli.ts';

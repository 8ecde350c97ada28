/** A command that is not run, in words for the one who asked. */
export class RefusedCommand extends Error {}
